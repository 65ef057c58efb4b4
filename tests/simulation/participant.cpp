#include "participant.hpp"

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/outbound_meter.hpp>

#include <caf/send.hpp>

namespace actorbus::simulation {

namespace {

outcome link_lost() {
  return {protocol::reason_code::server_unavailable, "the link is gone"};
}

} // namespace

/// One connection, shared by the participant and the channel's actor.
struct participant::line {
  participant* owner = nullptr; ///< null once the participant has turned to another connection
  caf::actor channel;
  caf::actor session;
  std::shared_ptr<outbound_meter> meter = std::make_shared<outbound_meter>();
  std::uint32_t link = 0;
};

class participant::channel : public batch_actor {
public:
  channel(caf::actor_config& config, std::shared_ptr<line> shared) : batch_actor{config, nullptr}, line_{shared} {}

protected:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<frame, session_opened, close_channel, outbound_drained>(
        element, [this](auto& message) { on(message); });
  }
  void on_batch_end() override {
    if (line_->owner)
      line_->owner->flush();
  }
  void on_exit() override { line_->session = {}; }

private:
  void on(frame& packets) {
    if (line_->meter->take(packets.size) && line_->session)
      post(line_->session, outbound_drained{}, context());
    if (!line_->owner)
      return;
    auto& owner = *line_->owner;
    owner.state_.receive(packets);
    if (owner.state_.failure)
      owner.drop();
  }
  void on(session_opened& message) {
    line_->session = std::move(message.session);
    line_->link = message.link;
  }
  void on(close_channel&) {
    if (line_->owner)
      line_->owner->end_link();
    quit();
  }
  void on(outbound_drained&) {}

  std::shared_ptr<line> line_;
};

participant::participant(caf::actor_system& system, caf::actor broker, client_options options, on_message handler)
    : system_{system},
      broker_{std::move(broker)},
      credit_{std::make_shared<credit_account>(options.credit_bytes)},
      state_{std::move(options), client_events{.on_message = std::move(handler)}, credit_} {}

void participant::connect() {
  if (current_)
    end_link();
  current_ = std::make_shared<line>();
  current_->owner = this;
  current_->channel = system_.spawn<channel>(current_);
  state_.connect({});
  state_.to_broker.take([this](frame&& packet) {
    post(broker_, open_session{{current_->channel, "memory", "simulation", current_->meter, nullptr}, packet}, nullptr);
  });
}

void participant::flush() {
  state_.pump();
  if (!current_ || !current_->session)
    return;
  state_.to_broker.take([this](frame&& packets) {
    packets.link = current_->link;
    post(current_->session, std::move(packets), nullptr);
  });
}

void participant::end_link() {
  current_->owner = nullptr;
  current_->channel = {};
  current_ = {};
  state_.lost(link_lost());
}

void participant::disconnect() {
  state_.disconnect({}, {});
  flush();
  drop();
}

void participant::drop() {
  if (!current_)
    return;
  if (current_->session)
    post(current_->session, channel_closed{current_->link, {}}, nullptr);
  caf::anon_send_exit(current_->channel, caf::exit_reason::user_shutdown);
  end_link();
}

void participant::kill() {
  if (!current_)
    return;
  caf::anon_send_exit(current_->channel, caf::exit_reason::kill);
  end_link();
}

void participant::publish(outgoing_message message, completion done) {
  state_.publish(std::move(message), std::move(done));
  flush();
}

void participant::subscribe(std::string filter, completion done) {
  state_.subscribe({{std::move(filter), protocol::qos::exactly_once}}, {}, std::move(done));
  flush();
}

void participant::unsubscribe(std::string filter, completion done) {
  state_.unsubscribe({std::move(filter)}, std::move(done));
  flush();
}

} // namespace actorbus::simulation
