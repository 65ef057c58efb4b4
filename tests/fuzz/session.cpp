// A session fed with well-formed packets, messages, lost connections and time in any order, beside a model that knows
// what the standard lets a client expect. Each step is a byte that says what happens, and bytes that say how.

#include <cstddef>
#include <cstdint>

#include <actorbus/actors/session_state.hpp>

#include "fuzz/session_world.hpp"

namespace {

using namespace actorbus;
using namespace actorbus::fuzz;
using protocol::packet_type;

class script {
public:
  explicit script(protocol::byte_view input) : rest_(input) {}

  bool ended() const { return rest_.empty(); }

  /// The next byte; 0 behind the end.
  unsigned next() {
    if (rest_.empty())
      return 0;
    auto result = rest_[0];
    rest_ = rest_.subspan(1);
    return result;
  }

private:
  protocol::byte_view rest_;
};

void connect(session_world& world, script& from) {
  auto flags = from.next();
  session_world::connect_fields fields;
  fields.v5 = (flags & 1) == 0;
  fields.clean = (flags & 2) != 0;
  fields.has_will = (flags & 4) != 0;
  fields.keep_alive = (flags & 8) != 0 ? 2 : 0;
  fields.alias_maximum = static_cast<std::uint16_t>(flags >> 4 & 3);
  fields.receive_maximum = static_cast<std::uint16_t>(flags >> 6);
  auto times = from.next();
  fields.expiry = times & 15;
  fields.will_delay = times >> 4;
  world.connect(fields);
}

void publish(session_world& world, script& from) {
  auto how = from.next();
  protocol::publish packet;
  packet.qos = static_cast<qos>(std::min(how & 3, 2u));
  packet.dup = packet.qos != qos::at_most_once && (how & 64) != 0;
  packet.topic = "t";
  packet.payload = protocol::as_bytes("m");
  std::size_t times = packet.qos == qos::at_most_once ? 1 + (how >> 2) % 5 : 1;
  auto& model = world.model;
  auto code = world.anybody_subscribes || !model.is_v5 ? reason_code::success : reason_code::no_matching_subscribers;
  if (packet.qos != qos::at_most_once)
    packet.packet_id = static_cast<packet_id>(1 + (how >> 2 & 7));
  if (packet.qos == qos::exactly_once && model.received.count(packet.packet_id) != 0) {
    model.answers.push_back({packet_type::pubrec, packet.packet_id, {}}); // [v5:MQTT-4.3.3-10]
  } else if (packet.qos == qos::exactly_once && model.is_v5 && model.received.size() >= 4) {
    world.expect_close(reason_code::receive_maximum_exceeded);
  } else {
    world.expect_routes(times);
    if (packet.qos == qos::at_least_once)
      model.answers.push_back({packet_type::puback, packet.packet_id, code});
    if (packet.qos == qos::exactly_once) {
      model.received.insert(packet.packet_id);
      model.answers.push_back({packet_type::pubrec, packet.packet_id, code});
    }
  }
  world.say(packet, times);
}

void release(session_world& world, script& from) {
  auto id = static_cast<packet_id>(1 + (from.next() & 7));
  auto known = world.model.received.erase(id) != 0 || !world.model.is_v5;
  world.model.answers.push_back(
      {packet_type::pubcomp, id, known ? reason_code::success : reason_code::packet_identifier_not_found});
  world.say(protocol::packet{protocol::pubrel{id, {}, {}}});
}

/// An acknowledgement of one of the session's messages, fitting or not.
void acknowledge(session_world& world, script& from) {
  using message = session_model::message;
  auto how = from.next();
  auto& model = world.model;
  packet_id id = static_cast<packet_id>(1 + from.next());
  auto sent = model.messages.size() - model.count(message::waits);
  if (sent > 0 && (how & 128) == 0) {
    auto chosen = id % sent;
    for (const auto& each : model.messages)
      if (each.state != message::waits && chosen-- == 0)
        id = each.id;
  }
  auto code = model.is_v5 && (how & 64) != 0 ? reason_code::quota_exceeded : reason_code::success;
  auto* known = model.find(id);
  switch (how % 3) {
  case 0:
    if (known && known->quality == qos::at_least_once)
      model.complete(*known);
    return world.say(protocol::packet{protocol::puback{id, code, {}}});
  case 1:
    if (!known || known->quality == qos::at_least_once) {
      model.answers.push_back(
          {packet_type::pubrel, id, model.is_v5 ? reason_code::packet_identifier_not_found : reason_code::success});
    } else if (protocol::is_error(code)) {
      model.complete(*known);
    } else {
      known->state = message::released;
      known->on_wire = true;
      model.answers.push_back({packet_type::pubrel, id, {}});
    }
    return world.say(protocol::packet{protocol::pubrec{id, code, {}}});
  default:
    if (known && known->state == message::released)
      model.complete(*known);
    return world.say(protocol::packet{protocol::pubcomp{id, {}, {}}});
  }
}

void subscribe(session_world& world, script& from) {
  auto id = static_cast<packet_id>(1 + from.next());
  std::vector<std::uint8_t> raw;
  if (id % 2 == 0) {
    protocol::append_entry(raw, protocol::subscription{"t"},
                           world.model.is_v5 ? protocol::protocol_version::v5 : protocol::protocol_version::v3_1_1);
    world.model.answers.push_back({packet_type::suback, id, {}});
    world.say(protocol::packet{protocol::subscribe{id, {}, protocol::entry_list<protocol::subscription>{raw}}});
  } else {
    protocol::append_entry(raw, "t");
    world.model.answers.push_back({packet_type::unsuback, id, {}});
    world.say(protocol::packet{protocol::unsubscribe{id, {}, protocol::entry_list<std::string_view>{raw}}});
  }
}

void say_goodbye(session_world& world, script& from) {
  auto how = from.next();
  auto expiry = (how & 1) != 0 ? std::optional<std::uint32_t>{how >> 2 & 15} : std::nullopt;
  world.say_goodbye((how & 2) != 0 ? reason_code::disconnect_with_will : reason_code::success, expiry);
}

void step(session_world& world, script& from) {
  auto what = from.next() % 16;
  switch (what) {
  case 0: return connect(world, from);
  case 1: return world.connected() ? world.detach() : void();
  case 2:
  case 3:
  case 4: return world.deliver(static_cast<qos>(from.next() % 3));
  case 5: return world.let_pass(std::chrono::milliseconds{250 * from.next()});
  case 6: return world.read(from.next() % 2 == 0);
  case 7: world.anybody_subscribes = !world.anybody_subscribes; return;
  default: break;
  }
  if (!world.may_speak())
    return;
  switch (what) {
  case 8:
  case 9: return publish(world, from);
  case 10: return release(world, from);
  case 11:
  case 12:
  case 13: return acknowledge(world, from);
  case 14: return from.next() % 4 == 0 ? say_goodbye(world, from) : subscribe(world, from);
  default:
    world.model.answers.push_back({packet_type::pingresp, 0, {}});
    return world.say(protocol::packet{protocol::pingreq{}});
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  script from{{data, size}};
  session_world world;
  while (!from.ended())
    step(world, from);
  return 0;
}
