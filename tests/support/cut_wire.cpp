#include "cut_wire.hpp"

#include "memory_client.hpp"

#include <caf/send.hpp>

#include <actorbus/actors/outbound_meter.hpp>

namespace actorbus::test {

namespace {

/// One connection: the client's session and the session's channel in one.
class wire : public batch_actor {
public:
  wire(caf::actor_config& config, caf::actor broker, std::shared_ptr<wire_control> control, open_session request)
      : batch_actor{config, nullptr},
        broker_{std::move(broker)},
        control_{std::move(control)},
        client_{request.channel},
        connect_{std::move(request.connect)} {}

private:
  void on_start() override {
    keep_ = caf::actor_cast<caf::actor>(ctrl());
    monitor(client_.channel);
    channel_info mine = client_;
    mine.channel = keep_;
    mine.meter = meter_;
    mine.home = nullptr;
    mine.queue = {};
    if (passes())
      post(broker_, open_session{std::move(mine), std::move(connect_)}, context());
    else
      post(client_.channel, session_opened{keep_, {}, from_client}, context());
  }

  bool on_message(caf::mailbox_element& element) override {
    return match_message<frame, session_opened, close_channel, channel_closed>(element,
                                                                               [this](auto& message) { on(message); });
  }

  void on(session_opened& message) {
    session_ = message.session;
    link_ = message.link;
    post(client_.channel, session_opened{keep_, message.version, from_client}, context());
  }

  void on(frame& packets) {
    const auto is_from_client = packets.link == from_client;
    if (!is_from_client && meter_->take(packets.size) && session_)
      post(session_, outbound_drained{}, context());
    if (!passes())
      return;
    packets.link = is_from_client ? link_ : 0;
    if (!is_from_client)
      client_.meter->add(packets.size);
    if (is_from_client && session_)
      post(session_, std::move(packets), context());
    else if (!is_from_client)
      post(client_.channel, std::move(packets), context());
  }

  void on(close_channel& message) {
    if (!dead_)
      post(client_.channel, message, context());
    session_ = {};
    quit();
  }

  void on(channel_closed&) { quit(); }
  void on_down(caf::down_msg&) override { quit(); }
  void on_exit_message(caf::exit_msg&) override {
    post(client_.channel, close_channel{protocol::reason_code::server_unavailable, "cut"}, context());
    quit();
  }

  void on_exit() override {
    if (session_)
      post(session_, channel_closed{link_, protocol::reason_code::success}, context());
    session_ = {};
    broker_ = {};
    client_ = {};
    keep_ = {};
    if (control_->current == caf::actor_cast<caf::actor>(ctrl()))
      control_->current = {};
  }

  // What has lost a packet passes none behind it either.
  bool passes() {
    dead_ = dead_ || !control_->passes();
    return !dead_;
  }

  static constexpr std::uint32_t from_client = 0xC11E;

  caf::actor broker_;
  std::shared_ptr<wire_control> control_;
  channel_info client_;
  frame connect_;
  caf::actor keep_;
  caf::actor session_;
  std::uint32_t link_ = 0;
  bool dead_ = false;
  std::shared_ptr<outbound_meter> meter_ = std::make_shared<outbound_meter>();
};

class wires : public batch_actor {
public:
  wires(caf::actor_config& config, caf::actor broker, std::shared_ptr<wire_control> control)
      : batch_actor{config, nullptr}, broker_{std::move(broker)}, control_{std::move(control)} {}

private:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<open_session>(element, [this](open_session& request) {
      if (control_->refuses) {
        post(request.channel.channel, close_channel{protocol::reason_code::server_unavailable, "refused"}, context());
        return;
      }
      if (control_->older != older_broker::no && speaks_v5(request.connect)) {
        refuse_v5(request.channel);
        return;
      }
      ++control_->opened;
      control_->current = home_system().spawn<wire>(broker_, control_, std::move(request));
    });
  }

  // The protocol level lies behind the fixed header and the name "MQTT".
  static bool speaks_v5(const frame& connect) { return connect.view()[8] == 5; }

  void refuse_v5(const channel_info& client) {
    ++control_->refused_v5;
    post(client.channel, session_opened{caf::actor_cast<caf::actor>(ctrl()), {}, 0}, context());
    if (control_->older == older_broker::says_so) {
      const std::uint8_t unacceptable_version[] = {0x20, 2, 0, 1}; // [v3:MQTT-3.1.2-2]
      auto answer = make_frame(unacceptable_version);
      client.meter->add(answer.size);
      post(client.channel, std::move(answer), context());
    }
    post(client.channel, close_channel{protocol::reason_code::server_unavailable, "closed by the server"}, context());
  }

  void on_exit() override { broker_ = {}; }

  caf::actor broker_;
  std::shared_ptr<wire_control> control_;
};

} // namespace

caf::actor make_wires(caf::actor_system& system, caf::actor broker, std::shared_ptr<wire_control> control) {
  return system.spawn<wires>(std::move(broker), std::move(control));
}

} // namespace actorbus::test
