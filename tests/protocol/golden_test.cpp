#include <actorbus/protocol/decode.hpp>

#include <set>

#include <catch2/catch.hpp>

#include "golden.hpp"
#include "same_packet.hpp"

using namespace actorbus::protocol;
using actorbus::conformance::to_hex;

TEST_CASE("bytes from the standard decode to the packet that they are") {
  for (const auto& each : golden_packets()) {
    INFO(each.says << ": " << to_hex(each.encoded));
    auto decoded = read_packet(each.encoded, each.version, each.from);
    if (!decoded)
      FAIL(to_string(decoded.error()));
    CHECK(is_same(*decoded, each.value));
  }
}

TEST_CASE("packets encode to the bytes of the standard") {
  for (const auto& each : golden_packets()) {
    INFO(each.says);
    CHECK(encoded_size(each.value, each.version) == each.encoded.size());
    byte_vector written;
    append(written, each.value, each.version);
    CHECK(to_hex(written) == to_hex(each.encoded));
  }
}

TEST_CASE("there are golden bytes for every packet of every version") {
  std::set<std::pair<protocol_version, packet_type>> seen;
  for (const auto& each : golden_packets())
    seen.emplace(each.version, type_of(each.value));
  for (int type = 1; type <= 15; ++type)
    CHECK(seen.count({v5, static_cast<packet_type>(type)}) == 1);
  for (int type = 1; type <= 14; ++type)
    CHECK(seen.count({v3_1_1, static_cast<packet_type>(type)}) == 1);
}

TEST_CASE("there are golden bytes for every property in every place") {
  std::set<std::pair<property_id, property_place>> seen;
  auto see = [&](properties_view properties, property_place place) {
    for (const auto& each : properties)
      seen.emplace(each.id, place);
  };
  constexpr property_place places[]{property_place::connect,     property_place::connack,    property_place::publish,
                                    property_place::puback,      property_place::pubrec,     property_place::pubrel,
                                    property_place::pubcomp,     property_place::subscribe,  property_place::suback,
                                    property_place::unsubscribe, property_place::unsuback,   property_place::disconnect,
                                    property_place::disconnect,  property_place::disconnect, property_place::auth};
  for (const auto& each : golden_packets())
    std::visit(
        [&](const auto& value) {
          if constexpr (requires { value.properties; })
            see(value.properties, places[each.value.index()]);
          if constexpr (requires { value.will; })
            if (value.will)
              see(value.will->properties, property_place::will);
        },
        each.value);
  for (std::uint32_t id = 0; id < 128; ++id)
    if (const auto* rule = find_property(id))
      for (unsigned place = 0; place <= static_cast<unsigned>(property_place::will); ++place)
        if ((rule->places >> place & 1) != 0) {
          INFO(rule->name << " in place " << place);
          CHECK(seen.count({rule->id, static_cast<property_place>(place)}) == 1);
        }
}
