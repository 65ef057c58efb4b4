#include "scripted.hpp"

#include <algorithm>

#include <actorbus/actors/outbound_meter.hpp>
#include <actorbus/transports/connection.hpp>
#include <actorbus/transports/frame_writer.hpp>
#include <actorbus/transports/socket_stream.hpp>

using namespace actorbus;
using namespace actorbus::transports;
using namespace actorbus::transports::testing;

namespace {

/// A broker's connection that carries frames, and a peer that needn't read them.
struct server_side {
  explicit server_side(const limits& bounds = {}) : entrance(make_gate(bounds)) {
    auto [ours, theirs] = socket_pair();
    peer.emplace(theirs);
    bridge = machine.system.spawn<connection>(machine.threads[0], make_socket_stream(ours), entrance, broker.handle());
    peer->write(connect_packet());
    meter = broker.expect<open_session>().channel.meter;
    post(bridge, session_opened{session.handle(), protocol::protocol_version::v3_1_1, 7}, nullptr);
  }

  void send(std::span<const std::uint8_t> what) {
    meter->add(what.size());
    post(bridge, make_frame(what), nullptr);
  }

  /// Hurries again and again, as a program does that ends.
  void end_in_a_hurry() {
    session.self()->monitor(bridge);
    auto limit = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < limit) {
      machine.threads.hurry();
      if (std::holds_alternative<caf::down_msg>(session.next(std::chrono::milliseconds{5})))
        return;
    }
    FAIL("the connection goes on");
  }

  system_under_test machine;
  gate_ptr entrance;
  scripted_actor broker{machine.system};
  scripted_actor session{machine.system};
  std::optional<peer_socket> peer;
  caf::actor bridge;
  std::shared_ptr<outbound_meter> meter;
};

std::size_t size_of(const std::vector<frame>& frames) {
  std::size_t size = 0;
  for (const auto& each : frames)
    size += each.size;
  return size;
}

} // namespace

TEST_CASE("a peer that doesn't close ends with a listener that is gone and hurries") {
  server_side at;
  at.entrance->closed = true;
  post(at.bridge, close_channel{}, nullptr);
  CHECK(at.peer->read_all().empty());
  at.end_in_a_hurry();
}

TEST_CASE("a peer that takes nothing ends with a listener that is gone and hurries") {
  server_side at;
  at.send(publish_packet(5'000'000));
  at.entrance->closed = true;
  post(at.bridge, close_channel{}, nullptr);
  at.end_in_a_hurry();
}

TEST_CASE("an end that others hurry without a stop comes nevertheless") {
  server_side at;
  post(at.bridge, close_channel{}, nullptr);
  CHECK(at.peer->read_all().empty());
  at.end_in_a_hurry();
}

TEST_CASE("a peer that takes nothing for too long loses its connection") {
  limits bounds;
  bounds.stall_timeout_ms = 40;
  bounds.stall_disconnect_ms = 120;
  server_side at{bounds};
  at.send(publish_packet(5'000'000));
  auto end = at.session.expect<channel_closed>();
  CHECK(end.link == 7);
  CHECK(end.reason == protocol::reason_code::success); // a lost connection: its will is sent
  CHECK(at.entrance->counters->stalled == 1);
  at.session.wait_for_end(at.bridge);
}

TEST_CASE("what comes for a stalled peer arrives whole and in order when it reads again") {
  limits bounds;
  bounds.stall_timeout_ms = 40;
  server_side at{bounds};
  auto all = publish_packet(3'000'000);
  at.send(all);
  auto limit = std::chrono::steady_clock::now() + patience;
  while (!at.meter->stalled && std::chrono::steady_clock::now() < limit)
    std::this_thread::yield();
  REQUIRE(at.meter->stalled);
  for (std::size_t i = 0; i < 500; ++i) {
    auto packet = publish_packet(i % 200, static_cast<std::uint8_t>(i));
    all.insert(all.end(), packet.begin(), packet.end());
    at.send(packet);
  }
  CHECK((at.peer->read(all.size()) == all));
  at.peer->close();
  at.session.expect<channel_closed>();
}

TEST_CASE("folding frames copies only what is new") {
  std::vector<frame> frames;
  bytes all;
  auto add = [&](std::size_t size) {
    auto packet = publish_packet(size, static_cast<std::uint8_t>(all.size()));
    all.insert(all.end(), packet.begin(), packet.end());
    frames.push_back(make_frame(packet));
  };
  add(1'000'000);
  add(10);
  auto own = compact_frames(frames, 0);
  REQUIRE(own == 1);
  const auto* large = frames[0].bytes.get();
  std::size_t blocks_made = 0;
  const buffer* last = large;
  for (std::size_t i = 0; i < 10'000; ++i) {
    add(i % 50);
    own = compact_frames(frames, own);
    CHECK(own == frames.size());
    blocks_made += std::exchange(last, frames.back().bytes.get()) != frames.back().bytes.get();
  }
  CHECK(frames[0].bytes.get() == large);
  CHECK(frames.size() < 20);
  CHECK(blocks_made < 20);
  REQUIRE(size_of(frames) == all.size());
  bytes joined;
  for (const auto& each : frames) {
    auto part = to_bytes(each);
    joined.insert(joined.end(), part.begin(), part.end());
  }
  CHECK((joined == all));
}

TEST_CASE("folding lets go of foreign buffers") {
  auto payer = std::make_shared<credit_account>(10'000'000);
  std::vector<frame> frames;
  frames.push_back(make_frame(publish_packet(100), payer));
  auto own = compact_frames(frames, 0);
  frames.push_back(make_frame(publish_packet(100), payer));
  compact_frames(frames, own);
  CHECK(payer->used_bytes() == 0);
}
