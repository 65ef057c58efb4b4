#include <actorbus/actors/recorded_packet.hpp>

#include <variant>

namespace actorbus::testing {

namespace {

void note(recorded_packet& to, const protocol::connect& packet) {
  to.client_id = packet.client_id;
}

void note(recorded_packet& to, const protocol::connack& packet) {
  to.codes.push_back(packet.code);
  to.properties = protocol::property_list{packet.properties};
}

void note(recorded_packet& to, const protocol::publish& packet) {
  to.topic = packet.topic;
  to.payload = protocol::as_text(packet.payload);
  to.quality = packet.qos;
  to.retain = packet.retain;
  to.dup = packet.dup;
  to.packet_id = packet.packet_id;
  to.properties = protocol::property_list{packet.properties};
}

template <protocol::packet_type Type>
void note(recorded_packet& to, const protocol::acknowledgement<Type>& packet) {
  to.packet_id = packet.packet_id;
  to.codes.push_back(packet.code);
}

void note(recorded_packet& to, const protocol::subscribe& packet) {
  to.packet_id = packet.packet_id;
  for (const auto& each : packet.entries)
    to.filters.emplace_back(each.filter);
}

void note(recorded_packet& to, const protocol::unsubscribe& packet) {
  to.packet_id = packet.packet_id;
  for (const auto& each : packet.entries)
    to.filters.emplace_back(each);
}

template <class Answer>
  requires requires(const Answer& packet) {
    packet.codes;
  }
void note(recorded_packet& to, const Answer& packet) {
  to.packet_id = packet.packet_id;
  for (auto code : packet.codes)
    to.codes.push_back(static_cast<protocol::reason_code>(code));
}

void note(recorded_packet& to, const protocol::disconnect& packet) {
  to.codes.push_back(packet.code);
}

void note(recorded_packet& to, const protocol::auth& packet) {
  to.codes.push_back(packet.code);
}

void note(recorded_packet&, const protocol::pingreq&) {}
void note(recorded_packet&, const protocol::pingresp&) {}

std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result = "\"";
  for (auto c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      result += '\\';
    if (byte >= 0x20 && byte < 0x7F)
      result += c;
    else
      (result += "\\x").append({digits[byte >> 4], digits[byte & 15]});
  }
  return result + '"';
}

} // namespace

recorded_packet record(const protocol::packet& packet, direction way) {
  recorded_packet result;
  result.way = way;
  result.type = protocol::type_of(packet);
  std::visit([&](const auto& each) { note(result, each); }, packet);
  return result;
}

std::string to_string(const recorded_packet& packet) {
  auto text = std::to_string(packet.at.count()) + " ms  " +
              (packet.client_id.empty() ? "?" : packet.client_id) +
              (packet.way == direction::to_bus ? " > " : " < ");
  text += protocol::to_string(packet.type);
  if (packet.type == protocol::packet_type::publish)
    text += ' ' + packet.topic + ' ' + printable(packet.payload);
  if (packet.quality != protocol::qos::at_most_once)
    text += " qos " + std::to_string(static_cast<int>(packet.quality));
  if (packet.retain)
    text += " retain";
  if (packet.dup)
    text += " dup";
  for (const auto& each : packet.filters)
    text += ' ' + each;
  for (auto code : packet.codes)
    if (protocol::is_error(code))
      text += " (" + std::string{protocol::to_string(code)} + ')';
  if (packet.lost)
    text += " (lost)";
  return text;
}

} // namespace actorbus::testing
