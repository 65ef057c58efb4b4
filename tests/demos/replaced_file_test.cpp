#include "replaced_file.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/temporary_folder.hpp"
#include "user_error.hpp"

using namespace actorbus::demos;

namespace {

struct files {
  std::string read() const {
    std::ifstream in{path};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  auto count() const { return std::distance(std::filesystem::directory_iterator{folder.path()}, {}); }

  actorbus::test::temporary_folder folder;
  std::string path = folder.path() + "/report";
};

} // namespace

TEST_CASE_METHOD(files, "a file is there once it is finished, and nothing else is left") {
  {
    replaced_file file{path, 0640};
    CHECK_FALSE(std::filesystem::exists(path));
    file.finish("new\n");
    CHECK(read() == "new\n");
  }
  CHECK(count() == 1);
  CHECK(std::filesystem::status(path).permissions() == std::filesystem::perms{0640});
}

TEST_CASE_METHOD(files, "a file that is never finished leaves what was there") {
  std::ofstream{path} << "old";
  { replaced_file file{path, 0640}; }
  CHECK(read() == "old");
  CHECK(count() == 1);
}

TEST_CASE_METHOD(files, "a file that cannot be written is refused at once") {
  CHECK_THROWS_AS((replaced_file{folder.path() + "/no/report", 0640}), user_error);
  CHECK_THROWS_WITH((replaced_file{folder.path(), 0640}), folder.path() + ": is not a regular file");
  CHECK_THROWS_WITH((replaced_file{"/dev/null", 0640}), "/dev/null: is not a regular file");
}
