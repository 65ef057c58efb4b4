#pragma once

#include "bus_fixture.hpp"
#include "support/cut_wire.hpp"
#include "support/link_packet.hpp"

#include <actorbus/actors/bridge.hpp>

#include <caf/send.hpp>

#include <memory>
#include <string>

namespace actorbus::test {

/// A client that answers what it gets and knows its messages.
class bridge_client {
public:
  bridge_client(virtual_system& world, const caf::actor& broker, const std::string& id)
      : world_{world}, wire_{world, broker} {
    wire_.send(connect_text(id));
  }

  void subscribe(std::string_view filter, int quality) {
    wire_.post_packets("82 [ 0001 00 s'{}' {} ]", std::string{filter}, static_cast<std::uint8_t>(quality));
    collect();
  }

  /// Publishes and finishes the handshake.
  void publish(std::string_view topic, std::string_view payload, int quality, bool retain = false) {
    const auto first = static_cast<std::uint8_t>(0x30 | quality << 1 | (retain ? 1 : 0));
    const auto id = quality == 0 ? std::string{} : conformance::notation_argument(++last_id_);
    wire_.post_packets("{} [ s'{}' {} 00 '{}' ]", first, std::string{topic}, id, std::string{payload});
    if (quality == 2)
      wire_.post_packets("62 [ {} ]", last_id_);
    collect();
  }

  template <class... Ts>
  std::string send(std::string_view text, const Ts&... arguments) {
    return wire_.send(text, arguments...);
  }

  std::string received() { return wire_.received(); }
  conformance::byte_vector received_bytes() { return wire_.received_bytes(); }

  /// What was published to it since the last call, "TOPIC=PAYLOAD …"; retained ones with a "!" behind.
  std::string messages() {
    collect();
    return std::exchange(messages_, {});
  }

private:
  // Answers until nothing more comes.
  void collect() {
    for (;;) {
      auto bytes = wire_.received_bytes();
      if (bytes.empty())
        return;
      std::span<const std::uint8_t> input{bytes};
      while (!input.empty()) {
        auto next = conformance::read_packet(input, conformance::version::v5);
        input = input.subspan(next->raw.size());
        answer(*next);
      }
    }
  }

  void answer(const conformance::packet& it) {
    if (it.type == conformance::packet_type::pubrel)
      wire_.post_packets("70 [ {} ]", it.id);
    if (it.type != conformance::packet_type::publish)
      return;
    messages_ += (messages_.empty() ? "" : " ") + it.topic + "=" + it.payload + (it.retain() ? "!" : "");
    if (it.qos() == 1)
      wire_.post_packets("40 [ {} ]", it.id);
    if (it.qos() == 2)
      wire_.post_packets("50 [ {} ]", it.id);
  }

  virtual_system& world_;
  memory_client wire_;
  std::uint16_t last_id_ = 0;
  std::string messages_;
};

/// Two buses in one virtual system, and a bridge from the local one to the remote one.
struct two_buses {
  two_buses() {
    options.name = "test";
    options.addresses = {"remote"};
    options.report_interval = std::chrono::milliseconds{0};
    local = std::make_unique<bus>(world.system(), bus::options{.seed = 1});
    world.run();
    local_client = std::make_unique<bridge_client>(world, local->broker(), "local");
  }

  ~two_buses() {
    end();
    local_client.reset();
    remote_client.reset();
    local.reset();
    remote.reset();
    world.run();
  }

  void begin(bridge_topic topic) { begin_all({std::move(topic)}); }

  void begin_all(std::vector<bridge_topic> topics) {
    make_remote();
    options.topics = std::move(topics);
    handle = begin_between(*local, remote->broker(), options.name);
  }

  /// A bridge whose first address goes through wires of the test, and any other directly.
  bridge_handle begin_between(bus& from, caf::actor to, const std::string& name) {
    auto its = options;
    its.name = name;
    bridge_surroundings around;
    around.connect = [this, to, first = its.addresses.front(), name = options.name,
                      mine = name](const std::string& url) -> protocol::expected<caf::actor, std::string> {
      auto how = url == first && mine == name ? control : std::make_shared<wire_control>();
      return make_wires(world.system(), to, how);
    };
    auto result = spawn_bridge(from, its, std::move(around));
    world.run();
    return result;
  }

  void make_remote() {
    if (remote)
      return;
    remote = std::make_unique<bus>(world.system(), bus::options{.limits = remote_limits, .seed = 2});
    world.run();
    remote_client = std::make_unique<bridge_client>(world, remote->broker(), "remote");
  }

  /// Time passes second by second, so that each alarm comes when it is due.
  void pass(int seconds) {
    for (int i = 0; i < seconds; ++i)
      world.advance(std::chrono::milliseconds{1'000});
  }

  /// The connection breaks, and both sides know.
  void cut() {
    caf::anon_send_exit(control->current, caf::exit_reason::user_shutdown);
    world.run();
  }

  void end() {
    if (handle.actor)
      caf::anon_send_exit(handle.actor, caf::exit_reason::user_shutdown);
    handle.actor = {};
    world.run();
  }

  virtual_system world;
  limits remote_limits;
  bridge_options options;
  std::shared_ptr<wire_control> control = std::make_shared<wire_control>();
  std::unique_ptr<bus> local;
  std::unique_ptr<bus> remote;
  std::unique_ptr<bridge_client> local_client;
  std::unique_ptr<bridge_client> remote_client;
  bridge_handle handle;
};

} // namespace actorbus::test
