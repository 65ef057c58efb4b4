#pragma once

#include <string>

#include <actorbus/actors/authenticator.hpp>
#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/bus_context.hpp>

namespace actorbus {

/// One connection that waits to be let in: asks the authenticator, carries its questions to the
/// client and the answers back, and sends the client on to the broker, or away. Towards the channel
/// it stands in the session's place meanwhile.
class authentication : public batch_actor {
public:
  /// @param home    where the client's channel lives; nullptr: CAF's pool
  /// @param request whose CONNECT the broker has looked at
  authentication(caf::actor_config& config, caf::execution_unit* home, bus_context_ptr bus,
                 caf::actor broker, open_session request, caf::actor authenticator);

  const char* name() const override { return "actorbus.authentication"; }

protected:
  void on_start() override;
  bool on_message(caf::mailbox_element& element) override;
  void on_down(caf::down_msg& message) override;
  void on_exit() override;

private:
  void on(verdict& answer);
  void on(frame& packets);
  void on(channel_closed& message);
  void on(outbound_drained&) {}
  void on(alarm&);

  void ask(const verdict& question);
  void admit(const verdict& answer);
  void refuse(protocol::reason_code code, std::string why = {});
  void abandon();

  bus_context_ptr bus_;
  caf::actor broker_;
  open_session request_;
  caf::actor authenticator_;
  std::uint64_t attempt_;
  std::string method_;
  std::uint32_t packet_size_max_ = 0; ///< of the client; 0: any
  bool opened_ = false;               ///< the channel knows us
  bool clients_turn_ = false;         ///< it was asked
};

/// What an authenticator is asked about a CONNECT.
authenticate make_authenticate(const channel_info& channel, const protocol::connect& packet);

} // namespace actorbus
