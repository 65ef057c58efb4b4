#include "clients/message_format.hpp"

#include <catch2/catch.hpp>

#include "clients/message_json.hpp"

using namespace actorbus;
using namespace actorbus::demos;

namespace {

std::string formatted(std::string_view format, const incoming_message& message, bool pretty = false) {
  auto parsed = message_format::parse(format, pretty);
  if (!parsed)
    return "refused: " + parsed.error();
  std::string out;
  if (!parsed->append(out, {message, {1, 23}}))
    return "not JSON";
  return out;
}

const incoming_message hello{
    .topic = "a/b", .payload = "hello", .qos = protocol::qos::at_least_once, .retain = true, .packet_id = 7};

} // namespace

TEST_CASE("a format's fields are replaced as mosquitto_sub does") {
  CHECK(formatted("%t %p %q %r %l %m %%", hello) == "a/b hello 1 1 5 7 %");
  CHECK(formatted("%x %X", {.payload = "\x0A\xff"}) == "0aff 0AFF");
  CHECK(formatted("%U", hello) == "1.000000023");
  CHECK(formatted("@N @@", hello) == "000000023 @");
  CHECK(formatted("a\\tb\\n\\\\\\e\\0", hello) == std::string("a\tb\n\\\x1b\0", 7));
  CHECK(formatted("", hello).empty());
}

TEST_CASE("fields have a width, an alignment and a precision") {
  CHECK(formatted("%6t|%-6t|%.2t|%6.2t|", hello) == "   a/b|a/b   |a/|    a/|");
  CHECK(formatted("%3l|%-3l|%03l|", hello) == "  5|5  |005|");
  CHECK(formatted("%8p|%-8p|%08p|%3p|", hello) == "   hello|hello   |000hello|hel|");
}

TEST_CASE("fields of properties are empty where there is none") {
  protocol::property_list properties;
  properties.add(protocol::property_id::content_type, "text/plain")
      .add(protocol::property_id::message_expiry_interval, 60)
      .add_user("k", "v")
      .add_user("l", "w");
  incoming_message message{.topic = "t", .payload = "", .properties = properties};
  CHECK(formatted("%C|%E|%P|%D|%R|%S|%F|%A|", message) == "text/plain|60|k:v l:w||||||");
  CHECK(formatted("%3F|%4C|", hello) == "   |    |");
}

TEST_CASE("a format's mistakes are told in words") {
  CHECK(formatted("%z", hello).starts_with("refused: %z is no field"));
  CHECK(formatted("x%", hello) == "refused: \"x%\" ends in the middle of a '%'");
  CHECK(formatted("x%-05", hello) == "refused: \"x%-05\" ends in the middle of a '%'");
  CHECK(formatted("\\q", hello).starts_with("refused: \\q is no escape"));
  CHECK(formatted("@", hello) == "refused: \"@\" ends in the middle of a '@'");
}

TEST_CASE("a message is written as JSON with mosquitto_sub's names") {
  protocol::property_list properties;
  properties.add(protocol::property_id::content_type, "text/json")
      .add_user("k", "v")
      .add(protocol::property_id::correlation_data, "\xff")
      .add_user("l", "\"w\"")
      .add(protocol::property_id::payload_format_indicator, 1);
  incoming_message message{.topic = "a", .payload = "{ \"b\": 1 }", .properties = properties};
  auto text = formatted("%j", message);
  CHECK(text.starts_with("{\"tst\":\"1970-01-01T"));
  CHECK(text.substr(text.find(",\"topic\"")) ==
        R"(,"topic":"a","qos":0,"retain":0,"payloadlen":10,"properties":{"content-type":"text/json",)"
        R"("user-properties":{"k":"v","l":"\"w\""},"correlation-data":[255],"payload-format-indicator":1},)"
        R"("payload":"{ \"b\": 1 }"})");
  auto inside = formatted("%J", message);
  CHECK(inside.substr(inside.find(",\"payload\"")) == R"(,"payload":{"b":1}})");
  auto with_id = formatted("%j", hello);
  CHECK(with_id.substr(with_id.find(",\"mid\"")) == R"(,"mid":7,"payload":"hello"})");
  CHECK(formatted("%J", hello) == "not JSON");
  auto empty = formatted("%J", {.topic = "a"});
  CHECK(empty.substr(empty.find(",\"payload\"")) == R"(,"payload":null})");
}

TEST_CASE("JSON is checked and loses its blanks") {
  CHECK(compact_json(" { \"a\" : [ 1.5 , true,null ] , \"b\\\" \" : { } } ") == R"({"a":[1.5,true,null],"b\" ":{}})");
  for (auto text : {"0", "-1", "1e5", "0.5E-2", "\"x\"", "[]", "[[],{}]", "false"})
    CHECK(compact_json(text) == text);
  for (auto text : {"", "{", "[1,]", "{\"a\"}", "{1:2}", "01", "+1", ".5", "1.", "nul", "\"x", "\"\\x\"", "1 2",
                    "[1 2]", "{\"a\":1,}", "\"\n\""})
    CHECK_FALSE(compact_json(text));
  CHECK_FALSE(compact_json(std::string(100'000, '[')));
}

TEST_CASE("JSON is spread over lines with tabs") {
  CHECK(pretty_json(R"({"a":[1,{"b":{}}],"c":"{,:"})") ==
        "{\n\t\"a\":\t[1, {\n\t\t\t\"b\":\t{}\n\t\t}],\n\t\"c\":\t\"{,:\"\n}");
}
