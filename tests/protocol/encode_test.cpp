#include <actorbus/protocol/encode.hpp>

#include <catch2/catch.hpp>

#include "golden.hpp"

using namespace actorbus::protocol;
using actorbus::conformance::to_hex;

namespace {

std::string written(const packet& value, protocol_version version) {
  byte_vector out;
  append(out, value, version);
  CHECK(out.size() == encoded_size(value, version));
  return to_hex(out);
}

} // namespace

TEST_CASE("what a version lacks is left out") {
  auto why = keep(property_list{}.add(property_id::reason_string, "no"));
  CHECK(written(connack{.session_present = true, .properties = why}, v3_1_1) == "20 02 01 00");
  CHECK(written(connack{.session_present = true, .properties = why}, v3_1) == "20 02 00 00");
  CHECK(written(connack{.code = reason_code::banned}, v3_1_1) == "20 02 00 05");
  CHECK(written(puback{1, reason_code::quota_exceeded, why}, v3_1_1) == "40 02 00 01");
  CHECK(written(disconnect{reason_code::server_shutting_down, why}, v3_1_1) == "e0 00");
  CHECK(written(suback{1, why, keep_bytes("00 8F 02")}, v3_1_1) == "90 05 00 01 00 80 02");
  CHECK(written(unsuback{1, why, keep_bytes("00 11")}, v3_1_1) == "b0 02 00 01");
  CHECK(written(publish{.topic = "a", .properties = why}, v3_1_1) == "30 03 00 01 61");
  auto entries = keep_entries(v5, {{.filter = "a",
                                    .maximum_qos = qos::at_least_once,
                                    .no_local = true,
                                    .retain_handling = retain_handling::do_not_send}});
  CHECK(written(subscribe{1, why, entries}, v3_1_1) == "82 06 00 01 00 01 61 01");
}

TEST_CASE("a refusal has no session present [v5:MQTT-3.2.2-6, v3:MQTT-3.2.2-4]") {
  connack refusal{.session_present = true, .code = reason_code::not_authorized};
  CHECK(written(refusal, v5) == "20 03 00 87 00");
  CHECK(written(refusal, v3_1_1) == "20 02 00 05");
}

TEST_CASE("PUBLISH alone is written like PUBLISH among the packets") {
  for (const auto& each : golden_packets())
    if (const auto* message = std::get_if<publish>(&each.value)) {
      byte_vector out(encoded_size(*message, each.version));
      CHECK(encode(*message, each.version, out.data()) == out.data() + out.size());
      CHECK(out == each.encoded);
    }
}

TEST_CASE("packets are appended behind each other") {
  byte_vector out;
  append(out, pingreq{}, v5);
  append(out, puback{.packet_id = 2}, v5);
  CHECK(to_hex(out) == "c0 00 40 02 00 02");
}

TEST_CASE("names are those of the standard") {
  CHECK(to_string(packet_type::connect) == "CONNECT");
  CHECK(to_string(packet_type::auth) == "AUTH");
  CHECK(to_string(v3_1) == "3.1");
  CHECK(to_string(v3_1_1) == "3.1.1");
  CHECK(to_string(v5) == "5.0");
}
