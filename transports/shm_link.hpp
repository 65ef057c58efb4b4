#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <actorbus/protocol/expected.hpp>
#include <actorbus/transports/byte_ring.hpp>
#include <actorbus/transports/owned_descriptor.hpp>
#include <actorbus/transports/shm_region.hpp>
#include <actorbus/transports/stream.hpp>

namespace actorbus::transports {

/// One end of a link through shared memory: a ring each way, and two pipes as bells. A bell is rung
/// only for a peer that sleeps; its end says that the peer is gone, however it went. Waits for
/// nothing by itself, belongs to one thread at a time, and needs no actor: programs without a bus
/// may use it.
///
/// Pipes, since their two ends are files of their own: an eventfd is one file for both sides, and a
/// peer that makes it a waiting one could stop us in the middle of a call.
class shm_link {
public:
  /// What the client's end is made of; travels over a Unix socket.
  struct client_parts {
    owned_descriptor memory;
    owned_descriptor bell;      ///< by which the client hears the server
    owned_descriptor peer_bell; ///< by which it rings the server
    owned_descriptor peer_ear;  ///< see `shm_link::peer_ear_`
    std::uint32_t ring_bytes = 0;
  };

  /// Makes a link and keeps the server's end.
  /// @param ring_bytes of each direction; made a power of two
  /// @returns this end, or what the system said
  static protocol::expected<std::unique_ptr<shm_link>, std::string> make(std::size_t ring_bytes,
                                                                         client_parts& other_end);

  /// The client's end, of what a server has made. Checks all of it.
  static protocol::expected<std::unique_ptr<shm_link>, std::string> join(client_parts parts);

  shm_link(const shm_link&) = delete;
  shm_link& operator=(const shm_link&) = delete;

  io_result read(std::span<const iovec> into);
  io_result write(std::span<const iovec> from);

  /// Whether a read or write may do something, as far as memory tells: no system call. The peer's
  /// end comes by the bell alone.
  bool is_readable() const noexcept { return ended_ || in_.has_bytes(); }
  bool is_writable() const noexcept { return gone_ || out_.has_room(); }

  /// From now on the peer rings when it has written or made room.
  /// @returns false if there is something to do already: it won't ring
  bool sleep_until_readable() noexcept { return !ended_ && in_.sleep(); }
  bool sleep_until_writable() noexcept { return !gone_ && out_.sleep(); }
  void stay_awake() noexcept;

  /// Readable when the peer has rung or is gone. Answer it with `hear`.
  int bell() const noexcept { return bell_; }
  void hear() noexcept;

  /// Leaves the bell to be closed by the caller, not before this link is destroyed or unused.
  int release_bell() noexcept { return owned_bell_.release(); }

  /// Tells the peer that nothing more will come.
  void shut_down() noexcept;

  /// Whether the peer's end was closed: by it, or with it.
  bool peer_gone() const noexcept { return gone_; }

private:
  shm_link(shm_region memory, bool is_server, owned_descriptor bell, owned_descriptor peer_bell,
           owned_descriptor peer_ear) noexcept;

  void ring(std::uint8_t what) noexcept;

  shm_region memory_;
  ring_reader in_;
  ring_writer out_;
  owned_descriptor owned_bell_;
  int bell_;
  owned_descriptor peer_bell_;
  /// The other end of `peer_bell_`, never read: while it is open, ringing for the dead raises no
  /// SIGPIPE, of which a library can't rid its program.
  owned_descriptor peer_ear_;
  bool ended_ = false; ///< nothing more will be written by the peer
  bool gone_ = false;
};

} // namespace actorbus::transports
