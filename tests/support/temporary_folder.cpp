#include "temporary_folder.hpp"

#include <filesystem>
#include <stdexcept>

#include <stdlib.h>

namespace actorbus::test {

temporary_folder::temporary_folder() : path_{std::filesystem::temp_directory_path() / "actorbus-XXXXXX"} {
  if (!::mkdtemp(path_.data()))
    throw std::runtime_error{"no temporary folder " + path_};
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

} // namespace actorbus::test
