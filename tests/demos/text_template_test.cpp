#include "topology/text_template.hpp"

#include <array>

#include <catch2/catch.hpp>

using namespace actorbus::demos;

namespace {

constexpr std::array all{placeholder::n,     placeholder::value,   placeholder::time,  placeholder::name,
                         placeholder::topic, placeholder::payload, placeholder::count, placeholder::rate};

std::string filled(std::string_view text, const template_values& values, std::size_t wildcards = 0) {
  auto parsed = text_template::parse(text, all, wildcards);
  return parsed ? parsed->text(values) : "refused: " + parsed.error();
}

} // namespace

TEST_CASE("a template is filled with values") {
  template_values values{.n = 7, .value = 20.26, .time = "now", .name = "me", .topic = "a/b", .payload = "x"};
  CHECK(filled("{n} {value} {value:2} {value:0} {time} {name} {topic} {payload}", values) ==
        "7 20.3 20.26 20 now me a/b x");
  CHECK(filled("{{\"t\": {value:1}}}", values) == "{\"t\": 20.3}");
  CHECK(filled("plain", values) == "plain");
  CHECK(filled("", values).empty());
}

TEST_CASE("a template's mistakes are told in words") {
  CHECK(filled("{vale}", {}) ==
        "refused: no placeholder {vale} here; did you mean \"{value}\"? (a brace itself is written twice)");
  CHECK(filled("{", {}).starts_with("refused: a lone '{'"));
  CHECK(filled("a}b", {}).starts_with("refused: a lone '}'"));
  CHECK(filled("{value:x}", {}) == "refused: {value:x}: 0 to 9 decimals");
  CHECK(filled("{2}", {}, 1) == "refused: {2}: wildcards of the filter: 1");
  CHECK_FALSE(text_template::parse("{value}", std::array{placeholder::n}));
}

TEST_CASE("what a filter's wildcards matched is named by number") {
  CHECK(captures("sensors/+/temperature", "sensors/bath/temperature") == std::vector<std::string_view>{"bath"});
  CHECK(captures("+/x/#", "a/x/b/c") == std::vector<std::string_view>{"a", "b/c"});
  CHECK(captures("a/#", "a") == std::vector<std::string_view>{""});
  CHECK(captures("$share/group/a/+", "a/b") == std::vector<std::string_view>{"b"});
  auto found = captures("sensors/+/temperature", "sensors/bath/temperature");
  CHECK(filled("heating/{1}", {.captures = found}, 1) == "heating/bath");
}
