#include <fstream>

#include <catch2/catch.hpp>

#include "demos/staged_participant.hpp"
#include "recording/recorded_message.hpp"
#include "recording/recording_reader.hpp"
#include "support/temporary_folder.hpp"

using namespace actorbus;
using namespace actorbus::demos;
using namespace std::chrono_literals;
using protocol::property_id;

namespace {

using texts = std::vector<std::string>;

std::string refusal(std::string_view line) {
  auto parsed = parse_recorded(line);
  return parsed ? "taken" : parsed.error();
}

struct folder {
  std::string file(std::string_view name) const { return where.path() + '/' + std::string{name}; }

  std::string write(std::string_view name, std::string_view content) const {
    std::ofstream{file(name), std::ios::binary} << content;
    return file(name);
  }

  test::temporary_folder where;
};

std::string setting_of(std::string_view file, std::string_view more = "") {
  return "file = '" + std::string{file} + "'\n" + std::string{more};
}

} // namespace

TEST_CASE("a message is recorded as one line of JSON") {
  protocol::property_list properties;
  properties.add(property_id::content_type, "text/plain")
      .add_user("a", "1")
      .add(property_id::correlation_data, std::string_view{"\0\xff", 2})
      .add_user("a", "2")
      .add(property_id::message_expiry_interval, 60)
      .add(property_id::subscription_identifier, 7);
  incoming_message message{
      .topic = "a/b", .payload = "say \"hi\"\n", .qos = protocol::qos::exactly_once, .retain = true};
  message.properties = properties.view();
  std::string line;
  append_recorded(line, message, 1764108330123456us);
  CHECK(line == R"({"t":1764108330.123456,"topic":"a/b","payload":"say \"hi\"\n","qos":2,"retain":true,"properties":{)"
                R"("content-type":"text/plain","user-property":[["a","1"],["a","2"]],"correlation-data":"AP8=",)"
                R"("message-expiry-interval":60}})"
                "\n");
  line.clear();
  append_recorded(line, {.topic = "x", .payload = std::string_view{"\xff\0", 2}}, 1us);
  CHECK(line == "{\"t\":1e-06,\"topic\":\"x\",\"base64\":\"/wA=\"}\n");
}

TEST_CASE("a recorded line is read as the message that it was") {
  auto read = parse_recorded(R"({"t": 1764108330.123456, "topic": "a/b", "payload": "hi", "qos": 1, "retain": true,
    "properties": {"user-property": [["a", "1"], ["a", "2"]], "correlation-data": "AP8=", "payload-format-indicator": 1}})");
  REQUIRE(read);
  CHECK(read->time == 1764108330123456us);
  CHECK(read->message.topic == "a/b");
  CHECK(read->message.payload == "hi");
  CHECK(read->message.qos == protocol::qos::at_least_once);
  CHECK(read->message.retain);
  protocol::property_list expected;
  expected.add(property_id::correlation_data, std::string_view{"\0\xff", 2})
      .add(property_id::payload_format_indicator, 1)
      .add_user("a", "1")
      .add_user("a", "2");
  CHECK(read->message.properties == expected);
  auto bytes = parse_recorded(R"({"t": 0, "topic": "x", "base64": "/wA="})");
  REQUIRE(bytes);
  CHECK(bytes->message.payload == std::string{"\xff\0", 2});
}

TEST_CASE("what is wrong with a recorded line is told") {
  CHECK(refusal("") == "no JSON object");
  CHECK(refusal("[1]") == "no JSON object");
  CHECK(refusal("{\"t\": 1") == "no JSON object");
  CHECK(refusal(R"({"t": 1, "topic": "x", "payload": [[[[[1]]]]]})") == "no JSON object");
  CHECK(refusal("{}") == "\"t\" is missing");
  CHECK(refusal(R"({"t": 1})") == "\"topic\" is missing");
  CHECK(refusal(R"({"t": "1"})") == "\"t\" is no number of seconds");
  CHECK(refusal(R"({"t": 1e300})") == "\"t\" is no number of seconds");
  CHECK(refusal(R"({"t": 1, "topic": "a/+", "payload": ""})") == "\"topic\": topic name contains a wildcard");
  CHECK(refusal(R"({"t": 1, "topic": 5, "payload": ""})") == "\"topic\" is no text");
  CHECK(refusal(R"({"t": 1, "topic": "x"})") == "needs either \"payload\" or \"base64\"");
  CHECK(refusal(R"({"t": 1, "topic": "x", "payload": "", "base64": ""})") == "needs either \"payload\" or \"base64\"");
  CHECK(refusal(R"({"t": 1, "topic": "x", "base64": "?"})") == "\"base64\" is not base64");
  CHECK(refusal(R"({"t": 1, "topic": "x", "payload": "", "qos": 3})") == "\"qos\" is not 0, 1 or 2");
  CHECK(refusal(R"({"t": 1, "topic": "x", "payload": "", "qos": -1})") == "\"qos\" is not 0, 1 or 2");
  CHECK(refusal(R"({"t": 1, "topic": "x", "payload": "", "retain": 1})") == "\"retain\" is neither true nor false");
  CHECK(refusal(R"({"t": 1, "topik": "x"})") == "no member \"topik\"; did you mean \"topic\"?");
  CHECK(refusal(R"({"properties": 1})") == "\"properties\" is no object");
  CHECK(refusal(R"({"properties": {"content-typ": ""}})") ==
        "no property \"content-typ\"; did you mean \"content-type\"?");
  CHECK(refusal(R"({"properties": {"content-type": 1}})") == "\"content-type\" is no text");
  CHECK(refusal(R"({"properties": {"correlation-data": "?"}})") == "\"correlation-data\" is not base64");
  CHECK(refusal(R"({"properties": {"user-property": {}}})") == "\"user-property\" is no list");
  CHECK(refusal(R"({"properties": {"user-property": [["a"]]}})") == "\"user-property\" has something that is no pair");
  CHECK(refusal(R"({"properties": {"message-expiry-interval": 4294967296}})") ==
        "\"message-expiry-interval\" is no number from 0 to 4294967295");
  CHECK(refusal(R"({"properties": {"payload-format-indicator": 2}})") ==
        "\"payload-format-indicator\" is no number from 0 to 1");
  CHECK(refusal(R"({"properties": {"response-topic": "a/#"}})") == "\"properties\": topic name contains a wildcard");
}

TEST_CASE("a recording is read line by line, and its faults name the line") {
  folder home;
  auto path = home.write("a", "{\"t\":1,\"topic\":\"x\",\"payload\":\"1\"}\n\n \r\nbroken\n"
                              "{\"t\":2,\"topic\":\"x\",\"payload\":\"" +
                                  std::string(100'000, 'y') + "\"}\r\n{\"t\":3,\"topic\":\"x\",\"payload\":\"3\"}");
  auto reader = recording_reader::open(path);
  REQUIRE(reader);
  for (int pass = 0; pass < 2; ++pass) {
    CHECK((*reader->next())->message.payload == "1");
    CHECK(reader->next().error() == path + ":4: no JSON object");
    CHECK((*reader->next())->message.payload.size() == 100'000);
    CHECK((*reader->next())->message.payload == "3");
    CHECK_FALSE(*reader->next());
    reader->rewind();
  }
}

TEST_CASE("lines of every length about that of a piece are read whole") {
  folder home;
  for (std::size_t size = 16 * 1024 - 80; size < 16 * 1024 + 20; ++size)
    for (auto end : {"\n", ""}) {
      auto line = "{\"t\":1,\"topic\":\"x\",\"payload\":\"" + std::string(size - 34, 'y') + "\"}";
      auto reader = recording_reader::open(home.write("a", line + end));
      REQUIRE(reader);
      auto read = reader->next();
      REQUIRE(read);
      REQUIRE(*read);
      CHECK((*read)->message.payload.size() == size - 34);
      CHECK_FALSE(*reader->next());
    }
}

TEST_CASE("a line that is too long is left out without being kept") {
  folder home;
  auto path = home.write("a", std::string(recording_reader::line_bytes_max + 1, 'x') +
                                  "\n{\"t\":1,\"topic\":\"x\",\"payload\":\"1\"}\n");
  auto reader = recording_reader::open(path);
  REQUIRE(reader);
  CHECK(reader->next().error() == path + ":1: longer than 33554432 bytes");
  CHECK((*reader->next())->message.payload == "1");
}

TEST_CASE("what was recorded is replayed with its pauses, under a prefix") {
  folder home;
  auto path = home.file("day.jsonl");
  {
    staged tape{read_recorder, setting_of(path, "filter = '#'")};
    CHECK(tape.role->subscriptions().at(0).retain_as_published);
    tape.run(500ms);
    tape.hear("a", "one");
    tape.run(1500ms);
    tape.hear("b", std::string_view{"\xff\0", 2});
    tape.run(250ms);
    tape.hear("c", "three");
  }
  staged again{read_replayer, setting_of(path, "prefix = 'old/'\nspeed = 0.5\nqos = 1")};
  CHECK(again.run(0s) == texts{"old/a one"});
  CHECK(again.last.at(0).qos == protocol::qos::at_least_once);
  CHECK(again.run(2999ms).empty());
  CHECK(again.run(1ms) == texts{"old/b " + std::string{"\xff\0", 2}});
  CHECK(again.run(500ms) == texts{"old/c three"});
  CHECK(again.effects.lines == texts{"me: played 3 messages of " + path});
  CHECK_FALSE(again.alarm);
}

TEST_CASE("a replayer begins anew at the end if it is told to") {
  folder home;
  auto path = home.write("a", R"({"t":10,"topic":"x","payload":"1"}
{"t":12,"topic":"x","payload":"2"}
)");
  staged loop{read_replayer, setting_of(path, "loop = true\nafter_s = 1")};
  CHECK(loop.run(999ms).empty());
  CHECK(loop.run(5001ms) == texts{"x 1", "x 2", "x 1", "x 2", "x 1"});
}

TEST_CASE("a replayer plays what has gone back in time at once") {
  folder home;
  auto path = home.write("a", R"({"t":10,"topic":"x","payload":"1"}
{"t":5,"topic":"x","payload":"2"}
{"t":6,"topic":"x","payload":"3"}
)");
  staged some{read_replayer, setting_of(path)};
  CHECK(some.run(0s) == texts{"x 1", "x 2"});
  CHECK(some.run(1s) == texts{"x 3"});
}

TEST_CASE("a recording ends at its limits, and says so") {
  folder home;
  auto size_of = [](const std::string& path) {
    return static_cast<std::size_t>(std::ifstream{path, std::ios::ate | std::ios::binary}.tellg());
  };
  auto path = home.file("a");
  staged few{read_recorder, setting_of(path, "filter = '#'\nmessages_max = 2")};
  few.run(0s);
  for (auto payload : {"1", "2", "3"})
    few.hear("x", payload);
  CHECK(few.effects.lines.size() == 1);
  CHECK(few.effects.lines.at(0).find("recorded 2 messages") != std::string::npos);
  auto line_size = size_of(path) / 2;
  CHECK(line_size > 20);

  staged small{read_recorder, setting_of(path, "filter = '#'\nbytes_max = " + std::to_string(line_size * 3 + 1))};
  small.run(0s);
  for (int i = 0; i < 5; ++i)
    small.hear("x", "1");
  CHECK(size_of(path) == line_size * 3);
  CHECK(small.effects.lines.size() == 1);

  staged brief{read_recorder, setting_of(path, "filter = '#'\nfor_s = 2.5")};
  brief.run(2s);
  brief.hear("x", "1");
  brief.run(1s);
  brief.hear("x", "2");
  CHECK(size_of(path) == line_size);
  CHECK_FALSE(brief.alarm);
}

TEST_CASE("a recording that goes on is appended to") {
  folder home;
  auto path = home.file("a");
  auto record = [&](std::string_view more, std::uint32_t life) {
    staged tape{read_recorder, setting_of(path, "filter = '#'\n" + std::string{more}), 1, life};
    tape.run(0s);
    tape.hear("x", "y");
    tape.role.reset();
    std::ifstream file{path};
    return std::count(std::istreambuf_iterator<char>{file}, {}, '\n');
  };
  CHECK(record("", 0) == 1);
  CHECK(record("", 0) == 1); // begins anew
  CHECK(record("append = true", 0) == 2);
  CHECK(record("", 1) == 3); // after it had died
}

TEST_CASE("a recording is in its file after a second") {
  folder home;
  staged tape{read_recorder, setting_of(home.file("a"), "filter = '#'")};
  tape.run(0s);
  tape.hear("x", "1");
  tape.run(1s);
  auto reader = recording_reader::open(home.file("a"));
  REQUIRE(reader);
  CHECK((*reader->next())->message.payload == "1");
}

TEST_CASE("files that can't be opened are told") {
  folder home;
  staged tape{read_recorder, setting_of(home.file("none/a"), "filter = '#'")};
  tape.run(0s);
  CHECK(tape.effects.failed == home.file("none/a") + ": No such file or directory");
  CHECK(mistakes_of(read_replayer, setting_of(home.file("none"))) ==
        texts{"1: participant: file: " + home.file("none") + ": No such file or directory"});
  CHECK(mistakes_of(read_replayer, setting_of(home.where.path())) ==
        texts{"1: participant: file: " + home.where.path() + ": Is a directory"});
  CHECK(mistakes_of(read_replayer, setting_of(home.write("empty", ""))) ==
        texts{"1: participant: file: " + home.file("empty") + ": has no messages"});
  CHECK(mistakes_of(read_recorder, "filter = '#'") == texts{"0: participant: \"file\" is missing"});
}

TEST_CASE("a recording's broken lines are told before it is played, and left out as it is") {
  folder home;
  auto path = home.write("a", "{\"t\":1,\"topic\":\"x\",\"payload\":\"1\"}\n{}\n");
  CHECK(mistakes_of(read_replayer, setting_of(path)) ==
        texts{"1: participant: file: " + path + ":2: \"t\" is missing"});
  auto good = home.write("b", "{\"t\":1,\"topic\":\"x\",\"payload\":\"1\"}\n");
  staged some{read_replayer, setting_of(good)};
  home.write("b", "{}\n{\"t\":1,\"topic\":\"x\",\"payload\":\"2\"}\n");
  CHECK(some.run(0s) == texts{"x 2"});
  CHECK(some.effects.lines.at(0) == "me: left out " + good + ":1: \"t\" is missing");
  staged hopeless{read_replayer, setting_of(good = home.write("c", "{\"t\":1,\"topic\":\"x\",\"payload\":\"1\"}\n"))};
  std::string rubbish;
  for (int i = 0; i < 2000; ++i)
    rubbish += "?\n";
  home.write("c", rubbish);
  CHECK(hopeless.run(0s).empty());
  CHECK(hopeless.effects.failed == good + ": too many lines are broken");
  CHECK(hopeless.effects.lines.size() == 10);
}
