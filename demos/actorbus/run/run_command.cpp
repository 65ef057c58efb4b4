#include "run/run_command.hpp"

#include <chrono>
#include <csignal>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/resource.h>

#include <CLI/CLI.hpp>

#include <actorbus/transports/inherited_sockets.hpp>

#include "attention.hpp"
#include "run/listener_arguments.hpp"
#include "run/running_bus.hpp"
#include "run/service_manager.hpp"
#include "topology/load_topology.hpp"
#include "user_error.hpp"

namespace actorbus::demos {

namespace {

struct run_arguments {
  std::string file;
  std::vector<std::string> listeners;
  std::optional<std::uint16_t> port;
  std::string data;
  bool allow_anonymous = false;
  std::string password_file;
  std::vector<std::string> assignments;
  std::optional<double> duration_seconds;
  listener_arguments listener;
  bool verbose = false;
};

topology topology_of(const run_arguments& arguments) {
  if (!arguments.data.empty())
    throw user_error{"--data " + arguments.data,
                     "this version keeps all sessions and messages in memory; leave it out"};
  auto result = load_topology(arguments.file, arguments.assignments);
  auto urls = arguments.listeners;
  if (arguments.port)
    urls.push_back("mqtt://127.0.0.1:" + std::to_string(*arguments.port));
  if (urls.empty() && arguments.file.empty())
    urls.emplace_back("mqtt://127.0.0.1:1883");
  if (!urls.empty())
    result.listeners.clear();
  for (auto& each : urls)
    result.listeners.push_back(
        {.url = std::move(each), .transport = options_of(arguments.listener)});
  if (!arguments.password_file.empty())
    result.auth.password_file = arguments.password_file;
  if (arguments.allow_anonymous)
    for (auto& each : result.listeners)
      each.allow_anonymous = true;
  return result;
}

// Every connection is a descriptor; the usual soft limit of 1024 is for programs that use select.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
    return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// A file that is broken is no reason to end a bus that runs.
void reload(running_bus& bus) {
  for (const auto& why : bus.reload())
    std::cerr << "actorbus: SIGHUP: " + why + "; what was there stays\n" << std::flush;
}

using instant = std::chrono::steady_clock::time_point;

// Waits, and lets the service manager know meanwhile that the bus lives, if it wants to.
attention::cause wait_on(attention& events, std::optional<instant> until, running_bus& bus,
                         service_manager& manager) {
  auto interval = manager.watchdog_interval();
  if (!interval)
    return events.wait(until);
  for (;;) {
    if (bus.is_alive())
      manager.alive();
    auto next = std::chrono::steady_clock::now() + *interval;
    bool is_last = until && *until <= next;
    auto cause = events.wait(is_last ? *until : next);
    if (cause != attention::cause::time || is_last)
      return cause;
  }
}

void run(const run_arguments& arguments) {
  service_manager manager;
  auto inherited = transports::inherited_sockets::from_environment();
  auto what = topology_of(arguments);
  attention events;
  raise_descriptor_limit();
  std::function<void(const std::string&)> say = [&](const std::string& line) {
    if (arguments.verbose)
      std::cerr << "actorbus: " + line + '\n' << std::flush;
  };
  say("seed " + std::to_string(what.seed) + ", " + std::to_string(what.io_threads) +
      " I/O threads, " + std::to_string(what.participants.size()) + " participants");
  running_bus bus{std::move(what), {arguments.verbose ? say : nullptr, &inherited}};
  for (const auto& address : inherited.left())
    std::cerr << "actorbus: the service manager's socket at " + address +
                     ": no listener has that address\n"
              << std::flush;
  std::string ready = "ready";
  for (const auto& url : bus.urls())
    ready += ' ' + url;
  std::cout << ready << std::endl;
  manager.ready(ready);

  std::optional<std::chrono::steady_clock::time_point> until;
  if (arguments.duration_seconds)
    until = std::chrono::steady_clock::now() +
            std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                std::chrono::duration<double>{*arguments.duration_seconds});
  for (;;) {
    switch (wait_on(events, until, bus, manager)) {
    case attention::cause::signal:
      if (events.signal() != SIGHUP) {
        say("stopping, told by signal " + std::to_string(events.signal()));
        manager.stopping();
        return;
      }
      manager.reloading();
      reload(bus);
      say("SIGHUP: passwords and certificates were read again");
      manager.ready(ready);
      break;
    case attention::cause::time:
      say("stopping after --duration");
      manager.stopping();
      return;
    case attention::cause::called:
    case attention::cause::readable: break;
    }
  }
}

} // namespace

void add_run_command(CLI::App& app) {
  auto* command = app.add_subcommand("run", "runs a topology from a file, or one broker");
  auto arguments = std::make_shared<run_arguments>();
  command->add_option("file", arguments->file, "topology file")->type_name("FILE.toml");
  command
      ->add_option("-l,--listen", arguments->listeners,
                   "listen here (instead of where the file says), port 0: any; default "
                   "mqtt://127.0.0.1:1883 without a file")
      ->type_name("URL")
      ->allow_extra_args(false);
  command->add_option("-p,--port", arguments->port, "listen on mqtt://127.0.0.1:PORT")
      ->type_name("PORT")
      ->check(CLI::Range(0, 65535));
  add_listener_options(*command, arguments->listener);
  command->add_option("--data", arguments->data, "keep sessions and messages here (not yet)")
      ->type_name("DIR");
  command->add_flag("--allow-anonymous", arguments->allow_anonymous,
                    "let anyone in at addresses that other machines reach");
  command
      ->add_option("--password-file", arguments->password_file,
                   "who may come in, as actorbus passwd writes it; SIGHUP reads it again")
      ->type_name("FILE");
  command
      ->add_option("--set", arguments->assignments,
                   "set a key of the file, e.g. limits.inflight_max=20 or io.threads=2")
      ->type_name("SECTION.KEY=VALUE")
      ->allow_extra_args(false);
  command->add_option("--duration", arguments->duration_seconds, "stop after so many seconds")
      ->type_name("S")
      ->check(CLI::Range(0.0, 1e9));
  command->add_flag("-v,--verbose", arguments->verbose, "say what the program does");
  command->callback([arguments] { run(*arguments); });
}

void add_check_command(CLI::App& app) {
  auto* command = app.add_subcommand("check", "looks for mistakes in a topology file");
  auto file = std::make_shared<std::string>();
  command->add_option("file", *file, "topology file")->type_name("FILE.toml")->required();
  command->callback([file] {
    auto what = load_topology(*file);
    std::cout << *file << ": no mistakes; " << what.listeners.size() << " listeners, "
              << what.participants.size() << " participants" << std::endl;
  });
}

} // namespace actorbus::demos
