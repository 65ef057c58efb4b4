#pragma once

#include "bus_fixture.hpp"
#include "client_state_fixture.hpp"

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/client_actor.hpp>

#include <caf/send.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace actorbus::test {

/// A gateway for clients that does as the test says: it answers CONNECT, notes packets in words, and cuts the link in
/// front of the packet that the test names.
struct scripted_gateway {
  bool answers_connect = true;
  std::string connack = "20 03 00 00 00";
  std::string cut_before; ///< a packet in words: it is not taken any more
  std::string received;   ///< in words
  std::uint32_t opened = 0;
  std::uint32_t closed = 0;
  std::vector<std::uint32_t> attempts;
  caf::actor client;
  caf::actor self;

  /// Sends a packet in the notation. @param attempt as if by an earlier link
  void send(std::string_view text, std::uint32_t attempt = 0) {
    post(client, make_frame(conformance::bytes(text), attempt == 0 ? attempts.back() : attempt), nullptr);
  }
  void cut(protocol::reason_code why = protocol::reason_code::server_unavailable, std::string text = "cut") {
    post(client, close_channel{why, std::move(text)}, nullptr);
  }
  std::string taken() { return take(received); }
};

class gateway_actor : public batch_actor {
public:
  gateway_actor(caf::actor_config& config, std::shared_ptr<scripted_gateway> script)
      : batch_actor{config, nullptr}, script_{std::move(script)} {}

protected:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<open_session, frame, channel_closed, outbound_drained>(element,
                                                                                [this](auto& message) { on(message); });
  }
  void on_exit() override {
    script_->client = {};
    script_->self = {};
  }

private:
  void on(open_session& message) {
    ++script_->opened;
    is_cut_ = false;
    script_->client = message.channel.channel;
    script_->attempts.push_back(message.channel.attempt);
    if (!script_->answers_connect)
      return;
    post(
        script_->client,
        session_opened{caf::actor_cast<caf::actor>(ctrl()), protocol::protocol_version::v5, 1, message.channel.attempt},
        context());
    script_->send(script_->connack);
  }
  void on(frame& packets) {
    if (is_cut_)
      return;
    const auto words = describe(packets.view(), conformance::version::v5);
    if (!script_->cut_before.empty() && words.find(script_->cut_before) != std::string::npos) {
      script_->cut_before.clear();
      is_cut_ = true;
      script_->cut();
      return;
    }
    script_->received += (script_->received.empty() ? "" : "; ") + words;
  }
  void on(channel_closed&) { ++script_->closed; }
  void on(outbound_drained&) {}

  std::shared_ptr<scripted_gateway> script_;
  bool is_cut_ = false;
};

/// A client's actor on virtual time, and gateways that it may connect to.
struct link_fixture : bus_fixture {
  std::vector<std::shared_ptr<scripted_gateway>> gateways;
  client_options options;
  client_events events;
  redirection redirect;
  std::string told; ///< events, in words
  std::string outcomes;
  caf::actor actor;

  link_fixture() {
    add_gateway();
    options.reconnect = reconnect_policy{.delay_min = std::chrono::milliseconds{100},
                                         .delay_max = std::chrono::milliseconds{1'000},
                                         .growth = 2,
                                         .jitter = 0};
    events.on_connected = [this](const outcome&) { told += "connected; "; };
    events.on_disconnected = [this](const outcome& why) { told += "disconnected " + why.text + "; "; };
    events.on_reconnecting = [this](const reconnect_notice& notice) {
      told += "attempt " + std::to_string(notice.attempt) + " in " + std::to_string(notice.delay.count()) + "; ";
    };
    events.on_ended = [this](const outcome& why) { told += "ended " + why.text + "; "; };
    events.on_fault = [this](const outcome& what) { told += "fault " + what.text + "; "; };
  }

  ~link_fixture() {
    if (actor)
      caf::anon_send_exit(actor, caf::exit_reason::kill);
    actor = {};
    for (auto& each : gateways)
      if (each->self)
        caf::anon_send_exit(each->self, caf::exit_reason::user_shutdown);
    world.run();
  }

  scripted_gateway& add_gateway() {
    gateways.push_back(std::make_shared<scripted_gateway>());
    gateways.back()->self = world.system().spawn<gateway_actor>(gateways.back());
    return *gateways.back();
  }

  scripted_gateway& gateway(std::size_t index = 0) { return *gateways[index]; }

  completion note(std::string name) {
    return [this, name = std::move(name)](const outcome& result) {
      outcomes += name + (result ? " done; " : " " + result.text + "; ");
    };
  }

  void connect() {
    client_setup setup{{}, subject->timekeeper(), options, events};
    setup.redirect = redirect;
    for (auto& each : gateways)
      setup.gateways.push_back(each->self);
    actor = world.system().spawn<client_actor>(std::move(setup));
    ask(connect_request{note("connect")});
  }

  template <class Request>
  void ask(Request request) {
    post(actor, std::move(request), nullptr);
    world.run();
  }

  void advance(std::int64_t milliseconds) { world.advance(std::chrono::milliseconds{milliseconds}); }

  std::string heard() { return take(told); }
  std::string noted() { return take(outcomes); }
};

} // namespace actorbus::test
