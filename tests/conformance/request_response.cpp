#include "conformance.hpp"

namespace actorbus::conformance {

TEST_CASE_METHOD(in_version_5,
                 "a request and its response meet through response topic and correlation data "
                 "[v5:MQTT-3.3.2-15] [v5:MQTT-3.3.2-16]",
                 "[request_response]") {
  const auto t = unique();
  auto asker = connect();
  auto responder = connect();
  asker.subscribe(t + "/answer/1", 1);
  responder.subscribe(t + "/question", 1);
  asker.publish({.topic = t + "/question",
                 .payload = "how much",
                 .qos = 1,
                 .properties = notation("08 s'{}/answer/1' 09 < 00 01 ff >", t)});
  const auto question = responder.receive_message();
  CHECK(question.text(property_id::response_topic) == t + "/answer/1");
  CHECK(question.text(property_id::correlation_data) == std::string{"\x00\x01\xff", 3});
  responder.publish({.topic = *question.text(property_id::response_topic),
                     .payload = "much",
                     .qos = 1,
                     .properties = "09 < 00 01 ff >"});
  const auto answer = asker.receive_message();
  CHECK(answer.payload == "much");
  CHECK(answer.text(property_id::correlation_data) == std::string{"\x00\x01\xff", 3});
}

TEST_CASE_METHOD(in_version_5, "a response topic with wildcards is a protocol error [v5:MQTT-3.3.2-14]",
                 "[request_response][not-mosquitto]") {
  const std::string topic = GENERATE("a/+", "#", "a/b#");
  auto a = connect();
  a.send("30 [ s'{}' [ 08 s'{}' ] 'm' ]", unique(), topic);
  a.expect_ended({0x82, 0x81, 0x90});
}

TEST_CASE_METHOD(in_version_5, "response information is given only to who asks for it [v5:MQTT-3.1.2-28]",
                 "[request_response]") {
  auto a = connect({.properties = "(request response information) 19 00"});
  CHECK_FALSE(a.connack().has(property_id::response_information));
  connect({.properties = "(request response information) 19 01"}).ping();
}

TEST_CASE_METHOD(in_version_5,
                 "without request problem information only PUBLISH, CONNACK and DISCONNECT explain "
                 "[v5:MQTT-3.1.2-29]",
                 "[request_response][properties]") {
  const auto t = unique();
  auto a = connect({.properties = "(request problem information) 17 00"});
  const auto unexplained = [](const packet& p) {
    return !p.has(property_id::reason_string) && !p.has(property_id::user_property);
  };
  a.send("82 [ 0001 ~ s'{}' 02 ]", t);
  CHECK(unexplained(a.receive(packet_type::suback)));
  a.send("a2 [ 0002 ~ s'{}/never' ]", t);
  CHECK(unexplained(a.receive(packet_type::unsuback)));
  a.send("32 [ s'{}' 0003 ~ 'm' ]", t + "/nobody");
  CHECK(unexplained(a.receive(packet_type::puback)));
  a.send("62 02 0004");
  CHECK(unexplained(a.receive(packet_type::pubcomp)));
  a.publish({.topic = t, .payload = "m", .properties = "26 s'k' s'v'"});
  CHECK(user_properties(a.receive_message()) == std::vector<std::string>{"k=v"});
}

} // namespace actorbus::conformance
