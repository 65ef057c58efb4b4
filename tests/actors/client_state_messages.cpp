#include "client_state_fixture.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>

// Handlers, and what becomes of a message that they got.

namespace actorbus::test {

TEST_CASE_METHOD(client_fixture, "each handler gets what its filter matches", "[client_state]") {
  connect();
  subscribe("one", {{"a"}});
  subscribe("two", {{"b/#"}});
  CHECK(sent() == "SUBSCRIBE; SUBSCRIBE");
  receive("30 [ s'a' 00 'x' ] 30 [ s'b/c' 00 'y' ] 30 [ s'z' 00 'nobody' ]");
  CHECK(told() == "one:a=x; two:b/c=y; z=nobody; ");
}

TEST_CASE_METHOD(client_fixture, "a handler may get messages before the SUBACK comes (3.8.4)", "[client_state]") {
  connect();
  subscribe("one", {{"a"}});
  sent();
  receive("31 [ s'a' 00 'kept' ] 90 [ 0001 00 02 ] 30 [ s'a' 00 'live' ]");
  CHECK(told() == "one:a=kept retained; one:a=live; ");
  CHECK(noted() == "subscribe 00 02; ");
}

TEST_CASE_METHOD(client_fixture, "a subscription that the broker refuses has no handler any more", "[client_state]") {
  connect();
  subscribe("one", {{"a"}, {"b"}});
  sent();
  receive("90 [ 0001 00 87 02 ] 30 [ s'a' 00 'x' ] 30 [ s'b' 00 'y' ]");
  CHECK(told() == "a=x; one:b=y; ");
}

TEST_CASE_METHOD(client_fixture, "a handler goes when the broker has unsubscribed it", "[client_state]") {
  connect();
  subscribe("one", {{"a"}});
  receive("90 [ 0001 00 02 ]");
  state->unsubscribe({"a"}, note("unsubscribe"));
  sent();
  receive("30 [ s'a' 00 'before' ] b0 [ 0002 00 00 ] 30 [ s'a' 00 'after' ]");
  CHECK(told() == "one:a=before; a=after; ");
}

TEST_CASE_METHOD(client_fixture,
                 "overlapping subscriptions are told apart by identifiers, given to the older one without its "
                 "retained messages again [v5:MQTT-3.8.3-4]",
                 "[client_state]") {
  connect();
  subscribe("all", {{"a/#"}});
  CHECK(sent_bytes() == hex("82 [ 0001 00 s'a/#' 02 ]"));
  receive("90 [ 0001 00 02 ]");
  subscribe("one", {{"a/b"}});
  CHECK(sent_bytes() == hex("82 [ 0002 [ 0b 01 ] s'a/#' 22 ] 82 [ 0003 [ 0b 02 ] s'a/b' 02 ]"));
  receive("90 [ 0002 00 02 ] 90 [ 0003 00 02 ]");
  told();
  receive("30 [ s'a/b' [ 0b 01 0b 02 ] 'once' ]");
  CHECK(told() == "all:a/b=once; one:a/b=once; ");
  receive("30 [ s'a/b' [ 0b 01 ] 'x' ] 30 [ s'a/b' [ 0b 02 ] 'x' ]");
  CHECK(told() == "all:a/b=x; one:a/b=x; ");
  receive("31 [ s'a/b' [ 0b 02 ] 'kept' ]");
  CHECK(told() == "one:a/b=kept retained; ");
}

TEST_CASE_METHOD(client_fixture, "a broker without subscription identifiers gets none", "[client_state]") {
  connect("29 00");
  subscribe("all", {{"a/#"}});
  subscribe("one", {{"a/b"}});
  CHECK(sent_bytes() == hex("82 [ 0001 00 s'a/#' 02 ] 82 [ 0002 00 s'a/b' 02 ]"));
  receive("30 [ s'a/b' 00 'x' ]");
  CHECK(told() == "one:a/b=x; all:a/b=x; ");
}

TEST_CASE_METHOD(client_fixture, "subscriptions that the broker doesn't know are not sent", "[client_state]") {
  connect("28 00 2a 00");
  subscribe("wild", {{"a/#"}});
  subscribe("shared", {{"$share/g/a"}});
  CHECK(sent() == "");
  CHECK(noted() == "subscribe a2; subscribe 9e; ");
}

TEST_CASE_METHOD(client_fixture, "what a broker would end the connection for is not sent", "[client_state]") {
  connect();
  struct wrong {
    std::string topic;
    const char* noted;
  };
  const auto [topic, expected] = GENERATE(values<wrong>({
      {"", "x 90; "},
      {"a/#", "x 90; "},
      {"a/+/b", "x 90; "},
      {"\xff", "x 81; "},
      {std::string(65'536, 't'), "x 90; "},
  }));
  state->publish({topic, "p"}, note("x"));
  CHECK(sent() == "");
  CHECK(noted() == expected);
}

TEST_CASE_METHOD(client_fixture, "invalid filters are not sent", "[client_state]") {
  connect();
  auto filter = GENERATE(as<std::string>{}, "", "a#", "a/#/b", "+a", "$share/g");
  state->subscribe({{filter}}, {}, note("s"));
  state->unsubscribe({filter}, note("u"));
  CHECK(sent() == "");
  CHECK(noted() == "s 8f; u 8f; ");
  state->subscribe({}, {}, note("none"));
  CHECK(noted() == "none 82; ");
}

TEST_CASE_METHOD(client_fixture, "a message waits for the application's acknowledgement", "[client_state]") {
  connect();
  subscribe("one", {{.filter = "a", .manual_acknowledgement = true}});
  sent();
  CHECK(receive("32 [ s'a' 0007 00 'x' ]") == "");
  state->acknowledge(last.packet_id, last.connection, {});
  CHECK(sent() == "PUBACK #7");
  state->acknowledge(last.packet_id, last.connection, {});
  CHECK(sent() == "");
}

TEST_CASE_METHOD(client_fixture,
                 "acknowledgements go in the order of the messages, whoever gives them "
                 "[v5:MQTT-4.6.0-2, MQTT-4.6.0-3]",
                 "[client_state]") {
  connect();
  subscribe("one", {{.filter = "a", .manual_acknowledgement = true}});
  sent();
  CHECK(receive("32 [ s'a' 0001 00 'x' ] 32 [ s'b' 0002 00 'automatic' ] 34 [ s'a' 0003 00 'y' ] "
                "32 [ s'a' 0004 00 'z' ] 30 [ s'a' 00 'no need' ]") == "");
  const auto now = last.connection;
  state->acknowledge(3, now, {});
  state->acknowledge(4, now, {});
  CHECK(sent() == "");
  state->acknowledge(1, now, {});
  CHECK(sent() == "PUBACK #1; PUBACK #2; PUBREC #3; PUBACK #4");
}

TEST_CASE_METHOD(client_fixture, "a message may be refused for good [v5:MQTT-4.4.0-2]", "[client_state]") {
  connect();
  subscribe("one", {{.filter = "a", .manual_acknowledgement = true}});
  sent();
  receive("32 [ s'a' 0001 00 'x' ] 34 [ s'a' 0002 00 'y' ]");
  state->acknowledge(1, last.connection, protocol::reason_code::payload_format_invalid);
  state->acknowledge(2, last.connection, protocol::reason_code::payload_format_invalid);
  CHECK(sent() == "PUBACK #1 99; PUBREC #2 99");
  receive("34 [ s'a' 0002 00 'another' ]");
  CHECK(told() == "one:a=x; one:a=y; one:a=another; ");
}

TEST_CASE_METHOD(client_fixture, "two handlers that acknowledge have both to do so", "[client_state]") {
  connect("29 00");
  subscribe("one", {{.filter = "a", .manual_acknowledgement = true}});
  subscribe("two", {{.filter = "+", .manual_acknowledgement = true}});
  sent();
  receive("32 [ s'a' 0001 00 'x' ]");
  state->acknowledge(1, last.connection, {});
  CHECK(sent() == "");
  state->acknowledge(1, last.connection, {});
  CHECK(sent() == "PUBACK #1");
}

TEST_CASE_METHOD(client_fixture, "a message of QoS 2 comes again until it was acknowledged, and not after",
                 "[client_state]") {
  options.session_expiry_seconds = 60;
  options.clean_start = false;
  connect();
  subscribe("one", {{.filter = "a", .manual_acknowledgement = true}});
  receive("90 [ 0001 00 02 ] 34 [ s'a' 0007 00 'x' ]");
  const auto old = last;
  CHECK(reconnect("", "01") == "");
  state->acknowledge(old.packet_id, old.connection, {});
  CHECK(sent() == "");
  receive("3c [ s'a' 0007 00 'x' ]");
  CHECK(told() == "one:a=x; one:a=x; ");
  state->acknowledge(last.packet_id, last.connection, {});
  CHECK(sent() == "PUBREC #7");
  CHECK(receive("3c [ s'a' 0007 00 'x' ] 62 02 0007") == "PUBREC #7; PUBCOMP #7");
  CHECK(told() == "");
}

TEST_CASE_METHOD(client_fixture, "a handler that throws is its owner's to know, and holds up nobody",
                 "[client_state]") {
  connect();
  state->subscribe({{"a"}}, {}, {}, [](const incoming_message&) { throw std::runtime_error{"oh"}; });
  subscribe("two", {{"b"}});
  sent();
  CHECK(receive("32 [ s'a' 0001 00 'x' ] 32 [ s'b' 0002 00 'y' ]") == "PUBACK #1; PUBACK #2");
  CHECK(told() == "two:b=y; ");
  CHECK(faults == "the handler of a message to a threw: oh; ");
  CHECK_FALSE(state->failure);
}

TEST_CASE_METHOD(client_fixture, "a handler that throws ends a client whose owner hears of no faults",
                 "[client_state]") {
  hears_faults = false;
  connect();
  state->subscribe({{"a"}}, {}, {}, [](const incoming_message&) { throw std::runtime_error{"oh"}; });
  sent();
  CHECK(receive("32 [ s'a' 0001 00 'x' ]") == "");
  REQUIRE(state->failure);
  CHECK(state->failure->text == "the handler of a message to a threw: oh");
}

} // namespace actorbus::test
