#include "network.hpp"

using namespace actorbus;
using namespace actorbus::transports;
using namespace actorbus::transports::testing;

TEST_CASE("a listener spawns a connection for whoever comes") {
  network at;
  auto port = at.listen();
  CHECK(port != 0);
  CHECK(at.bound.local);
  std::vector<peer_socket> peers;
  for (int i = 0; i < 10; ++i) {
    peers.push_back(peer_socket::to(port));
    peers.back().write(connect_packet());
    auto request = at.broker.expect<open_session>();
    CHECK(request.channel.transport == "tcp");
    CHECK(request.channel.peer.substr(0, 10) == "127.0.0.1:");
    post(request.channel.channel, close_channel{}, nullptr);
  }
  CHECK(at.context.counters->accepted == 10);
  for (auto& each : peers)
    CHECK(each.read_all().empty());
  at.stop_listening();
}

TEST_CASE("a port in use is told at once") {
  network at;
  auto url = "mqtt://127.0.0.1:" + std::to_string(at.listen());
  auto second = at.table.listen(url, at.context);
  REQUIRE_FALSE(second);
  CHECK(second.error() ==
        "cannot listen on " + url + ": the port is in use by another program; choose another one, or 0 for any");
  at.stop_listening();
}

TEST_CASE("an address of another machine can't be listened on") {
  network at;
  auto result = at.table.listen("mqtt://192.0.2.1:0", at.context);
  REQUIRE_FALSE(result);
  CHECK(result.error() == "cannot listen on mqtt://192.0.2.1:0: this machine has no such address");
}

TEST_CASE("a name that nobody knows can't be listened on") {
  network at;
  auto result = at.table.listen("mqtt://nobody.invalid", at.context);
  REQUIRE_FALSE(result);
  CHECK(result.error().find("cannot listen on mqtt://nobody.invalid:1883: ") == 0);
}

TEST_CASE("transports that aren't built in say so") {
  network at;
  at.table.add({.schemes = {"pigeon"}, .form = endpoint_form::name});
  auto result = at.table.listen("pigeon://roof", at.context);
  REQUIRE_FALSE(result);
  CHECK(result.error() == "transport 'pigeon' is not available in this build");
  auto client = at.table.connect("pigeon://roof", at.context);
  REQUIRE_FALSE(client);
  CHECK(client.error() == "transport 'pigeon' is not available in this build");
}

TEST_CASE("all addresses of the machine are listened on when none is named") {
  network at;
  auto port = at.listen("mqtt://:0");
  CHECK_FALSE(at.bound.local);
  auto peer = peer_socket::to(port);
  peer.write(connect_packet());
  post(at.broker.expect<open_session>().channel.channel, close_channel{}, nullptr);
  CHECK(peer.read_all().empty());
  at.stop_listening();
}

TEST_CASE("one connection more than allowed is closed unanswered") {
  limits bounds;
  bounds.connections_max = 1;
  network at{1, bounds};
  auto port = at.listen();
  auto first = peer_socket::to(port);
  first.write(connect_packet());
  auto request = at.broker.expect<open_session>();
  auto second = peer_socket::to(port);
  CHECK(second.read_all().empty());
  CHECK(at.context.counters->refused == 1);
  post(request.channel.channel, close_channel{}, nullptr);
  CHECK(first.read_all().empty());
  at.stop_listening();
}

TEST_CASE("a listener with limits of its own counts its own connections, beside the broker's") {
  limits of_bus;
  of_bus.connections_max = 3;
  network at{1, of_bus};
  auto wide_port = at.listen();
  auto wide = at.listener;
  auto bounds = std::make_shared<limits>(of_bus);
  bounds->connections_max = 1;
  bounds->connect_size_bytes_max = 8; // less than the packet that the test sends
  auto policy = std::make_shared<listener_policy>();
  policy->own_limits = bounds;
  at.context.policy = policy;
  auto narrow_port = at.listen();
  auto connect = [&](std::uint16_t port) {
    auto peer = peer_socket::to(port);
    peer.write(connect_packet());
    return peer;
  };
  std::vector<peer_socket> in;
  auto silent = peer_socket::to(narrow_port);
  CHECK(peer_socket::to(narrow_port).read_all().empty()); // this listener's second
  CHECK(at.context.counters->refused == 1);
  std::vector<caf::actor> channels;
  for (int i = 0; i < 2; ++i) {
    in.push_back(connect(wide_port));
    channels.push_back(at.broker.expect<open_session>().channel.channel);
  }
  CHECK(peer_socket::to(wide_port).read_all().empty()); // the broker's fourth
  CHECK(at.context.counters->refused == 2);
  silent.write(connect_packet());
  CHECK(silent.read_all().empty()); // too long a CONNECT for this listener, asked of nobody
  for (const auto& each : channels)
    post(each, close_channel{}, nullptr);
  for (auto& each : in)
    CHECK(each.read_all().empty());
  post(wide, close_channel{}, nullptr);
  at.stop_listening();
}

TEST_CASE("who hasn't sent a CONNECT goes with the listener") {
  network at; // connect_timeout_ms is half the test's patience
  auto port = at.listen();
  auto silent = peer_socket::to(port);
  auto other = peer_socket::to(port);
  other.write(connect_packet());
  auto in = at.broker.expect<open_session>();
  post(in.channel.channel, session_opened{at.client.handle(), protocol::protocol_version::v5, 1}, nullptr);
  other.write(publish_packet(1));
  at.client.expect<frame>();
  at.stop_listening();
  CHECK(silent.read_all().empty());
  other.write(publish_packet(2)); // who is in stays in
  CHECK(to_bytes(at.client.expect<frame>()) == publish_packet(2));
  other.close();
  at.client.expect<channel_closed>();
}

TEST_CASE("a client's frames reach the broker's side and the other way round") {
  network at;
  auto port = at.listen();
  auto connector = at.table.connect("mqtt://127.0.0.1:" + std::to_string(port), at.context);
  REQUIRE(connector);
  post(*connector, opening(at.client, connect_packet()), nullptr);
  auto request = at.broker.expect<open_session>();
  CHECK(to_bytes(request.connect) == connect_packet());
  auto opened = at.client.expect<session_opened>();
  CHECK(opened.version == protocol::protocol_version::v3_1_1);
  scripted_actor session{at.machine.system};
  post(request.channel.channel, session_opened{session.handle(), protocol::protocol_version::v3_1_1, 1}, nullptr);

  post(opened.session, make_frame(publish_packet(10)), nullptr);
  CHECK(to_bytes(session.expect<frame>()) == publish_packet(10));
  post(request.channel.channel, make_frame(publish_packet(20)), nullptr);
  CHECK(to_bytes(at.client.expect<frame>()) == publish_packet(20));

  SECTION("the client is done: flush and close") {
    post(opened.session, make_frame(bytes{0xE0, 0x00}), nullptr);
    post(opened.session, channel_closed{}, nullptr);
    CHECK(to_bytes(session.expect<frame>()) == bytes{0xE0, 0x00});
    session.expect<channel_closed>();
  }
  SECTION("the broker closes") {
    post(request.channel.channel, close_channel{}, nullptr);
    auto end = at.client.expect<close_channel>();
    CHECK(end.reason == protocol::reason_code::server_unavailable);
    CHECK(end.text == "closed by the server");
  }
  SECTION("the same connector opens another one") {
    post(opened.session, channel_closed{}, nullptr);
    session.expect<channel_closed>();
    post(*connector, opening(at.client, connect_packet()), nullptr);
    auto again = at.broker.expect<open_session>();
    at.client.expect<session_opened>();
    post(again.channel.channel, close_channel{}, nullptr);
    at.client.expect<close_channel>();
  }
  at.stop_listening();
}

TEST_CASE("a server that isn't there is told with the reason") {
  network at;
  auto port = at.listen();
  at.stop_listening();
  at.broker.wait_for_end(at.listener);
  auto url = "mqtt://localhost:" + std::to_string(port);
  auto connector = at.table.connect(url, at.context);
  REQUIRE(connector);
  post(*connector, opening(at.client, connect_packet()), nullptr);
  auto answer = at.client.expect<close_channel>();
  CHECK(answer.reason == protocol::reason_code::server_unavailable);
  CHECK(answer.text == "cannot connect to " + url + ": Connection refused");
}

TEST_CASE("a host that nobody knows is told with the reason") {
  network at;
  auto connector = at.table.connect("mqtt://nobody.invalid", at.context);
  REQUIRE(connector);
  post(*connector, opening(at.client, connect_packet()), nullptr);
  auto answer = at.client.expect<close_channel>();
  CHECK(answer.text.find("cannot connect to mqtt://nobody.invalid:1883: ") == 0);
}

TEST_CASE("a thousand connections come and go") {
  network at;
  auto port = at.listen();
  for (int round = 0; round < 10; ++round) {
    std::vector<peer_socket> peers;
    for (int i = 0; i < 100; ++i) {
      peers.push_back(peer_socket::to(port));
      peers.back().write(connect_packet());
    }
    std::vector<caf::actor> channels;
    for (int i = 0; i < 100; ++i) {
      auto request = at.broker.expect<open_session>();
      channels.push_back(request.channel.channel);
      post(channels.back(), session_opened{at.client.handle(), protocol::protocol_version::v5, 1}, nullptr);
    }
    for (std::size_t i = 0; i < peers.size(); ++i)
      i % 2 ? peers[i].reset() : peers[i].close();
    for (int i = 0; i < 100; ++i)
      at.client.expect<channel_closed>();
    for (const auto& each : channels)
      at.broker.wait_for_end(each);
    CHECK(at.context.counters->open == 0);
  }
  at.stop_listening();
}
