#include <exception>
#include <iostream>

#include <CLI/CLI.hpp>

#include "bench_command.hpp"
#include "clients/client_commands.hpp"
#include "command_line.hpp"
#include "passwd/passwd_command.hpp"
#include "run/run_command.hpp"
#include "top/top_command.hpp"
#include "user_error.hpp"

int main(int argc, char** argv) {
  using namespace actorbus::demos;
  int exit_code = 0;
  CLI::App app{"actorbus: an MQTT message bus", "actorbus"};
  app.set_version_flag("--version", "actorbus " ACTORBUS_VERSION);
  app.set_help_flag("--help", "print this and exit");
  app.require_subcommand(1);
  add_run_command(app);
  add_check_command(app);
  add_passwd_command(app);
  add_pub_command(app);
  add_sub_command(app);
  add_top_command(app);
  add_bench_command(app, exit_code);
  try {
    app.parse(argc, argv);
    return exit_code;
  } catch (const CLI::ParseError& problem) {
    return report(app, problem);
  } catch (const exit_with& problem) {
    if (*problem.what() != '\0')
      std::cerr << "actorbus: " << problem.what() << '\n';
    return problem.code();
  } catch (const std::exception& problem) {
    std::cerr << "actorbus: " << problem.what() << '\n';
    return 1;
  }
}
