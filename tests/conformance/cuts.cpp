// Connections that break at any place: between packets, inside of them, before an answer was read and after.

#include "conformance.hpp"

#include "support/bus_many.hpp"

#include <filesystem>

namespace actorbus::conformance {

namespace {

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// One step of a publisher: what it sends, and what it waits for.
struct step {
  byte_vector sent;
  packet_type answer;
};

/// A publisher's conversation, which begins with a message at QoS 1 (packet identifier 1), then one at QoS 2 (2).
std::vector<step> conversation(const opening& who) {
  return {
      {connect_packet(version::v311, who), packet_type::connack},
      {bytes("32 [ s'once' 0001 'q1' ]"), packet_type::puback},
      {bytes("34 [ s'once' 0002 'q2' ]"), packet_type::pubrec},
      {bytes("62 02 0002"), packet_type::pubcomp},
  };
}

/// Goes through the conversation until `cut` bytes are sent, reads the answer to what was whole or leaves it, and
/// closes; that to CONNECT is always read, since a CONNECT that is still on its way would take over from the next one.
/// @returns how many answers came
std::size_t talk_until(link& at, const std::vector<step>& all, std::size_t cut, bool reads_last) {
  std::size_t answers = 0;
  for (const auto& each : all) {
    const auto size = std::min(cut, each.sent.size());
    at.send(byte_vector(each.sent.begin(), each.sent.begin() + static_cast<std::ptrdiff_t>(size)));
    cut -= size;
    if (size < each.sent.size() || (cut == 0 && !reads_last && answers > 0))
      break;
    at.receive(each.answer);
    ++answers;
    if (cut == 0)
      break;
  }
  at.close();
  return answers;
}

/// Does what a client owes after a connection in which so many answers came.
void recover(client& c, std::size_t answers) {
  if (answers < 2) {
    c.send("3a [ s'once' 0001 'q1' ]");
    c.expect_acknowledgement(packet_type::puback, 1);
  }
  if (answers < 3) {
    c.send("3c [ s'once' 0002 'q2' ]");
    c.expect_acknowledgement(packet_type::pubrec, 2);
  }
  if (answers < 4) {
    c.send("62 02 0002");
    c.expect_acknowledgement(packet_type::pubcomp, 2);
  }
}

struct everywhere {
  everywhere() {
    over.add_tcp();
    over.add_shm();
    over.add_string();
    over.add_memory();
  }
  many_channel_bus over;
};

} // namespace

TEST_CASE_METHOD(everywhere,
                 "a publisher that is cut off at any byte keeps its promises when it comes back [v3:MQTT-4.4.0-1] "
                 "[v3:MQTT-4.3.3-1]",
                 "[adversary][cuts]") {
  std::size_t total = 0;
  for (const auto& each : conversation({.id = "p", .expiry = 60}))
    total += each.sent.size();
  client watcher{over.open_wire(), version::v311, {.id = "w"}};
  watcher.subscribe("once", 2);
  std::size_t descriptors = 0;
  for (const auto& way : over.ways())
    for (std::size_t cut = 0; cut <= total; ++cut)
      for (const auto reads_last : {false, true}) {
        INFO(way.name << ", cut after " << cut << " of " << total << ", reads the last answer: " << reads_last);
        const opening who{.id = "p", .clean = false, .expiry = 60};
        link broken{way.open(), version::v311};
        const auto answers = talk_until(broken, conversation(who), cut, reads_last);
        {
          client again{way.open(), version::v311, who};
          recover(again, answers);
          again.publish({.topic = "once", .payload = "end"});
          again.disconnect();
        }
        int first = 0, second = 0;
        for (;;) {
          const auto got = watcher.receive_message_ahead();
          if (got.payload == "end")
            break;
          ++(got.payload == "q1" ? first : second);
        }
        CHECK(first >= 1);
        CHECK(second == 1);
        // Nothing is left of the session: the next cut finds none.
        client{way.open(), version::v311, {.id = "p"}}.disconnect();
        if (cut == 8)
          descriptors = open_descriptors();
      }
  watcher.ping();
  CHECK(open_descriptors() <= descriptors + 8); // of connections that are on their way out
}

TEST_CASE_METHOD(everywhere,
                 "a subscriber that is cut off at any step gets each message of QoS 2 once [v3:MQTT-4.3.3-2] "
                 "[v3:MQTT-4.4.0-1]",
                 "[adversary][cuts]") {
  client publisher{over.open_wire(), version::v311, {.id = "p"}};
  for (const auto& way : over.ways())
    for (int cut = 0; cut <= 4; ++cut) {
      INFO(way.name << ", cut at step " << cut);
      const opening who{.id = "s", .clean = false, .expiry = 60};
      client subscriber{way.open(), version::v311, who};
      subscriber.subscribe("t", 2);
      publisher.publish({.topic = "t", .payload = "x", .qos = 2});
      packet got;
      if (cut >= 1)
        got = subscriber.receive(packet_type::publish);
      if (cut >= 2)
        subscriber.send("50 02 {}", got.id);
      if (cut >= 3)
        subscriber.expect_acknowledgement(packet_type::pubrel, got.id);
      if (cut >= 4)
        subscriber.send("70 02 {}", got.id);
      subscriber.close();
      client again{way.open(), version::v311, who};
      // Before it had the PUBREC the broker sends the message again, before it had the PUBCOMP the PUBREL; what it was
      // sent last may not have reached it.
      for (auto open = true; open;) {
        again.send("c0 00");
        const auto next = again.receive();
        if (next.type == packet_type::publish) {
          CHECK(cut <= 2);
          if (cut >= 1) {
            CHECK(next.id == got.id);
            CHECK(next.dup());
          }
          again.acknowledge(next);
        } else if (next.type == packet_type::pubrel) {
          CHECK(cut >= 2);
          again.send("70 02 {}", next.id);
        } else {
          open = next.type != packet_type::pingresp;
        }
      }
      again.unsubscribe("t");
      again.close();
      client{way.open(), version::v311, {.id = "s"}}.disconnect();
    }
}

TEST_CASE("a subscriber that stops reading holds up nobody for long", "[adversary]") {
  limits bounds;
  bounds.stall_timeout_ms = 20;
  bounds.outbound_bytes_max = 64 * 1024;
  bounds.inbound_bytes_max = 32 * 1024;
  bounds.shared_memory_ring_bytes = 16 * 1024;
  many_channel_bus over{1, bounds};
  over.add_tcp();
  over.add_shm();
  client publisher{over.open_wire(), version::v5, {.id = "p"}};
  client reader{over.open_wire(), version::v5, {.id = "r"}};
  reader.subscribe("t", 1);
  for (const auto& way : over.ways()) {
    INFO(way.name);
    client deaf{way.open(), version::v5, {.id = "d"}};
    deaf.subscribe("t");
    for (int i = 0; i < 300; ++i) {
      const message one{.topic = "t", .payload = std::to_string(i) + std::string(8'000, 'x'), .qos = 1};
      publisher.publish(one);
      reader.expect_message(one);
    }
    deaf.close();
  }
}

} // namespace actorbus::conformance
