#include <algorithm>
#include <atomic>
#include <iostream>
#include <memory>
#include <mutex>
#include <random>

#include <CLI/CLI.hpp>
#include <caf/send.hpp>
#include <fmt/format.h>

#include <actorbus/protocol/topic.hpp>

#include "clients/client_commands.hpp"
#include "clients/message_filter.hpp"
#include "clients/message_printer.hpp"
#include "clients/remote_client.hpp"
#include "user_error.hpp"

namespace actorbus::demos {

namespace {

using namespace std::chrono_literals;

struct sub_arguments {
  client_arguments client;
  std::vector<std::string> topics;
  std::vector<std::string> unsubscribe;
  message_filter::options filter;
  std::string format;
  bool pretty = false;
  bool verbose = false;
  bool no_newline = false;
  bool remove_retained = false;
  bool exit_when_subscribed = false;
  std::optional<double> timeout_seconds;
};

void check_filter(const char* flag, const std::string& filter) {
  if (auto fault = protocol::check_topic_filter(filter); fault != protocol::errc::none)
    throw user_error{fmt::format("{} {}", flag, filter), std::string{protocol::to_string(fault)}};
}

/// One run of `actorbus sub`.
class subscriber {
public:
  explicit subscriber(const sub_arguments& arguments)
      : arguments_(arguments),
        plan_(plan_of(arguments.client)),
        print_(printing()),
        filter_(arguments.filter) {
    topics_ = arguments.topics;
    if (!plan_.topic.empty())
      topics_.push_back(plan_.topic);
    if (topics_.empty() && arguments.unsubscribe.empty())
      throw user_error{"sub", "a topic is missing; give it with -t, or in -L's URL"};
    for (const auto& each : topics_)
      check_filter("-t", each);
    for (const auto& each : arguments.unsubscribe)
      check_filter("-U", each);
    for (const auto& each : arguments.filter.without)
      check_filter("-T", each);
  }

  void run() {
    remote_client remote{plan_, events(), events_};
    printer_ = remote.system().spawn<message_printer>(print_, output_failed_, events_);
    if (arguments_.timeout_seconds)
      remote.set_deadline(std::chrono::steady_clock::now() +
                          std::chrono::duration_cast<std::chrono::nanoseconds>(
                              std::chrono::duration<double>{*arguments_.timeout_seconds}));
    try {
      while (follow(remote)) {}
    } catch (...) {
      leave(remote);
      throw;
    }
    leave(remote);
    if (!has_enough_ && remote.is_late())
      throw exit_with{27, fmt::format("sub: timed out after {} s", *arguments_.timeout_seconds)};
    if (output_failed_)
      throw user_error{"standard output", "is gone"};
  }

private:
  print_options printing() const {
    print_options result{.verbose = arguments_.verbose,
                         .no_newline = arguments_.no_newline,
                         .quiet = arguments_.client.quiet};
    if (arguments_.format.empty())
      return result;
    auto format = message_format::parse(arguments_.format, arguments_.pretty);
    if (!format)
      throw user_error{"-F", format.error()};
    result.format = std::move(*format);
    return result;
  }

  client_events events() {
    client_events result;
    result.accepts = [this] { return !has_enough_ && !arguments_.exit_when_subscribed; };
    result.on_message = [this](const incoming_message& message) {
      if (filter_.take(message)) {
        if (arguments_.remove_retained && message.retain)
          remove_later(message.topic);
        post(printer_, to_keep(message), nullptr);
      }
      if (filter_.has_enough()) {
        has_enough_ = true;
        events_.call();
      }
    };
    return result;
  }

  void remove_later(std::string_view topic) {
    std::lock_guard guard{removals_mutex_};
    removals_.emplace_back(topic);
    events_.call();
  }

  void leave(remote_client& remote) {
    remote.disconnect(plan_.properties.disconnect);
    caf::anon_send_exit(printer_, caf::exit_reason::user_shutdown);
    printer_ = {};
  }

  void say(const std::string& line) const {
    if (arguments_.client.debug)
      std::cerr << "actorbus: " << line << std::endl;
  }

  // One connection from beginning to end. @returns whether to connect again
  bool follow(remote_client& remote) {
    say("connecting to " + plan_.url);
    auto connected = remote.connect();
    if (!connected)
      return false;
    if (!*connected)
      return refused(remote, *connected);
    say(fmt::format("connected as \"{}\"{}", connected->client_id,
                    connected->session_present ? ", session resumed" : ""));
    was_connected_ = true;
    pause_ = 1s;
    if (!subscribe(remote) || arguments_.exit_when_subscribed)
      return false;
    auto is_done = [&] {
      remove_retained(remote);
      return has_enough_ || output_failed_;
    };
    if (!remote.wait_for(is_done) || is_done())
      return false;
    return again(remote, *remote.lost());
  }

  bool refused(remote_client& remote, const outcome& why) {
    if (was_connected_ && !why.by_peer)
      return again(remote, why);
    auto what = why.by_peer ? fmt::format("{}: connection refused: {}", plan_.url, describe(why))
                            : describe(why);
    throw exit_with{exit_code_of(why, plan_.client.version), what};
  }

  // Whoever is told to go stays away; a link that broke is made again.
  bool again(remote_client& remote, const outcome& why) {
    if (why.by_peer)
      throw user_error{plan_.url, "disconnected by the broker: " + describe(why)};
    if (!arguments_.client.quiet)
      std::cerr << "actorbus: " << describe(why) << "; trying again" << std::endl;
    auto when = std::chrono::steady_clock::now() + pause_;
    pause_ = std::min(pause_ * 2, std::chrono::seconds{30});
    while (std::chrono::steady_clock::now() < when)
      switch (remote.caller().wait(when)) {
      case attention::cause::signal: return false;
      default:
        if (remote.is_late())
          return false;
      }
    return true;
  }

  bool subscribe(remote_client& remote) {
    subscribe_filters request;
    for (const auto& each : topics_)
      request.filters.push_back({each, plan_.qos});
    request.properties = plan_.properties.subscribe;
    if (!topics_.empty()) {
      auto answer = remote.ask(std::move(request));
      if (!answer)
        return false;
      check_subscribed(*answer);
    }
    if (!arguments_.unsubscribe.empty()) {
      auto answer = remote.ask(unsubscribe_filters{arguments_.unsubscribe, {}});
      if (!answer)
        return false;
      say("unsubscribed");
    }
    return true;
  }

  void check_subscribed(const outcome& answer) const {
    if (answer.codes.empty() && !answer)
      throw user_error{plan_.url, "subscribing failed: " + describe(answer)};
    std::size_t refusals = 0;
    for (std::size_t i = 0; i < answer.codes.size() && i < topics_.size(); ++i) {
      auto code = answer.codes[i];
      auto is_refused = protocol::is_error(code);
      refusals += is_refused ? 1 : 0;
      if (is_refused && !arguments_.client.quiet)
        std::cerr << fmt::format("actorbus: {}: subscription refused: {} (0x{:02X})\n", topics_[i],
                                 protocol::to_string(code), static_cast<unsigned>(code));
      else
        say(fmt::format("subscribed to {} at QoS {}", topics_[i], static_cast<unsigned>(code)));
    }
    if (refusals != 0 && refusals == topics_.size())
      throw exit_with{1, "sub: all subscriptions were refused"};
  }

  // Publishes the empty messages that remove the retained ones that came.
  void remove_retained(remote_client& remote) {
    std::vector<std::string> topics;
    {
      std::lock_guard guard{removals_mutex_};
      topics.swap(removals_);
    }
    for (auto& topic : topics)
      remote.send(publish_request{{std::move(topic), {}, plan_.qos, true, {}}, {}});
  }

  const sub_arguments& arguments_;
  client_plan plan_;
  print_options print_;
  message_filter filter_; ///< the client's actor's
  std::vector<std::string> topics_;
  attention events_;
  std::mutex removals_mutex_;
  std::vector<std::string> removals_;
  caf::actor printer_;
  std::atomic<bool> has_enough_{false};
  std::atomic<bool> output_failed_{false};
  bool was_connected_ = false;
  std::chrono::seconds pause_{1};
};

} // namespace

void add_sub_command(CLI::App& app) {
  auto* command = app.add_subcommand("sub", "subscribes and prints messages, as mosquitto_sub");
  auto into = std::make_shared<sub_arguments>();
  auto list = [&](const char* names, std::vector<std::string>& where, const char* help) {
    command->add_option(names, where, help)->type_name("TOPIC")->allow_extra_args(false);
  };
  list("-t,--topic", into->topics, "topic filter to subscribe; may be repeated");
  list("-T,--filter-out", into->filter.without, "don't print these topics; may be repeated");
  list("-U,--unsubscribe", into->unsubscribe, "unsubscribe this; may be repeated");
  add_client_options(*command, into->client);
  command->add_flag("-v,--verbose", into->verbose, "print topics as well");
  command->add_option("-F,--format", into->format, "how to print a message (docs/running.md)");
  command->add_flag("--pretty", into->pretty, "spread JSON over several lines");
  command->add_flag("-N", into->no_newline, "print no line end");
  command->add_option("-C,--count", into->filter.count, "end after so many messages")
      ->check(CLI::PositiveNumber);
  command->add_option("-W,--timeout", into->timeout_seconds, "end after so many seconds (code 27)")
      ->type_name("S")
      ->check(CLI::Range(0.0, 1e9));
  command->add_flag("-R,--no-retained", into->filter.no_retained, "don't print retained messages");
  command->add_flag("--retained-only", into->filter.retained_only,
                    "end at the first message that is not retained");
  command->add_flag("--remove-retained", into->remove_retained,
                    "remove the retained messages that come");
  command->add_option("--random-filter", into->filter.percentage, "print so many percent only")
      ->check(CLI::Range(0.0, 100.0));
  command->add_flag("-E,--exit-when-subscribed", into->exit_when_subscribed,
                    "end as soon as the subscription stands");
  command->callback([into] {
    run_client(into->client.quiet, [&] {
      into->filter.seed = std::random_device{}();
      subscriber{*into}.run();
    });
  });
}

} // namespace actorbus::demos
