#include "link_packet.hpp"

#include <algorithm>
#include <stdexcept>

namespace actorbus::conformance {

namespace {

/// Takes fields from the front; running out is the broker's fault and throws.
class field_reader {
public:
  explicit field_reader(std::span<const std::uint8_t> input) : rest_{input} {}

  bool empty() const { return rest_.empty(); }

  std::span<const std::uint8_t> take(std::size_t size) {
    if (size > rest_.size())
      throw std::runtime_error{"a field reaches beyond its packet"};
    const auto result = rest_.first(size);
    rest_ = rest_.subspan(size);
    return result;
  }

  std::uint8_t u8() { return take(1)[0]; }

  std::uint16_t u16() {
    const auto two = take(2);
    return static_cast<std::uint16_t>(two[0] << 8 | two[1]);
  }

  std::uint32_t variable() {
    std::uint32_t value = 0;
    for (int shift = 0; shift < 28; shift += 7) {
      const auto byte = u8();
      value |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0)
        return value;
    }
    throw std::runtime_error{"a variable byte integer of more than four bytes"};
  }

  std::string string() {
    const auto text = take(u16());
    return {text.begin(), text.end()};
  }

  std::string all() {
    const auto text = take(rest_.size());
    return {text.begin(), text.end()};
  }

  std::vector<property> properties() {
    std::vector<property> result;
    field_reader list{take(variable())};
    while (!list.empty()) {
      const auto id = list.u8();
      const auto start = list.rest_;
      list.skip_value(id);
      const auto size = start.size() - list.rest_.size();
      result.push_back({id, {start.begin(), start.begin() + static_cast<std::ptrdiff_t>(size)}});
    }
    return result;
  }

private:
  void skip_value(std::uint8_t id) {
    switch (id) {
    case 0x01:
    case 0x17:
    case 0x19:
    case 0x24:
    case 0x25:
    case 0x28:
    case 0x29:
    case 0x2a: take(1); return;
    case 0x13:
    case 0x21:
    case 0x22:
    case 0x23: take(2); return;
    case 0x02:
    case 0x11:
    case 0x18:
    case 0x27: take(4); return;
    case 0x0b: variable(); return;
    case 0x26:
      string();
      string();
      return;
    case 0x03:
    case 0x08:
    case 0x09:
    case 0x12:
    case 0x15:
    case 0x16:
    case 0x1a:
    case 0x1c:
    case 0x1f: string(); return;
    default: throw std::runtime_error{"property " + to_hex(std::span{&id, 1}) + " is not in the standard"};
    }
  }

  std::span<const std::uint8_t> rest_;
};

void read_acknowledgement(packet& result, field_reader& in, version v) {
  result.id = in.u16();
  if (v != version::v5)
    return;
  result.reasons = {in.empty() ? std::uint8_t{0} : in.u8()};
  if (!in.empty())
    result.properties = in.properties();
}

void read_reason_list(packet& result, field_reader& in, version v) {
  result.id = in.u16();
  if (v == version::v5)
    result.properties = in.properties();
  while (!in.empty())
    result.reasons.push_back(in.u8());
}

void read_body(packet& result, field_reader& in, version v) {
  switch (result.type) {
  case packet_type::connack:
    result.session_present = in.u8() == 1;
    result.reasons = {in.u8()};
    if (v == version::v5)
      result.properties = in.properties();
    break;
  case packet_type::publish:
    result.topic = in.string();
    if (result.qos() > 0)
      result.id = in.u16();
    if (v == version::v5)
      result.properties = in.properties();
    result.payload = in.all();
    break;
  case packet_type::puback:
  case packet_type::pubrec:
  case packet_type::pubrel:
  case packet_type::pubcomp: read_acknowledgement(result, in, v); break;
  case packet_type::suback: read_reason_list(result, in, v); break;
  case packet_type::unsuback: read_reason_list(result, in, v); break;
  case packet_type::pingresp: break;
  case packet_type::disconnect:
  case packet_type::auth:
    if (v != version::v5)
      throw std::runtime_error{"a packet that only MQTT 5 lets a broker send"};
    result.reasons = {in.empty() ? std::uint8_t{0} : in.u8()};
    if (!in.empty())
      result.properties = in.properties();
    break;
  default: throw std::runtime_error{"a packet that only clients send"};
  }
  if (!in.empty())
    throw std::runtime_error{"bytes after the last field of a packet"};
}

} // namespace

std::uint32_t property::number() const {
  field_reader in{value};
  if (id == property_id::subscription_identifier)
    return in.variable();
  std::uint32_t result = 0;
  while (!in.empty())
    result = result << 8 | in.u8();
  return result;
}

std::string property::text() const {
  return field_reader{value}.string();
}

std::string property::second_text() const {
  field_reader in{value};
  in.string();
  return in.string();
}

bool packet::has(std::uint8_t property_id) const {
  return std::any_of(properties.begin(), properties.end(), [&](const auto& p) { return p.id == property_id; });
}

std::vector<std::uint32_t> packet::numbers(std::uint8_t property_id) const {
  std::vector<std::uint32_t> result;
  for (const auto& p : properties)
    if (p.id == property_id)
      result.push_back(p.number());
  return result;
}

std::uint32_t packet::number_or(std::uint8_t property_id, std::uint32_t otherwise) const {
  const auto found = numbers(property_id);
  return found.empty() ? otherwise : found.front();
}

std::optional<std::string> packet::text(std::uint8_t property_id) const {
  for (const auto& p : properties)
    if (p.id == property_id)
      return p.text();
  return std::nullopt;
}

std::optional<packet> read_packet(std::span<const std::uint8_t> input, version v) {
  std::size_t length = 0;
  std::size_t at = 1;
  for (int shift = 0;; shift += 7, ++at) {
    if (shift == 28)
      throw std::runtime_error{"a remaining length of more than four bytes"};
    if (at >= input.size())
      return std::nullopt;
    length |= static_cast<std::size_t>(input[at] & 0x7f) << shift;
    if ((input[at] & 0x80) == 0)
      break;
  }
  ++at;
  if (input.size() < at + length)
    return std::nullopt;
  packet result;
  result.raw.assign(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(at + length));
  result.type = static_cast<packet_type>(input[0] >> 4);
  result.flags = input[0] & 0xf;
  field_reader in{std::span{result.raw}.subspan(at)};
  read_body(result, in, v);
  return result;
}

} // namespace actorbus::conformance
