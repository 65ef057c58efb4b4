#include "bus_fixture.hpp"
#include "client_link_fixture.hpp"

#include <actorbus/actors/authenticator.hpp>
#include <actorbus/actors/link_tap.hpp>
#include <actorbus/actors/password_authenticator.hpp>
#include <actorbus/actors/scram.hpp>
#include <actorbus/actors/scram_authentication.hpp>

#include <caf/send.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

// How clients prove who they are: packet by packet, and with SCRAM-SHA-256 against the built-in authenticator.

namespace actorbus::test {

using protocol::reason_code;

namespace {

/// The method WORDS: says "open", answers "friend" to "who?", and wants to hear "welcome".
class words_exchange : public authentication_exchange {
public:
  std::string_view method() const override { return "WORDS"; }
  std::string first() override { return "open"; }
  protocol::expected<std::string, std::string> answer(std::string_view question) override {
    if (question == "throw")
      throw std::runtime_error{"thrown"};
    if (question != "who?")
      return protocol::unexpected{"no answer to " + std::string{question}};
    return std::string{"friend"};
  }
  std::optional<std::string> distrust(std::string_view data) override {
    return data == "welcome" ? std::nullopt : std::optional<std::string>{"no welcome"};
  }
};

struct authenticating_client : client_fixture {
  authenticating_client() {
    options.authentication = [] { return std::make_unique<words_exchange>(); };
  }

  void begin() {
    make();
    state->connect(note("connect"));
  }

  void enter(std::string_view properties = "") {
    begin();
    sent();
    receive(conformance::notation("20 [ 00 00 [ 15 s'WORDS' 16 s'welcome' {} ] ]", properties));
    REQUIRE(noted() == "connect 00; ");
  }

  std::string failure() const { return state->failure ? state->failure->text : ""; }
};

} // namespace

TEST_CASE_METHOD(authenticating_client, "a client says its method in each packet and answers [v5:MQTT-4.12.0-3]",
                 "[client_authentication]") {
  begin();
  CHECK(sent_bytes() == hex("10 [ s'MQTT' 05 02 0000 [ 15 s'WORDS' 16 s'open' ] s'' ]"));
  state->receive(make_frame(conformance::bytes("f0 [ 18 [ 15 s'WORDS' 16 s'who?' ] ]")));
  CHECK(sent_bytes() == hex("f0 [ 18 [ 15 s'WORDS' 16 s'friend' ] ]"));
  CHECK(noted() == "");
  receive("20 [ 00 00 [ 15 s'WORDS' 16 s'welcome' ] ]");
  CHECK(noted() == "connect 00; ");
  CHECK(failure() == "");
}

TEST_CASE_METHOD(authenticating_client, "a client that doesn't trust what lets it in says so and goes",
                 "[client_authentication]") {
  begin();
  sent();
  const auto [packet, why] = GENERATE(table<std::string, std::string>({
      {"20 [ 00 00 [ 15 s'WORDS' 16 s'hello' ] ]", "no welcome"},
      {"20 [ 00 00 [ 15 s'WORDS' ] ]", "no welcome"},
      {"20 [ 00 00 00 ]", "the broker says no authentication method where the client named WORDS"},
      {"20 [ 00 00 [ 15 s'OTHER' 16 s'welcome' ] ]", "the broker's authentication method is OTHER, the client's WORDS"},
      {"f0 [ 18 [ 15 s'OTHER' 16 s'who?' ] ]", "the broker's authentication method is OTHER, the client's WORDS"},
      {"f0 [ 18 [ 15 s'WORDS' 16 s'where?' ] ]", "no answer to where?"},
      {"f0 [ 18 [ 15 s'WORDS' 16 s'throw' ] ]", "thrown"},
  }));
  CHECK(receive(packet) == "DISCONNECT 80");
  CHECK(failure() == why);
  CHECK_FALSE(state->connected());
  CHECK(state->failure->code == reason_code::not_authorized);
}

TEST_CASE_METHOD(client_fixture, "AUTH towards a client that named no method ends the connection [v5:MQTT-4.12.0-6]",
                 "[client_authentication]") {
  connect();
  CHECK(receive("f0 [ 18 [ 15 s'WORDS' 16 s'who?' ] ]") == "DISCONNECT 82");
  REQUIRE(state->failure);
  state->reauthenticate(note("again"));
  CHECK(noted() == "again 82; ");
  CHECK(sent() == ""); // [v5:MQTT-4.12.0-7]
}

TEST_CASE_METHOD(authenticating_client, "a client authenticates anew while messages go on [v5:MQTT-4.12.1-1]",
                 "[client_authentication]") {
  enter();
  state->reauthenticate(note("again"));
  CHECK(sent_bytes() == hex("f0 [ 19 [ 15 s'WORDS' 16 s'open' ] ]"));
  state->reauthenticate(note("too soon"));
  publish("message", qos1);
  CHECK(sent() == "PUBLISH t 'p' q1 #1");
  CHECK(receive("f0 [ 18 [ 15 s'WORDS' 16 s'who?' ] ] 40 02 0001") == "AUTH 18 WORDS 'friend'");
  CHECK(noted() == "too soon 82; message 00; ");
  CHECK(state->has_unanswered());
  receive("f0 [ 00 [ 15 s'WORDS' 16 s'welcome' ] ]");
  CHECK(noted() == "again 00; ");
  CHECK_FALSE(state->has_unanswered());
  state->reauthenticate(note("once more"));
  CHECK(sent() == "AUTH 19 WORDS 'open'");
  state->lost({reason_code::server_unavailable, "gone"});
  CHECK(noted() == "once more 88; ");
}

TEST_CASE_METHOD(authenticating_client, "a client whose new authentication fails goes [v5:MQTT-4.12.1-2]",
                 "[client_authentication]") {
  enter();
  state->reauthenticate(note("again"));
  sent();
  CHECK(receive("f0 [ 00 [ 15 s'WORDS' 16 s'hm' ] ]") == "DISCONNECT 80");
  CHECK(failure() == "no welcome");
  state->lost(*state->failure);
  CHECK(noted() == "again 87; ");
}

TEST_CASE_METHOD(authenticating_client, "an AUTH larger than the broker takes is not sent [v5:MQTT-3.2.2-15]",
                 "[client_authentication]") {
  enter("27 00000013"); // AUTH would be f0, its length, 0x19, the properties' length, 8 and 7 bytes: 19
  state->reauthenticate(note("again"));
  CHECK(sent() == "AUTH 19 WORDS 'open'");
  receive("f0 [ 00 [ 15 s'WORDS' 16 s'welcome' ] ]");
  state->lost({reason_code::server_unavailable, "gone"});
  state->connect({});
  sent();
  receive("20 [ 00 00 [ 15 s'WORDS' 16 s'welcome' 27 00000012 ] ]");
  state->reauthenticate(note("too large"));
  CHECK(sent() == "DISCONNECT 80");
  CHECK(failure() == "the broker takes no AUTH of this size");
}

TEST_CASE_METHOD(link_fixture, "a client before MQTT 5 cannot authenticate by a method", "[client_authentication]") {
  options.version = protocol::protocol_version::v3_1_1;
  options.authentication = scram_authentication("ann", "secret");
  connect();
  CHECK(noted() == "connect client_options::authentication needs MQTT 5.0; ");
  CHECK(gateway().opened == 0);
}

TEST_CASE_METHOD(link_fixture, "a method that can't be made, or a broker that isn't trusted, ends a client for good",
                 "[client_authentication]") {
  SECTION("a method that throws") {
    options.authentication = []() -> std::unique_ptr<authentication_exchange> { throw std::runtime_error{"no key"}; };
    connect();
    CHECK(noted() == "connect no key; ");
    CHECK(gateway().opened == 0);
  }
  SECTION("a broker that asks for no proof") {
    options.authentication = scram_authentication("ann", "secret");
    gateway().connack = "20 [ 00 00 [ 15 s'SCRAM-SHA-256' ] ]";
    connect();
    CHECK(noted() == "connect SCRAM-SHA-256: the server let the client in without asking for proof; ");
    CHECK(gateway().opened == 1);
  }
  advance(10'000);
  CHECK(gateway().opened <= 1);
}

// -- with SCRAM-SHA-256 ------------------------------------------------------------------------------

namespace {

/// Speaks SCRAM-SHA-256 without knowing a password: takes whatever proof comes.
class impostor : public batch_actor {
public:
  explicit impostor(caf::actor_config& config) : batch_actor{config, nullptr} {}

protected:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<authenticate, continue_authentication, authentication_abandoned>(
        element, [this](auto& message) { on(message); });
  }
  void on_exit() override { client_ = {}; }

private:
  void on(authenticate& message) {
    client_ = message.reply_to;
    scram_server scram;
    scram.begin(message.data);
    const auto guess = make_scram_verifier("guess", "0123456789abcdef", scram_iterations_min);
    post(client_, verdict{message.attempt, reason_code::continue_authentication, scram.challenge(guess, "server")},
         context());
  }
  void on(continue_authentication& message) {
    verdict yes{message.attempt, reason_code::success, "v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="};
    post(client_, std::move(yes), context());
  }
  void on(authentication_abandoned&) {}

  caf::actor client_;
};

/// A bus with one user, and clients of the program that come with a method.
struct guarded_program : bus_fixture {
  guarded_program() {
    password_list list;
    list.set("ann", make_scram_verifier("secret", "0123456789abcdef", scram_iterations_min));
    begin(world.system().spawn<password_authenticator>(std::make_shared<const password_list>(std::move(list))));
  }

  ~guarded_program() {
    me = {};
    subject.reset();
    caf::anon_send_exit(keeper, caf::exit_reason::user_shutdown);
    world.run();
  }

  void begin(caf::actor authenticator) {
    if (keeper)
      caf::anon_send_exit(keeper, caf::exit_reason::user_shutdown);
    keeper = authenticator;
    bus::options settings{.seed = 1, .authenticator = std::move(authenticator)};
    settings.gateway = [this](caf::actor_system& system, const caf::actor& broker) {
      return system.spawn<testing::link_tap, caf::hidden>(record, broker);
    };
    subject = std::make_unique<bus>(world.system(), settings);
    world.run();
  }

  void connect(const std::string& password, std::optional<reconnect_policy> reconnect = {}) {
    me = subject->make_client(
        {.client_id = "me", .authentication = scram_authentication("ann", password), .reconnect = reconnect},
        {.on_message = [this](const incoming_message& it) { came += std::string{it.payload} + ";"; },
         .on_connected = [this](const outcome&) { ++times_connected; }});
    me.connect().then([this](const outcome& result) { connected = result; });
    world.run();
  }

  completion note(std::string name) {
    return [this, name = std::move(name)](const outcome& result) {
      outcomes += name + " " + client_fixture::code_of(result) + "; ";
    };
  }

  /// Virtual time is the test's: a client that leaves is waited for by running.
  void leave() {
    me.disconnect().then(note("left"));
    world.run();
  }

  std::shared_ptr<testing::traffic_record> record =
      std::make_shared<testing::traffic_record>([] { return std::chrono::milliseconds{0}; });
  caf::actor keeper;
  actorbus::client me;
  std::optional<outcome> connected;
  std::string outcomes;
  std::string came;
  int times_connected = 0;
};

} // namespace

TEST_CASE_METHOD(guarded_program, "a client comes in by user and password with SCRAM-SHA-256, and again",
                 "[client_authentication]") {
  connect("secret", reconnect_policy{.delay_min = std::chrono::milliseconds{100}, .jitter = 0});
  REQUIRE(connected);
  CHECK(*connected);
  me.subscribe("t").then(note("subscribed"));
  world.run();
  CHECK(outcomes == "subscribed 00 02; ");
  CHECK(cut_links(*record, "me") == 1);
  world.run();
  world.advance(std::chrono::milliseconds{100});
  CHECK(times_connected == 2);
  me.publish("t", "hello", protocol::qos::at_least_once).then(note("published"));
  world.run();
  CHECK(came == "hello;");
  leave();
  CHECK(outcomes == "subscribed 00 02; published 00; left 00; ");
}

TEST_CASE_METHOD(guarded_program, "a client with a wrong password is refused and ends", "[client_authentication]") {
  connect("wrong", reconnect_policy{});
  REQUIRE(connected);
  CHECK(connected->code == reason_code::bad_user_name_or_password);
  CHECK(connected->by_peer);
  CHECK(counters().clients_total == 0);
}

TEST_CASE_METHOD(guarded_program, "a client finds out a server that doesn't know the password",
                 "[client_authentication]") {
  begin(world.system().spawn<impostor>());
  connect("secret", reconnect_policy{});
  REQUIRE(connected);
  CHECK(connected->code == reason_code::not_authorized);
  CHECK_FALSE(connected->by_peer);
  CHECK(connected->text == "SCRAM-SHA-256: the server doesn't know the password: its signature is wrong");
  CHECK(counters().clients_connected == 0);
}

TEST_CASE_METHOD(guarded_program, "a client authenticates anew by SCRAM-SHA-256 while messages flow",
                 "[client_authentication]") {
  connect("secret");
  me.subscribe("t").then(note("subscribed"));
  me.publish("t", "1", protocol::qos::at_least_once);
  me.reauthenticate().then(note("again"));
  me.publish("t", "2", protocol::qos::exactly_once);
  world.run();
  CHECK(outcomes == "subscribed 00 02; again 00; ");
  CHECK(came == "1;2;");
  post(keeper, replace_passwords{std::make_shared<const password_list>()}, nullptr);
  me.reauthenticate().then(note("once more"));
  world.run();
  CHECK(outcomes == "subscribed 00 02; again 00; once more 87; ");
  CHECK(counters().clients_connected == 0);
}

} // namespace actorbus::test
