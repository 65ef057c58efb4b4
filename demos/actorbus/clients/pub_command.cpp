#include <array>
#include <csignal>
#include <iostream>
#include <memory>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <actorbus/protocol/topic.hpp>
#include <actorbus/transports/system_failure.hpp>

#include "clients/client_commands.hpp"
#include "clients/publish_flow.hpp"
#include "clients/remote_client.hpp"
#include "topology/toml_file.hpp"
#include "user_error.hpp"

namespace actorbus::demos {

namespace {

struct pub_arguments {
  client_arguments client;
  std::string topic;
  std::optional<std::string> message;
  std::string file;
  bool lines = false;
  bool whole_input = false;
  bool empty = false;
  bool retain = false;
  std::uint64_t repeat = 1;
  double repeat_delay_seconds = 0;
  std::uint64_t in_flight_max = 0;
};

/// One run of `actorbus pub`.
class publisher {
public:
  explicit publisher(const pub_arguments& arguments)
      : arguments_(arguments), plan_(plan_of(arguments.client)) {
    if (!plan_.topic.empty() && !arguments.topic.empty())
      throw user_error{"-t " + arguments.topic, "the URL has a topic already"};
    message_.topic = plan_.topic.empty() ? arguments.topic : plan_.topic;
    if (message_.topic.empty())
      throw user_error{"pub", "a topic is missing; give it with -t, or in -L's URL"};
    if (auto fault = protocol::check_topic_name(message_.topic); fault != protocol::errc::none)
      throw user_error{"-t " + message_.topic, std::string{protocol::to_string(fault)}};
    auto ways = int{arguments.message.has_value()} + int{!arguments.file.empty()} +
                int{arguments.lines} + int{arguments.whole_input} + int{arguments.empty};
    if (ways != 1)
      throw user_error{"pub", ways == 0 ? "a message is missing; give it with -m, -f, -s, -l or -n"
                                        : "only one of -m, -f, -s, -l and -n can be"};
    message_.qos = plan_.qos;
    message_.retain = arguments.retain;
    message_.properties = plan_.properties.publish;
    if (arguments.message)
      message_.payload = *arguments.message;
    else if (!arguments.file.empty())
      message_.payload = read_text_file(arguments.file);
    // mosquitto's -M bounds acknowledged messages; QoS 0 is done when it is handed on.
    in_flight_max_ = arguments.in_flight_max != 0 && plan_.qos != protocol::qos::at_most_once
                         ? arguments.in_flight_max
                         : 10'000;
  }

  void run() {
    remote_client remote{plan_, {}, events_};
    say("connecting to " + plan_.url);
    auto connected = remote.connect();
    if (!connected)
      throw exit_with{1, "pub: interrupted"};
    if (!*connected)
      throw exit_with{exit_code_of(*connected, plan_.client.version),
                      connected->by_peer ? fmt::format("{}: connection refused: {}", plan_.url,
                                                       describe(*connected))
                                         : describe(*connected)};
    say(fmt::format("connected as \"{}\"", connected->client_id));
    publish_flow flow{remote, in_flight_max_};
    if (arguments_.lines)
      publish_lines(flow);
    else
      publish_repeatedly(remote, flow);
    flow.finish();
    say(fmt::format("published {} messages to {}", published_, message_.topic));
    remote.disconnect(plan_.properties.disconnect);
  }

private:
  void say(const std::string& line) const {
    if (arguments_.client.debug)
      std::cerr << "actorbus: " << line << std::endl;
  }

  void publish(publish_flow& flow) {
    ++published_;
    flow.publish(message_);
  }

  void publish_repeatedly(remote_client& remote, publish_flow& flow) {
    if (arguments_.whole_input)
      read_input([this](std::string_view piece) { message_.payload += piece; });
    auto delay = std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>{arguments_.repeat_delay_seconds});
    auto next = std::chrono::steady_clock::now();
    for (std::uint64_t i = 0; i < arguments_.repeat; ++i) {
      if (i != 0 && delay.count() != 0) {
        next += delay;
        auto is_time = [&] { return next <= std::chrono::steady_clock::now(); };
        if (!remote.wait_for(is_time, next))
          throw exit_with{1, "pub: interrupted"};
      }
      publish(flow);
    }
  }

  void publish_lines(publish_flow& flow) {
    std::string line;
    read_input([&](std::string_view piece) {
      for (;;) {
        auto end = piece.find('\n');
        line += piece.substr(0, end);
        if (end == piece.npos)
          return;
        message_.payload = std::exchange(line, {});
        publish(flow);
        piece.remove_prefix(end + 1);
      }
    });
    if (!line.empty()) { // the last one may lack its end
      message_.payload = std::move(line);
      publish(flow);
    }
  }

  template <class F>
  void read_input(F take) {
    std::array<char, 64 * 1024> block;
    for (;;) {
      auto cause = events_.wait(std::nullopt, STDIN_FILENO);
      if (cause == attention::cause::signal && events_.signal() != SIGHUP)
        throw exit_with{1, "pub: interrupted"};
      if (cause != attention::cause::readable)
        continue;
      auto count = ::read(STDIN_FILENO, block.data(), block.size());
      if (count == 0)
        return;
      if (count < 0)
        throw user_error{"standard input", transports::last_error_text()};
      take(std::string_view{block.data(), static_cast<std::size_t>(count)});
    }
  }

  const pub_arguments& arguments_;
  client_plan plan_;
  outgoing_message message_;
  std::uint64_t in_flight_max_;
  std::uint64_t published_ = 0;
  attention events_;
};

} // namespace

void add_pub_command(CLI::App& app) {
  auto* command = app.add_subcommand("pub", "publishes messages, as mosquitto_pub");
  auto into = std::make_shared<pub_arguments>();
  command->add_option("-t,--topic", into->topic, "topic to publish to");
  command->add_option("-m,--message", into->message, "payload");
  command->add_option("-f,--file", into->file, "payload: what is in this file")->type_name("FILE");
  command->add_flag("-l,--stdin-line", into->lines, "a message for each line of standard input");
  command->add_flag("-s,--stdin-file", into->whole_input, "payload: all of standard input");
  command->add_flag("-n,--null-message", into->empty, "an empty payload");
  command->add_flag("-r,--retain", into->retain, "let the broker keep the message");
  add_client_options(*command, into->client);
  command->add_option("--repeat", into->repeat, "publish so many times")
      ->check(CLI::PositiveNumber);
  command->add_option("--repeat-delay", into->repeat_delay_seconds, "seconds between (default 0)")
      ->type_name("S")
      ->check(CLI::Range(0.0, 1e9));
  command->add_option("-M,--max-inflight", into->in_flight_max,
                      "unacknowledged messages at a time (default: what the broker allows)");
  command->callback([into] { run_client(into->client.quiet, [&] { publisher{*into}.run(); }); });
}

} // namespace actorbus::demos
