#include "session_fixture.hpp"

#include <catch2/catch.hpp>

namespace actorbus::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const std::string will = "00 s'w' s'gone'";

std::string delayed_will(std::uint32_t delay_seconds) {
  return conformance::notation("[ 18 {} ] s'w' s'gone'", delay_seconds);
}

/// A session whose alarms come when they are due, a millisecond at a time.
struct timed_session : session_fixture {
  /// @returns what the host was asked for after `time`, and nothing before
  std::string asked_after(milliseconds time) {
    asked();
    while (time > milliseconds{0}) {
      auto due = state.next_alarm();
      auto step = due ? std::min(time, std::chrono::duration_cast<milliseconds>(*due - now())) : time;
      if (due && *due <= now() + time) {
        advance(step - milliseconds{1});
        state.on_alarm();
        if (auto early = asked(); !early.empty())
          return "early: " + early;
        advance(milliseconds{1});
        state.on_alarm();
      } else {
        advance(step);
      }
      time -= step;
      if (state.next_alarm() && *state.next_alarm() <= now())
        return "an alarm that is due again";
    }
    return asked();
  }
};

} // namespace

TEST_CASE_METHOD(timed_session,
                 "a silent client is let go after one and a half keep-alives, to the millisecond "
                 "[v5:MQTT-3.1.2-22] [v3:MQTT-3.1.2-24]",
                 "[session_state][keep_alive]") {
  version = GENERATE(conformance::version::v311, conformance::version::v5);
  const auto keep_alive = GENERATE(as<std::uint16_t>{}, 1, 5, 65'535);
  connect({.keep_alive = keep_alive});
  const auto allowed = milliseconds{keep_alive * 1500};
  CHECK(asked_after(allowed - milliseconds{1}) == "");
  CHECK(asked_after(milliseconds{1}) == "close 8d");
  CHECK(sent() == (version == conformance::version::v5 ? "DISCONNECT 8d" : ""));
}

TEST_CASE_METHOD(timed_session, "every packet of the client begins the keep-alive anew [v5:MQTT-3.1.2-22]",
                 "[session_state][keep_alive]") {
  connect({.keep_alive = 10});
  CHECK(asked_after(seconds{14}) == "");
  receive("c0 00");
  CHECK(asked_after(milliseconds{14'999}) == "");
  receive("40 02 0001");
  CHECK(asked_after(milliseconds{14'999}) == "");
  CHECK(asked_after(milliseconds{1}) == "close 8d");
}

TEST_CASE_METHOD(timed_session, "messages for the client do not count as packets of the client",
                 "[session_state][keep_alive]") {
  connect({.keep_alive = 10});
  CHECK(asked_after(seconds{14}) == "");
  deliver(qos0, 1, 1);
  CHECK(asked_after(seconds{1}) == "close 8d");
}

TEST_CASE_METHOD(timed_session, "keep-alive 0 never times out (3.1.2.10)", "[session_state][keep_alive]") {
  connect();
  CHECK(asked_after(std::chrono::hours{24'000}) == "");
  CHECK_FALSE(state.next_alarm());
}

TEST_CASE_METHOD(timed_session, "the broker's keep-alive replaces a longer one [v5:MQTT-3.2.2-22]",
                 "[session_state][keep_alive]") {
  bounds.keep_alive_seconds_max = 20;
  connect({.keep_alive = GENERATE(as<std::uint16_t>{}, 0, 21, 1000)});
  CHECK(asked_after(milliseconds{29'999}) == "");
  CHECK(asked_after(milliseconds{1}) == "close 8d");
}

TEST_CASE_METHOD(timed_session, "a will without a delay goes out with the connection [v5:MQTT-3.1.2-8]",
                 "[session_state][will]") {
  connect({.expiry = GENERATE(0u, 60u), .will = will});
  state.detach({});
  CHECK(asked() == "will w 'gone'");
}

TEST_CASE_METHOD(timed_session, "a will goes out after its delay, to the millisecond [v5:MQTT-3.1.2-8]",
                 "[session_state][will]") {
  connect({.expiry = 60, .will = delayed_will(10)});
  state.detach({});
  CHECK(asked_after(milliseconds{9'999}) == "");
  CHECK(asked_after(milliseconds{1}) == "will w 'gone'");
  CHECK(asked_after(seconds{100}) == "");
  CHECK(state.over());
}

TEST_CASE_METHOD(timed_session, "a will goes out with the session's end if that comes first (3.1.3.2.2)",
                 "[session_state][will]") {
  connect({.expiry = 5, .will = delayed_will(10)});
  state.detach({});
  CHECK(asked_after(milliseconds{4'999}) == "");
  CHECK(asked_after(milliseconds{1}) == "will w 'gone'");
  CHECK(state.over());
}

TEST_CASE_METHOD(timed_session, "a client that comes back in time has no will published [v5:MQTT-3.1.3-9]",
                 "[session_state][will]") {
  connect({.expiry = 60, .will = delayed_will(10)});
  state.detach({});
  CHECK(asked_after(milliseconds{9'999}) == "");
  connect({.clean = false, .expiry = 60});
  CHECK(asked_after(seconds{100}) == "");
  state.detach({});
  CHECK(asked_after(seconds{59}) == "");
}

TEST_CASE_METHOD(timed_session, "a goodbye discards the will [v5:MQTT-3.14.4-3]", "[session_state][will]") {
  connect({.expiry = 60, .will = will});
  receive("e0 00");
  CHECK(asked() == "close 00");
  state.detach({});
  CHECK(asked_after(seconds{100}) == "");
}

TEST_CASE_METHOD(timed_session, "a goodbye with any reason but 0 publishes the will (3.14.2.1)",
                 "[session_state][will]") {
  connect({.will = will});
  receive("e0 01 04");
  state.detach({});
  CHECK(asked() == "close 00; will w 'gone'");
}

TEST_CASE_METHOD(timed_session, "the broker's end publishes the will, but not its own shutdown",
                 "[session_state][will]") {
  const auto attached = GENERATE(true, false);
  CAPTURE(attached);
  connect({.expiry = 60, .will = delayed_will(10)});
  if (!attached)
    state.detach({});
  SECTION("a clean start elsewhere") {
    state.end(protocol::reason_code::session_taken_over);
    CHECK(sent() == (attached ? "DISCONNECT 8e" : ""));
    if (attached)
      state.detach({});
    CHECK(asked() == (attached ? "close 8e; will w 'gone'" : "will w 'gone'"));
  }
  SECTION("a shutdown") {
    state.end(protocol::reason_code::server_shutting_down);
    CHECK(sent() == (attached ? "DISCONNECT 8b" : ""));
    if (attached)
      state.detach({});
    CHECK(asked() == (attached ? "close 8b" : ""));
  }
  CHECK(state.over());
}

TEST_CASE_METHOD(timed_session, "a session ends after its expiry interval, to the millisecond [v5:MQTT-3.1.2-23]",
                 "[session_state][expiry]") {
  connect({.expiry = 60});
  state.detach({});
  CHECK_FALSE(state.over());
  CHECK(asked_after(milliseconds{59'999}) == "");
  CHECK_FALSE(state.over());
  asked_after(milliseconds{1});
  CHECK(state.over());
}

TEST_CASE_METHOD(timed_session, "a session with the longest interval never ends (3.1.2.11.2)",
                 "[session_state][expiry]") {
  connect({.expiry = 0xFFFF'FFFF});
  state.detach({});
  CHECK_FALSE(state.next_alarm());
  CHECK_FALSE(state.over());
}

TEST_CASE_METHOD(timed_session, "the broker's limit shortens an expiry interval (3.2.2.3.2)",
                 "[session_state][expiry]") {
  bounds.session_expiry_seconds_max = 30;
  connect({.expiry = 60});
  state.detach({});
  asked_after(seconds{30});
  CHECK(state.over());
}

TEST_CASE_METHOD(timed_session, "DISCONNECT changes the expiry interval, but never from 0 (3.14.2.2.2)",
                 "[session_state][expiry]") {
  SECTION("shorter") {
    connect({.expiry = 60});
    receive("e0 [ 00 [ 11 00000005 ] ]");
    state.detach({});
    asked_after(milliseconds{4'999});
    CHECK_FALSE(state.over());
    asked_after(milliseconds{1});
    CHECK(state.over());
  }
  SECTION("to the end at once") {
    connect({.expiry = 60});
    receive("e0 [ 00 [ 11 00000000 ] ]");
    state.detach({});
    CHECK(state.over());
  }
  SECTION("from 0") {
    connect();
    CHECK(receive("e0 [ 00 [ 11 00000005 ] ]") == "DISCONNECT 82");
    CHECK(asked() == "close 82");
  }
}

} // namespace actorbus::test
