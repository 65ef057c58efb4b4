#include "bus_fixture.hpp"

#include <actorbus/actors/link_tap.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <vector>

// Links that record what crosses them and are cut where the test says.

namespace actorbus::test {

namespace {

using namespace std::chrono_literals;
using protocol::packet_type;
using protocol::reason_code;
using testing::direction;

struct tapped_bus : bus_fixture {
  ~tapped_bus() {
    subject.reset();
    caf::anon_send_exit(tap, caf::exit_reason::user_shutdown);
    world.run();
  }

  memory_client tapped() { return {world, tap}; }

  std::vector<std::string> lines() {
    std::vector<std::string> result;
    for (const auto& each : record->packets())
      result.push_back(to_string(each));
    return result;
  }

  std::shared_ptr<testing::traffic_record> record =
      std::make_shared<testing::traffic_record>([this] { return world.elapsed(); });
  caf::actor tap = world.system().spawn<testing::link_tap, caf::hidden>(record, subject->broker());
};

} // namespace

TEST_CASE_METHOD(tapped_bus, "a tapped link changes nothing and notes each packet with its time", "[link_tap]") {
  {
    auto a = tapped();
    CHECK(a.send(connect_text("a")).starts_with("CONNACK 00"));
    CHECK(a.send("82 [ 0001 00 s't/+' 01 ]") == "SUBACK #1 01");
    world.advance(1500ms);
    CHECK(a.send("32 [ s'u' 0007 00 'v' 00 ]") == "PUBACK #7 10");
    auto b = client();
    b->send(connect_text("b"));
    b->send("33 [ s't/x' 0008 00 'w' ]");
    CHECK(a.received() == "PUBLISH t/x 'w' q1 #1");
    a.send("40 [ 0001 ]  e0 00");
    CHECK(a.closed());
  }
  CHECK(lines() == std::vector<std::string>{"0 ms  a > CONNECT", "0 ms  a < CONNACK", "0 ms  a > SUBSCRIBE t/+",
                                            "0 ms  a < SUBACK", "1500 ms  a > PUBLISH u \"v\\x00\" qos 1",
                                            "1500 ms  a < PUBACK", "1500 ms  a < PUBLISH t/x \"w\" qos 1",
                                            "1500 ms  a > PUBACK", "1500 ms  a > DISCONNECT"});
}

TEST_CASE_METHOD(tapped_bus, "a link is cut at the packet that was chosen, and that is lost", "[link_tap]") {
  auto watcher = client();
  watcher->send(connect_text("watcher"));
  watcher->send("82 [ 0001 00 s'#' 00 ]");
  auto a = tapped();
  a.send(connect_text("a", true, 0, "00 s'w' s'gone'"));
  record->cut_at({.client_id = "a", .type = packet_type::publish, .nth = 2});
  a.send("30 [ s't' 00 '1' ] 30 [ s't' 00 '2' ] 30 [ s't' 00 '3' ]");
  CHECK(a.closed());
  CHECK(a.close_reason() == reason_code::server_unavailable);
  CHECK(watcher->received() == "PUBLISH t '1'; PUBLISH w 'gone'");
  CHECK(lines().back() == "0 ms  a > PUBLISH t \"2\" (lost)");
}

TEST_CASE_METHOD(tapped_bus, "a link may be cut behind a packet that still arrives", "[link_tap]") {
  auto watcher = client();
  watcher->send(connect_text("watcher"));
  watcher->send("82 [ 0001 00 s'#' 00 ]");
  auto a = tapped();
  a.send(connect_text("a"));
  record->cut_at({.type = packet_type::publish, .filter = "t/#", .delivered = true});
  a.send("30 [ s's' 00 '1' ] 30 [ s't' 00 '2' ] 30 [ s't' 00 '3' ]");
  CHECK(a.closed());
  CHECK(watcher->received() == "PUBLISH s '1'; PUBLISH t '2'");
}

TEST_CASE_METHOD(tapped_bus, "an acknowledgement that is lost on its way is missed by the client alone", "[link_tap]") {
  auto a = tapped();
  a.send(connect_text("a", true, 60));
  record->cut_at({.client_id = "a", .way = direction::from_bus, .type = packet_type::puback});
  CHECK(a.send("32 [ s't' 0007 00 'v' ]") == "");
  CHECK(a.closed());
  auto again = tapped();
  CHECK(again.send(connect_text("a", false, 60)).starts_with("CONNACK 00 present"));
  CHECK(again.send("3a [ s't' 0007 00 'v' ]") == "PUBACK #7 10");
}

TEST_CASE_METHOD(tapped_bus, "a CONNECT may be lost too", "[link_tap]") {
  record->cut_at({.type = packet_type::connect});
  auto a = tapped();
  CHECK(a.send(connect_text("a")) == "");
  CHECK(a.closed());
  auto again = tapped();
  CHECK(again.send(connect_text("a")).starts_with("CONNACK 00"));
}

TEST_CASE_METHOD(tapped_bus, "a CONNECT that arrives on a link that is cut leaves a session behind", "[link_tap]") {
  record->cut_at({.type = packet_type::connect, .delivered = true});
  auto a = tapped();
  CHECK(a.send(connect_text("a", true, 60)) == "");
  CHECK(a.closed());
  auto again = tapped();
  CHECK(again.send(connect_text("a", false, 60)).starts_with("CONNACK 00 present"));
}

TEST_CASE_METHOD(tapped_bus, "links are cut at once where nothing crosses them", "[link_tap]") {
  auto a = tapped();
  auto b = tapped();
  a.send(connect_text("a"));
  b.send(connect_text("b"));
  CHECK(cut_links(*record, "a") == 1);
  world.run();
  CHECK(a.closed());
  CHECK_FALSE(b.closed());
  CHECK(cut_links(*record, "") == 1);
  world.run();
  CHECK(b.closed());
}

TEST_CASE_METHOD(tapped_bus, "nobody comes in while the test refuses", "[link_tap]") {
  record->refuses = true;
  auto a = tapped();
  CHECK(a.send(connect_text("a")) == "");
  CHECK(a.closed());
  CHECK(record->packets().empty());
  record->refuses = false;
  auto b = tapped();
  CHECK(b.send(connect_text("b")).starts_with("CONNACK 00"));
}

TEST_CASE_METHOD(tapped_bus, "a client that is killed behind a tap is a lost connection", "[link_tap]") {
  auto watcher = client();
  watcher->send(connect_text("watcher"));
  watcher->send("82 [ 0001 00 s'#' 00 ]");
  const auto before = actors();
  {
    auto a = tapped();
    a.send(connect_text("a", true, 0, "00 s'w' s'gone'"));
    a.kill();
    CHECK(watcher->received() == "PUBLISH w 'gone'");
  }
  CHECK(actors() == before);
}

TEST_CASE_METHOD(tapped_bus, "an alias is noted as the topic that it stands for", "[link_tap]") {
  auto a = tapped();
  a.send(connect_text("a"));
  a.send("30 [ s't' [ 23 0001 ] 'x' ] 30 [ 0000 [ 23 0001 ] 'y' ]");
  CHECK(lines().back() == "0 ms  a > PUBLISH t \"y\"");
}

} // namespace actorbus::test
