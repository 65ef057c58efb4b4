#include "bridge_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

// A bridge between two buses on virtual time, as clients on both sides meet it.

namespace actorbus::test {

using std::chrono::milliseconds;
using std::chrono::seconds;
using enum bridge_direction;

TEST_CASE_METHOD(two_buses, "a bridge carries messages out and in, at every quality of service", "[bridge]") {
  begin({.filter = "#", .direction = both});
  const auto quality = GENERATE(0, 1, 2);
  local_client->subscribe("in/#", quality);
  remote_client->subscribe("out/#", quality);
  local_client->publish("out/x", "1", quality);
  remote_client->publish("in/x", "2", quality);
  CHECK(remote_client->messages() == "out/x=1");
  CHECK(local_client->messages() == "in/x=2");
}

TEST_CASE_METHOD(two_buses, "a bridge leaves alone what its topics do not name", "[bridge]") {
  begin({.filter = "out/#", .exclude = {"out/secret/#"}});
  remote_client->subscribe("#", 1);
  local_client->publish("other", "1", 1);
  local_client->publish("out/secret/x", "2", 1);
  local_client->publish("out/x", "3", 1);
  CHECK(remote_client->messages() == "out/x=3");
}

TEST_CASE_METHOD(two_buses, "a bridge lowers the quality of service to its topic's", "[bridge]") {
  begin({.filter = "#", .maximum_qos = protocol::qos::at_least_once});
  remote_client->subscribe("#", 2);
  local_client->publish("t", "x", 2);
  CHECK(remote_client->received() == "PUBLISH t 'x' q1 #1");
}

TEST_CASE_METHOD(two_buses, "a bridge rewrites topics with captures, both ways", "[bridge]") {
  begin({.filter = "plant/+/temp", .direction = both, .remote_prefix = "r/", .rewrite = "eu/{1}/temperature"});
  local_client->subscribe("plant/#", 1);
  remote_client->subscribe("r/#", 1);
  local_client->publish("plant/7/temp", "20", 1);
  remote_client->publish("r/eu/8/temperature", "21", 1);
  CHECK(remote_client->messages() == "r/eu/7/temperature=20 r/eu/8/temperature=21");
  CHECK(local_client->messages() == "plant/7/temp=20 plant/8/temp=21");
}

TEST_CASE_METHOD(two_buses, "a bridge passes properties on and rewrites the response topic", "[bridge]") {
  begin_all({{.filter = "ask/#", .rewrite = "eu/ask/{1}"},
             {.filter = "eu/answer/#", .direction = in, .rewrite = "answer/{1}"}});
  remote_client->subscribe("#", 0);
  local_client->subscribe("answer/#", 0);
  // format 01, content type 03, response topic 08, correlation 09, user property 26
  local_client->send("30 [ s'ask/x' [ 01 01 03 s'text' 08 s'answer/7' 09 <'c'> 26 s'k' s'v' ] 'q' ]");
  const auto bytes = remote_client->received_bytes();
  const auto expected = conformance::exact(conformance::parse_notation(
      "s'eu/ask/x' [ 01 01 03 s'text' 08 s'eu/answer/7' 09 <'c'> 26 s'k' s'v' 26 s'actorbus-trail' s'" +
          local->trail_name() + "' ] 'q'",
      conformance::version::v5));
  CHECK(bytes.size() > expected.size());
  CHECK(std::equal(expected.rbegin(), expected.rend(), bytes.rbegin()));
  remote_client->publish("eu/answer/7", "a", 0);
  CHECK(local_client->messages() == "answer/7=a");
}

TEST_CASE_METHOD(two_buses, "a bridge carries retained messages as retained", "[bridge]") {
  local_client->publish("before", "1", 1, true);
  begin({.filter = "#"});
  local_client->publish("after", "2", 1, true);
  remote_client->subscribe("#", 1);
  const auto got = remote_client->messages();
  CHECK(got.size() == std::string{"before=1! after=2!"}.size());
  CHECK(got.find("before=1!") != std::string::npos);
  CHECK(got.find("after=2!") != std::string::npos);
}

TEST_CASE_METHOD(two_buses, "a bridge in both directions sends nothing back", "[bridge][loops]") {
  const auto version = GENERATE(protocol::protocol_version::v5, protocol::protocol_version::v3_1_1);
  options.version = version;
  options.try_private = true;
  begin({.filter = "#", .direction = both});
  local_client->subscribe("#", 1);
  remote_client->subscribe("#", 1);
  local_client->publish("t", "1", 1);
  remote_client->publish("t", "2", 1);
  CHECK(local_client->messages() == "t=1 t=2");
  CHECK(remote_client->messages() == "t=1 t=2");
}

TEST_CASE_METHOD(two_buses, "a bridge to a broker of 3.1.1 carries everything but properties", "[bridge]") {
  options.version = protocol::protocol_version::v3_1_1;
  begin({.filter = "#"});
  remote_client->subscribe("#", 2);
  local_client->send("35 [ s't' 0001 [ 03 s'text' ] 'x' ]");
  local_client->send("62 [ 0001 ]");
  CHECK(remote_client->received() == "PUBLISH t 'x' q2 #1");
}

TEST_CASE_METHOD(two_buses, "a bridge says on the bus whether it is connected", "[bridge][status]") {
  control->refuses = true;
  begin({.filter = "#"});
  local_client->subscribe("$SYS/broker/connection/test/state", 0);
  CHECK(local_client->messages() == "$SYS/broker/connection/test/state=0!");
  control->refuses = false;
  pass(2);
  CHECK(local_client->messages() == "$SYS/broker/connection/test/state=1");
  CHECK(handle.status->connected);
  end();
  CHECK(local_client->messages() == "$SYS/broker/connection/test/state=0");
  CHECK_FALSE(handle.status->connected);
}

TEST_CASE_METHOD(two_buses, "a bridge says on the bus why it can't connect", "[bridge][status]") {
  control->refuses = true;
  begin({.filter = "#"});
  local_client->subscribe("$SYS/broker/connection/test/error", 0);
  CHECK(local_client->messages() == "$SYS/broker/connection/test/error=refused!");
}

TEST_CASE_METHOD(bus_fixture, "a client may tell its own connection's state, and no other's", "[bridge][status]") {
  auto foreign = client();
  const auto will = [](std::string_view id) {
    return "00 s'$SYS/broker/connection/" + std::string{id} + "/state' <'0'>";
  };
  CHECK(foreign->send(connect_text("rb", true, 0, will("rb"))) == "CONNACK 00");
  CHECK(foreign->send("82 [ 0001 00 s'$SYS/broker/connection/+/state' 00 ]") == "SUBACK #1 00");
  CHECK(foreign->send("30 [ s'$SYS/broker/connection/rb/state' 00 '1' ]") ==
        "PUBLISH $SYS/broker/connection/rb/state '1'");
  CHECK(foreign->send("30 [ s'$SYS/broker/connection/rx/state' 00 '1' ]").empty());
  CHECK(foreign->send("30 [ s'$SYS/broker/connection/rb/stat' 00 '1' ]").empty());
  auto other = client();
  CHECK(other->send(connect_text("other", true, 0, will("rb"))) == "CONNACK 00");
  other->close(); // its will is dropped
  CHECK(foreign->send("c0 00") == "PINGRESP");
}

TEST_CASE_METHOD(two_buses, "nobody else speaks for a bridge, whatever it calls itself", "[bridge][status]") {
  bridge_client early{world, local->broker(), "test"};
  begin({.filter = "#"});
  local_client->subscribe("$SYS/broker/connection/test/state", 0);
  CHECK(local_client->messages() == "$SYS/broker/connection/test/state=1!");
  early.publish("$SYS/broker/connection/test/state", "0", 0);
  bridge_client late{world, local->broker(), "test"};
  late.publish("$SYS/broker/connection/test/state", "0", 0);
  CHECK(local_client->messages().empty());
  auto willing = std::make_unique<memory_client>(world, local->broker());
  CHECK(willing->send(connect_text("test", true, 0, "00 s'$SYS/broker/connection/test/state' <'0'>")) == "CONNACK 00");
  willing->close();
  CHECK(local_client->messages().empty());
}

TEST_CASE_METHOD(two_buses, "a bridge's session on the bus is nobody else's", "[bridge][status]") {
  const auto foreign = GENERATE(false, true);
  memory_client thief{world, local->broker()};
  if (foreign) // before there is a bridge anybody may be called so
    CHECK(thief.send(connect_text("bridge:test", false, 100)) == "CONNACK 00");
  control->refuses = true;
  begin({.filter = "t"});
  local_client->publish("t", "kept", 1);
  memory_client again{world, local->broker()};
  CHECK(again.send(connect_text("bridge:test", false, 100)) == "CONNACK 85");
  CHECK(again.closed());
  CHECK(thief.closed() == foreign);
  remote_client->subscribe("t", 1);
  control->refuses = false;
  pass(60);
  CHECK(remote_client->messages() == "t=kept");
}

TEST_CASE_METHOD(two_buses, "a transport called bridge gains no rights by its name", "[bridge][status]") {
  memory_client client{world, local->broker()};
  client.transport = "bridge";
  CHECK(client.send(connect_text("x")) == "CONNACK 00");
  CHECK(client.send("82 [ 0001 00 s'$SYS/broker/version' 00 ]") == "SUBACK #1 00");
  CHECK(client.send("30 [ s'$SYS/broker/version' 00 'mine' ]").empty());
}

TEST_CASE_METHOD(two_buses, "a bridge tries the next address and returns to the first", "[bridge][addresses]") {
  options.addresses = {"first", "second"};
  options.return_interval = seconds{30};
  control->refuses = true;
  begin({.filter = "#"});
  CHECK(handle.status->connected);
  CHECK(handle.status->address() == "second");
  control->refuses = false;
  pass(31);
  CHECK(handle.status->connected);
  CHECK(handle.status->address() == "first");
}

TEST_CASE_METHOD(two_buses, "a bridge keeps QoS 1 and 2 while the remote is away, in order", "[bridge][queue]") {
  const auto quality = GENERATE(1, 2);
  begin({.filter = "#"});
  remote_client->subscribe("t", quality);
  cut();
  control->refuses = true;
  for (int i = 0; i < 5; ++i)
    local_client->publish("t", std::to_string(i), quality);
  CHECK(remote_client->messages().empty());
  control->refuses = false;
  pass(120);
  CHECK(remote_client->messages() == "t=0 t=1 t=2 t=3 t=4");
}

TEST_CASE_METHOD(two_buses, "a bridge's queue drops the newest or the oldest when it is full", "[bridge][queue]") {
  const auto overflow = GENERATE(queue_overflow::drop_newest, queue_overflow::drop_oldest);
  options.queue = {3, 1'000'000, overflow};
  options.inflight_max = 2;
  control->refuses = true;
  begin({.filter = "#"});
  remote_client->subscribe("t", 1);
  for (int i = 0; i < 8; ++i)
    local_client->publish("t", std::to_string(i), 1);
  control->refuses = false;
  pass(120);
  CHECK(remote_client->messages() ==
        (overflow == queue_overflow::drop_newest ? "t=0 t=1 t=2 t=3 t=4" : "t=0 t=1 t=5 t=6 t=7"));
}

TEST_CASE_METHOD(two_buses, "a bridge's queue that pushes back loses nothing", "[bridge][queue]") {
  options.queue = {3, 1'000'000, queue_overflow::push_back};
  options.inflight_max = 2;
  control->refuses = true;
  begin({.filter = "#"});
  remote_client->subscribe("t", 1);
  for (int i = 0; i < 8; ++i)
    local_client->publish("t", std::to_string(i), 1);
  control->refuses = false;
  pass(120);
  CHECK(remote_client->messages() == "t=0 t=1 t=2 t=3 t=4 t=5 t=6 t=7");
}

TEST_CASE_METHOD(two_buses, "a bridge notices by its keep-alive that packets vanish", "[bridge][cut]") {
  options.keep_alive_seconds = 10;
  begin({.filter = "#"});
  control->silent = true;
  pass(14);
  CHECK(handle.status->connected);
  pass(2);
  CHECK_FALSE(handle.status->connected);
  CHECK(handle.status->last_error() == "no answer to PINGREQ in time");
}

TEST_CASE_METHOD(two_buses, "a bridge that is lazy connects for a message and leaves when idle", "[bridge][lazy]") {
  options.lazy = true;
  options.idle_timeout = seconds{5};
  begin({.filter = "#"});
  remote_client->subscribe("t", 0);
  CHECK(control->opened == 0);
  local_client->publish("t", "x", 0);
  CHECK(control->opened == 1);
  CHECK(remote_client->messages() == "t=x");
  pass(6);
  CHECK_FALSE(handle.status->connected);
  pass(600);
  CHECK(control->opened == 1);
}

TEST_CASE_METHOD(two_buses, "a bridge speaks 3.1.1 where 5.0 is refused, and remembers it", "[bridge][version]") {
  control->older = older_broker::says_so;
  begin({.filter = "#", .direction = both});
  CHECK(handle.status->connected);
  local_client->subscribe("#", 1);
  local_client->subscribe("$SYS/broker/connection/test/version", 0);
  CHECK(local_client->messages() == "$SYS/broker/connection/test/version=3.1.1!");
  remote_client->subscribe("t", 1);
  local_client->publish("t", "x", 1);
  CHECK(remote_client->messages() == "t=x");
  cut();
  pass(5);
  CHECK(handle.status->connected);
  CHECK(control->refused_v5 == 1);
}

TEST_CASE_METHOD(two_buses, "a bridge that is hung up on twice tries 3.1.1, and then 5.0 again", "[bridge][version]") {
  control->older = older_broker::hangs_up;
  begin({.filter = "#"});
  CHECK_FALSE(handle.status->connected);
  CHECK(control->refused_v5 == 1);
  pass(2);
  CHECK(handle.status->connected);
  CHECK(control->refused_v5 == 2);
  control->older = older_broker::no;
  cut();
  pass(5);
  CHECK(handle.status->connected);
  local_client->subscribe("$SYS/broker/connection/test/version", 0);
  CHECK(local_client->messages() == "$SYS/broker/connection/test/version=5.0!");
}

TEST_CASE_METHOD(two_buses, "a bridge that was told a version speaks no other", "[bridge][version]") {
  options.version = protocol::protocol_version::v5;
  control->older = older_broker::says_so;
  begin({.filter = "#"});
  pass(600);
  CHECK_FALSE(handle.status->connected);
  CHECK(control->opened == 0);
  CHECK(handle.status->last_error() == "the broker refused the connection: unsupported protocol version");
  CHECK(control->refused_v5 < 20); // with pauses
}

TEST_CASE_METHOD(two_buses, "what came by one version goes on when the bridge speaks another", "[bridge][version]") {
  options.inflight_max = 1;
  begin({.filter = "#", .direction = both});
  remote_client->subscribe("t", 1);
  control->silent = true;
  for (int i = 0; i < 5; ++i)
    local_client->publish("t", std::to_string(i), 1);
  control->silent = false;
  control->older = older_broker::says_so;
  cut();
  pass(5);
  CHECK(remote_client->messages() == "t=0 t=1 t=2 t=3 t=4");
}

TEST_CASE_METHOD(two_buses, "a bridge obeys the remote's receive maximum [v5:MQTT-3.3.4-9]", "[bridge]") {
  remote_limits.receive_maximum = 2;
  begin({.filter = "#"});
  remote_client->subscribe("t", 2);
  for (int i = 0; i < 10; ++i)
    local_client->publish("t", std::to_string(i), 2);
  CHECK(remote_client->messages() == "t=0 t=1 t=2 t=3 t=4 t=5 t=6 t=7 t=8 t=9");
  CHECK(control->opened == 1);
}

TEST_CASE_METHOD(two_buses, "a bridge drops what is too large for the remote and goes on [v5:MQTT-3.2.2-15]",
                 "[bridge]") {
  remote_limits.packet_size_bytes_max = 200;
  begin({.filter = "#"});
  remote_client->subscribe("t", 1);
  local_client->publish("t", std::string(300, 'x'), 1);
  local_client->publish("t", "small", 1);
  CHECK(remote_client->messages() == "t=small");
  CHECK(handle.status->dropped == 1);
  CHECK(control->opened == 1);
}

TEST_CASE_METHOD(two_buses, "a ring of three bridges shows each message once", "[bridge][loops]") {
  bus third{world.system(), bus::options{.seed = 3}};
  world.run();
  make_remote();
  options.topics = {{.filter = "#"}};
  auto a = begin_between(*local, remote->broker(), "a");
  auto b = begin_between(*remote, third.broker(), "b");
  auto c = begin_between(third, local->broker(), "c");
  bridge_client at_third{world, third.broker(), "third"};
  for (auto* each : {local_client.get(), remote_client.get(), &at_third})
    each->subscribe("#", 1);
  local_client->publish("t", "1", 1);
  remote_client->publish("t", "2", 1);
  at_third.publish("t", "3", 1);
  for (auto* each : {local_client.get(), remote_client.get(), &at_third}) {
    auto got = each->messages();
    CHECK(got.size() == std::string{"t=1 t=2 t=3"}.size());
    for (const auto* one : {"t=1", "t=2", "t=3"})
      CHECK(got.find(one) != std::string::npos);
  }
  CHECK(a.status->looped + b.status->looped + c.status->looped == 3);
  for (auto& each : {a, b, c})
    caf::anon_send_exit(each.actor, caf::exit_reason::user_shutdown);
  world.run();
}

TEST_CASE_METHOD(two_buses, "a message crosses no more bridges than the hop limit", "[bridge][loops]") {
  options.hops_max = 2;
  begin({.filter = "#"});
  remote_client->subscribe("#", 0);
  local_client->send("30 [ s't' [ 26 s'actorbus-trail' s'x' ] '1' ]");
  local_client->send("30 [ s't' [ 26 s'actorbus-trail' s'x,y' ] '2' ]");
  CHECK(remote_client->messages() == "t=1");
  CHECK(handle.status->looped == 1);
}

} // namespace actorbus::test
