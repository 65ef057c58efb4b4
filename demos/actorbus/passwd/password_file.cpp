#include "passwd/password_file.hpp"

#include "replaced_file.hpp"
#include "topology/toml_file.hpp"
#include "user_error.hpp"

namespace actorbus::demos {

password_list read_password_file(const std::string& path) {
  auto list = password_list::parse(read_text_file(path));
  if (!list)
    throw user_error{path, list.error()};
  return std::move(*list);
}

void write_password_file(const std::string& path, const password_list& list) {
  constexpr mode_t for_its_owner = 0600;
  replaced_file file{path, for_its_owner};
  file.finish(list.to_text());
}

} // namespace actorbus::demos
