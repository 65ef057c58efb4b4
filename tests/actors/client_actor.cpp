#include "bus_fixture.hpp"

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/client_actor.hpp>
#include <actorbus/actors/outbound_meter.hpp>

#include <caf/send.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

// The client's actor, against a broker that does as the test says, and against a bus.

namespace actorbus::test {

namespace {

using protocol::reason_code;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct broker_script {
  bool answers_connect = true;
  bool answers_pings = true;
  bool holds = false; ///< keeps frames in `held`
  std::vector<frame> held;
  std::string connack = "20 03 00 00 00";
  std::string received; ///< in words
  caf::actor client;
  std::uint32_t links_closed = 0;
};

class scripted_broker : public batch_actor {
public:
  scripted_broker(caf::actor_config& config, std::shared_ptr<broker_script> script)
      : batch_actor{config, nullptr}, script_{std::move(script)} {}

protected:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<open_session, frame, channel_closed, outbound_drained>(element,
                                                                                [this](auto& message) { on(message); });
  }
  void on_exit() override { script_->client = {}; }

private:
  void on(open_session& message) {
    script_->client = message.channel.channel;
    if (!script_->answers_connect)
      return;
    post(script_->client, session_opened{caf::actor_cast<caf::actor>(ctrl()), protocol::protocol_version::v5, 1},
         context());
    answer(script_->connack);
  }
  void on(frame& packets) {
    const auto words = describe(packets.view(), conformance::version::v5);
    script_->received += (script_->received.empty() ? "" : "; ") + words;
    if (script_->holds)
      script_->held.push_back(packets);
    if (words == "PINGREQ" && script_->answers_pings)
      answer("d0 00");
  }
  void on(channel_closed&) { ++script_->links_closed; }
  void on(outbound_drained&) {}

  void answer(std::string_view text) { post(script_->client, make_frame(conformance::bytes(text)), context()); }

  std::shared_ptr<broker_script> script_;
};

struct client_actor_fixture : bus_fixture {
  std::shared_ptr<broker_script> script = std::make_shared<broker_script>();
  caf::actor gateway = world.system().spawn<scripted_broker>(script);
  std::vector<outcome> outcomes;
  std::vector<outcome> disconnects;
  client_options options;
  caf::actor actor;

  ~client_actor_fixture() {
    if (actor)
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(gateway, caf::exit_reason::user_shutdown);
    world.run();
  }

  completion note() {
    return [this](outcome result) { outcomes.push_back(std::move(result)); };
  }

  void connect() { connect_to(gateway); }
  void connect_to(const caf::actor& whom) {
    client_events events;
    events.on_disconnected = [this](const outcome& why) { disconnects.push_back(why); };
    actor = world.system().spawn<client_actor>(whom, subject->timekeeper(), options, events);
    ask(connect_request{note()});
  }

  template <class Request>
  void ask(Request request) {
    post(actor, std::move(request), nullptr);
    world.run();
  }

  std::string received() { return std::exchange(script->received, {}); }
};

} // namespace

TEST_CASE_METHOD(client_actor_fixture, "a client that gets no CONNACK gives up after its time-out", "[client]") {
  script->answers_connect = false;
  options.connect_timeout = milliseconds{3000};
  connect();
  world.advance(milliseconds{2999});
  CHECK(outcomes.empty());
  world.advance(milliseconds{1});
  REQUIRE(outcomes.size() == 1);
  CHECK(outcomes[0].code == reason_code::server_unavailable);
}

TEST_CASE_METHOD(client_actor_fixture, "a client that was refused ends", "[client]") {
  script->connack = "20 03 00 87 00";
  connect();
  REQUIRE(outcomes.size() == 1);
  CHECK(outcomes[0].code == reason_code::not_authorized);
  CHECK(outcomes[0].by_peer);
  CHECK(disconnects.empty());
}

TEST_CASE_METHOD(
    client_actor_fixture,
    "a silent client pings when its keep-alive has passed, not before [v5:MQTT-3.1.2-20] [v3:MQTT-3.1.2-23]",
    "[client]") {
  options.version = GENERATE(protocol::protocol_version::v3_1_1, protocol::protocol_version::v5);
  if (options.version != protocol::protocol_version::v5)
    script->connack = "20 02 00 00";
  options.keep_alive_seconds = 10;
  connect();
  world.advance(milliseconds{9'999});
  CHECK(received() == "");
  world.advance(milliseconds{1});
  CHECK(received() == "PINGREQ");
  world.advance(seconds{10});
  CHECK(received() == "PINGREQ");
  CHECK(disconnects.empty());
}

TEST_CASE_METHOD(client_actor_fixture, "a client that sends does not ping", "[client]") {
  options.keep_alive_seconds = 10;
  connect();
  world.advance(seconds{9});
  ask(publish_request{{"t", "x"}, {}});
  CHECK(received() == "PUBLISH t 'x'");
  world.advance(milliseconds{9'999});
  CHECK(received() == "");
  world.advance(milliseconds{1});
  CHECK(received() == "PINGREQ");
}

TEST_CASE_METHOD(client_actor_fixture, "a ping without an answer ends the connection", "[client]") {
  options.keep_alive_seconds = 10;
  script->answers_pings = false;
  connect();
  world.advance(seconds{10});
  CHECK(disconnects.empty());
  world.advance(seconds{10});
  REQUIRE(disconnects.size() == 1);
  CHECK(disconnects[0].code == reason_code::keep_alive_timeout);
  CHECK(script->links_closed == 1);
}

TEST_CASE_METHOD(client_actor_fixture, "a lost link fails what waits and ends the client", "[client]") {
  connect();
  ask(publish_request{{"t", "x", protocol::qos::at_least_once}, note()});
  ask(subscribe_filters{{{"s"}}, {}, note()});
  outcomes.clear();
  post(actor, close_channel{reason_code::server_busy, "too much to do"}, nullptr);
  world.run();
  REQUIRE(outcomes.size() == 2);
  CHECK(outcomes[0].code == reason_code::server_busy);
  CHECK(outcomes[0].text == "too much to do: not known to be delivered");
  CHECK(outcomes[0].how == ending::unsettled);
  CHECK(outcomes[1].text == "too much to do");
  REQUIRE(disconnects.size() == 1);
}

// A completion that is never called hangs whoever waits for it.
TEST_CASE_METHOD(client_actor_fixture, "whatever ends a client, every operation gets an outcome", "[client]") {
  script->connack = "20 [ 00 00 [ 21 0001 ] ]";
  options.session_expiry_seconds = GENERATE(0u, 60u);
  connect();
  outcomes.clear();
  ask(publish_request{{"t", "sent", protocol::qos::at_least_once}, note()});
  ask(publish_request{{"t", "waits", protocol::qos::at_least_once}, note()});
  ask(subscribe_filters{{{"s"}}, {}, note()});
  REQUIRE(outcomes.empty());
  auto is_told = 1u;
  SECTION("a lost link") {
    post(actor, close_channel{}, nullptr);
  }
  SECTION("an exit message") {
    caf::anon_send_exit(actor, caf::exit_reason::kill);
  }
  SECTION("a goodbye of its own") {
    post(actor, disconnect_request{}, nullptr); // waits for the answers, but not for ever
    world.run();
    CHECK(outcomes.empty());
    world.advance(options.leave_timeout);
    is_told = 0;
  }
  world.run();
  CHECK(outcomes.size() == 3);
  CHECK(disconnects.size() == is_told);
}

TEST_CASE_METHOD(client_actor_fixture, "operations before CONNECT fail at once", "[client]") {
  actor = world.system().spawn<client_actor>(gateway, subject->timekeeper(), options, client_events{});
  ask(publish_request{{"t", "x"}, note()});
  ask(subscribe_filters{{{"s"}}, {}, note()});
  ask(unsubscribe_filters{{"s"}, note()});
  REQUIRE(outcomes.size() == 3);
  for (const auto& each : outcomes)
    CHECK(each.code == reason_code::server_unavailable);
}

TEST_CASE_METHOD(client_actor_fixture, "a second CONNECT is refused by the client itself [v5:MQTT-3.1.0-2]",
                 "[client]") {
  connect();
  ask(connect_request{note()});
  REQUIRE(outcomes.size() == 2);
  CHECK(outcomes[0].code == reason_code::success);
  CHECK(outcomes[1].code == reason_code::protocol_error);
}

TEST_CASE_METHOD(client_actor_fixture, "a publish at QoS 0 completes when there is credit for it", "[client]") {
  options.credit_bytes = 1000;
  script->holds = true;
  connect();
  outcomes.clear();
  for (auto payload : {'a', 'b', 'c'})
    ask(publish_request{{"t", std::string(1500, payload)}, note()});
  CHECK(outcomes.size() == 1);
  script->held.clear();
  world.run();
  CHECK(outcomes.size() == 2);
  script->held.clear();
  world.run();
  CHECK(outcomes.size() == 3);
  const auto all = received();
  CHECK(all.find("aaa") < all.find("bbb"));
  CHECK(all.find("bbb") < all.find("ccc"));
  script->held.clear();
}

TEST_CASE_METHOD(client_actor_fixture, "whoever keeps what it was sent holds a publisher up for a second", "[client]") {
  options.credit_bytes = 1000;
  script->holds = true;
  connect();
  outcomes.clear();
  ask(publish_request{{"t", std::string(1500, 'a')}, note()});
  ask(publish_request{{"t", std::string(1500, 'b')}, note()});
  world.advance(milliseconds{999});
  CHECK(outcomes.size() == 1);
  world.advance(milliseconds{1});
  CHECK(outcomes.size() == 2);
  script->held.clear();
}

TEST_CASE_METHOD(client_actor_fixture, "a client that is killed is a lost connection: its will is sent", "[client]") {
  auto watcher = client();
  watcher->send(connect_text("watcher"));
  watcher->send("82 [ 0001 00 s'w' 00 ]");
  options.will = will_options{{"w", "gone"}};
  connect_to(subject->broker());
  REQUIRE(outcomes.size() == 1);
  REQUIRE(outcomes[0]);
  caf::anon_send_exit(actor, caf::exit_reason::kill);
  CHECK(watcher->received() == "PUBLISH w 'gone'");
}

TEST_CASE_METHOD(client_actor_fixture, "a client that says goodbye leaves no will and no actor", "[client]") {
  auto watcher = client();
  watcher->send(connect_text("watcher"));
  watcher->send("82 [ 0001 00 s'w' 00 ]");
  const auto before = actors();
  options.will = will_options{{"w", "gone"}};
  connect_to(subject->broker());
  ask(disconnect_request{reason_code::success, {}, note()});
  CHECK(outcomes.size() == 2);
  CHECK(watcher->received() == "");
  CHECK(actors() == before);
}

} // namespace actorbus::test
