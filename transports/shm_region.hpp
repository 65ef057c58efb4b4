#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <actorbus/protocol/expected.hpp>
#include <actorbus/transports/byte_ring.hpp>
#include <actorbus/transports/owned_descriptor.hpp>

namespace actorbus::transports {

/// Memory that two processes share: one page of controls, then a ring for each direction. Sealed,
/// so that it can neither shrink under its users nor grow. Holds no pointers and no sizes: those
/// are agreed on outside. A page costs memory from when it is first written to.
class shm_region {
public:
  static constexpr std::size_t ring_bytes_min = 4096;
  static constexpr std::size_t ring_bytes_max = 64 * 1024 * 1024;

  enum class direction : std::uint8_t { to_server, to_client };

  /// @param ring_bytes of each ring; a power of two in the range above
  /// @param made       gets the descriptor to be given to the peer
  /// @returns the region, or what the system said
  static protocol::expected<shm_region, std::string> make(std::size_t ring_bytes,
                                                          owned_descriptor& made);

  /// Maps what a peer has made, if it is as agreed and sealed.
  static protocol::expected<shm_region, std::string> map(const owned_descriptor& memory,
                                                         std::size_t ring_bytes);

  shm_region(shm_region&& other) noexcept
      : base_(std::exchange(other.base_, nullptr)), ring_bytes_(other.ring_bytes_) {}
  shm_region& operator=(shm_region&& other) noexcept {
    std::swap(base_, other.base_);
    std::swap(ring_bytes_, other.ring_bytes_);
    return *this;
  }
  ~shm_region();

  ring_control& control(direction of) noexcept;
  std::uint8_t* bytes(direction of) noexcept;
  std::size_t ring_bytes() const noexcept { return ring_bytes_; }

private:
  shm_region(void* base, std::size_t ring_bytes) noexcept
      : base_(static_cast<std::uint8_t*>(base)), ring_bytes_(ring_bytes) {}

  std::uint8_t* base_;
  std::size_t ring_bytes_;
};

/// The next power of two that a ring may have.
std::size_t to_ring_bytes(std::size_t wanted) noexcept;

} // namespace actorbus::transports
