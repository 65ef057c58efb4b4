#include <actorbus/protocol/decode.hpp>

#include <catch2/catch.hpp>

#include "refusals.hpp"

using namespace actorbus::protocol;

namespace {

constexpr auto client = sender::client;
constexpr auto server = sender::server;
constexpr auto malformed = reason_code::malformed_packet;
constexpr auto violation = reason_code::protocol_error;
constexpr std::size_t no_limit = packet_size_bytes_max;

} // namespace

TEST_CASE("a packet is there when its last byte is, and until then says what is missing") {
  auto whole = bytes("30 07 00 03 'a/b' 'hi'");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(size);
    auto result = read_frame(byte_view{whole}.first(size), no_limit);
    REQUIRE(result);
    CHECK_FALSE(result->complete);
    CHECK(result->missing >= 1);
    CHECK(size + result->missing <= whole.size());
    if (size >= 2)
      CHECK(size + result->missing == whole.size());
  }
  whole.push_back(0xC0); // the next packet does not disturb
  auto result = read_frame(whole, no_limit);
  REQUIRE(result);
  REQUIRE(result->complete);
  CHECK(result->header.type == packet_type::publish);
  CHECK(result->header.flags == 0);
  CHECK(result->header.header_size == 2);
  CHECK(result->header.body_size == 7);
  CHECK(result->header.size() == 9);
}

TEST_CASE("the remaining length takes one to four bytes [v5:MQTT-1.5.5-1]") {
  struct row {
    const char* encoded;
    std::uint32_t size;
  };
  // Table 1-1 of the standard: the smallest and the largest value of each length.
  for (auto each :
       {row{"30 00", 0}, row{"30 7F", 127}, row{"30 80 01", 128}, row{"30 FF 7F", 16'383}, row{"30 80 80 01", 16'384},
        row{"30 FF FF 7F", 2'097'151}, row{"30 80 80 80 01", 2'097'152}, row{"30 FF FF FF 7F", 268'435'455}}) {
    INFO(each.encoded);
    auto front = bytes(each.encoded);
    auto result = read_frame(front, no_limit);
    REQUIRE(result);
    CHECK(result->complete == (each.size == 0));
    CHECK(result->missing == each.size);
  }
}

TEST_CASE("a length has its shortest form and at most four bytes [v5:MQTT-1.5.5-1]") {
  for (const auto* text : {"30 80 00", "30 FF 00", "30 80 80 00", "30 80 80 80 00"}) {
    INFO(text);
    auto result = read_frame(bytes(text), no_limit);
    REQUIRE_FALSE(result);
    CHECK(result.error() == errc::length_not_shortest_form);
  }
  // Refused at the fourth byte: the fifth need not arrive.
  for (const auto* text : {"30 FF FF FF FF", "30 80 80 80 80", "30 80 80 80 80 01"}) {
    INFO(text);
    auto result = read_frame(bytes(text), no_limit);
    REQUIRE_FALSE(result);
    CHECK(result.error() == errc::length_too_long);
  }
  CHECK(to_reason_code(errc::length_not_shortest_form) == malformed);
  CHECK(to_reason_code(errc::length_too_long) == malformed);
}

TEST_CASE("a packet over the limit is refused by its header [v5:MQTT-3.1.2-24]") {
  CHECK(read_frame(bytes("30 07"), 9));
  auto result = read_frame(bytes("30 08"), 9);
  REQUIRE_FALSE(result);
  CHECK(result.error() == errc::packet_too_large);
  CHECK(to_reason_code(errc::packet_too_large) == reason_code::packet_too_large);
  CHECK_FALSE(read_frame(bytes("30 FF FF FF 7F"), 1'000'000));
}

TEST_CASE("every first byte but the standard's is refused at once [v5:MQTT-2.1.3-1]") {
  for (unsigned first = 0; first < 256; ++first) {
    INFO(first);
    auto type = first >> 4;
    auto flags = first & 15u;
    std::uint8_t input[]{static_cast<std::uint8_t>(first)};
    auto result = read_frame(input, no_limit);
    bool is_0010 = type == 6 || type == 8 || type == 10;
    bool is_right = type == 3 || (is_0010 ? (flags & 7u) == 2 : flags == 0);
    if (type == 0)
      CHECK((!result && result.error() == errc::reserved_packet_type));
    else if (!is_right)
      CHECK((!result && result.error() == errc::reserved_flags));
    else
      CHECK(result.has_value());
  }
}

TEST_CASE("reserved flags and types are refused") {
  check_refusals({
      {"type 0 is reserved [v5: 2.1.2]", v5, client, bytes("00 00"), errc::reserved_packet_type, malformed},
      {"type 15 is reserved in 3.1.1 [v3: 2.2.1]", v3_1_1, client, bytes("F0 00"), errc::reserved_packet_type,
       malformed},
      {"type 15 is reserved in 3.1", v3_1, server, bytes("F0 00"), errc::reserved_packet_type, malformed},
      {"CONNECT with a flag [v5:MQTT-2.1.3-1]", v5, client, bytes("11 0E 00 04 'MQTT' 05 02 00 3C 00 00 01 'c'"),
       errc::reserved_flags, malformed},
      {"PUBREL without 0010 [v5:MQTT-3.6.1-1]", v5, client, bytes("60 02 00 01"), errc::reserved_flags, malformed},
      {"PUBREL without 0010 [v3:MQTT-3.6.1-1]", v3_1_1, client, bytes("60 02 00 01"), errc::reserved_flags, malformed},
      {"PUBREL with DUP [v3:MQTT-3.6.1-1]", v3_1_1, client, bytes("6A 02 00 01"), errc::reserved_flags, malformed},
      {"SUBSCRIBE without 0010 [v5:MQTT-3.8.1-1]", v5, client, bytes("80 07 00 01 00 00 01 'a' 00"),
       errc::reserved_flags, malformed},
      {"SUBSCRIBE with DUP [v3:MQTT-3.8.1-1]", v3_1_1, client, bytes("8A 06 00 01 00 01 'a' 00"), errc::reserved_flags,
       malformed},
      {"UNSUBSCRIBE without 0010 [v5:MQTT-3.10.1-1]", v5, client, bytes("A0 06 00 01 00 00 01 'a'"),
       errc::reserved_flags, malformed},
      {"UNSUBSCRIBE with DUP [v5:MQTT-3.10.1-1]", v5, client, bytes("AA 06 00 01 00 00 01 'a'"), errc::reserved_flags,
       malformed},
      {"DISCONNECT with a flag [v5:MQTT-3.14.1-1]", v5, client, bytes("E1 00"), errc::reserved_flags, malformed},
      {"AUTH with a flag [v5:MQTT-3.15.1-1]", v5, client, bytes("F8 00"), errc::reserved_flags, malformed},
      {"PINGREQ with a flag [v3:MQTT-2.2.2-2]", v3_1_1, client, bytes("C2 00"), errc::reserved_flags, malformed},
  });
}

TEST_CASE("a packet of the other side's is refused") {
  for (auto version : {v3_1, v3_1_1, v5})
    check_refusals({
        {"CONNECT from a server", version, server, bytes("10 00"), errc::wrong_sender, violation},
        {"CONNACK from a client", version, client, bytes("20 02 00 00"), errc::wrong_sender, violation},
        {"SUBSCRIBE from a server", version, server, bytes("82 00"), errc::wrong_sender, violation},
        {"SUBACK from a client", version, client, bytes("90 00"), errc::wrong_sender, violation},
        {"UNSUBSCRIBE from a server", version, server, bytes("A2 00"), errc::wrong_sender, violation},
        {"UNSUBACK from a client", version, client, bytes("B0 02 00 01"), errc::wrong_sender, violation},
        {"PINGREQ from a server", version, server, bytes("C0 00"), errc::wrong_sender, violation},
        {"PINGRESP from a client", version, client, bytes("D0 00"), errc::wrong_sender, violation},
    });
  check_refusals({
      {"DISCONNECT from a server [v3: 3.14]", v3_1_1, server, bytes("E0 00"), errc::wrong_sender, violation},
      {"DISCONNECT from a server", v3_1, server, bytes("E0 00"), errc::wrong_sender, violation},
  });
}

TEST_CASE("MQTT 3.1 repeats PUBREL, SUBSCRIBE and UNSUBSCRIBE with DUP") {
  for (const auto* text : {"6A 02 00 01", "8A 06 00 01 00 01 'a' 00", "AA 05 00 01 00 01 'a'"}) {
    auto input = bytes(text);
    auto frame = read_frame(input, no_limit);
    REQUIRE(frame);
    CHECK(decode(frame->header, byte_view{input}.subspan(2), v3_1, client));
  }
}
