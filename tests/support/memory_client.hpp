#pragma once

#include "describe.hpp"
#include "virtual_system.hpp"

#include <actorbus/actors/messages.hpp>

#include <memory>

namespace actorbus::test {

/// A client of a memory channel whose packets the test writes itself. Sends and receives while the test runs the
/// virtual system; reads as long as it is told to.
class memory_client {
public:
  memory_client(virtual_system& world, caf::actor broker, conformance::version v = conformance::version::v5);
  ~memory_client();
  memory_client(const memory_client&) = delete;
  memory_client& operator=(const memory_client&) = delete;

  /// Posts what the notation says as one frame, the first one as `open_session`. Nothing runs yet.
  template <class... Ts>
  void post_packets(std::string_view text, const Ts&... arguments) {
    post_bytes(conformance::exact(conformance::parse_notation(conformance::notation(text, arguments...), version_)));
  }

  /// The same, then runs the system. @returns what the broker sent until then, in words
  template <class... Ts>
  std::string send(std::string_view text, const Ts&... arguments) {
    post_packets(text, arguments...);
    return received();
  }

  /// Runs the system. @returns what came since the last call, in words
  std::string received();
  /// The same as bytes.
  conformance::byte_vector received_bytes();

  /// A client that reads no more leaves its bytes in the meter.
  void reads(bool reads);

  bool closed() const noexcept;
  /// What `close_channel` said.
  protocol::reason_code close_reason() const noexcept;
  std::size_t bytes_in_flight() const noexcept;

  /// The connection fails: the session is told. @pre the session is open
  void close();

  /// The channel's actor gets an exit message and tells nobody.
  void kill(caf::exit_reason reason = caf::exit_reason::kill);

  /// The channel, to be watched; and the session that it talks to, null before it is open.
  const caf::actor& channel() const noexcept { return channel_; }
  const caf::actor& session() const noexcept;

  /// What a listener would say of the channel; set before the first packet.
  std::shared_ptr<const listener_policy> policy;
  std::shared_ptr<const peer_identity> identity;
  std::string transport = "memory";

  struct line;

private:
  void post_bytes(const conformance::byte_vector& packets);

  virtual_system& world_;
  caf::actor broker_;
  conformance::version version_;
  std::shared_ptr<line> line_;
  std::shared_ptr<outbound_meter> meter_;
  caf::actor channel_;
  bool opened_ = false;
};

/// One or more packets as they travel.
frame make_frame(std::span<const std::uint8_t> packets, std::uint32_t link = 0);

} // namespace actorbus::test
