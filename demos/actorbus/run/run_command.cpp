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
#include "replaced_file.hpp"
#include "run/listener_arguments.hpp"
#include "run/run_report.hpp"
#include "run/running_bus.hpp"
#include "run/service_manager.hpp"
#include "run/topology_picture.hpp"
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
  bool view = false;
  std::string report;
  std::string picture;
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

/// The files that are written when the run is over. Both are made at its begin: whoever waits for a
/// report shall not learn in the end that it can't be written.
class run_record {
public:
  run_record(const std::string& report, const std::string& picture) {
    constexpr mode_t for_all = 0644;
    if (!report.empty())
      report_ = std::make_unique<replaced_file>(report, for_all);
    if (!picture.empty())
      picture_ = std::make_unique<replaced_file>(picture, for_all);
  }

  bool is_wanted() const noexcept { return report_ || picture_; }

  void write(const run_figures& figures) {
    if (report_)
      report_->finish(report_json(figures));
    if (picture_)
      picture_->finish(picture_svg(figures));
  }

private:
  std::unique_ptr<replaced_file> report_;
  std::unique_ptr<replaced_file> picture_;
};

void run_topology(const run_arguments& arguments) {
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
  run_record record{arguments.report, arguments.picture};
  std::string ready = "ready";
  auto tell_ready = [&](const std::vector<std::string>& urls) {
    for (const auto& url : urls)
      ready += ' ' + url;
    std::cout << ready << std::endl;
    manager.ready(ready);
  };
  running_bus bus{std::move(what),
                  {arguments.verbose ? say : nullptr, &inherited, arguments.view,
                   record.is_wanted(), tell_ready}};
  for (const auto& address : inherited.left())
    std::cerr << "actorbus: the service manager's socket at " + address +
                     ": no listener has that address\n"
              << std::flush;
  std::optional<std::chrono::steady_clock::time_point> until;
  if (arguments.duration_seconds)
    until = std::chrono::steady_clock::now() +
            std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                std::chrono::duration<double>{*arguments.duration_seconds});
  auto stop = [&](const std::string& why) {
    say("stopping" + why);
    manager.stopping();
    if (record.is_wanted())
      record.write(bus.figures());
  };
  for (;;) {
    switch (wait_on(events, until, bus, manager)) {
    case attention::cause::signal:
      if (events.signal() != SIGHUP)
        return stop(", told by signal " + std::to_string(events.signal()));
      manager.reloading();
      reload(bus);
      say("SIGHUP: passwords and certificates were read again");
      manager.ready(ready);
      break;
    case attention::cause::time: return stop(" after --duration");
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
  command->add_flag("--view", arguments->view,
                    "show participants, clients, bridges and topics in the terminal");
  command
      ->add_option("--report", arguments->report,
                   "write the run's figures here, as JSON, at its end")
      ->type_name("FILE");
  command->add_option("--picture", arguments->picture, "draw the topology here, as SVG, at its end")
      ->type_name("FILE.svg");
  command->add_flag("-v,--verbose", arguments->verbose, "say what the program does");
  command->callback([arguments] { run_topology(*arguments); });
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
