#include "conformance.hpp"

#include "support/adversary.hpp"
#include "support/bus_many.hpp"

#include <algorithm>

namespace actorbus::conformance {

namespace {

/// Some of everything, over one bus: acknowledgements of all kinds, long packets and short, both ways.
/// @param large bytes of the largest payload
void converse(bus& over, version v, const std::string& id, std::size_t large) {
  client a{over.open_wire(), v, {.id = id + "a", .expiry = 60}};
  client b{over.open_wire(), v, {.id = id + "b", .expiry = 60, .will = "~ s'gone' s'b'"}};
  a.subscribe("gone");
  b.subscribe("t/#", 2);
  for (int qos = 0; qos <= 2; ++qos)
    for (const auto size : {std::size_t{0}, std::size_t{1}, std::size_t{130}, large}) {
      const message one{.topic = "t/" + std::to_string(qos), .payload = std::string(size, 'x'), .qos = qos};
      a.publish(one);
      b.expect_message(one);
    }
  b.ping();
  b.close();
  a.expect_message({.topic = "gone", .payload = "b"});
  a.publish({.topic = "t/kept", .payload = "for later", .qos = 2});
  client again{over.open_wire(), v, {.id = id + "b", .clean = false, .expiry = 60}};
  again.expect_message({.topic = "t/kept", .payload = "for later", .qos = 2});
  again.disconnect();
  a.disconnect();
}

} // namespace

TEST_CASE("bytes that come one at a time, or torn at random, change nothing", "[adversary]") {
  const auto v = GENERATE(version::v311, version::v5);
  const auto how = GENERATE(tearing{1, 1, false}, tearing{1, 2, true}, tearing{7, 3, true}, tearing{1'000, 4, true});
  for (const auto& each : {torn(shm_channels(), how), torn(string_channels(), how), torn(memory_channels(), how),
                           torn_tcp_channels(how)}) {
    INFO(each.name);
    converse(*each.open(), v, "c", std::min<std::size_t>(40'000, how.piece_max * 400));
  }
}

TEST_CASE("rings smaller than the packets that go through them change nothing", "[adversary]") {
  limits bounds;
  bounds.shared_memory_ring_bytes = 4'096;
  many_channel_bus over{1, bounds};
  over.add_shm();
  converse(over, version::v5, "c", 40'000);
}

} // namespace actorbus::conformance
