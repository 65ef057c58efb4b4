#include "passwd/password_file.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include "user_error.hpp"

using namespace actorbus;
using namespace actorbus::demos;

namespace {

struct folder {
  folder() { REQUIRE(::mkdtemp(name.data())); }
  ~folder() { std::filesystem::remove_all(name); }

  std::string name = "/tmp/actorbus-passwords-XXXXXX";
};

password_list list_of(const std::string& user) {
  password_list result;
  result.set(user, make_scram_verifier("secret", "0123456789abcdef", scram_iterations_min));
  return result;
}

} // namespace

TEST_CASE("a password file is written for its owner alone, and read again") {
  folder where;
  const auto path = where.name + "/users";
  write_password_file(path, list_of("ann"));
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  CHECK((about.st_mode & 07777) == 0600);
  CHECK(read_password_file(path).find("ann"));
  SECTION("a file that is there keeps its mode, and nothing else is left in the folder") {
    REQUIRE(::chmod(path.c_str(), 0640) == 0);
    write_password_file(path, list_of("bob"));
    REQUIRE(::stat(path.c_str(), &about) == 0);
    CHECK((about.st_mode & 07777) == 0640);
    CHECK(read_password_file(path).find("bob"));
    CHECK_FALSE(read_password_file(path).find("ann"));
    CHECK(std::distance(std::filesystem::directory_iterator{where.name}, {}) == 1);
  }
}

TEST_CASE("what is wrong with a password file is told in one line") {
  folder where;
  const auto path = where.name + "/users";
  CHECK_THROWS_WITH(read_password_file(path), Catch::StartsWith(path + ": "));
  std::ofstream{path} << "ann\n";
  CHECK_THROWS_WITH(read_password_file(path), path + ": line 1: must be USER:VERIFIER");
  CHECK_THROWS_AS(write_password_file(where.name + "/no/users", list_of("ann")), user_error);
}
