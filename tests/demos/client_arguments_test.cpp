#include "clients/client_arguments.hpp"

#include <catch2/catch.hpp>

#include "user_error.hpp"

using namespace actorbus;
using namespace actorbus::demos;
using protocol::property_id;
using protocol::protocol_version;

namespace {

std::string refusal(const client_arguments& arguments) {
  try {
    plan_of(arguments);
  } catch (const user_error& problem) {
    return problem.what();
  }
  return "";
}

std::string property_refusal(std::vector<std::string> property) {
  client_arguments arguments;
  arguments.properties.push_back(std::move(property));
  return refusal(arguments);
}

} // namespace

TEST_CASE("host and port make the URL") {
  CHECK(plan_of({}).url == "mqtt://localhost:1883");
  CHECK(plan_of({.host = "h", .port = 5}).url == "mqtt://h:5");
  CHECK(plan_of({.host = "::1"}).url == "mqtt://[::1]:1883");
}

TEST_CASE("a URL names broker, user, password and topic") {
  auto plan = plan_of({.url = "mqtt://me:s%40fe@host:77/a/b"});
  CHECK(plan.url == "mqtt://me:s%40fe@host:77");
  CHECK(plan.topic == "a/b");
  CHECK(plan.client.user_name == "me");
  CHECK(plan.client.password == "s@fe");
  CHECK(plan_of({.url = "mqtt://host/t", .user_name = "you"}).client.user_name == "you");
  CHECK(split_topic("mqtt://host").topic.empty());
  CHECK(split_topic("mqtt://host//a").topic == "/a");
  CHECK(split_topic("ws://host/mqtt").url == "ws://host/mqtt");
  CHECK(split_topic("shm://plant/a/b").url == "shm://plant");
  CHECK(split_topic("shm://plant/a/b").topic == "a/b");
  CHECK_FALSE(refusal({.port = 1, .url = "mqtt://host"}).empty());
}

TEST_CASE("the version is 3.1.1 unless something of 5.0 is asked for") {
  CHECK(plan_of({}).client.version == protocol_version::v3_1_1);
  CHECK(plan_of({.session_expiry_seconds = 3}).client.version == protocol_version::v5);
  CHECK(plan_of({.properties = {{"publish", "content-type", "x"}}}).client.version == protocol_version::v5);
  CHECK(refusal({.version = protocol_version::v3_1_1, .session_expiry_seconds = 3}) ==
        "-D, -x and --auth scram-sha-256: need -V mqttv5");
}

TEST_CASE("a password is proved instead of sent where that is asked for") {
  const auto plan = plan_of({.user_name = "me", .password = "secret", .scram = true});
  CHECK(plan.client.version == protocol_version::v5);
  CHECK_FALSE(plan.client.user_name);
  CHECK_FALSE(plan.client.password);
  REQUIRE(plan.client.authentication);
  CHECK(plan.client.authentication()->method() == "SCRAM-SHA-256");
  CHECK(refusal({.user_name = "me", .scram = true}) == "--auth scram-sha-256: needs -u and -P");
  CHECK_FALSE(plan_of({.user_name = "me", .password = "secret"}).client.authentication);
}

TEST_CASE("a session is kept for ever unless its time is given") {
  CHECK(plan_of({}).client.clean_start);
  CHECK(plan_of({}).client.session_expiry_seconds == 0);
  auto kept = plan_of({.client_id = "me", .version = protocol_version::v5, .keep_session = true}).client;
  CHECK_FALSE(kept.clean_start);
  CHECK(kept.session_expiry_seconds == 0xFFFF'FFFF);
  CHECK(plan_of({.client_id = "me", .session_expiry_seconds = 9, .keep_session = true}).client.session_expiry_seconds ==
        9);
  CHECK(refusal({.keep_session = true}) == "-c: needs -i, the name that the session is kept under");
}

TEST_CASE("a will needs a topic") {
  auto will = plan_of({.will_topic = "w",
                       .will_payload = "p",
                       .will_qos = 1,
                       .will_retain = true,
                       .properties = {{"will", "will-delay-interval", "4"}, {"will", "content-type", "c"}}})
                  .client.will;
  REQUIRE(will);
  CHECK(will->message.topic == "w");
  CHECK(will->message.payload == "p");
  CHECK(will->message.qos == protocol::qos::at_least_once);
  CHECK(will->message.retain);
  CHECK(will->delay_seconds == 4);
  CHECK(will->message.properties.view().text(property_id::content_type) == "c");
  CHECK_FALSE(refusal({.will_payload = "p"}).empty());
  CHECK_FALSE(refusal({.will_topic = "a/+"}).empty());
}

TEST_CASE("properties go to their packet, and what the client heeds to its options") {
  auto plan = plan_of({.properties = {{"connect", "receive-maximum", "5"},
                                      {"connect", "topic-alias-maximum", "6"},
                                      {"connect", "maximum-packet-size", "700"},
                                      {"connect", "session-expiry-interval", "8"},
                                      {"connect", "user-property", "a", "b"},
                                      {"publish", "message-expiry-interval", "60"},
                                      {"publish", "user-property", "c", "d"},
                                      {"publish", "user-property", "e", "f"},
                                      {"subscribe", "subscription-identifier", "3"},
                                      {"disconnect", "reason-string", "bye"}}});
  CHECK(plan.client.receive_maximum == 5);
  CHECK(plan.client.topic_alias_maximum == 6);
  CHECK(plan.client.packet_size_bytes_max == 700);
  CHECK(plan.client.session_expiry_seconds == 8);
  CHECK(plan.client.properties == protocol::property_list{}.add_user("a", "b"));
  CHECK(plan.properties.publish ==
        protocol::property_list{}.add(property_id::message_expiry_interval, 60).add_user("c", "d").add_user("e", "f"));
  CHECK(plan.properties.subscribe.view().number(property_id::subscription_identifier) == 3);
  CHECK(plan.properties.disconnect.view().text(property_id::reason_string) == "bye");
}

TEST_CASE("a property's mistakes are told with the nearest valid name") {
  CHECK(property_refusal({"publsh", "content-type", "x"}) ==
        "-D publsh content-type x: \"publsh\" is no command with properties; did you mean \"publish\"?");
  CHECK(property_refusal({"publish", "conten-type", "x"}) ==
        "-D publish conten-type x: no such property; did you mean \"content-type\"?");
  CHECK(property_refusal({"publish", "session-expiry-interval", "1"}) ==
        "-D publish session-expiry-interval 1: not allowed in publish");
  CHECK(property_refusal({"publish", "payload-format-indicator", "2"}) ==
        "-D publish payload-format-indicator 2: \"2\" is no number from 0 to 1");
  CHECK(property_refusal({"connect", "receive-maximum", "0"}) ==
        "-D connect receive-maximum 0: \"0\" is no number from 1 to 65535");
  CHECK(property_refusal({"publish", "user-property", "x"}) == "-D publish user-property x: needs a name and a value");
  CHECK(property_refusal({"publish", "content-type", "x", "y"}) == "-D publish content-type x y: has one value");
  CHECK(refusal({.properties = {{"publish", "content-type", "x"}, {"publish", "content-type", "y"}}}) ==
        "-D publish content-type y: given twice");
}

TEST_CASE("what is no URL of ours is named") {
  CHECK(refusal({.url = "pigeon://host"}).find("unknown transport 'pigeon'") != std::string::npos);
  CHECK(refusal({.url = "host"}) == "host: a URL is needed, as in mqtt://localhost:1883");
}

TEST_CASE("flags of TLS make the URL one of TLS") {
  client_arguments arguments;
  arguments.tls.ca_file = "ca.pem";
  auto plan = plan_of(arguments);
  CHECK(plan.url == "mqtts://localhost:8883");
  CHECK(plan.transport.tls.ca_file == "ca.pem");
  CHECK_FALSE(plan.transport.tls.insecure);
  arguments.port = 1884;
  CHECK(plan_of(arguments).url == "mqtts://localhost:1884");
  CHECK(plan_of({.port = 8883}).url == "mqtts://localhost:8883");
}

TEST_CASE("flags of TLS are refused where there is none") {
  client_arguments arguments;
  arguments.tls.insecure = true;
  arguments.url = "mqtt://host";
  CHECK(refusal(arguments) ==
        "mqtt://host: is no place for TLS, which --cafile and its like ask for; say mqtts:// or wss://");
  arguments.url = "wss://host";
  CHECK(refusal(arguments).empty());
}

TEST_CASE("one version of TLS is asked for by name") {
  client_arguments arguments;
  arguments.url = "mqtts://host";
  arguments.tls_version = "tlsv1.2";
  CHECK(plan_of(arguments).transport.tls.version == transports::tls_version::v1_2);
  arguments.tls_version = "tlsv1.1";
  CHECK(refusal(arguments) == "--tls-version tlsv1.1: must be tlsv1.2 or tlsv1.3");
}

TEST_CASE("headers of a WebSocket are a name and a value") {
  client_arguments arguments;
  arguments.url = "ws://host";
  arguments.web_headers = {"Authorization: Bearer x", "X:"};
  auto headers = plan_of(arguments).transport.web.headers;
  REQUIRE(headers.size() == 2);
  CHECK(headers[0] == std::pair<std::string, std::string>{"Authorization", "Bearer x"});
  CHECK(headers[1] == std::pair<std::string, std::string>{"X", ""});
  arguments.web_headers = {"nonsense"};
  CHECK(refusal(arguments) == "--ws-header nonsense: must be a name, a colon and a value");
}

TEST_CASE("a Unix socket's path may be relative") {
  CHECK(plan_of({.unix_socket = "/run/bus"}).url == "unix:///run/bus");
  CHECK(plan_of({.unix_socket = "@bus"}).url == "unix://@bus");
  CHECK(plan_of({.unix_socket = "bus"}).url.find("unix:///") == 0);
}
