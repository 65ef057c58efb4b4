#include <actorbus/protocol/reason_code.hpp>

#include <set>
#include <vector>

#include <catch2/catch.hpp>

#include <actorbus/protocol/errc.hpp>

using namespace actorbus::protocol;

namespace {

/// All codes that `type` may carry, in order.
std::vector<int> codes_of(packet_type type, sender from) {
  std::vector<int> result;
  for (int code = 0; code < 256; ++code)
    if (is_allowed(static_cast<std::uint8_t>(code), type, from))
      result.push_back(code);
  return result;
}

using codes = std::vector<int>;

} // namespace

TEST_CASE("each packet has its own reason codes") {
  for (auto from : {sender::client, sender::server}) {
    codes taken{0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99};
    CHECK(codes_of(packet_type::puback, from) == taken);              // [v5:MQTT-3.4.2-1]
    CHECK(codes_of(packet_type::pubrec, from) == taken);              // [v5:MQTT-3.5.2-1]
    CHECK(codes_of(packet_type::pubrel, from) == codes{0x00, 0x92});  // [v5:MQTT-3.6.2-1]
    CHECK(codes_of(packet_type::pubcomp, from) == codes{0x00, 0x92}); // [v5:MQTT-3.7.2-1]
  }
  auto server = sender::server;
  // [v5:MQTT-3.2.2-8]
  CHECK(codes_of(packet_type::connack, server) == codes{0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86,
                                                        0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90, 0x95, 0x97,
                                                        0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F});
  // [v5:MQTT-3.9.3-2]
  CHECK(codes_of(packet_type::suback, server) ==
        codes{0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2});
  // [v5:MQTT-3.11.3-2]
  CHECK(codes_of(packet_type::unsuback, server) == codes{0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91});
  // [v5: 3.14.2.1]
  CHECK(codes_of(packet_type::disconnect, sender::client) ==
        codes{0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99});
  CHECK(codes_of(packet_type::disconnect, server) == codes{0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8D, 0x8E,
                                                           0x8F, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A,
                                                           0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2});
  // [v5:MQTT-3.15.2-1]
  CHECK(codes_of(packet_type::auth, sender::client) == codes{0x18, 0x19});
  CHECK(codes_of(packet_type::auth, server) == codes{0x00, 0x18});
  // Packets without reason codes.
  CHECK(codes_of(packet_type::publish, server).empty());
  CHECK(codes_of(packet_type::connack, sender::client).empty());
}

TEST_CASE("there are 43 reason codes, each with a name of its own [v5: 2.4]") {
  std::set<std::string_view> names;
  for (int code = 0; code < 256; ++code)
    names.insert(to_string(static_cast<reason_code>(code)));
  CHECK(names.size() == 43 + 1); // and "unknown reason code"
  CHECK(to_string(reason_code::session_taken_over) == "session taken over");
  CHECK(to_string(static_cast<reason_code>(0x7F)) == "unknown reason code");
}

TEST_CASE("return codes of 3.1.1 come back as themselves [v3: table 3.1]") {
  for (std::uint8_t code = 0; code <= 5; ++code)
    CHECK(to_v3_connack(from_v3_connack(code)) == code);
  CHECK(from_v3_connack(6) == reason_code::unspecified_error);
  CHECK(to_v3_connack(reason_code::server_busy) == 3);
  CHECK(to_v3_connack(reason_code::banned) == 5);
  CHECK(to_v3_connack(static_cast<reason_code>(0x7F)) == 3);
}

TEST_CASE("every cause of refusal has words of its own and an error's reason code") {
  std::set<std::string_view> words;
  for (int i = 1; i <= static_cast<int>(errc::receive_maximum_exceeded); ++i) {
    auto cause = static_cast<errc>(i);
    INFO(to_string(cause));
    CHECK(words.insert(to_string(cause)).second);
    CHECK(is_error(to_reason_code(cause)));
    // A server can close the connection with it.
    auto code = static_cast<std::uint8_t>(to_reason_code(cause));
    CHECK((is_allowed(code, packet_type::disconnect, sender::server) ||
           is_allowed(code, packet_type::connack, sender::server)));
  }
  CHECK(to_reason_code(errc::none) == reason_code::success);
}
