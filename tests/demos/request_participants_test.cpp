#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <actorbus/actors/requester.hpp>

#include "demos/staged_participant.hpp"
#include "demos/staged_topology.hpp"

using namespace actorbus;
using namespace actorbus::demos;
using namespace std::chrono_literals;
using protocol::property_id;

namespace {

using texts = std::vector<std::string>;

protocol::property_list request(std::string_view response_topic, std::string_view correlation) {
  protocol::property_list result;
  result.add(property_id::response_topic, response_topic).add(property_id::correlation_data, correlation);
  return result;
}

std::string text_of(const outgoing_message& message, property_id id) {
  return std::string{message.properties.view().text(id).value_or("none")};
}

} // namespace

TEST_CASE("a responder answers at the response topic with the correlation data") {
  staged square{read_responder, "filter = 'math/+'\npayload = '{payload * payload}: {1}'"};
  CHECK(square.role->subscriptions().at(0).no_local);
  CHECK(square.hear("math/square", "7", request("reply/me", "c1")) == texts{"reply/me 49: square"});
  CHECK(text_of(square.last.at(0), property_id::correlation_data) == "c1");
  CHECK(square.hear("math/square", "8", request("reply/me", "c2")) == texts{"reply/me 64: square"});
}

TEST_CASE("a responder answers with JSON of what it was asked in JSON") {
  staged twice{read_responder, "filter = 'ask'\nfields = { sum = '{payload.a + payload.b}', n = '{n}' }"};
  CHECK(twice.hear("ask", R"({"a": 1, "b": 2})", request("r", "1")) == texts{R"(r {"sum":3,"n":1})"});
  CHECK(text_of(twice.last.at(0), property_id::content_type) == "application/json");
}

TEST_CASE("a responder refuses what it can't or won't answer") {
  staged picky{read_responder, "filter = 'ask'\npayload = '{payload.x}'\nrefuse = 'payload.x > 9'"};
  CHECK(picky.hear("ask", R"({"x": 9})", request("r", "1")) == texts{"r 9"});
  CHECK(picky.hear("ask", R"({"x": 10})", request("r", "2")) == texts{"r "});
  CHECK(text_of(picky.last.at(0), property_id::user_property) == refusal_property);
  CHECK(picky.hear("ask", "no JSON", request("r", "3")) == texts{"r "});
  CHECK(text_of(picky.last.at(0), property_id::user_property) == refusal_property);
  CHECK(text_of(picky.last.at(0), property_id::correlation_data) == "3");
}

TEST_CASE("a responder leaves alone what asks for no answer, and says so once") {
  staged calm{read_responder, "filter = 'ask'"};
  CHECK(calm.hear("ask", "x").empty());
  CHECK(calm.hear("ask", "y").empty());
  CHECK(calm.effects.lines.size() == 1);
}

TEST_CASE("a responder takes its time, and refuses when too many wait") {
  staged late{read_responder, "filter = 'ask'\ndelay_s = 2\npending_max = 2"};
  CHECK(late.hear("ask", "1", request("r", "1")).empty());
  CHECK(late.hear("ask", "2", request("r", "2")).empty());
  late.hear("ask", "3", request("r", "3"));
  late.started = true;
  CHECK(late.run(1900ms).empty());
  CHECK(late.run(100ms) == texts{"r 1", "r 2", "r "});
}

TEST_CASE("a responder answers with the quality of the request, or its own") {
  auto quality_of = [](std::string_view settings) {
    staged one{read_responder, settings};
    auto properties = request("r", "1");
    incoming_message message{.topic = "ask", .payload = "x", .qos = protocol::qos::exactly_once};
    message.properties = properties.view();
    one.role->on_message(message, staged::begin, one.effects);
    return one.effects.publishes.at(0).qos;
  };
  CHECK(quality_of("filter = 'ask'") == protocol::qos::exactly_once);
  CHECK(quality_of("filter = 'ask'\nqos = 1") == protocol::qos::at_least_once);
}

TEST_CASE("members of a shared subscription do not ask for No Local") {
  staged one{read_responder, "filter = ['$share/team/ask/#', 'ask']"};
  CHECK_FALSE(one.role->subscriptions().at(0).no_local);
  CHECK(one.role->subscriptions().at(1).no_local);
}

TEST_CASE("a requester sends requests and counts what becomes of them") {
  staged clerk{read_requester, R"(
topic = 'ask'
payload = '{n}'
rate = 1
count = 4
timeout_s = 3
report_s = 10
report_topic = 'report'
)"};
  CHECK(clerk.role->subscriptions().at(0).filter == "reply/me");
  CHECK(clerk.run(0s) == texts{"ask 1"});
  CHECK(text_of(clerk.last.at(0), property_id::response_topic) == "reply/me");
  auto first = text_of(clerk.last.at(0), property_id::correlation_data);
  clerk.run(500ms);
  clerk.hear("reply/me", "yes", request("", first));
  clerk.hear("reply/me", "again", request("", first));
  CHECK(clerk.run(500ms) == texts{"ask 2"});
  auto refusal = request("", text_of(clerk.last.at(0), property_id::correlation_data));
  refusal.add_user(refusal_property, "busy");
  clerk.hear("reply/me", "", refusal);
  CHECK(clerk.run(1s) == texts{"ask 3"});
  auto third = text_of(clerk.last.at(0), property_id::correlation_data);
  CHECK(clerk.run(3s) == texts{"ask 4"});
  clerk.hear("reply/me", "late", request("", third));
  auto report = clerk.run(5s);
  REQUIRE(report.size() == 1);
  REQUIRE(report[0].starts_with("report "));
  auto figures = nlohmann::json::parse(report[0].substr(7));
  CHECK(figures["sent"] == 4);
  CHECK(figures["answered"] == 1);
  CHECK(figures["refused"] == 1);
  CHECK(figures["timed_out"] == 2);
  CHECK(figures["late"] == 2);
  CHECK(figures["withheld"] == 0);
  CHECK(figures["outstanding"] == 0);
  CHECK(figures["mean_ms"] == 500);
  CHECK(figures["max_ms"] == 500);
  REQUIRE(clerk.effects.lines.size() == 1);
  CHECK(clerk.effects.lines[0] == "1970-01-01T00:00:11.000Z me: 4 requests, 1 answered, 1 refused, 2 timed out, 0 "
                                  "outstanding; answers took 500.000 ms, 99% of them 500.000 at most");
}

TEST_CASE("a requester withholds requests while too many are outstanding") {
  staged eager{read_requester, "topic = 'ask'\npayload = 'x'\nburst = 5\noutstanding_max = 2\ntimeout_s = 100"};
  CHECK(eager.run(0s).size() == 2);
  CHECK(eager.run(1s).empty());
}

TEST_CASE("a requester and a responder of a topology find each other") {
  staged_topology on{R"(
[[participant]]
name = "clerk"
kind = "requester"
topic = "ask"
payload = "{n}"
qos = 1
report_s = 5
report_topic = "report"
[[participant]]
name = "oracle"
kind = "responder"
filter = "ask"
payload = "{payload * 2}"
delay_s = 0.25
failure = { kind = "stop", after_s = 2.5, for_s = 60 }
)"};
  on.home.tester().subscribe("report").get();
  on.home.advance(5s);
  auto heard = on.heard();
  REQUIRE(heard.size() == 1);
  auto figures = nlohmann::json::parse(heard[0]);
  CHECK(figures["sent"] == 6);
  CHECK(figures["answered"] == 3); // at 0, 1 and 2 seconds
  CHECK(figures["outstanding"] == 3);
  CHECK(figures["p50_ms"] == 250);
}

TEST_CASE("mistakes of requesters and responders are told") {
  CHECK(
      mistakes_of(read_responder, "refuse = 'payload.x >'\ndelay_s = -1\npayload = '{paylod}'") ==
      texts{"0: participant: \"filter\" is missing",
            "3: participant: payload: {paylod}: at character 1: no name \"paylod\" here; did you mean \"payload\"? (a "
            "brace itself is written twice)",
            "1: participant: refuse: at character 12: a value is missing",
            "2: participant: delay_s: -1 is out of range: 0 to 1000000"});
  CHECK(mistakes_of(read_requester, "topic = 'ask'\npayload = 'x'\nreport_topic = 'a/+'\ntimeout_s = 0") ==
        texts{"4: participant: timeout_s: 0 is out of range: 0.001 to 1000000",
              "3: participant: report_topic: topic name contains a wildcard"});
}
