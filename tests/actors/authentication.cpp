#include "bus_fixture.hpp"
#include "support/link_packet.hpp"

#include <actorbus/actors/authenticator.hpp>
#include <actorbus/actors/password_authenticator.hpp>

#include <caf/send.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <optional>

// Who is let in, by an authenticator that the test speaks for, and by one with a list of passwords.

namespace actorbus::test {

using protocol::reason_code;

namespace {

/// Writes down what it is asked; the test answers.
class scripted_authenticator : public batch_actor {
public:
  struct script {
    std::vector<authenticate> asked;
    std::vector<std::string> continued;
    int abandoned = 0;
  };

  scripted_authenticator(caf::actor_config& config, std::shared_ptr<script> into)
      : batch_actor{config, nullptr}, into_{std::move(into)} {}

protected:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<authenticate, continue_authentication, authentication_abandoned>(
        element, [this](auto& message) { on(message); });
  }

private:
  void on(authenticate& message) { into_->asked.push_back(std::move(message)); }
  void on(continue_authentication& message) { into_->continued.push_back(std::move(message.data)); }
  void on(authentication_abandoned&) { ++into_->abandoned; }

  std::shared_ptr<script> into_;
};

struct guarded_bus : bus_fixture {
  guarded_bus() {
    guard = world.system().spawn<scripted_authenticator>(script);
    begin(guard);
  }

  ~guarded_bus() {
    script->asked.clear();
    subject.reset();
    world.run();
  }

  void begin(const caf::actor& authenticator, limits bounds = {}) {
    subject = std::make_unique<bus>(world.system(),
                                    bus::options{.limits = bounds, .seed = 1, .authenticator = authenticator});
    world.run();
  }

  /// A client that comes through a listener.
  std::unique_ptr<memory_client> stranger(conformance::version v = conformance::version::v5) {
    auto result = std::make_unique<memory_client>(world, subject->broker(), v);
    result->policy = policy;
    return result;
  }

  /// Gives the verdict on whoever was asked about last.
  void decide(verdict answer) {
    world.run();
    REQUIRE_FALSE(script->asked.empty());
    answer.attempt = script->asked.back().attempt;
    post(script->asked.back().reply_to, std::move(answer), nullptr);
    world.run();
  }
  void decide(reason_code code) { decide(verdict{0, code}); }

  std::shared_ptr<scripted_authenticator::script> script = std::make_shared<scripted_authenticator::script>();
  std::shared_ptr<listener_policy> policy = std::make_shared<listener_policy>();
  caf::actor guard;
};

/// CONNECT with user name and password, in the notation.
std::string login(std::string_view id, std::string_view user, std::string_view password, const char* properties = "") {
  return conformance::notation("10 [ s'MQTT' 05 (user, password, clean) c2 0000 [ {} ] s'{}' s'{}' s'{}' ]",
                               std::string{properties}, id, user, password);
}

/// CONNECT with a method and its data.
std::string connect_with(std::string_view method, std::string_view data, std::string_view id = "me") {
  return conformance::notation("10 [ s'MQTT' 05 02 0000 [ 15 s'{}' 16 s'{}' ] s'{}' ]", method, data, id);
}

std::string auth(const char* code, std::string_view method, std::string_view data) {
  return conformance::notation("f0 [ {} [ 15 s'{}' 16 s'{}' ] ]", std::string{code}, method, data);
}

} // namespace

TEST_CASE_METHOD(guarded_bus, "a client waits for the authenticator's verdict, and so does what it sent behind",
                 "[authentication]") {
  auto a = stranger();
  CHECK(a->send(login("me", "ann", "secret")) == "");
  REQUIRE(script->asked.size() == 1);
  CHECK(script->asked[0].client_id == "me");
  CHECK(script->asked[0].user_name == "ann");
  CHECK(script->asked[0].password == "secret");
  CHECK(script->asked[0].transport == "memory");
  CHECK(script->asked[0].peer == "test");
  CHECK(script->asked[0].policy == policy);
  CHECK_FALSE(script->asked[0].again);
  CHECK(counters().clients_total == 0);
  decide(reason_code::success);
  CHECK(a->received() == "CONNACK 00");
  CHECK(a->send("c0 00") == "PINGRESP");
}

TEST_CASE_METHOD(guarded_bus, "a refusal is a CONNACK with the authenticator's reason, and the end [v5:MQTT-4.12.0-4]",
                 "[authentication]") {
  const auto [code, said] = GENERATE(table<reason_code, std::string>({
      {reason_code::bad_user_name_or_password, "CONNACK 86"},
      {reason_code::banned, "CONNACK 8a"},
      {reason_code::server_busy, "CONNACK 89"},
      {reason_code::topic_filter_invalid, "CONNACK 80"}, // no CONNACK may say that
  }));
  auto a = stranger();
  a->send(login("me", "ann", "wrong"));
  decide(code);
  CHECK(a->received() == said);
  CHECK(a->closed());
  CHECK(counters().clients_total == 0);
  CHECK(counters().connections_refused == 1);
}

TEST_CASE_METHOD(guarded_bus, "a client of 3.1.1 is refused with the return code that comes nearest [v3:MQTT-3.2.2-4]",
                 "[authentication]") {
  const auto [code, said] = GENERATE(table<reason_code, std::string>({
      {reason_code::bad_user_name_or_password, "CONNACK 04"},
      {reason_code::not_authorized, "CONNACK 05"},
      {reason_code::server_unavailable, "CONNACK 03"},
  }));
  auto a = stranger(conformance::version::v311);
  a->send("10 [ s'MQTT' 04 c2 0000 s'me' s'ann' s'wrong' ]");
  decide(code);
  CHECK(a->received() == said);
  CHECK(a->closed());
}

TEST_CASE_METHOD(
    guarded_bus,
    "the reason goes along where the client takes packets of its size [v5:MQTT-3.2.2-19] [v5:MQTT-3.2.2-20]",
    "[authentication]") {
  const auto size_max = GENERATE(std::uint32_t{15}, std::uint32_t{60});
  auto a = stranger();
  a->send(login("me", "ann", "wrong", conformance::notation("27 {}", size_max).c_str()));
  verdict no{0, reason_code::banned};
  no.reason_string = "not on Sundays";
  no.user_properties = {{"until", "Monday"}};
  decide(std::move(no));
  const auto bytes = a->received_bytes();
  const auto answer = conformance::read_packet(bytes, conformance::version::v5);
  REQUIRE(answer);
  CHECK(answer->reason() == 0x8a);
  CHECK(answer->text(conformance::property_id::reason_string).has_value() == (size_max == 60));
  CHECK(answer->has(conformance::property_id::user_property) == (size_max == 60));
}

TEST_CASE_METHOD(guarded_bus, "who is not let in takes nobody's session over", "[authentication]") {
  auto a = stranger();
  a->send(login("me", "ann", "secret"));
  decide(reason_code::success);
  a->received();
  auto b = stranger();
  b->send(login("me", "ann", "wrong"));
  CHECK(a->send("c0 00") == "PINGRESP");
  decide(reason_code::bad_user_name_or_password);
  CHECK(b->received() == "CONNACK 86");
  CHECK(a->send("c0 00") == "PINGRESP");
}

TEST_CASE_METHOD(guarded_bus, "a session goes on for its own user only", "[authentication]") {
  const std::string user = GENERATE("ann", "bob");
  auto connect = [&](memory_client& client, const std::string& name, const char* flags) {
    client.post_packets("10 [ s'MQTT' 05 {} 0000 [ 11 0000003c ] s'me' s'{}' s'x' ]", std::string{flags}, name);
    decide(reason_code::success);
  };
  auto a = stranger();
  connect(*a, "ann", "c2");
  a->close();
  auto b = stranger();
  connect(*b, user, "c0");
  CHECK(b->received() == (user == "ann" ? "CONNACK 00 present" : "CONNACK 00"));
}

TEST_CASE_METHOD(guarded_bus, "an authenticator that never answers costs the client its time, and nobody else theirs",
                 "[authentication]") {
  auto a = stranger();
  a->send(login("me", "ann", "secret"));
  world.advance(std::chrono::milliseconds{4'999});
  CHECK(a->received() == "");
  world.advance(std::chrono::milliseconds{1});
  CHECK(a->received() == "CONNACK 88");
  CHECK(a->closed());
  CHECK(script->abandoned == 1);
  decide(reason_code::success); // late: nobody is there
  CHECK(counters().clients_total == 0);
}

TEST_CASE_METHOD(guarded_bus, "an authenticator that is dead, or dies, is a clear refusal", "[authentication]") {
  const auto before = GENERATE(true, false);
  CAPTURE(before);
  auto a = stranger();
  if (before)
    caf::anon_send_exit(guard, caf::exit_reason::kill);
  a->post_packets(login("me", "ann", "secret"));
  world.run();
  if (!before)
    caf::anon_send_exit(guard, caf::exit_reason::kill);
  CHECK(a->received() == "CONNACK 88");
  CHECK(a->closed());
}

TEST_CASE_METHOD(guarded_bus, "a client that goes while it waits leaves nothing behind", "[authentication]") {
  const auto how = GENERATE(0, 1);
  const auto idle = actors();
  auto a = stranger();
  a->send(how == 0 ? login("me", "ann", "secret") : connect_with("M", "1"));
  if (how == 1) {
    decide(reason_code::continue_authentication);
    a->send("e0 00"); // allowed, like AUTH [v5:MQTT-3.1.2-30]
    CHECK(a->closed());
  }
  a->kill();
  world.run();
  CHECK(script->abandoned == 1);
  CHECK(actors() == idle);
}

TEST_CASE_METHOD(guarded_bus, "no more connections wait for their authentication than the limit allows",
                 "[authentication]") {
  begin(guard, {.authentications_max = 2});
  auto a = stranger();
  auto b = stranger();
  auto c = stranger();
  a->send(login("a", "ann", "x"));
  b->send(login("b", "bob", "x"));
  CHECK(c->send(login("c", "cid", "x")) == "CONNACK 89");
  decide(reason_code::success);
  CHECK(b->received() == "CONNACK 00");
  auto d = stranger();
  CHECK(d->send(login("d", "dan", "x")) == "");
  decide(reason_code::success);
  CHECK(d->received() == "CONNACK 00");
}

TEST_CASE_METHOD(guarded_bus, "a listener may demand a name, and its word counts before anybody is asked",
                 "[authentication]") {
  policy->allow_anonymous = false;
  auto a = stranger();
  CHECK(a->send(connect_text("a")) == "CONNACK 87");
  CHECK(script->asked.empty());
  SECTION("an identity is one") {
    auto b = stranger();
    b->identity = std::make_shared<peer_identity>(peer_identity{"CN=b", "certificate"});
    b->send(connect_text("b"));
    decide(reason_code::success);
    CHECK(b->received() == "CONNACK 00");
  }
  SECTION("and may be the user's, whatever the client says") {
    policy->identity_is_user = true;
    auto b = stranger();
    CHECK(b->send(login("b", "root", "x")) == "CONNACK 87");
    auto c = stranger();
    c->identity = std::make_shared<peer_identity>(peer_identity{"cid", "certificate"});
    c->send(login("c", "root", "x"));
    CHECK(script->asked.back().user_name == "cid");
  }
}

TEST_CASE_METHOD(bus_fixture, "a name that nobody can check does not help where one is demanded", "[authentication]") {
  auto a = client();
  a->policy = std::make_shared<listener_policy>(listener_policy{"l", false});
  CHECK(a->send(login("a", "ann", "secret")) == "CONNACK 87");
}

TEST_CASE_METHOD(guarded_bus, "participants of the program are not asked for names", "[authentication]") {
  auto a = client();
  CHECK(a->send(connect_text("a")) == "CONNACK 00");
  CHECK(script->asked.empty());
}

TEST_CASE_METHOD(guarded_bus, "a listener may have an authenticator of its own", "[authentication]") {
  auto other = std::make_shared<scripted_authenticator::script>();
  policy->authenticator = world.system().spawn<scripted_authenticator>(other);
  auto a = stranger();
  a->send(login("me", "ann", "secret"));
  CHECK(script->asked.empty());
  CHECK(other->asked.size() == 1);
  other->asked.clear();
  caf::anon_send_exit(policy->authenticator, caf::exit_reason::user_shutdown);
}

TEST_CASE_METHOD(guarded_bus,
                 "a method is carried to and fro in AUTH packets that name it "
                 "[v5:MQTT-4.12.0-2] [v5:MQTT-4.12.0-3] [v5:MQTT-4.12.0-5]",
                 "[authentication]") {
  auto a = stranger();
  a->send(connect_with("M", "1"));
  CHECK(script->asked[0].method == "M");
  CHECK(script->asked[0].data == "1");
  decide(verdict{0, reason_code::continue_authentication, "2"});
  CHECK(a->received() == "AUTH 18 M '2'");
  CHECK(a->send(auth("18", "M", "3")) == "");
  decide(verdict{0, reason_code::continue_authentication, "4"});
  CHECK(a->received() == "AUTH 18 M '4'");
  a->send(auth("18", "M", "5"));
  CHECK(script->continued == std::vector<std::string>{"3", "5"});
  decide(verdict{0, reason_code::success, "6"});
  const auto bytes = a->received_bytes();
  const auto answer = conformance::read_packet(bytes, conformance::version::v5);
  REQUIRE(answer);
  CHECK(answer->type == conformance::packet_type::connack);
  CHECK(answer->reason() == 0);
  CHECK(answer->text(0x15) == "M");
  CHECK(answer->text(0x16) == "6");
  CHECK(a->send("c0 00") == "PINGRESP");
}

TEST_CASE_METHOD(guarded_bus, "whoever is being authenticated may send AUTH of the method, in turn [v5:MQTT-3.1.2-30]",
                 "[authentication]") {
  const auto [text, said] = GENERATE(table<std::string, std::string>({
      {"c0 00", "CONNACK 82"},
      {"30 [ s't' 00 ]", "CONNACK 82"},
      {auth("19", "M", "3"), "CONNACK 82"},
      {auth("18", "N", "3"), "CONNACK 82"},
      {auth("18", "M", "3") + "c0 00", "CONNACK 82"},
      {"f1 00", "CONNACK 81"},
  }));
  auto a = stranger();
  a->send(connect_with("M", "1"));
  decide(reason_code::continue_authentication);
  a->received();
  CHECK(a->send(text) == said);
  CHECK(a->closed());
  CHECK(script->abandoned == 1);
  CHECK(script->continued.empty());
}

TEST_CASE_METHOD(guarded_bus, "no question is larger than the client takes [v5:MQTT-3.1.2-24]", "[authentication]") {
  // f0, the length, 18, the properties' length, 15 s'M' and 16 s'0123456789': 21 bytes
  const auto [most, said] =
      GENERATE(table<const char*, std::string>({{"00000015", "AUTH 18 M '0123456789'"}, {"00000014", "CONNACK 95"}}));
  auto a = stranger();
  a->send(conformance::notation("10 [ s'MQTT' 05 02 0000 [ 15 s'M' 16 s'1' 27 {} ] s'me' ]", std::string{most}));
  decide(verdict{0, reason_code::continue_authentication, "0123456789"});
  CHECK(a->received() == said);
}

TEST_CASE_METHOD(guarded_bus, "an authenticator that asks who named no method is at fault [v5:MQTT-4.12.0-6]",
                 "[authentication]") {
  auto a = stranger();
  a->send(login("me", "ann", "secret"));
  decide(reason_code::continue_authentication);
  CHECK(a->received() == "CONNACK 83");
}

namespace {

struct inside : guarded_bus {
  inside() {
    a->send(connect_with("M", "1"));
    verdict yes{0, reason_code::success};
    yes.user_name = "ann";
    decide(std::move(yes));
    a->received();
  }
  std::unique_ptr<memory_client> a = stranger();
};

} // namespace

TEST_CASE_METHOD(inside, "a client may authenticate anew, and go on meanwhile [v5:MQTT-4.12.1-1] [v5:MQTT-4.12.0-5]",
                 "[authentication]") {
  CHECK(a->send(auth("19", "M", "again")) == "");
  CHECK(script->asked.back().again);
  CHECK(script->asked.back().data == "again");
  CHECK(script->asked.back().user_name == "ann");
  CHECK(a->send("c0 00") == "PINGRESP");
  decide(verdict{0, reason_code::continue_authentication, "2"});
  CHECK(a->received() == "AUTH 18 M '2'");
  CHECK(a->send(auth("18", "M", "3")) == "");
  CHECK(script->continued == std::vector<std::string>{"3"});
  decide(verdict{0, reason_code::success, "4"});
  CHECK(a->received() == "AUTH 00 M '4'");
  CHECK(a->send(auth("19", "M", "once more")) == "");
  decide(reason_code::success);
  CHECK(a->received() == "AUTH 00 M ''");
}

TEST_CASE_METHOD(inside, "a client that fails to authenticate anew is sent away [v5:MQTT-4.12.1-2]",
                 "[authentication]") {
  a->send(auth("19", "M", "again"));
  SECTION("with the authenticator's reason") {
    decide(reason_code::server_busy);
    CHECK(a->received() == "DISCONNECT 89");
  }
  SECTION("where DISCONNECT has it") {
    decide(reason_code::bad_user_name_or_password);
    CHECK(a->received() == "DISCONNECT 87");
  }
  SECTION("as one that becomes somebody else") {
    verdict other{0, reason_code::success};
    other.user_name = "bob";
    decide(std::move(other));
    CHECK(a->received() == "DISCONNECT 87");
  }
  SECTION("as one that takes too long") {
    world.advance(std::chrono::milliseconds{4'999});
    CHECK(a->received() == "");
    world.advance(std::chrono::milliseconds{1});
    CHECK(a->received() == "DISCONNECT 87");
  }
  CHECK(a->closed());
}

TEST_CASE_METHOD(inside, "AUTH out of turn or of another method ends the connection [v5:MQTT-4.12.1-1]",
                 "[authentication]") {
  const auto text = GENERATE(auth("18", "M", "x"), auth("19", "N", "x"), auth("19", "M", "x") + auth("19", "M", "x"));
  CHECK(a->send(text) == "DISCONNECT 82");
  CHECK(a->closed());
}

TEST_CASE_METHOD(guarded_bus, "AUTH from a client that named no method ends the connection [v5:MQTT-4.12.0-7]",
                 "[authentication]") {
  auto a = stranger();
  a->send(login("me", "ann", "secret"));
  decide(reason_code::success);
  a->received();
  CHECK(a->send(auth("19", "M", "x")) == "DISCONNECT 82");
}

// -- what a verdict allows ------------------------------------------------------------------------

TEST_CASE_METHOD(guarded_bus, "a verdict may bound what its client publishes and subscribes", "[authentication]") {
  auto listener = client();
  listener->send(connect_text("listener"));
  listener->send("82 [ 0001 00 s'#' 02 ]");
  auto a = stranger();
  a->send(login("me", "ann", "secret"));
  verdict yes{0, reason_code::success};
  yes.allowed = std::make_shared<const permissions>(permissions{{"of/%u/#"}, {"for/%c/#"}});
  decide(std::move(yes));
  a->received();
  CHECK(a->send("32 [ s'of/ann/x' 0001 00 '1' ]") == "PUBACK #1");
  CHECK(a->send("32 [ s'of/bob/x' 0002 00 '2' ]") == "PUBACK #2 87");
  CHECK(a->send("34 [ s'of/bob/x' 0003 00 '3' ]") == "PUBREC #3 87");
  CHECK(a->send("30 [ s'of/bob/x' 00 '4' ]30 [ s'of/bob/x' 00 '5' ]") == "");
  CHECK(a->send("33 [ s'of/bob/x' 0004 00 '6' ]") == "PUBACK #4 87");
  CHECK(listener->received() == "PUBLISH of/ann/x '1' q1 #1");
  CHECK(counters().publishes_dropped == 5);
  CHECK(counters().retained_messages == 0);
  CHECK(a->send("82 [ 0005 00 s'for/me/+' 01 s'for/+' 01 s'$share/g/for/me/#' 00 s'#' 00 ]") ==
        "SUBACK #5 01 87 00 87");
}

TEST_CASE_METHOD(guarded_bus,
                 "a client of 3.1.1 that may not publish is answered, and its message dropped [v3:MQTT-3.3.5-2]",
                 "[authentication]") {
  policy->allowed = std::make_shared<const permissions>(permissions{{"mine"}, {"mine"}});
  auto a = stranger(conformance::version::v311);
  a->send("10 [ s'MQTT' 04 c2 0000 s'me' s'ann' s'x' ]");
  decide(reason_code::success);
  a->received();
  CHECK(a->send("32 [ s'other' 0001 'x' ]") == "PUBACK #1");
  CHECK(a->send("34 [ s'other' 0002 'x' ]") == "PUBREC #2");
  CHECK(a->send("62 02 0002") == "PUBCOMP #2");
  CHECK(a->send("82 [ 0003 s'other' 01 s'mine' 01 ]") == "SUBACK #3 80 01");
  CHECK(counters().publishes_dropped == 2);
}

TEST_CASE_METHOD(guarded_bus, "a will that its client might not publish is no way around", "[authentication]") {
  const std::string topic = GENERATE("mine", "other");
  policy->allowed = std::make_shared<const permissions>(permissions{{"mine"}, {"mine"}});
  auto a = stranger();
  a->send(connect_text("me", true, 0, "00 s'" + topic + "' s'gone'"));
  decide(reason_code::success);
  CHECK(a->received() == (topic == "mine" ? "CONNACK 00" : "CONNACK 87"));
}

TEST_CASE_METHOD(bus_fixture, "nobody publishes where the bus itself speaks", "[authentication]") {
  auto a = client();
  a->send(connect_text("a"));
  CHECK(a->send("82 [ 0001 00 s'$SYS/broker/+' 01 ]") == "SUBACK #1 01");
  CHECK(a->send("32 [ s'$SYS/broker/uptime' 0002 00 'x' ]") == "PUBACK #2 87");
  CHECK(a->send("30 [ s'$SYS/x' 00 'x' ]") == "");
  auto b = client();
  CHECK(b->send(connect_text("b", true, 0, "00 s'$SYS/broker/x' s'gone'")) == "CONNACK 00");
  b->close(); // its will is dropped
  CHECK(a->send("32 [ s'$other/x' 0003 00 'x' ]") == "PUBACK #3 10");
}

// -- other servers, response information -----------------------------------------------------------

TEST_CASE_METHOD(bus_fixture, "clients of listeners are sent to another server where there is one (4.11)",
                 "[authentication]") {
  const auto moved = GENERATE(true, false);
  subject = std::make_unique<bus>(world.system(),
                                  bus::options{.seed = 1, .server_reference = "other:1883", .server_moved = moved});
  auto a = client();
  a->policy = std::make_shared<listener_policy>();
  a->post_packets(connect_text("a"));
  const auto bytes = a->received_bytes();
  const auto answer = conformance::read_packet(bytes, conformance::version::v5);
  REQUIRE(answer);
  CHECK(answer->reason() == (moved ? 0x9d : 0x9c));
  CHECK(answer->text(0x1c) == "other:1883");
  CHECK(a->closed());
}

TEST_CASE_METHOD(guarded_bus,
                 "who asks is told where its responses may come, if it may subscribe there [v5:MQTT-3.1.2-28]",
                 "[authentication]") {
  const auto [asks, may] = GENERATE(table<bool, bool>({{true, true}, {true, false}, {false, true}}));
  policy->allowed = std::make_shared<const permissions>(permissions{{}, {may ? "response/%c/#" : "x"}});
  auto a = stranger();
  a->send(login("me", "ann", "x", asks ? "19 01" : "19 00"));
  decide(reason_code::success);
  const auto bytes = a->received_bytes();
  const auto answer = conformance::read_packet(bytes, conformance::version::v5);
  REQUIRE(answer);
  CHECK(answer->has(conformance::property_id::response_information) == (asks && may));
  if (asks && may)
    CHECK(answer->text(conformance::property_id::response_information) == "response/me");
}

// -- passwords ---------------------------------------------------------------------------------------

namespace {

constexpr std::uint32_t few = scram_iterations_min;

struct bus_with_passwords : guarded_bus {
  bus_with_passwords() {
    password_list list;
    list.set("ann", make_scram_verifier("secret", "0123456789abcdef", few));
    keeper = world.system().spawn<password_authenticator>(std::make_shared<const password_list>(std::move(list)));
    begin(keeper);
  }

  std::string answer_to(const std::string& packet) {
    auto a = stranger();
    return a->send(packet);
  }

  caf::actor keeper;
};

} // namespace

TEST_CASE_METHOD(bus_with_passwords, "a right password is let in, and all that is wrong looks alike", "[passwords]") {
  CHECK(answer_to(login("a", "ann", "secret")) == "CONNACK 00");
  CHECK(answer_to(login("a", "ann", "wrong")) == "CONNACK 86");
  CHECK(answer_to(login("a", "bob", "secret")) == "CONNACK 86");
  CHECK(answer_to(login("a", "", "")) == "CONNACK 86");
  CHECK(answer_to("10 [ s'MQTT' 05 (user, no password) 82 0000 00 s'a' s'ann' ]") == "CONNACK 86");
  CHECK(answer_to("10 [ s'MQTT' 05 (password, no user) 42 0000 00 s'a' s'secret' ]") == "CONNACK 86");
}

TEST_CASE_METHOD(bus_with_passwords, "who names nobody is let in where the listener allows it", "[passwords]") {
  CHECK(answer_to(connect_text("a")) == "CONNACK 00");
  policy->allow_anonymous = false;
  CHECK(answer_to(connect_text("a")) == "CONNACK 87");
}

TEST_CASE_METHOD(bus_with_passwords, "a new list of passwords counts from then on", "[passwords]") {
  auto inside = stranger();
  CHECK(inside->send(login("i", "ann", "secret")) == "CONNACK 00");
  password_list list;
  list.set("bob", make_scram_verifier("other", "0123456789abcdef", few));
  post(keeper, replace_passwords{std::make_shared<const password_list>(std::move(list))}, nullptr);
  CHECK(answer_to(login("a", "ann", "secret")) == "CONNACK 86");
  CHECK(answer_to(login("a", "bob", "other")) == "CONNACK 00");
  CHECK(inside->send("c0 00") == "PINGRESP");
}

TEST_CASE_METHOD(bus_with_passwords, "SCRAM-SHA-256 proves that both sides know the password", "[passwords]") {
  scram_client scram{"ann", "secret", "nonce"};
  auto a = stranger();
  a->post_packets(connect_with("SCRAM-SHA-256", scram.first()));
  auto bytes = a->received_bytes();
  const auto challenge = conformance::read_packet(bytes, conformance::version::v5);
  REQUIRE(challenge);
  REQUIRE(challenge->type == conformance::packet_type::auth);
  CHECK(challenge->reason() == 0x18);
  const auto answer = scram.answer(*challenge->text(0x16));
  REQUIRE(answer);
  a->post_packets(auth("18", "SCRAM-SHA-256", *answer));
  bytes = a->received_bytes();
  const auto welcome = conformance::read_packet(bytes, conformance::version::v5);
  REQUIRE(welcome);
  CHECK(welcome->type == conformance::packet_type::connack);
  CHECK(welcome->reason() == 0);
  CHECK(scram.verify(welcome->text(0x16).value_or("")));
}

TEST_CASE_METHOD(bus_with_passwords, "SCRAM-SHA-256 refuses wrong passwords and unknown users alike", "[passwords]") {
  const auto [user, password] =
      GENERATE(table<std::string, std::string>({{"ann", "wrong"}, {"bob", "secret"}, {"bob", ""}}));
  scram_client scram{user, password, "nonce"};
  auto a = stranger();
  a->post_packets(connect_with("SCRAM-SHA-256", scram.first()));
  const auto bytes = a->received_bytes();
  const auto challenge = conformance::read_packet(bytes, conformance::version::v5);
  REQUIRE(challenge);
  REQUIRE(challenge->type == conformance::packet_type::auth);
  const auto answer = scram.answer(*challenge->text(0x16));
  REQUIRE(answer);
  CHECK(a->send(auth("18", "SCRAM-SHA-256", *answer)) == "CONNACK 86");
}

TEST_CASE_METHOD(bus_with_passwords, "a user that does not exist has the same salt each time", "[passwords]") {
  auto salt = [&] {
    scram_client scram{"bob", "x", "nonce"};
    auto a = stranger();
    a->post_packets(connect_with("SCRAM-SHA-256", scram.first()));
    const auto bytes = a->received_bytes();
    const auto text = *conformance::read_packet(bytes, conformance::version::v5)->text(0x16);
    return text.substr(text.find(",s="));
  };
  const auto first = salt();
  CHECK(first == salt());
  CHECK(first.ends_with(",i=4096"));
}

TEST_CASE_METHOD(bus_with_passwords, "another method is refused [v5:MQTT-4.12.0-1]", "[passwords]") {
  CHECK(answer_to(connect_with("SCRAM-SHA-1", "n,,n=ann,r=x")) == "CONNACK 8c");
}

} // namespace actorbus::test
