#include "passwd/password_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

#include "topology/toml_file.hpp"
#include "user_error.hpp"

namespace actorbus::demos {

namespace {

std::string last_error() {
  return std::error_code{errno, std::generic_category()}.message();
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    auto count = ::write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

} // namespace

password_list read_password_file(const std::string& path) {
  auto list = password_list::parse(read_text_file(path));
  if (!list)
    throw user_error{path, list.error()};
  return std::move(*list);
}

void write_password_file(const std::string& path, const password_list& list) {
  auto scratch = path + ".XXXXXX";
  auto file = ::mkstemp(scratch.data()); // 0600
  if (file < 0)
    throw user_error{path, last_error()};
  struct stat before {};
  auto replaces = ::stat(path.c_str(), &before) == 0;
  auto keeps_rights =
      !replaces ||
      (::fchmod(file, before.st_mode & 07777) == 0 &&
       (::fchown(file, before.st_uid, before.st_gid) == 0 || before.st_uid == ::geteuid()));
  auto is_written = keeps_rights && write_all(file, list.to_text()) && ::fsync(file) == 0;
  auto why = is_written ? std::string{} : last_error();
  ::close(file);
  if (is_written && ::rename(scratch.c_str(), path.c_str()) != 0)
    why = last_error();
  if (why.empty())
    return;
  ::unlink(scratch.c_str());
  throw user_error{path, why};
}

} // namespace actorbus::demos
