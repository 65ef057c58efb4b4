#include "bench_command.hpp"

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "bench_broker.hpp"
#include "bench_inproc.hpp"
#include "bench_report.hpp"

namespace actorbus::demos {

namespace {

/// What the command line says beyond the options of one run.
struct bench_arguments {
  bench_options options;
  std::string other_url;        ///< --vs; empty: none
  std::optional<int> other_pid; ///< --vs-pid
  std::uint32_t repeat = 1;
  bool json = false;
};

void add_common_options(CLI::App& command, bench_arguments& arguments) {
  auto& options = arguments.options;
  command.add_option("url", options.url, "broker, mqtt://HOST[:PORT]")->required();
  command.add_option("--pid", options.broker_pid,
                     "process of the broker: measure its CPU time and memory");
  command.add_option("--vs", arguments.other_url, "second broker, measured in turn with the first");
  command.add_option("--vs-pid", arguments.other_pid, "process of the second broker");
  command.add_option("--repeat", arguments.repeat, "runs per broker; the one in the middle counts")
      ->check(CLI::Range(1, 1000));
  auto set_version = [&options](const std::string& name) {
    options.version =
        name.back() == '5' ? protocol::protocol_version::v5 : protocol::protocol_version::v3_1_1;
  };
  command
      .add_option_function<std::string>("-V,--mqtt-version", set_version, "3.1.1 (default) or 5")
      ->check(CLI::IsMember({"3.1.1", "311", "mqttv311", "5", "mqttv5"}));
  command.add_flag("--json", arguments.json, "print one line of JSON");
}

void add_message_options(CLI::App& command, bench_options& options) {
  auto set_qos = [&options](const int& level) { options.qos = static_cast<protocol::qos>(level); };
  command.add_option_function<int>("-q,--qos", set_qos, "quality of service (default 0)")
      ->check(CLI::Range(0, 2));
  command.add_option("-s,--size", options.payload_bytes, "payload, bytes (default 16)");
  command.add_option("-d,--duration", options.duration_seconds,
                     "seconds of publishing (default 2)");
  command.add_option("--warm-up", options.warm_up_seconds, "seconds before that (default 0.2)");
  command.add_flag("--spin", options.spin,
                   "never sleep while waiting: takes the cost of being woken off the broker");
  command.add_option("-n,--count", options.count, "messages per publisher, instead of a duration");
}

void add_traffic_options(CLI::App& command, bench_options& options) {
  add_message_options(command, options);
  command.add_option("-c,--clients", options.clients,
                     "pairs, subscribers (fanout) or publishers (fanin)");
  auto* full = command.add_flag("-f,--full", options.full_writes, "64 KB of messages in a write");
  command.add_option("-b,--batch", options.batch, "messages in a write (default 1)")
      ->excludes(full)
      ->check(CLI::Range(1, 100'000));
  command.add_option("-w,--window", options.window, "messages in flight per publisher");
}

void run_command(const bench_arguments& arguments, int& exit_code) {
  auto first = resolve(arguments.options);
  auto second = first;
  second.url = arguments.other_url;
  second.broker_pid = arguments.other_pid;
  std::vector<bench_options> sides{first};
  if (!arguments.other_url.empty())
    sides.push_back(second);
  std::vector<std::vector<bench_result>> results(sides.size());
  for (std::uint32_t run = 0; run < arguments.repeat; ++run) // A B A B: both see the same weather
    for (std::size_t side = 0; side < sides.size(); ++side)
      results[side].push_back(run_bench(sides[side]));
  std::vector<bench_contender> contenders;
  for (std::size_t side = 0; side < sides.size(); ++side) {
    contenders.push_back({sides[side].url, middle_of(first, results[side]), arguments.repeat});
    if (!contenders.back().result.failure.empty())
      exit_code = 1;
  }
  std::cout << (arguments.json ? json_report(first, contenders) + "\n"
                               : text_report(first, contenders))
            << std::flush;
}

} // namespace

CLI::App* add_bench_command(CLI::App& app, int& exit_code) {
  auto* bench = app.add_subcommand("bench", "measures a broker, or two in turn");
  bench->require_subcommand(1);
  struct row {
    bench_mode mode;
    const char* help;
  };
  for (auto [mode, help] :
       {row{bench_mode::pair, "n publishers to n subscribers, one topic each"},
        row{bench_mode::fanout, "one publisher to n subscribers"},
        row{bench_mode::fanin, "n publishers to one subscriber"},
        row{bench_mode::conn, "connections per second, and memory per idle connection"},
        row{bench_mode::latency, "time of lone messages from publisher to subscriber"}}) {
    auto arguments = std::make_shared<bench_arguments>();
    arguments->options.mode = mode;
    auto* command = bench->add_subcommand(std::string(to_string(mode)), help);
    add_common_options(*command, *arguments);
    if (mode == bench_mode::conn) {
      command->add_option("-c,--clients", arguments->options.clients,
                          "connections (default 10000)");
      command->add_option("--hold", arguments->options.hold_seconds,
                          "seconds to hold them (default 2)");
    } else if (mode == bench_mode::latency) {
      add_message_options(*command, arguments->options);
      command->add_option("-r,--rate", arguments->options.rate_per_second,
                          "messages started per second (default: the next at once)");
    } else {
      add_traffic_options(*command, arguments->options);
    }
    command->callback([arguments, &exit_code] { run_command(*arguments, exit_code); });
  }
  auto inproc = std::make_shared<inproc_options>();
  auto* command = bench->add_subcommand("inproc", "actor to actor over the bus, beside plain CAF");
  command->add_option("-n,--count", inproc->count, "messages a row (default 2000000)");
  command->add_option("-s,--size", inproc->payload_bytes, "payload, bytes (default 16)");
  command->add_option("--threads", inproc->threads, "threads of the actor pool (default 1)");
  command->add_option("--repeat", inproc->repeat, "runs of each row (default 3)")
      ->check(CLI::Range(1, 1000));
  command->callback([inproc] { std::cout << run_inproc(*inproc) << std::flush; });
  return bench;
}

} // namespace actorbus::demos
