#include "passwd/passwd_command.hpp"

#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "passwd/password_file.hpp"
#include "user_error.hpp"

namespace actorbus::demos {

namespace {

constexpr std::size_t salt_bytes = 16;

struct passwd_arguments {
  std::string file;
  std::string user;
  std::optional<std::string> password;
  bool create = false;
  bool in_arguments = false;
  bool remove = false;
  std::uint32_t iterations = scram_iterations_default;
};

/// The terminal doesn't show what is typed, for as long as this lives.
class no_echo {
public:
  no_echo() {
    is_terminal_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    auto silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (is_terminal_)
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~no_echo() {
    if (is_terminal_)
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  no_echo(const no_echo&) = delete;
  no_echo& operator=(const no_echo&) = delete;

private:
  termios before_{};
  bool is_terminal_ = false;
};

std::string read_line() {
  std::string line;
  if (!std::getline(std::cin, line))
    throw user_error{"password", "nothing came on standard input"};
  return line;
}

// Asks twice where somebody types.
std::string ask_for_password() {
  if (::isatty(STDIN_FILENO) == 0)
    return read_line();
  no_echo silence;
  std::cerr << "Password: " << std::flush;
  auto first = read_line();
  std::cerr << "\nOnce more: " << std::flush;
  auto second = read_line();
  std::cerr << '\n';
  if (first != second)
    throw user_error{"password", "the two differ"};
  return first;
}

void change(const passwd_arguments& arguments) {
  if (arguments.in_arguments != arguments.password.has_value())
    throw user_error{"password", arguments.in_arguments
                                     ? "-b needs it behind the user"
                                     : "with -b only; otherwise it is asked for"};
  if (!password_list::is_valid_name(arguments.user))
    throw user_error{"user \"" + arguments.user + '"',
                     "a name has no ':' or control character, and no '#' in front"};
  password_list list;
  if (!arguments.create)
    list = read_password_file(arguments.file);
  if (arguments.remove) {
    if (!list.remove(arguments.user))
      throw user_error{arguments.file, "there is no user \"" + arguments.user + '"'};
  } else {
    auto password = arguments.password ? *arguments.password : ask_for_password();
    if (password.empty())
      throw user_error{"password", "must not be empty"};
    list.set(arguments.user,
             make_scram_verifier(password, random_bytes(salt_bytes), arguments.iterations));
  }
  write_password_file(arguments.file, list);
}

} // namespace

void add_passwd_command(CLI::App& app) {
  auto* command = app.add_subcommand("passwd", "adds users to a password file, or changes them");
  auto arguments = std::make_shared<passwd_arguments>();
  command->add_option("file", arguments->file, "password file")->type_name("FILE")->required();
  command->add_option("user", arguments->user, "whom to add or to change")
      ->type_name("USER")
      ->required();
  command->add_option("password", arguments->password, "with -b: the password")
      ->type_name("PASSWORD");
  auto* create =
      command->add_flag("-c,--create", arguments->create, "begin a new file, whatever is there");
  command->add_flag("-b,--batch", arguments->in_arguments,
                    "take the password from the arguments, where others may see it");
  command->add_flag("-D,--delete", arguments->remove, "remove the user")->excludes(create);
  command
      ->add_option("-I,--iterations", arguments->iterations,
                   "how slow to make guessing: rounds of hashing")
      ->type_name("N")
      ->check(CLI::Range(scram_iterations_min, scram_iterations_max));
  command->callback([arguments] { change(*arguments); });
}

} // namespace actorbus::demos
