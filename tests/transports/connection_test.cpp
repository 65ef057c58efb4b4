#include "scripted.hpp"

#include <random>

#include <actorbus/actors/outbound_meter.hpp>
#include <actorbus/transports/connection.hpp>
#include <actorbus/transports/socket_stream.hpp>

using namespace actorbus;
using namespace actorbus::transports;
using namespace actorbus::transports::testing;

namespace {

/// A broker's connection over a socket pair; the test is broker, session and peer.
struct server_side {
  explicit server_side(const limits& bounds = {}) : entrance(make_gate(bounds)) {
    auto [ours, theirs] = socket_pair();
    peer.emplace(theirs);
    bridge = machine.system.spawn<connection>(machine.threads[0], make_socket_stream(ours), entrance, broker.handle());
  }

  /// Brings the connection to where it carries frames.
  void open() {
    peer->write(connect_packet());
    auto request = broker.expect<open_session>();
    CHECK(to_bytes(request.connect) == connect_packet());
    meter = request.channel.meter;
    anon_send_opened();
  }

  void anon_send_opened() {
    post(bridge, session_opened{session.handle(), protocol::protocol_version::v3_1_1, 7}, nullptr);
  }

  void send(std::span<const std::uint8_t> what) {
    if (meter)
      meter->add(what.size());
    post(bridge, make_frame(what), nullptr);
  }

  void close() { post(bridge, close_channel{}, nullptr); }

  system_under_test machine;
  gate_ptr entrance;
  scripted_actor broker{machine.system};
  scripted_actor session{machine.system};
  std::optional<peer_socket> peer;
  caf::actor bridge;
  std::shared_ptr<outbound_meter> meter;
};

bytes joined(std::initializer_list<bytes> parts) {
  bytes all;
  for (const auto& each : parts)
    all.insert(all.end(), each.begin(), each.end());
  return all;
}

} // namespace

TEST_CASE("the first packet asks the broker for a session, the next ones go there") {
  server_side at;
  auto first = publish_packet(3);
  at.peer->write(joined({connect_packet(), first}));
  auto request = at.broker.expect<open_session>();
  CHECK(to_bytes(request.connect) == connect_packet());
  CHECK(request.channel.transport == "test");
  CHECK(request.channel.channel == at.bridge);
  CHECK(request.channel.home == &at.machine.threads[0]);
  at.anon_send_opened();
  auto incoming = at.session.expect<frame>();
  CHECK(to_bytes(incoming) == first);
  CHECK(incoming.link == 7);
  at.send(publish_packet(5));
  CHECK(at.peer->read(publish_packet(5).size()) == publish_packet(5));
  at.peer->close();
  CHECK(at.session.expect<channel_closed>().link == 7);
}

TEST_CASE("packets that come one byte at a time arrive whole") {
  server_side at;
  at.open();
  auto all = joined({publish_packet(0), publish_packet(1), publish_packet(200), {0xC0, 0x00}});
  for (auto byte : all)
    at.peer->write({&byte, 1});
  CHECK(at.session.expect_bytes(all.size()) == all);
  at.peer->close();
  at.session.expect<channel_closed>();
}

TEST_CASE("frames hold whole packets only, however the bytes were cut") {
  auto seed = GENERATE(1u, 2u, 3u, 4u, 5u);
  std::minstd_rand random{seed};
  server_side at;
  at.open();
  bytes all;
  std::size_t packets = 0;
  while (all.size() < 600'000) {
    auto kind = random() % 100;
    auto size = kind < 80 ? random() % 100 : kind < 95 ? random() % 5'000 : random() % 120'000;
    auto packet = publish_packet(size, static_cast<std::uint8_t>(packets++));
    all.insert(all.end(), packet.begin(), packet.end());
  }
  std::thread writer{[&] {
    for (std::size_t sent = 0; sent < all.size();) {
      auto size = std::min<std::size_t>(1 + random() % (random() % 2 ? 50 : 70'000), all.size() - sent);
      at.peer->write(std::span{all}.subspan(sent, size));
      sent += size;
    }
  }};
  bytes got;
  while (got.size() < all.size()) {
    auto incoming = at.session.expect<frame>();
    CHECK(incoming.view()[0] == 0x30);
    auto more = to_bytes(incoming);
    got.insert(got.end(), more.begin(), more.end());
  }
  writer.join();
  CHECK((got == all));
  at.peer->close();
  at.session.expect<channel_closed>();
}

TEST_CASE("a packet of 1 MB arrives as one frame of its size") {
  server_side at;
  at.open();
  auto large = publish_packet(1'000'000);
  std::thread writer{[&] { at.peer->write(joined({large, publish_packet(1)})); }};
  auto incoming = at.session.expect<frame>();
  CHECK((to_bytes(incoming) == large));
  CHECK(incoming.bytes->capacity() == large.size());
  incoming = {};
  CHECK(to_bytes(at.session.expect<frame>()) == publish_packet(1));
  writer.join();
  at.peer->close();
  at.session.expect<channel_closed>();
}

TEST_CASE("a connection whose credit is spent stops reading until half of it is back") {
  limits bounds;
  bounds.inbound_bytes_max = 100'000;
  server_side at{bounds};
  at.open();
  auto packet = publish_packet(10'000);
  constexpr std::size_t count = 300;
  std::thread writer{[&] {
    for (std::size_t i = 0; i < count; ++i)
      at.peer->write(packet);
  }};
  std::vector<frame> kept; // not freed, so nothing is refunded
  std::size_t held = 0;
  std::size_t charged = 0;
  while (charged < bounds.inbound_bytes_max) {
    kept.push_back(at.session.expect<frame>());
    held += kept.back().size;
    charged += kept.back().bytes->capacity();
  }
  CHECK(charged < bounds.inbound_bytes_max + 2 * io_thread::read_block_bytes);
  CHECK(std::holds_alternative<std::monostate>(at.session.next(std::chrono::milliseconds{50})));
  kept.clear();
  while (held < count * packet.size())
    held += at.session.expect<frame>().size;
  CHECK(held == count * packet.size());
  writer.join();
  at.peer->close();
  at.session.expect<channel_closed>();
}

TEST_CASE("what was read before the peer's end comes before the end") {
  server_side at;
  at.open();
  auto all = joined({publish_packet(50'000), publish_packet(9), {0xE0, 0x00}});
  at.peer->write(all);
  at.peer->close();
  CHECK((at.session.expect_bytes(all.size()) == all));
  CHECK(at.session.expect<channel_closed>().reason == protocol::reason_code::success);
}

TEST_CASE("what was said before a reset is read before the end, even if writing fails first") {
  server_side at;
  at.open();
  auto last = bytes{0xE0, 0x00};
  at.peer->write(last);
  at.send(publish_packet(100));
  at.peer->close();
  at.send(publish_packet(100));
  at.send(publish_packet(100));
  CHECK(at.session.expect_bytes(2) == last);
  at.session.expect<channel_closed>();
}

TEST_CASE("close_channel sends what is queued before the end") {
  server_side at;
  at.open();
  auto large = publish_packet(3'000'000);
  at.peer->write(publish_packet(60'000)); // unread by us: must not become a reset
  at.send(large);
  at.send(bytes{0xE0, 0x00});
  at.close();
  auto all = at.peer->read_all();
  REQUIRE(all.size() == large.size() + 2);
  CHECK(all[large.size()] == 0xE0);
  at.peer->close();
  at.session.wait_for_end(at.bridge);
}

TEST_CASE("a peer that doesn't end its side is not waited for longer than a moment") {
  server_side at;
  at.open();
  at.close();
  CHECK(at.peer->read_all().empty());
  at.session.wait_for_end(at.bridge);
}

TEST_CASE("a broken packet is told after those before it, and the session has a last word") {
  server_side at;
  at.open();
  auto good = publish_packet(4);
  at.peer->write(joined({good, {0x31, 0x80, 0x80, 0x80, 0x80, 0x01}}));
  CHECK(to_bytes(at.session.expect<frame>()) == good);
  CHECK(at.session.expect<channel_closed>().reason == protocol::reason_code::malformed_packet);
  bytes goodbye{0xE0, 0x02, 0x81, 0x00};
  at.send(goodbye);
  at.close();
  CHECK(at.peer->read_all() == goodbye);
}

TEST_CASE("a packet above the limit is refused by its first bytes") {
  limits bounds;
  bounds.packet_size_bytes_max = 1000;
  server_side at{bounds};
  at.open();
  at.peer->write(bytes{0x30, 0xFF, 0xFF, 0x7F});
  CHECK(at.session.expect<channel_closed>().reason == protocol::reason_code::packet_too_large);
  at.close();
  at.peer->read_all();
}

TEST_CASE("a CONNECT above its limit is closed without an answer") {
  limits bounds;
  bounds.connect_size_bytes_max = 200;
  server_side at{bounds};
  at.peer->write(bytes{0x10, 0xFF, 0x7F});
  CHECK(at.peer->read_all().empty());
}

TEST_CASE("who sends no CONNECT in time is closed without an answer") {
  limits bounds;
  bounds.connect_timeout_ms = 40;
  server_side at{bounds};
  at.peer->write(bytes{0x10});
  CHECK(at.peer->read_all().empty());
  CHECK(at.entrance->counters->expired == 1);
}

TEST_CASE("a peer that takes nothing is stalled, and no longer when it reads again") {
  limits bounds;
  bounds.stall_timeout_ms = 50;
  bounds.outbound_bytes_max = 1'000'000;
  server_side at{bounds};
  at.open();
  auto payer = std::make_shared<credit_account>(10'000'000);
  auto large = publish_packet(5'000'000);
  at.meter->add(large.size());
  CHECK(at.meter->wait(bounds.outbound_bytes_max));
  post(at.bridge, make_frame(large, payer), nullptr);
  // The publisher's credit returns though nothing was read.
  auto limit = std::chrono::steady_clock::now() + patience;
  while (payer->used_bytes() > 0 && std::chrono::steady_clock::now() < limit)
    std::this_thread::yield();
  CHECK(payer->used_bytes() == 0);
  CHECK(at.meter->stalled);
  CHECK((at.peer->read(large.size()) == large));
  at.session.expect<outbound_drained>();
  at.peer->close();
  at.session.expect<channel_closed>();
  CHECK(at.meter->bytes() == 0);
  CHECK_FALSE(at.meter->stalled);
}

TEST_CASE("many small frames and large ones go out in order") {
  server_side at;
  at.open();
  bytes all;
  for (std::size_t i = 0; i < 3000; ++i) {
    auto packet = publish_packet(i % 7 == 0 ? 3000 : i % 100, static_cast<std::uint8_t>(i));
    all.insert(all.end(), packet.begin(), packet.end());
    at.send(packet);
  }
  CHECK((at.peer->read(all.size()) == all));
  at.peer->close();
  at.session.expect<channel_closed>();
}

TEST_CASE("a connection whose session has died closes") {
  server_side at;
  at.peer->write(connect_packet());
  at.broker.expect<open_session>();
  {
    scripted_actor other{at.machine.system};
    post(at.bridge, session_opened{other.handle(), protocol::protocol_version::v5, 1}, nullptr);
    at.peer->write(publish_packet(1));
    other.expect<frame>();
  }
  CHECK(at.peer->read_all().empty());
}

TEST_CASE("a broker may refuse without a session") {
  server_side at;
  at.peer->write(connect_packet());
  at.broker.expect<open_session>();
  bytes refusal{0x20, 0x02, 0x00, 0x05};
  at.send(refusal);
  at.close();
  CHECK(at.peer->read_all() == refusal);
}

TEST_CASE("a connection that is ended from outside tells its session") {
  server_side at;
  at.open();
  at.peer->write(publish_packet(1));
  at.session.expect<frame>();
  caf::anon_send_exit(at.bridge, caf::exit_reason::kill);
  at.session.expect<channel_closed>();
  CHECK(at.peer->read_all().empty());
}
