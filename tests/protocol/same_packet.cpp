#include "same_packet.hpp"

#include <algorithm>
#include <tuple>

#include <actorbus/protocol/decode.hpp>

namespace actorbus::protocol {

namespace {

bool same(byte_view a, byte_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

bool same(properties_view a, properties_view b) {
  auto is_equal = [](const property& x, const property& y) {
    return std::tie(x.id, x.number, x.text, x.value) == std::tie(y.id, y.number, y.text, y.value);
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), is_equal);
}

bool same(const std::optional<will>& a, const std::optional<will>& b) {
  if (!a || !b)
    return a.has_value() == b.has_value();
  return std::tie(a->topic, a->qos, a->retain) == std::tie(b->topic, b->qos, b->retain) &&
         same(a->payload, b->payload) && same(a->properties, b->properties);
}

bool same(const connect& a, const connect& b) {
  auto fields = [](const connect& x) {
    return std::tie(x.version, x.clean_start, x.keep_alive_seconds, x.client_id, x.user_name, x.bridge);
  };
  return fields(a) == fields(b) && same(a.will, b.will) && a.password.has_value() == b.password.has_value() &&
         same(a.password.value_or(byte_view{}), b.password.value_or(byte_view{})) && same(a.properties, b.properties);
}

bool same(const connack& a, const connack& b) {
  return std::tie(a.session_present, a.code) == std::tie(b.session_present, b.code) && same(a.properties, b.properties);
}

bool same(const publish& a, const publish& b) {
  auto fields = [](const publish& x) {
    return std::tie(x.dup, x.qos, x.retain, x.topic, x.packet_id, x.topic_alias, x.has_message_expiry,
                    x.message_expiry_interval_seconds);
  };
  return fields(a) == fields(b) && same(a.properties, b.properties) && same(a.payload, b.payload);
}

template <packet_type Type>
bool same(const acknowledgement<Type>& a, const acknowledgement<Type>& b) {
  return std::tie(a.packet_id, a.code) == std::tie(b.packet_id, b.code) && same(a.properties, b.properties);
}

bool same(const subscribe& a, const subscribe& b) {
  auto is_equal = [](const subscription& x, const subscription& y) {
    return std::tie(x.filter, x.maximum_qos, x.no_local, x.retain_as_published, x.retain_handling) ==
           std::tie(y.filter, y.maximum_qos, y.no_local, y.retain_as_published, y.retain_handling);
  };
  return a.packet_id == b.packet_id && same(a.properties, b.properties) &&
         std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(), b.entries.end(), is_equal);
}

bool same(const unsubscribe& a, const unsubscribe& b) {
  return a.packet_id == b.packet_id && same(a.properties, b.properties) &&
         std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(), b.entries.end());
}

template <class Answer>
  requires requires(Answer x) {
    x.codes;
  }
bool same(const Answer& a, const Answer& b) {
  return a.packet_id == b.packet_id && same(a.properties, b.properties) && same(a.codes, b.codes);
}

bool same(const pingreq&, const pingreq&) {
  return true;
}

bool same(const pingresp&, const pingresp&) {
  return true;
}

template <class Ending>
  requires(std::is_same_v<Ending, disconnect> || std::is_same_v<Ending, auth>)
bool same(const Ending& a, const Ending& b) {
  return a.code == b.code && same(a.properties, b.properties);
}

} // namespace

bool is_same(const packet& a, const packet& b) {
  if (a.index() != b.index())
    return false;
  return std::visit([&](const auto& left) { return same(left, std::get<std::decay_t<decltype(left)>>(b)); }, a);
}

expected<packet, errc> read_packet(byte_view input, protocol_version version, sender from) {
  auto frame = read_frame(input, packet_size_bytes_max);
  if (!frame)
    return unexpected{frame.error()};
  if (!frame->complete)
    return unexpected{errc::truncated};
  return decode(frame->header, input.subspan(frame->header.header_size, frame->header.body_size), version, from);
}

} // namespace actorbus::protocol
