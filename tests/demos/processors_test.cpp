#include <catch2/catch.hpp>

#include "demos/staged_participant.hpp"
#include "demos/staged_topology.hpp"

using namespace actorbus;
using namespace actorbus::demos;
using namespace std::chrono_literals;
using protocol::property_id;

using texts = std::vector<std::string>;

TEST_CASE("a filter passes on what meets its condition") {
  staged warm{read_filter,
              "filter = 'sensors/+/temp'\nwhen = 'payload.temp > 20 and {1} != \"attic\"'\ntopic = 'warm/{1}'"};
  CHECK(warm.hear("sensors/bath/temp", R"({"temp": 21})") == texts{R"(warm/bath {"temp": 21})"});
  CHECK(warm.hear("sensors/bath/temp", R"({"temp": 20})").empty());
  CHECK(warm.hear("sensors/attic/temp", R"({"temp": 30})").empty());
  CHECK(warm.hear("sensors/bath/temp", "broken").empty());
  CHECK(warm.hear("sensors/bath/temp", "\x81\xa4temp\x1e") == texts{"warm/bath \x81\xa4temp\x1e"}); // MessagePack
  CHECK(warm.effects.lines.empty());
}

TEST_CASE("a filter judges plain payloads and topics") {
  staged number{read_filter, "filter = '#'\nwhen = 'payload > 20'\ntopic = 'big'"};
  CHECK(number.hear("a", "20.5") == texts{"big 20.5"});
  CHECK(number.hear("a", "9").empty());
  CHECK(number.hear("a", "warm").empty());
  staged where{read_filter, "filter = '#'\nwhen = 'starts_with(topic, \"plant/\")'\ntopic = 'seen/{1}'"};
  CHECK(where.hear("plant/1", "x") == texts{"seen/plant/1 x"});
  CHECK(where.hear("site/1", "x").empty());
}

TEST_CASE("a filter passes messages on as they are") {
  staged all{read_filter, "filter = '#'\nwhen = 'true'\ntopic = 'copy'\nexpiry_s = 5"};
  protocol::property_list given;
  given.add(property_id::payload_format_indicator, 1)
      .add(property_id::message_expiry_interval, 60)
      .add(property_id::content_type, "text/plain")
      .add(property_id::response_topic, "r")
      .add(property_id::correlation_data, "c")
      .add(property_id::subscription_identifier, 3)
      .add_user("a", "b");
  incoming_message message{.topic = "x", .payload = "y", .qos = protocol::qos::exactly_once};
  message.properties = given.view();
  all.role->on_message(message, staged::begin, all.effects);
  const auto& copy = all.effects.publishes.at(0);
  CHECK(copy.qos == protocol::qos::exactly_once);
  protocol::property_list expected;
  expected.add(property_id::message_expiry_interval, 5)
      .add(property_id::payload_format_indicator, 1)
      .add(property_id::content_type, "text/plain")
      .add(property_id::response_topic, "r")
      .add(property_id::correlation_data, "c")
      .add_user("a", "b");
  CHECK(copy.properties == expected);
}

TEST_CASE("a map rewrites topic and payload") {
  staged convert{read_map, "filter = '+/celsius'\ntopic = '{1}/fahrenheit'\npayload = '{payload * 1.8 + 32}'\nqos = 1"};
  CHECK(convert.hear("bath/celsius", "20") == texts{"bath/fahrenheit 68"});
  CHECK(convert.last.at(0).qos == protocol::qos::at_least_once);
  CHECK(convert.hear("bath/celsius", "20.25") == texts{"bath/fahrenheit 68.45"});
  CHECK(convert.hear("bath/celsius", "warm").empty());
  CHECK(convert.hear("bath/celsius", "hot").empty());
  CHECK(convert.effects.lines ==
        texts{"me: a message to bath/celsius lacks what the rule needs; such ones are left out"});
}

TEST_CASE("a map makes documents of documents") {
  staged shape{read_map, R"(
filter = 'in/+'
topic = 'out/{1}'
when = 'payload.state != null'
fields = { state = '{payload.state}', list = '{payload.list}', id = '{payload.id}', n = '{n}', label = 'of {1}' }
)"};
  CHECK(shape.hear("in/a", R"({"state": true, "list": [1, {"x": 2}], "id": 9007199254740993})") ==
        texts{R"(out/a {"state":true,"list":[1,{"x":2}],"id":9007199254740993,"n":1,"label":"of a"})"});
  CHECK(shape.hear("in/a", "{}").empty());
  protocol::property_list given;
  given.add(property_id::content_type, "text/plain").add_user("by", "a");
  CHECK(shape.hear("in/a", R"({"state": 1, "list": [], "id": 2})", given).size() == 1);
  protocol::property_list expected;
  expected.add(property_id::payload_format_indicator, 1)
      .add(property_id::content_type, "application/json")
      .add_user("by", "a");
  CHECK(shape.last.at(0).properties == expected);
}

TEST_CASE("what calls itself JSON is not taken for MessagePack") {
  staged some{read_filter, "filter = '#'\nwhen = 'payload.a == 1'\ntopic = 't'"};
  protocol::property_list json;
  json.add(property_id::content_type, "application/json");
  CHECK(some.hear("x",
                  "\x81\xa1"
                  "a\x01",
                  json)
            .empty());
  CHECK(some.hear("x", "\x81\xa1"
                       "a\x01")
            .size() == 1);
  CHECK(some.hear("x", "\x81\xa1"
                       "a")
            .empty());                                     // cut short
  CHECK(some.hear("x", std::string(100, '\x91')).empty()); // deeper than allowed
  CHECK(some.hear("x", std::string(100, '[')).empty());
  CHECK(some.hear("x", "").empty());
}

TEST_CASE("a window summarises so many numbers") {
  staged five{read_window, R"(
filter = 'sensors/+'
topic = 'summary/{1}'
count = 3
payload = '{n}: {count} {sum} {mean} {min} {max} {first} {last}'
)"};
  five.run(0s);
  CHECK(five.hear("sensors/a", "1").empty());
  CHECK(five.hear("sensors/b", "100").empty());
  CHECK(five.hear("sensors/a", "5").empty());
  CHECK(five.hear("sensors/a", "2") == texts{"summary/a 1: 3 8 2.666667 1 5 1 2"});
  CHECK(five.hear("sensors/a", "7").empty()); // begins anew
  CHECK(five.hear("sensors/b", "100").empty());
  CHECK(five.hear("sensors/b", "100") == texts{"summary/b 2: 3 300 100 100 100 100 100"});
}

TEST_CASE("a window summarises a time, and nothing where nothing came") {
  staged minute{read_window, "filter = '#'\ntopic = 'mean'\nof = 'payload.t * 2'\ninterval_s = 60"};
  minute.run(10s);
  minute.hear("x", R"({"t": 1})");
  minute.hear("y", R"({"t": 2})");
  minute.hear("y", "no number");
  CHECK(minute.effects.lines == texts{"me: a message to y has no number for the window; such ones are left out"});
  CHECK(minute.run(49s).empty());
  CHECK(minute.run(1s) == texts{"mean 3"});
  CHECK(minute.run(60s).empty());
  minute.hear("x", R"({"t": 4})");
  CHECK(minute.run(60s) == texts{"mean 8"});
}

TEST_CASE("a window ends at its count or its time") {
  staged either{read_window, "filter = '#'\ntopic = 't'\ncount = 2\ninterval_s = 10\nfields = { sum = '{sum}' }"};
  either.run(0s);
  either.hear("x", "1");
  CHECK(either.hear("x", "2") == texts{R"(t {"sum":3.0})"});
  either.hear("x", "5");
  CHECK(either.run(10s) == texts{R"(t {"sum":5.0})"});
}

TEST_CASE("windows are bounded") {
  staged few{read_window, "filter = '+'\ntopic = 't/{1}'\ncount = 2\nwindows_max = 2"};
  few.run(0s);
  for (auto topic : {"a", "b", "c"})
    few.hear(topic, "1");
  CHECK(few.effects.lines.size() == 1);
  CHECK(few.hear("c", "1").empty());
  CHECK(few.hear("a", "1").size() == 1); // that makes room
  CHECK(few.hear("c", "1").empty());
  CHECK(few.hear("c", "1").size() == 1);
}

TEST_CASE("a merge puts the latest of several topics into one document") {
  staged room{read_merge, "inputs = { temp = 'temp/+', state = 'state/+' }\ntopic = 'room/{1}'"};
  CHECK(room.role->subscriptions().at(1).filter == "state/+");
  CHECK(room.hear("temp/bath", "21.5").empty());
  CHECK(room.hear("state/attic", "off").empty());
  CHECK(room.hear("state/bath", "on") == texts{R"(room/bath {"temp":21.5,"state":"on"})"});
  CHECK(room.last.at(0).properties.view().text(property_id::content_type) == "application/json");
  CHECK(room.hear("temp/bath", R"({"c": 22})") == texts{R"(room/bath {"temp":{"c":22},"state":"on"})"});
  CHECK(room.hear("temp/attic", "5") == texts{R"(room/attic {"temp":5,"state":"off"})"});
}

TEST_CASE("a merge fills a template with its inputs") {
  staged line{read_merge, "inputs = { a = 'a/+', b = 'b/+' }\ntopic = 't/{1}'\npayload = '{n} {1}: {a.x + b} {b}'"};
  line.hear("a/1", R"({"x": 3})");
  CHECK(line.hear("b/1", "4") == texts{"t/1 1 1: 7 4"});
  CHECK(line.hear("a/1", "{}").empty()); // has no x
  CHECK(line.hear("a/1", R"({"x": 5})") == texts{"t/1 2 1: 9 4"});
}

TEST_CASE("a merge waits until every input has something new, if it is told to") {
  staged pairs{read_merge, "inputs = { a = 'a', b = 'b' }\ntopic = 't'\npayload = '{a}{b}'\nemit = 'all'"};
  pairs.hear("a", "1");
  CHECK(pairs.hear("b", "2") == texts{"t 12"});
  CHECK(pairs.hear("b", "3").empty());
  CHECK(pairs.hear("b", "4").empty());
  CHECK(pairs.hear("a", "5") == texts{"t 54"});
}

TEST_CASE("a merge publishes in intervals, if it is told to") {
  staged slow{read_merge, "inputs = { a = 'a', b = 'b' }\ntopic = 't'\npayload = '{a}{b}'\ninterval_s = 10"};
  slow.run(1s);
  CHECK(slow.hear("a", "1").empty());
  CHECK(slow.run(10s).empty());
  CHECK(slow.hear("b", "2").empty());
  CHECK(slow.run(10s) == texts{"t 12"});
  CHECK(slow.run(10s) == texts{"t 12"});
}

TEST_CASE("a message may be for several inputs of a merge") {
  staged both{read_merge, "inputs = { all = '#', one = 'x' }\ntopic = 't'\npayload = '{all}{one}'"};
  CHECK(both.hear("y", "1").empty());
  CHECK(both.hear("x", "2") == texts{"t 22"});
}

TEST_CASE("the groups of a merge are bounded") {
  staged few{read_merge, "inputs = { a = 'a/+' }\ntopic = 't/{1}'\ngroups_max = 2"};
  CHECK(few.hear("a/1", "x").size() == 1);
  CHECK(few.hear("a/2", "x").size() == 1);
  CHECK(few.hear("a/3", "x").empty());
  CHECK(few.hear("a/1", "x").size() == 1);
  CHECK(few.effects.lines.size() == 1);
}

TEST_CASE("mistakes of processors are told") {
  CHECK(mistakes_of(read_filter, "filter = 'a'\ntopic = 'b'") ==
        texts{"0: participant: \"when\" is missing: the condition"});
  CHECK(mistakes_of(read_map, "filter = ['a/+', 'b/+']\ntopic = 't/{1}'\nwhen = 'payload >< 3'") ==
        texts{"3: participant: when: at character 10: a value is missing",
              "2: participant: topic: {1}: wildcards of the filter: 0"});
  CHECK(mistakes_of(read_window, "filter = 'a'\ntopic = 't'\npayload = '{meen}'\nof = '1 +'") ==
        texts{"4: participant: of: at character 4: a value is missing",
              "3: participant: payload: {meen}: at character 1: no name \"meen\" here; did you mean \"mean\"? (a brace "
              "itself is written twice)",
              "0: participant: \"count\" or \"interval_s\" is missing: how long a window is"});
  CHECK(mistakes_of(read_merge, "topic = 't'") ==
        texts{"0: participant: \"inputs\" is missing, as in { temperature = \"sensors/+/temperature\" }"});
  CHECK(mistakes_of(read_merge, R"(
topic = 't/{1}'
emit = 'al'
[inputs]
a-b = 'x'
time = 'y'
c = 'a/#/b'
d = 5
if = 'x/+'
)") == texts{"5: participant: inputs: a-b: a name has letters, digits and _ only",
             "6: participant: inputs: time: that name stands for something else",
             "7: participant: inputs: c: \"a/#/b\": '#' is not the last level of the topic filter",
             "8: participant: inputs: d: must be a text in quotes",
             "2: participant: topic: {1}: wildcards of the filter: 0",
             "3: participant: emit: \"al\" is none of \"each\", \"all\"; did you mean \"all\"?"});
}

TEST_CASE("processors follow each other on a bus") {
  staged_topology on{R"(
[[participant]]
name = "source"
kind = "generator"
topic = "raw/a"
payload = "{n}"
rate = 10
count = 20
[[participant]]
name = "even"
kind = "filter"
filter = "raw/+"
when = "payload % 2 == 0"
topic = "even/{1}"
[[participant]]
name = "double"
kind = "map"
filter = "even/+"
topic = "double/{1}"
payload = "{payload * 2}"
[[participant]]
name = "sums"
kind = "window"
filter = "double/+"
topic = "sums/{1}"
count = 5
payload = "{sum}"
[[participant]]
name = "last"
kind = "merge"
inputs = { raw = "raw/+", sum = "sums/+" }
topic = "last/{1}"
payload = "{raw} {sum}"
)"};
  on.home.tester().subscribe("sums/#").get();
  on.home.advance(2s);
  CHECK(on.heard() == texts{"60", "160"}); // 2 * (2 + 4 + … + 10) and 2 * (12 + … + 20)
}
