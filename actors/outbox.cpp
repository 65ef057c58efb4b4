#include <actorbus/actors/outbox.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

#include <actorbus/protocol/encode.hpp>

namespace actorbus {

namespace {

/// A block begins small, for lone messages, and grows with the batch up to this, bytes.
constexpr std::size_t block_bytes_max = 64 * 1024;
constexpr std::size_t block_bytes_min = 128;

/// Foreign packets of fewer bytes are copied: cheaper than a frame and a system call's vector.
constexpr std::size_t reference_bytes_min = 2 * 1024;

/// A reference keeps the whole buffer; one to a small part of it would keep too much.
bool is_worth_referencing(const frame& packets) noexcept {
  return std::size_t{packets.size} * 4 >= packets.bytes->capacity();
}

} // namespace

void outbox::encode(const protocol::publish& packet, protocol::protocol_version version) {
  auto size = protocol::encoded_size(packet, version);
  protocol::encode(packet, version, reserve(size));
  used_ += static_cast<std::uint32_t>(size);
}

void outbox::encode(const protocol::packet& packet, protocol::protocol_version version) {
  ++other_packets;
  auto size = protocol::encoded_size(packet, version);
  protocol::encode(packet, version, reserve(size));
  used_ += static_cast<std::uint32_t>(size);
}

void outbox::acknowledge(protocol::packet_type type, protocol::packet_id id) {
  ++other_packets;
  auto* out = reserve(4);
  auto flags = type == protocol::packet_type::pubrel ? 0x02 : 0x00;
  out[0] = static_cast<std::uint8_t>(static_cast<int>(type) << 4 | flags);
  out[1] = 2;
  out[2] = static_cast<std::uint8_t>(id >> 8);
  out[3] = static_cast<std::uint8_t>(id);
  used_ += 4;
}

void outbox::append(protocol::byte_view packets) {
  std::memcpy(reserve(packets.size()), packets.data(), packets.size());
  used_ += static_cast<std::uint32_t>(packets.size());
}

void outbox::append(const frame& packets) {
  if (!is_worth_referencing(packets)) {
    append(packets.view());
  } else if (packets.size >= reference_bytes_min) {
    seal();
    ready_bytes_ += packets.size;
    ready_.push_back(packets);
  } else if (used_ == 0 && lone_.size == 0) {
    lone_ = packets;
  } else {
    append(packets.view());
  }
}

// Room for `bytes` behind what is written. A block that is too small is exchanged for one of
// four times the size with the same content, or closed if it is large already.
std::uint8_t* outbox::reserve(std::size_t bytes) {
  if (lone_.size > 0) {
    auto first = std::exchange(lone_, {});
    append(first.view());
  }
  if (!block_ || block_->capacity() - used_ < bytes) {
    if (used_ + bytes > block_bytes_max)
      seal();
    auto wanted = std::max({block_bytes_min, std::size_t{used_} * 4, std::size_t{expected_}});
    auto wider = buffer::make(std::max(std::min(wanted, block_bytes_max), used_ + bytes), payer_);
    if (used_ > 0)
      std::memcpy(wider->data(), block_->data(), used_);
    block_ = std::move(wider);
  }
  return block_->data() + used_;
}

void outbox::seal() {
  if (lone_.size > 0) {
    ready_bytes_ += lone_.size;
    ready_.push_back(std::exchange(lone_, {}));
  }
  if (used_ == 0)
    return;
  // The next batch is likely to be like this one.
  expected_ = used_;
  ready_bytes_ += used_;
  ready_.push_back(frame{std::move(block_), 0, used_});
  used_ = 0;
}

void outbox::clear() noexcept {
  ready_.clear();
  ready_bytes_ = 0;
  block_ = {};
  lone_ = {};
  used_ = 0;
}

} // namespace actorbus
