#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include <actorbus/protocol/decode.hpp>

namespace actorbus::fuzz {

using protocol::packet_id;
using protocol::qos;
using protocol::reason_code;

inline void require(bool holds, const char* rule) {
  if (holds)
    return;
  std::fprintf(stderr, "broken: %s\n", rule);
  std::abort();
}

/// What the standard lets a client expect of its session, as plainly as it says it: a list of messages, a set of
/// identifiers, a queue of answers. Looks at every packet that the session sends.
class session_model {
public:
  struct message {
    std::uint32_t number = 0;
    std::string topic;
    qos quality{};
    enum { waits, sent, released } state = waits;
    packet_id id = 0;
    bool on_wire = false; ///< sent on this connection
  };

  /// What the session still owes the client's packets, in their order.
  struct answer {
    protocol::packet_type type{};
    packet_id id = 0;
    reason_code code{};
  };

  std::deque<message> messages; ///< of QoS 1 and 2, not completed, in the order they came
  std::deque<std::uint32_t> at_most_once;
  std::deque<answer> answers;
  std::set<packet_id> received;       ///< QoS 2 of the client, not released
  std::optional<reason_code> goodbye; ///< the DISCONNECT that is due

  bool is_v5 = true;
  std::size_t window = 0; ///< the client's receive maximum or the session's own limit
  std::uint32_t alias_maximum = 0;

  void begin_connection(bool v5, std::size_t receive_maximum, std::uint32_t aliases, bool present) {
    is_v5 = v5;
    window = receive_maximum;
    alias_maximum = aliases;
    aliases_.clear();
    at_most_once.clear();
    answers.clear();
    goodbye.reset();
    awaits_connack_ = true;
    present_ = present;
    for (auto& each : messages) {
      each.on_wire = each.state == message::released;
      if (each.on_wire) // [v5:MQTT-4.4.0-1]
        answers.push_back({protocol::packet_type::pubrel, each.id, {}});
    }
  }

  std::size_t count(int state) const {
    return static_cast<std::size_t>(
        std::count_if(messages.begin(), messages.end(), [=](const message& each) { return each.state == state; }));
  }

  std::size_t on_wire() const {
    return static_cast<std::size_t>(
        std::count_if(messages.begin(), messages.end(), [](const message& each) { return each.on_wire; }));
  }

  message* find(packet_id id) {
    auto found = std::find_if(messages.begin(), messages.end(),
                              [=](const message& each) { return each.state != message::waits && each.id == id; });
    return found == messages.end() ? nullptr : &*found;
  }

  void complete(const message& done) {
    std::erase_if(messages, [number = done.number](const message& each) { return each.number == number; });
  }

  /// The session sent this.
  void saw(const protocol::packet& packet) {
    std::visit([this](const auto& each) { on(each); }, packet);
  }

  /// The session has had its turn, and the client takes all it is sent.
  void at_rest() const {
    require(!awaits_connack_, "CONNECT is answered");
    require(answers.empty(), "every packet of the client is answered");
    require(at_most_once.empty(), "QoS 0 is delivered");
    require(!goodbye, "DISCONNECT comes before the close");
    auto is_left = std::any_of(messages.begin(), messages.end(), [](const message& each) { return !each.on_wire; });
    require(!is_left || on_wire() >= window, "nothing waits while there is room in the window");
  }

private:
  void on(const protocol::connack& packet) {
    require(awaits_connack_, "one CONNACK a connection");
    awaits_connack_ = false;
    require(packet.code == reason_code::success, "the CONNECT is accepted");
    require(packet.session_present == present_, "session present says whether there was one");
  }

  void on(const protocol::publish& packet) {
    require(!awaits_connack_, "CONNACK comes first");
    auto topic = std::string{packet.topic};
    if (packet.topic_alias != 0) {
      require(is_v5 && packet.topic_alias <= alias_maximum, "aliases keep to the client's maximum");
      if (!topic.empty())
        aliases_[packet.topic_alias] = topic;
      topic = aliases_[packet.topic_alias];
    }
    require(packet.payload.size() == 4, "the payload arrives whole");
    auto number = static_cast<std::uint32_t>(packet.payload[0]) << 24 |
                  static_cast<std::uint32_t>(packet.payload[1]) << 16 |
                  static_cast<std::uint32_t>(packet.payload[2]) << 8 | packet.payload[3];
    require(topic == topic_of(number), "the topic is the message's own");
    if (packet.qos == qos::at_most_once) {
      require(!at_most_once.empty() && at_most_once.front() == number, "QoS 0 comes once and in order");
      at_most_once.pop_front();
      return;
    }
    // What was sent before goes first, then what waits, each in its order.
    auto next = std::find_if(messages.begin(), messages.end(),
                             [](const message& each) { return each.state == message::sent && !each.on_wire; });
    require(packet.dup == (next != messages.end()), "DUP marks what is sent again, which comes first");
    if (next == messages.end())
      next = std::find_if(messages.begin(), messages.end(),
                          [](const message& each) { return each.state == message::waits; });
    require(next != messages.end(), "nothing is sent that was completed");
    require(next->number == number, "messages keep their order");
    require(next->quality == packet.qos, "messages keep their QoS");
    require(packet.packet_id != 0, "identifiers are not 0");
    if (packet.dup)
      require(next->id == packet.packet_id, "what is sent again keeps its identifier");
    else
      require(find(packet.packet_id) == nullptr, "new messages get unused identifiers");
    next->id = packet.packet_id;
    next->state = message::sent;
    next->on_wire = true;
    require(on_wire() <= window, "no more is on its way than the receive maximum");
  }

  template <protocol::packet_type Type>
  void on(const protocol::acknowledgement<Type>& packet) {
    expect(Type, packet.packet_id, packet.code);
  }
  void on(const protocol::suback& packet) { expect(protocol::packet_type::suback, packet.packet_id, {}); }
  void on(const protocol::unsuback& packet) { expect(protocol::packet_type::unsuback, packet.packet_id, {}); }
  void on(const protocol::pingresp&) { expect(protocol::packet_type::pingresp, 0, {}); }

  void on(const protocol::disconnect& packet) {
    require(goodbye == packet.code, "DISCONNECT says why");
    require(answers.empty(), "what came before is answered before DISCONNECT");
    goodbye.reset();
  }

  template <class Other>
  void on(const Other&) {
    require(false, "only a server's packets are sent");
  }

  void expect(protocol::packet_type type, packet_id id, reason_code code) {
    require(!awaits_connack_, "CONNACK comes first");
    require(!answers.empty(), "nothing is answered that was not asked");
    const auto& due = answers.front();
    require(due.type == type && due.id == id && due.code == code, "answers come in the order of the questions");
    answers.pop_front();
  }

public:
  static std::string topic_of(std::uint32_t number) { return "a/longer/topic/" + std::to_string(number % 5); }

private:
  std::map<std::uint16_t, std::string> aliases_;
  bool awaits_connack_ = false;
  bool present_ = false;
};

} // namespace actorbus::fuzz
