#include <actorbus/protocol/packets.hpp>

namespace actorbus::protocol {

namespace {

// The variant's alternatives stand in the order of the packet types.
static_assert(std::variant_size_v<packet> == static_cast<std::size_t>(packet_type::auth));
static_assert(std::is_same_v<std::variant_alternative_t<0, packet>, connect>);
static_assert(std::is_same_v<std::variant_alternative_t<2, packet>, publish>);
static_assert(std::is_same_v<std::variant_alternative_t<14, packet>, auth>);

} // namespace

packet_type type_of(const packet& value) noexcept {
  return static_cast<packet_type>(value.index() + 1);
}

std::size_t read_entry(byte_view raw, std::string_view& out) noexcept {
  auto size = static_cast<std::size_t>(raw[0] << 8 | raw[1]);
  out = as_text(raw.subspan(2, size));
  return 2 + size;
}

std::size_t read_entry(byte_view raw, subscription& out) noexcept {
  auto size = read_entry(raw, out.filter);
  unsigned options = raw[size];
  out.maximum_qos = static_cast<qos>(options & 3u);
  out.no_local = (options >> 2 & 1u) != 0;
  out.retain_as_published = (options >> 3 & 1u) != 0;
  out.retain_handling = static_cast<retain_handling>(options >> 4 & 3u);
  return size + 1;
}

} // namespace actorbus::protocol
