#include "topology/text_template.hpp"

#include <array>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace actorbus::demos;

namespace {

constexpr std::array<std::string_view, 3> names{"n", "value", "payload"};

std::string filled(std::string_view text, std::span<const expression_value> values,
                   std::span<const std::string_view> captures = {}) {
  auto parsed = text_template::parse(text, {names, captures.size()});
  if (!parsed)
    return "refused: " + parsed.error();
  auto document = nlohmann::json::parse(R"({"a": {"b": 2.125}, "list": [1, "x"]})");
  std::array<const nlohmann::json*, 3> documents{nullptr, nullptr, &document};
  std::string result;
  return parsed->append_to(result, {values, documents, captures}) ? result : "nothing";
}

std::string refusal(std::string_view text, std::size_t captures = 0) {
  auto parsed = text_template::parse(text, {names, captures});
  return parsed ? "taken" : parsed.error();
}

const std::array<expression_value, 3> values{std::int64_t{7}, 20.26, std::string_view{"x"}};

} // namespace

TEST_CASE("a template is filled with values") {
  CHECK(filled("{n} {value} {value:2} {value:0} {payload}", values) == "7 20.3 20.26 20 x");
  CHECK(filled("{{\"t\": {value:1}}}", values) == "{\"t\": 20.3}");
  CHECK(filled("plain", values) == "plain");
  CHECK(filled("", values).empty());
}

TEST_CASE("a template computes") {
  CHECK(filled("{value * 1.8 + 32}F", values) == "68.468F");
  CHECK(filled("{value / 3}", values) == "6.753333");
  CHECK(filled("{ n + 1 } {n * 2:2}", values) == "8 14.00");
  CHECK(filled("{payload.a.b} {payload.a} {payload.list}", values) == "2.125 {\"b\":2.125} [1,\"x\"]");
  CHECK(filled("{if(payload == 'x', 'yes}', \"no\")}", values) == "yes}");
  std::array<std::string_view, 1> captures{"4"};
  CHECK(filled("{1} { {1} * 2 }", values, captures) == "4 8");
}

TEST_CASE("a template without a value for an expression has none itself") {
  CHECK(filled("{payload.a.c}", values) == "nothing");
  CHECK(filled("{1 / 0 + n}", values) == "nothing");
  CHECK(filled("{default(payload.a.c, 'none')}", values) == "none");
}

TEST_CASE("what stands alone in a template keeps its type") {
  auto value_of_text = [](std::string_view text) {
    auto parsed = text_template::parse(text, {names});
    REQUIRE(parsed);
    auto value = parsed->value({values});
    return value ? value->dump() : "nothing";
  };
  CHECK(value_of_text("{n}") == "7");
  CHECK(value_of_text("{value}") == "20.3");
  CHECK(value_of_text("{value > 20}") == "true");
  CHECK(value_of_text("{payload}") == "\"x\"");
  CHECK(value_of_text("no. {n}") == "\"no. 7\"");
  CHECK(value_of_text("{payload.a}") == "nothing");
}

TEST_CASE("a template's mistakes are told in words") {
  CHECK(refusal("{vale}") ==
        "{vale}: at character 1: no name \"vale\" here; did you mean \"value\"? (a brace itself is "
        "written twice)");
  CHECK(refusal("at {n +}") == "{n +}: at character 4: a value is missing (a brace itself is written twice)");
  CHECK(refusal("{n n}") == "{n n}: at character 3: something behind the end (a brace itself is written twice)");
  CHECK(refusal("{}") == "{}: at character 1: a value is missing (a brace itself is written twice)");
  CHECK(refusal("{\"t\": 5}") == "{\"t\": 5}: 0 to 9 decimals (a brace itself is written twice)");
  CHECK(refusal("{").starts_with("a lone '{'"));
  CHECK(refusal("a}b").starts_with("a lone '}'"));
  CHECK(refusal("{value:x}") == "{value:x}: 0 to 9 decimals (a brace itself is written twice)");
  CHECK(refusal("{value:10}") == "{value:10}: 0 to 9 decimals (a brace itself is written twice)");
  CHECK(refusal("{2}", 1) == "{2}: wildcards of the filter: 1");
  CHECK(refusal("{0}", 1) == "{0}: wildcards of the filter: 1");
  CHECK(refusal("{ {2} }", 1).find("{2}: wildcards of the filter: 1") != std::string::npos);
  CHECK(refusal("{ {1}", 1).find("something behind the end") != std::string::npos);
  CHECK(refusal("{n:2", 1).starts_with("a lone '{'"));
  CHECK(refusal("{ {1}:2", 1).find("0 to 9 decimals") == std::string::npos);
  CHECK(refusal(std::string(text_template::length_max + 1, 'x')) == "longer than 65536 bytes");
}

TEST_CASE("what a filter's wildcards matched is named by number") {
  CHECK(captures("sensors/+/temperature", "sensors/bath/temperature") == std::vector<std::string_view>{"bath"});
  CHECK(captures("+/x/#", "a/x/b/c") == std::vector<std::string_view>{"a", "b/c"});
  CHECK(captures("a/#", "a") == std::vector<std::string_view>{""});
  CHECK(captures("$share/group/a/+", "a/b") == std::vector<std::string_view>{"b"});
  auto found = captures("sensors/+/temperature", "sensors/bath/temperature");
  CHECK(filled("heating/{1}", {}, found) == "heating/bath");
}
