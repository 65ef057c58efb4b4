#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/messages.hpp>
#include <actorbus/actors/recorded_packet.hpp>

namespace actorbus::testing {

/// The packet that a link is cut at: the `nth` from now on that all of this is true of.
struct cut_point {
  std::string client_id{}; ///< empty: any client's
  direction way = direction::to_bus;
  std::optional<protocol::packet_type> type{}; ///< nothing: any
  std::string filter{};                        ///< of a PUBLISH's topic; empty: any
  std::uint32_t nth = 1;
  bool delivered = false; ///< the packet still arrives; false: it is lost with the link
};

/// What a test and the links that it watches share. One thread, so no lock.
class traffic_record {
public:
  enum class verdict : std::uint8_t { carry, lose, carry_and_cut };

  /// @param elapsed the time to note
  explicit traffic_record(std::function<std::chrono::milliseconds()> elapsed)
      : elapsed_(std::move(elapsed)) {}

  const std::vector<recorded_packet>& packets() const noexcept { return packets_; }

  void cut_at(cut_point where) { cuts_.push_back(std::move(where)); }

  /// Notes a packet. @returns what the link shall do with it
  verdict judge(recorded_packet packet);

  bool refuses = false; ///< nobody new comes in

  struct link;
  std::vector<std::weak_ptr<link>> links; ///< those that are open, and some that were

private:
  std::function<std::chrono::milliseconds()> elapsed_;
  std::vector<recorded_packet> packets_;
  std::vector<cut_point> cuts_;
};

/// Stands where clients look for their broker, and puts a link that records and may be cut between
/// them and it. For actors that run in the test's own thread.
class link_tap : public batch_actor {
public:
  link_tap(caf::actor_config& config, std::shared_ptr<traffic_record> record, caf::actor broker);

  const char* name() const override { return "actorbus.link_tap"; }

protected:
  bool on_message(caf::mailbox_element& element) override;
  void on_exit() override { broker_ = {}; }

private:
  void on(open_session& message);

  std::shared_ptr<traffic_record> record_;
  caf::actor broker_;
};

/// Cuts the links of a client, or of all where `client_id` is empty, as a network does: both sides
/// learn that the connection is gone.
/// @param spared whose link isn't cut, where all are
/// @returns how many there were
std::size_t cut_links(traffic_record& of, std::string_view client_id, std::string_view spared = {});

} // namespace actorbus::testing
