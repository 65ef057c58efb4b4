#include "client_link_fixture.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>

// Messages that expire before they could be sent.

namespace actorbus::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct waiting_client : client_fixture {
  waiting_client() { options.reconnect = reconnect_policy{}; }

  outgoing_message expiring(protocol::qos quality, std::uint32_t after_seconds, std::string payload = "p") {
    outgoing_message message{"t", std::move(payload), quality};
    message.properties.add(protocol::property_id::content_type, "x");
    message.properties.add(protocol::property_id::message_expiry_interval, after_seconds);
    return message;
  }

  void lose() { state->lost({protocol::reason_code::server_unavailable, "gone"}); }

  completion note_end(std::string name) {
    return [this, name = std::move(name)](const outcome& result) {
      outcomes += name + (result ? " done; " : result.how == ending::expired ? " expired; " : " " + result.text + "; ");
    };
  }
};

} // namespace

TEST_CASE_METHOD(waiting_client, "a message that has waited says how long it still counts", "[client_state]") {
  const auto size = GENERATE(1, 5'000);
  const auto payload = std::string(static_cast<std::size_t>(size), 'p');
  const auto quality = GENERATE(qos0, qos1);
  const auto prepared = GENERATE(false, true);
  connect();
  lose();
  if (prepared) {
    prepared_message message{expiring(quality, 10), payload.size()};
    std::copy(payload.begin(), payload.end(), message.payload().begin());
    state->publish(std::move(message), {});
  } else {
    state->publish(expiring(quality, 10, payload), {});
  }
  time += milliseconds{3'500}; // 6.5 s are left, and less than them is not said
  CHECK(reconnect() == "PUBLISH t '" + payload + "'" + (quality == qos1 ? " q1 #1" : "") + " {02=7}");
}

TEST_CASE_METHOD(waiting_client, "a message that is sent at once has the whole of its time", "[client_state]") {
  connect();
  state->publish(expiring(qos1, 10), {});
  CHECK(sent() == "PUBLISH t 'p' q1 #1 {02=10}");
  CHECK(state->next_expiry() == time_point::max());
}

TEST_CASE_METHOD(waiting_client, "a message that has expired is not sent, and its operation says so",
                 "[client_state]") {
  connect();
  lose();
  state->publish(expiring(qos0, 10), note_end("zero"));
  state->publish(expiring(qos1, 10), note_end("one"));
  state->publish(prepared_message{expiring(qos2, 10), 1}, note_end("prepared"));
  state->publish(expiring(qos0, 11, "later"), note_end("later"));
  publish("for ever", qos0, "for ever");
  time += seconds{10};
  CHECK(reconnect() == "PUBLISH t 'later' {02=1}; PUBLISH t 'for ever'");
  CHECK(noted() == "zero expired; one expired; prepared expired; later done; for ever 00; ");
}

TEST_CASE_METHOD(waiting_client, "what has expired makes room in the queue", "[client_state]") {
  options.queued_messages_max = 2;
  connect();
  lose();
  state->publish(expiring(qos1, 10), note_end("one"));
  publish("two", qos1);
  publish("three", qos1);
  CHECK(noted() == "three 97; ");
  CHECK(state->next_expiry() == time + seconds{10});
  time += milliseconds{9'999};
  state->drop_expired();
  CHECK(noted() == "");
  time += milliseconds{1};
  state->drop_expired();
  CHECK(noted() == "one expired; ");
  CHECK(state->next_expiry() == time_point::max());
  publish("four", qos0, "4");
  CHECK(reconnect() == "PUBLISH t 'p' q1 #1; PUBLISH t '4'");
}

TEST_CASE_METHOD(waiting_client, "what is sent anew after a lost session counts its time on", "[client_state]") {
  const auto size = GENERATE(1, 5'000);
  const auto payload = std::string(static_cast<std::size_t>(size), 'p');
  connect();
  state->publish(expiring(qos1, 10, payload), note_end("publish"));
  sent();
  time += seconds{4};
  CHECK(reconnect() == "PUBLISH t '" + payload + "' q1 #2 {02=6}");
  time += seconds{6};
  CHECK(reconnect() == "");
  CHECK(noted() == "publish expired; ");
}

TEST_CASE_METHOD(waiting_client, "what is sent again in its session is sent as it was [v5:MQTT-4.4.0-1]",
                 "[client_state]") {
  options.session_expiry_seconds = 60;
  connect();
  state->publish(expiring(qos1, 10), {});
  sent();
  time += seconds{20};
  CHECK(reconnect("", "01") == "PUBLISH t 'p' q1 #1 dup {02=10}");
}

TEST_CASE_METHOD(link_fixture, "a message that expires without a connection is told of then", "[client]") {
  gateway().answers_connect = false;
  options.connect_timeout = milliseconds{60'000};
  connect();
  outgoing_message message{"t", "x"};
  message.properties.add(protocol::property_id::message_expiry_interval, 5);
  ask(publish_request{message, note("first")});
  advance(300);
  ask(publish_request{message, note("second")});
  advance(4'699);
  CHECK(noted() == "");
  advance(1);
  CHECK(noted() == "first the message expired before it could be sent; ");
  advance(1'000); // looked for once a second at most
  CHECK(noted() == "second the message expired before it could be sent; ");
}

} // namespace actorbus::test
