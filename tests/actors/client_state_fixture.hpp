#pragma once

#include "qualities.hpp"

#include "support/describe.hpp"
#include "support/memory_client.hpp"

#include <actorbus/actors/client_state.hpp>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace actorbus::test {

/// What `text` holds, and empties it.
inline std::string take(std::string& text) {
  std::string all;
  all.swap(text);
  return all;
}

/// A client whose broker is the test: packets of the broker are written in the notation, and what became of each
/// operation is noted under its name.
struct client_fixture {
  client_options options;
  credit_account_ptr credit = std::make_shared<credit_account>(1'000'000);
  std::string outcomes;
  std::string messages;
  std::string disconnects;
  std::string faults;
  incoming_message last;
  time_point time{}; ///< it is now
  bool hears_faults = true;
  std::unique_ptr<client_state> state;

  void make() {
    client_events events;
    events.on_message = [this](const incoming_message& it) {
      messages += std::string{it.topic} + "=" + std::string{it.payload} + (it.dup ? " dup; " : "; ");
    };
    if (hears_faults)
      events.on_fault = [this](const outcome& what) { faults += what.text + "; "; };
    events.on_disconnected = [this](const outcome& why) { disconnects += code_of(why) + "; "; };
    state = std::make_unique<client_state>(options, events, credit, [this] { return time; });
  }

  static std::string code_of(const outcome& result) {
    char text[3];
    std::snprintf(text, sizeof text, "%02x", static_cast<unsigned>(result.code));
    auto all = std::string{text};
    for (auto each : result.codes) {
      std::snprintf(text, sizeof text, "%02x", static_cast<unsigned>(each));
      all += std::string{" "} + text;
    }
    return all;
  }

  completion note(std::string name) {
    return [this, name = std::move(name)](const outcome& result) { outcomes += name + " " + code_of(result) + "; "; };
  }

  /// Subscribes with a handler that notes what comes as "NAME:topic=payload; ".
  void subscribe(std::string name, std::vector<subscribe_options> filters) {
    state->subscribe(filters, {}, note("subscribe"), [this, name](const incoming_message& it) {
      messages +=
          name + ":" + std::string{it.topic} + "=" + std::string{it.payload} + (it.retain ? " retained; " : "; ");
      last = it;
    });
  }

  /// The link breaks, and the next one stands. @returns what is sent then
  std::string reconnect(std::string_view properties = "", std::string_view flags = "00") {
    state->lost({protocol::reason_code::server_unavailable, "gone"});
    state->connect({});
    sent();
    state->receive(make_frame(conformance::bytes(conformance::notation("20 [ {} 00 [ {} ] ]", flags, properties))));
    return sent();
  }

  /// What was sent since, in hexadecimal digits.
  std::string sent_bytes() {
    state->pump();
    conformance::byte_vector all;
    state->to_broker.take([&](frame&& each) { all.insert(all.end(), each.view().begin(), each.view().end()); });
    return conformance::to_hex(all);
  }

  static std::string hex(std::string_view text) { return conformance::to_hex(conformance::bytes(text)); }

  std::string told() { return take(messages); }

  std::string noted() { return take(outcomes); }

  std::string sent() {
    state->pump();
    conformance::byte_vector all;
    state->to_broker.take([&](frame&& each) { all.insert(all.end(), each.view().begin(), each.view().end()); });
    return describe(all, conformance::version::v5);
  }

  std::string receive(std::string_view text) {
    state->receive(make_frame(conformance::bytes(text)));
    return sent();
  }

  /// Connects; `properties` are those of the CONNACK.
  void connect(std::string_view properties = "", std::string_view flags = "00") {
    if (!state)
      make();
    state->connect(note("connect"));
    sent();
    receive(conformance::notation("20 [ {} 00 [ {} ] ]", flags, properties));
    noted();
  }

  void publish(std::string name, protocol::qos quality, std::string payload = "p") {
    state->publish({"t", std::move(payload), quality}, note(std::move(name)));
  }
};

} // namespace actorbus::test
