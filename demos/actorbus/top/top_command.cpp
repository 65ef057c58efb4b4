#include "top/top_command.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "clients/client_arguments.hpp"
#include "clients/remote_client.hpp"
#include "top/broker_view.hpp"
#include "user_error.hpp"
#include "view/screen.hpp"
#include "view/window.hpp"

namespace actorbus::demos {

namespace {

using namespace std::chrono_literals;
using instant = std::chrono::steady_clock::time_point;

struct top_arguments {
  client_arguments client;
  std::string url;
  double interval_seconds = 2;
  std::uint64_t pictures = 0; ///< 0: until somebody ends it
  std::string order = "rate";
};

constexpr std::string_view key_help =
    "keys: r rate  w waiting  d dropped  m messages  b bytes  n name  q quit";

/// Clients that a picture without a screen lists.
constexpr std::size_t report_clients = 20;

/// How long the first picture waits for figures, which come a second after one asks for them, and
/// not from every broker. On a screen it is soon replaced by the next.
constexpr std::chrono::milliseconds first_wait{2500};
constexpr std::chrono::milliseconds screen_wait{300};

std::optional<client_order> order_of_key(char key) {
  switch (key) {
  case 'r': return client_order::rate;
  case 'w': return client_order::queued;
  case 'd': return client_order::dropped;
  case 'm': return client_order::messages;
  case 'b': return client_order::bytes;
  case 'n': return client_order::name;
  default: return std::nullopt;
  }
}

/// One run of `actorbus top`.
class watcher {
public:
  explicit watcher(const top_arguments& arguments)
      : plan_(plan_of(arguments.client)),
        interval_(std::chrono::duration_cast<std::chrono::nanoseconds>(
            std::chrono::duration<double>{arguments.interval_seconds})),
        left_(arguments.pictures),
        is_endless_(arguments.pictures == 0),
        view_(plan_.url) {
    view_.order(*client_order_of(arguments.order));
  }

  void run() {
    remote_client remote{plan_, events(), events_};
    while (follow(remote)) {}
    remote.disconnect({});
  }

private:
  client_events events() {
    client_events result;
    result.on_message = [this](const incoming_message& message) {
      std::lock_guard guard{mutex_};
      view_.take(message.topic, message.payload);
      events_.call();
    };
    return result;
  }

  // One connection from beginning to end. @returns whether to connect again
  bool follow(remote_client& remote) {
    auto connected = remote.connect();
    if (!connected)
      return false;
    if (!*connected) {
      if (was_connected_ && !connected->by_peer)
        return pause(remote, *connected);
      throw exit_with{exit_code_of(*connected, plan_.client.version),
                      plan_.url + ": " + describe(*connected)};
    }
    was_connected_ = true;
    {
      std::lock_guard guard{mutex_};
      view_.reset();
    }
    auto answer = remote.ask(subscribe_filters{{{"$SYS/broker/#", {}}, {topic(), {}}}, {}, {}, {}});
    if (!answer)
      return false;
    auto is_refused = [](auto code) { return protocol::is_error(code); };
    if (answer->codes.empty() ? !*answer
                              : std::all_of(answer->codes.begin(), answer->codes.end(), is_refused))
      throw exit_with{1, plan_.url + ": may not subscribe to $SYS/broker/#: " + describe(*answer)};
    if (!screen_ && is_screen())
      screen_.emplace();
    if (!show(remote))
      return false;
    auto why = *remote.lost();
    if (why.by_peer) {
      screen_.reset();
      throw user_error{plan_.url, "disconnected by the broker: " + describe(why)};
    }
    return pause(remote, why);
  }

  /// @returns false if the user has seen enough
  bool pause(remote_client& remote, const outcome& why) {
    {
      std::lock_guard guard{mutex_};
      view_.note(describe(why) + "; trying again");
    }
    paint();
    return wait(remote, std::chrono::steady_clock::now() + 2s, false);
  }

  // Pictures until the connection is lost. @returns false if there were enough
  bool show(remote_client& remote) {
    is_first_ = true;
    auto next = std::chrono::steady_clock::now() + (screen_ ? screen_wait : first_wait);
    for (;;) {
      if (!wait(remote, next, true))
        return false;
      if (remote.lost())
        return true;
      is_first_ = false;
      paint();
      if (!is_endless_ && --left_ == 0)
        return false;
      next = std::max(next + interval_, std::chrono::steady_clock::now());
      if (next > std::chrono::steady_clock::now() + interval_)
        next = std::chrono::steady_clock::now() + interval_;
    }
  }

  /// Until the time, or the first figures where they are waited for; keys are heard meanwhile.
  /// @param is_connected else a lost connection is no news
  /// @returns false if the user has seen enough
  bool wait(remote_client& remote, instant until, bool is_connected) {
    for (;;) {
      if (is_connected && (remote.lost() || (is_first_ && has_figures())))
        return true;
      switch (remote.caller().wait(until, screen_ ? STDIN_FILENO : -1)) {
      case attention::cause::signal:
        if (remote.caller().signal() != SIGHUP)
          return false;
        break;
      case attention::cause::time: return true;
      case attention::cause::readable:
        if (!obey(remote, screen_->keys()))
          return false;
        break;
      case attention::cause::called: break;
      }
    }
  }

  bool has_figures() {
    std::lock_guard guard{mutex_};
    return view_.has_figures();
  }

  /// @returns false to quit
  bool obey(remote_client& remote, const std::string& keys) {
    if (keys.empty())
      throw user_error{"standard input", "is gone"};
    for (auto key : keys) {
      if (key == 'q')
        return false;
      auto order = order_of_key(key);
      if (!order)
        continue;
      auto before = topic();
      {
        std::lock_guard guard{mutex_};
        view_.order(*order);
      }
      if (topic() != before && !remote.lost()) { // the bus lists others now
        remote.send(unsubscribe_filters{{before}, {}});
        remote.send(subscribe_filters{{{topic(), {}}}, {}, {}, {}});
      }
    }
    paint();
    return true;
  }

  std::string topic() {
    std::lock_guard guard{mutex_};
    return std::string{figures_topic} + std::string{to_string(order_at_bus(view_.order()))};
  }

  void paint() {
    std::vector<std::string> lines;
    {
      std::lock_guard guard{mutex_};
      auto size = size_of_window();
      lines =
          screen_ ? view_.paint(size.rows, size.columns, key_help) : view_.report(report_clients);
    }
    if (screen_) {
      screen_->paint(lines);
      return;
    }
    for (const auto& line : lines)
      std::cout << line << '\n';
    if (!std::cout.flush())
      throw user_error{"standard output", "is gone"};
  }

  client_plan plan_;
  std::chrono::nanoseconds interval_;
  std::uint64_t left_; ///< pictures to come, unless it is endless
  bool is_endless_;
  attention events_;
  std::mutex mutex_;
  broker_view view_; ///< under `mutex_`: the client's actor fills it
  std::optional<screen> screen_;
  bool was_connected_ = false;
  bool is_first_ = true; ///< no picture was shown since the connection began
};

} // namespace

void add_top_command(CLI::App& app) {
  auto* command =
      app.add_subcommand("top", "shows a running broker: clients, rates, queues, bridges");
  auto into = std::make_shared<top_arguments>();
  command->add_option("url", into->url, "broker, instead of -L")->type_name("URL");
  add_connection_options(*command, into->client);
  command->add_option("-d,--interval", into->interval_seconds, "seconds between pictures (2)")
      ->type_name("S")
      ->check(CLI::Range(0.1, 3600.0));
  command->add_option("-n,--count", into->pictures, "end after so many pictures")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command
      ->add_option("-s,--sort", into->order,
                   "rate (default), queued, dropped, messages, bytes or name")
      ->type_name("ORDER")
      ->check([](const std::string& name) {
        return client_order_of(name)
                   ? std::string{}
                   : name + ": must be rate, queued, dropped, messages, bytes or name";
      });
  command->callback([into] {
    if (!into->url.empty() && !into->client.url.empty())
      throw user_error{"top " + into->url, "and -L are two brokers"};
    if (!into->url.empty())
      into->client.url = into->url;
    watcher{*into}.run();
  });
}

} // namespace actorbus::demos
