#include "conformance.hpp"

#include <algorithm>

namespace actorbus::conformance {

TEST_CASE_METHOD(in_version_311,
                 "a CONNECT is answered by CONNACK with return code 0 [v3:MQTT-3.1.4-4] [v3:MQTT-3.2.0-1]",
                 "[connect]") {
  auto a = dial();
  a.send("10 [ s'MQTT' 04 (clean session) 02 (keep alive) 003c s'{}' ]", unique("c"));
  a.expect("20 02 (session present) 00 (accepted) 00");
}

TEST_CASE_METHOD(on_every_channel, "MQTT 3.1 is spoken with protocol name MQIsdp and level 3", "[connect]") {
  auto a = dial(version::v31);
  a.send("10 [ s'MQIsdp' 03 (clean session) 02 (keep alive) 003c s'{}' ]", unique("c"));
  a.expect("20 02 00 00");
}

TEST_CASE_METHOD(in_version_5,
                 "a CONNECT is answered by CONNACK with reason code 0 [v5:MQTT-3.1.4-5] [v5:MQTT-3.2.0-1] "
                 "[v5:MQTT-3.2.2-1]",
                 "[connect]") {
  auto a = dial();
  a.send("10 [ s'MQTT' 05 (clean start) 02 (keep alive) 003c (properties) 00 s'{}' ]", unique("c"));
  a.expect("20 ?? (session present) 00 (success) 00");
}

TEST_CASE_METHOD(in_version_5, "the properties of CONNACK are those of CONNACK, once each [v5:MQTT-3.2.2-8]",
                 "[connect]") {
  auto a = connect();
  for (const auto& p : a.connack().properties) {
    const std::vector<std::uint8_t> allowed{0x11, 0x12, 0x13, 0x15, 0x16, 0x1a, 0x1c, 0x1f, 0x21,
                                            0x22, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a};
    INFO("property " << static_cast<int>(p.id) << " in " << to_hex(a.connack().raw));
    CHECK(std::count(allowed.begin(), allowed.end(), p.id) == 1);
    if (p.id != property_id::user_property)
      CHECK(std::count_if(a.connack().properties.begin(), a.connack().properties.end(),
                          [&](const auto& other) { return other.id == p.id; }) == 1);
  }
}

TEST_CASE_METHOD(in_version_5,
                 "nobody is told of authentication who did not ask for it [v5:MQTT-4.12.0-6] [v5:MQTT-3.1.2-28]",
                 "[connect]") {
  auto a = connect();
  CHECK_FALSE(a.connack().has(property_id::authentication_method));
  CHECK_FALSE(a.connack().has(property_id::response_information));
}

TEST_CASE_METHOD(in_every_version, "CONNECT may come a byte at a time", "[connect]") {
  auto a = dial();
  for (const auto byte : connect_packet(v, {.id = unique("c")}))
    a.send(byte_vector{byte});
  CHECK(static_cast<int>(a.receive(packet_type::connack).reason()) == 0);
}

TEST_CASE_METHOD(in_every_version, "packets sent together with CONNECT are handled after it [v5:MQTT-3.2.0-1]",
                 "[connect]") {
  auto a = dial();
  auto together = connect_packet(v, {.id = unique("c")});
  for (const auto byte : bytes("c0 00 c0 00"))
    together.push_back(byte);
  a.send(together);
  CHECK(static_cast<int>(a.receive(packet_type::connack).reason()) == 0);
  a.expect("d0 00 d0 00");
}

TEST_CASE_METHOD(in_every_version,
                 "a second CONNECT closes the connection, with no second CONNACK [v5:MQTT-3.1.0-2] "
                 "[v3:MQTT-3.1.0-2] [v5:MQTT-3.2.0-2]",
                 "[connect][not-mosquitto]") {
  auto a = connect();
  a.send(connect_packet(v, {.id = a.id()}));
  a.expect_ended({0x82});
}

TEST_CASE_METHOD(in_every_version,
                 "a first packet that is no CONNECT closes without an answer [v5:MQTT-3.1.0-1] "
                 "[v3:MQTT-3.1.0-1] [v5:MQTT-3.14.0-1]",
                 "[connect]") {
  const std::string first = GENERATE("c0 00", "30 [ s'a' ~ 'x' ]", "82 [ 0001 ~ s'a' 00 ]", "e0 00", "40 02 0001");
  INFO(first);
  auto a = dial();
  a.send(first);
  a.expect_closed();
}

TEST_CASE_METHOD(in_version_5, "AUTH before CONNECT closes without an answer [v5:MQTT-3.1.0-1]", "[connect]") {
  auto a = dial();
  a.send("f0 [ 18 [ 15 s'x' ] ]");
  a.expect_closed();
}

TEST_CASE_METHOD(on_every_channel,
                 "an unknown protocol level is refused with return code 1 or 0x84 "
                 "[v3:MQTT-3.1.2-2] [v5:MQTT-3.1.2-2]",
                 "[connect]") {
  const auto level = GENERATE(as<std::uint8_t>{}, 0x00, 0x02, 0x06, 0x7f);
  auto a = dial(version::v311);
  a.send("10 [ s'MQTT' {} 02 003c s'{}' ]", level, unique("c"));
  const auto answer = a.receive(packet_type::connack);
  CHECK_FALSE(answer.session_present);
  CHECK((answer.reason() == 0x01 || answer.reason() == 0x84));
  a.expect_closed();
}

TEST_CASE_METHOD(on_every_channel, "an unknown protocol name closes the connection [v3:MQTT-3.1.2-1] [v5:MQTT-3.1.2-1]",
                 "[connect]") {
  const std::string name = GENERATE("MQTX", "mqtt", "", "HTTP");
  INFO(name);
  auto a = dial(version::v311);
  a.send("10 [ s'{}' 04 02 003c s'{}' ]", name, unique("c"));
  a.expect_closed();
}

TEST_CASE_METHOD(in_version_311,
                 "a CONNECT that breaks the rules of 3.1.1 is closed without a CONNACK "
                 "[v3:MQTT-3.1.4-1] [v3:MQTT-3.2.2-6]",
                 "[connect]") {
  const auto [what, packet] = GENERATE(table<std::string, std::string>({
      {"the reserved flag is set [v3:MQTT-3.1.2-3]", "10 [ s'MQTT' 04 (reserved) 03 003c s'idr' ]"},
      {"will QoS 3 [v3:MQTT-3.1.2-14]", "10 [ s'MQTT' 04 1e 003c s'idq' s'w' s'm' ]"},
      {"will QoS without will flag [v3:MQTT-3.1.2-13] [v3:MQTT-3.1.2-11]", "10 [ s'MQTT' 04 0a 003c s'idw' ]"},
      {"will retain without will flag [v3:MQTT-3.1.2-15] [v3:MQTT-3.1.2-11]", "10 [ s'MQTT' 04 22 003c s'idt' ]"},
      {"a password without a user name [v3:MQTT-3.1.2-22]", "10 [ s'MQTT' 04 42 003c s'idp' s'secret' ]"},
      {"a user name that is announced only [v3:MQTT-3.1.2-19]", "10 [ s'MQTT' 04 82 003c s'idu' ]"},
      {"a will that is announced only [v3:MQTT-3.1.2-9]", "10 [ s'MQTT' 04 06 003c s'idv' ]"},
      {"a user name that is not announced [v3:MQTT-3.1.2-18]", "10 [ s'MQTT' 04 02 003c s'idn' s'user' ]"},
      {"a will that is not announced [v3:MQTT-3.1.2-11]", "10 [ s'MQTT' 04 02 003c s'idl' s'w' s'm' ]"},
      {"a password that is announced only [v3:MQTT-3.1.2-21]", "10 [ s'MQTT' 04 c2 003c s'idu' s'user' ]"},
      {"a password that is not announced [v3:MQTT-3.1.2-20]", "10 [ s'MQTT' 04 82 003c s'idn' s'user' s'word' ]"},
      {"a will topic of ill-formed UTF-8 [v3:MQTT-3.1.3-10]", "10 [ s'MQTT' 04 06 003c s'idz' s'\\xff' s'm' ]"},
      {"no client identifier [v3:MQTT-3.1.3-3]", "10 [ s'MQTT' 04 02 003c ]"},
      {"a client identifier longer than the packet", "10 [ s'MQTT' 04 02 003c 0009 'short' ]"},
      {"a client identifier with NUL [v3:MQTT-1.5.3-2]", "10 [ s'MQTT' 04 02 003c s'a\\x00b' ]"},
      {"a client identifier of ill-formed UTF-8 [v3:MQTT-1.5.3-1] [v3:MQTT-3.1.3-4]",
       "10 [ s'MQTT' 04 02 003c s'a\\xff' ]"},
      {"a client identifier with a surrogate [v3:MQTT-1.5.3-1]", "10 [ s'MQTT' 04 02 003c s'\\xed\\xa0\\x80' ]"},
      {"a will topic with NUL [v3:MQTT-1.5.3-2]", "10 [ s'MQTT' 04 06 003c s'idz' s'w\\x00' s'm' ]"},
      {"a user name of ill-formed UTF-8 [v3:MQTT-3.1.3-11]", "10 [ s'MQTT' 04 82 003c s'idy' s'\\xc0\\x80' ]"},
      {"flags in the fixed header [v3:MQTT-2.2.2-2]", "11 [ s'MQTT' 04 02 003c s'idf' ]"},
  }));
  INFO(what);
  auto a = dial();
  a.send(packet);
  a.expect_closed();
}

TEST_CASE_METHOD(in_version_5,
                 "a CONNECT that breaks the rules of 5.0 is refused or closed, never answered by "
                 "DISCONNECT [v5:MQTT-3.1.4-1] [v5:MQTT-3.14.0-1] [v5:MQTT-3.2.2-6] [v5:MQTT-3.2.2-7]",
                 "[connect][not-mosquitto]") {
  const auto [what, packet] = GENERATE(table<std::string, std::string>({
      {"the reserved flag is set [v5:MQTT-3.1.2-3]", "10 [ s'MQTT' 05 03 003c ~ s'idr' ]"},
      {"will QoS 3 [v5:MQTT-3.1.2-12]", "10 [ s'MQTT' 05 1e 003c ~ s'idq' ~ s'w' s'm' ]"},
      {"will QoS without will flag [v5:MQTT-3.1.2-11]", "10 [ s'MQTT' 05 0a 003c ~ s'idw' ]"},
      {"will retain without will flag [v5:MQTT-3.1.2-13]", "10 [ s'MQTT' 05 22 003c ~ s'idt' ]"},
      {"a user name that is announced only [v5:MQTT-3.1.2-17]", "10 [ s'MQTT' 05 82 003c ~ s'idu' ]"},
      {"a password that is announced only [v5:MQTT-3.1.2-19]", "10 [ s'MQTT' 05 42 003c ~ s'idu' ]"},
      {"a will that is announced only [v5:MQTT-3.1.2-9]", "10 [ s'MQTT' 05 06 003c ~ s'idv' ]"},
      {"a user name that is not announced [v5:MQTT-3.1.2-16]", "10 [ s'MQTT' 05 02 003c ~ s'idn' s'user' ]"},
      {"a password that is not announced [v5:MQTT-3.1.2-18]", "10 [ s'MQTT' 05 82 003c ~ s'idn' s'user' s'word' ]"},
      {"a will topic of ill-formed UTF-8 [v5:MQTT-3.1.3-11]", "10 [ s'MQTT' 05 06 003c ~ s'idz' ~ s'\\xff' s'm' ]"},
      {"a user name of ill-formed UTF-8 [v5:MQTT-3.1.3-12]", "10 [ s'MQTT' 05 82 003c ~ s'idy' s'\\xff' ]"},
      {"a client identifier of ill-formed UTF-8 [v5:MQTT-3.1.3-4]", "10 [ s'MQTT' 05 02 003c ~ s'\\xff' ]"},
      {"no client identifier [v5:MQTT-3.1.3-3]", "10 [ s'MQTT' 05 02 003c ~ ]"},
      {"no properties at all [v5:MQTT-2.2.2-1]", "10 [ s'MQTT' 05 02 003c ]"},
      {"a client identifier with NUL [v5:MQTT-1.5.4-2]", "10 [ s'MQTT' 05 02 003c ~ s'a\\x00b' ]"},
      {"a client identifier with a surrogate [v5:MQTT-1.5.4-1]", "10 [ s'MQTT' 05 02 003c ~ s'\\xed\\xa0\\x80' ]"},
      {"receive maximum 0 (3.1.2.11.3)", "10 [ s'MQTT' 05 02 003c [ 21 0000 ] s'idx' ]"},
      {"maximum packet size 0 (3.1.2.11.4)", "10 [ s'MQTT' 05 02 003c [ 27 00000000 ] s'idx' ]"},
      {"a session expiry twice (3.1.2.11.2)", "10 [ s'MQTT' 05 02 003c [ 11 00000001 11 00000001 ] s'idx' ]"},
      {"a receive maximum twice (3.1.2.11.3)", "10 [ s'MQTT' 05 02 003c [ 21 0001 21 0001 ] s'idx' ]"},
      {"a maximum packet size twice (3.1.2.11.4)", "10 [ s'MQTT' 05 02 003c [ 27 0000ffff 27 0000ffff ] s'idx' ]"},
      {"a topic alias maximum twice (3.1.2.11.5)", "10 [ s'MQTT' 05 02 003c [ 22 0001 22 0001 ] s'idx' ]"},
      {"request response information twice (3.1.2.11.6)", "10 [ s'MQTT' 05 02 003c [ 19 01 19 01 ] s'idx' ]"},
      {"request problem information twice (3.1.2.11.7)", "10 [ s'MQTT' 05 02 003c [ 17 01 17 01 ] s'idx' ]"},
      {"an authentication method twice (3.1.2.11.9)", "10 [ s'MQTT' 05 02 003c [ 15 s'x' 15 s'x' ] s'idx' ]"},
      {"a will delay twice (3.1.3.2.2)", "10 [ s'MQTT' 05 06 003c ~ s'idx' [ 18 00000001 18 00000001 ] s'w' s'm' ]"},
      {"request response information 2 (3.1.2.11.6)", "10 [ s'MQTT' 05 02 003c [ 19 02 ] s'idx' ]"},
      {"request problem information 2 (3.1.2.11.7)", "10 [ s'MQTT' 05 02 003c [ 17 02 ] s'idx' ]"},
      {"authentication data without a method (3.1.2.11.10)", "10 [ s'MQTT' 05 02 003c [ 16 s'data' ] s'idx' ]"},
      {"a property of PUBLISH", "10 [ s'MQTT' 05 02 003c [ 23 0001 ] s'idx' ]"},
      {"an unknown property", "10 [ s'MQTT' 05 02 003c [ 7e 01 ] s'idx' ]"},
      {"a property length beyond the packet", "10 [ s'MQTT' 05 02 003c 7f s'idx' ]"},
      {"a property that the property length cuts", "10 [ s'MQTT' 05 02 003c 03 11 0000 s'idx' ]"},
      {"a property length of five bytes [v5:MQTT-1.5.5-1]", "10 [ s'MQTT' 05 02 003c 8080808000 s'idx' ]"},
      {"a property length not in its shortest form [v5:MQTT-1.5.5-1]", "10 [ s'MQTT' 05 02 003c 8000 s'idx' ]"},
      {"a will with a property of CONNECT", "10 [ s'MQTT' 05 06 003c ~ s'idx' [ 11 00000001 ] s'w' s'm' ]"},
      {"a will topic with a wildcard (3.1.3.3)", "10 [ s'MQTT' 05 06 003c ~ s'idx' ~ s'w/+' s'm' ]"},
  }));
  INFO(what);
  auto a = dial();
  a.send(packet);
  const auto refusal = a.refused();
  if (refusal) {
    CHECK_FALSE(refusal->session_present);
    CHECK(static_cast<int>(refusal->reason()) >= 0x80);
  }
}

TEST_CASE_METHOD(in_version_311, "an empty client identifier gets a new session of its own [v3:MQTT-3.1.3-6]",
                 "[connect]") {
  auto a = dial();
  auto b = dial();
  for (auto* one : {&a, &b}) {
    one->send("10 [ s'MQTT' 04 02 003c 0000 ]");
    one->expect("20 02 00 00");
  }
  a.ping();
  b.ping();
}

TEST_CASE_METHOD(in_version_311,
                 "an empty client identifier without clean session is rejected with 2 [v3:MQTT-3.1.3-8] "
                 "[v3:MQTT-3.2.2-4] [v3:MQTT-3.2.2-5]",
                 "[connect]") {
  auto a = dial();
  a.send("10 [ s'MQTT' 04 00 003c 0000 ]");
  a.expect("20 02 00 (identifier rejected) 02");
  a.expect_closed();
}

TEST_CASE_METHOD(in_version_5,
                 "an empty client identifier is assigned one, a new one each time [v5:MQTT-3.1.3-6] "
                 "[v5:MQTT-3.1.3-7] [v5:MQTT-3.2.2-16]",
                 "[connect]") {
  std::vector<link> links;
  std::vector<std::string> assigned;
  for (int i = 0; i < 2; ++i) {
    links.push_back(dial());
    links.back().send("10 [ s'MQTT' 05 02 003c ~ 0000 ]");
    const auto answer = links.back().receive(packet_type::connack);
    CHECK(static_cast<int>(answer.reason()) == 0);
    assigned.push_back(answer.text(property_id::assigned_client_identifier).value_or(""));
    CHECK_FALSE(assigned.back().empty());
  }
  CHECK(assigned[0] != assigned[1]);
  links[0].ping();
}

TEST_CASE_METHOD(in_version_5, "an assigned client identifier is the session's name like any other [v5:MQTT-3.1.3-7]",
                 "[connect]") {
  auto a = dial();
  a.send("10 [ s'MQTT' 05 (no clean start) 00 003c [ (session expiry) 11 0000003c ] 0000 ]");
  const auto id = a.receive(packet_type::connack).text(property_id::assigned_client_identifier).value_or("");
  REQUIRE_FALSE(id.empty());
  a.send("e0 00");
  a.expect_closed();
  auto again = connect({.id = id, .clean = false});
  CHECK(again.session_present());
}

TEST_CASE_METHOD(in_version_5, "a client identifier of one's own is not assigned [v5:MQTT-3.2.2-16]", "[connect]") {
  CHECK_FALSE(connect().connack().has(property_id::assigned_client_identifier));
}

TEST_CASE_METHOD(in_every_version,
                 "client identifiers of 1 to 23 letters and digits are allowed [v3:MQTT-3.1.3-5] "
                 "[v5:MQTT-3.1.3-5]",
                 "[connect]") {
  const std::string id = GENERATE("0", "0123456789abcdefghijklm", "nopqrstuvwxyzABCDEFGHIJ", "KLMNOPQRSTUVWXYZ");
  auto a = connect({.id = id});
  a.ping();
  a.disconnect();
}

TEST_CASE_METHOD(in_every_version,
                 "client identifiers differ by every letter's case [v3:MQTT-3.1.3-2] "
                 "[v5:MQTT-3.1.3-2]",
                 "[connect]") {
  const auto id = unique("casE");
  auto a = connect({.id = id});
  auto other = id;
  other[0] = 'C';
  auto b = connect({.id = other});
  a.ping();
  b.ping();
}

TEST_CASE_METHOD(in_version_5, "a binary password is accepted without a user name (3.1.2.9)", "[connect]") {
  auto a = dial();
  a.send("10 [ s'MQTT' 05 (password, clean start) 42 003c ~ s'{}' < 00 ff c0 > ]", unique("c"));
  CHECK(static_cast<int>(a.receive(packet_type::connack).reason()) == 0);
}

TEST_CASE_METHOD(in_every_version, "a CONNECT with every field is accepted [v3:MQTT-3.1.3-1] [v5:MQTT-3.1.3-1]",
                 "[connect]") {
  auto a = dial();
  a.send("10 [ s'{}' {} (user, password, will retain, will QoS 1, will, clean) ee 003c ~ s'{}' ~ s'{}' s'gone' "
         "s'user' s'password' ]",
         v == version::v31 ? "MQIsdp" : "MQTT", static_cast<std::uint8_t>(v), unique("c"), unique("will"));
  CHECK(static_cast<int>(a.receive(packet_type::connack).reason()) == 0);
  a.send("e0 00");
  a.expect_closed();
}

TEST_CASE_METHOD(in_version_5, "every property of CONNECT is accepted [v5:MQTT-3.1.4-5]", "[connect]") {
  auto a = dial();
  a.send("10 [ s'MQTT' 05 06 003c"
         " [ 11 0000000a (receive maximum) 21 0014 (maximum packet size) 27 00010000 (topic alias maximum) 22 000a"
         "   (request response information) 19 01 (request problem information) 17 00 26 s'k' s'1' 26 s'k' s'2' ]"
         " s'{}'"
         " [ (will delay) 18 00000001 (format) 01 01 (expiry) 02 0000000a 03 s'text' 08 s'answer' 09 < 00ff >"
         "   26 s'w' s'1' ] s'{}' s'gone' ]",
         unique("c"), unique("will"));
  CHECK(static_cast<int>(a.receive(packet_type::connack).reason()) == 0);
  a.send("e0 00");
  a.expect_closed();
}

TEST_CASE_METHOD(in_version_5,
                 "an authentication method that nobody serves is refused with 0x8C or 0x87 "
                 "[v5:MQTT-4.12.0-1]",
                 "[connect]") {
  auto a = dial();
  a.send("10 [ s'MQTT' 05 02 003c [ 15 s'no such method' ] s'{}' ]", unique("c"));
  const auto refusal = a.refused();
  if (refusal)
    CHECK((refusal->reason() == 0x8c || refusal->reason() == 0x87));
}

TEST_CASE_METHOD(on_every_channel,
                 "a client identifier that the broker does not take is refused with 2 or 0x85 "
                 "[v3:MQTT-3.1.3-9] [v5:MQTT-3.1.3-8] [v5:MQTT-3.1.4-2] [v5:MQTT-3.2.2-8]",
                 "[connect][limits]") {
  limit({.client_id_bytes_max = 23});
  const auto v = GENERATE(version::v31, version::v311, version::v5);
  auto a = dial(v);
  a.send(connect_packet(v, {.id = "abcdefghijklmnopqrstuvw"}));
  CHECK(static_cast<int>(a.receive(packet_type::connack).reason()) == 0);
  auto b = dial(v);
  b.send(connect_packet(v, {.id = "abcdefghijklmnopqrstuvwx"}));
  if (v == version::v5)
    b.expect("20 03 00 (client identifier not valid) 85 00");
  else
    b.expect("20 02 00 (identifier rejected) 02");
  b.expect_closed();
}

TEST_CASE_METHOD(in_version_5, "what follows a refused CONNECT of MQTT 5 is not processed [v5:MQTT-3.1.4-6]",
                 "[connect]") {
  const auto topic = unique();
  auto b = connect();
  b.subscribe(topic);
  auto a = dial();
  a.send("10 [ s'MQTT' 05 02 003c [ 15 s'no such method' ] s'{}' ] 30 [ s'{}' 00 'smuggled' ]", unique("c"), topic);
  a.refused();
  connect().publish({.topic = topic, .payload = "next"});
  b.expect("30 [ s'{}' 00 'next' ]", topic);
}

TEST_CASE_METHOD(in_version_311, "what follows a refused CONNECT is not processed [v3:MQTT-3.1.4-5]", "[connect]") {
  const auto topic = unique();
  auto b = connect();
  b.subscribe(topic);
  auto a = dial();
  a.send("10 [ s'MQTT' 04 00 003c 0000 ] 30 [ s'{}' 'smuggled' ]", topic);
  a.expect("20 02 00 02");
  a.expect_closed();
  connect().publish({.topic = topic, .payload = "next"});
  b.expect("30 [ s'{}' 'next' ]", topic);
}

} // namespace actorbus::conformance
