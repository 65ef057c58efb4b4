#pragma once

#include <cstdint>

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/messages.hpp>

namespace actorbus {

/// What came through a port of a bridge. A mailbox doesn't tell who sent a frame, and a bridge has
/// two channels, whose earlier links may have something on its way still.
template <class T>
struct through_port {
  std::uint32_t port = 0; ///< as the bridge numbered it
  T message;
};

/// One link of a bridge, as the session at its other end sees it: the channel. Hands what comes on
/// to the bridge; ends with it, and when it is told to.
class bridge_port final : public batch_actor {
public:
  bridge_port(caf::actor_config& config, caf::execution_unit* home, caf::actor bridge,
              std::uint32_t number)
      : batch_actor(config, home), bridge_(std::move(bridge)), number_(number) {}

  const char* name() const override { return "actorbus.bridge_port"; }

private:
  void on_start() override { monitor(bridge_); }

  bool on_message(caf::mailbox_element& element) override {
    return match_message<frame, session_opened, close_channel>(element, [this](auto& message) {
      using type = std::decay_t<decltype(message)>;
      post(bridge_, through_port<type>{number_, std::move(message)}, context());
    });
  }

  void on_down(caf::down_msg&) override { quit(); }
  void on_exit_message(caf::exit_msg&) override { quit(); }
  void on_exit() override { bridge_ = {}; }

  caf::actor bridge_;
  std::uint32_t number_;
};

} // namespace actorbus

ACTORBUS_LOCAL_MESSAGE(actorbus::through_port<actorbus::frame>)
ACTORBUS_LOCAL_MESSAGE(actorbus::through_port<actorbus::session_opened>)
ACTORBUS_LOCAL_MESSAGE(actorbus::through_port<actorbus::close_channel>)
