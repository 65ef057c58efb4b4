#pragma once

#include <stdexcept>
#include <string>

namespace actorbus::demos {

/// Something the user can mend: `what()` is one line, "WHAT: WHY", which `main` prints behind the
/// program's name. Thrown while starting up only.
class user_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
  user_error(const std::string& what, const std::string& why)
      : std::runtime_error(what + ": " + why) {}
};

/// Ends the program with an exit code of its own, after one line like `user_error`'s.
class exit_with : public user_error {
public:
  exit_with(int code, const std::string& line) : user_error(line), code_(code) {}

  int code() const noexcept { return code_; }

private:
  int code_;
};

} // namespace actorbus::demos
