#include "expression/expression.hpp"

#include <array>
#include <limits>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "expression/expression_functions.hpp"

using namespace actorbus::demos;

namespace {

constexpr std::array<std::string_view, 4> names{"payload", "topic", "n", "value"};

const nlohmann::json document = nlohmann::json::parse(R"({
  "temp": 21.5, "on": true, "off": false, "gone": null, "id": 9007199254740993, "huge": 18446744073709551615,
  "room": {"name": "bath", "odd name": 1}, "list": [10, [20, 30], "x"], "text": "5", "word": "warm"
})");

const std::array<std::string_view, 2> captures{"bath", "7"};

std::string value_of_text(std::string_view text) {
  std::array<expression_value, 4> values{std::string_view{"{}"}, std::string_view{"a/bath"}, std::int64_t{3}, 2.5};
  std::array<const nlohmann::json*, 1> documents{&document};
  auto parsed = expression::parse(text, {names, captures.size()});
  if (!parsed)
    return std::to_string(parsed.error().position) + ": " + parsed.error().text;
  auto value = parsed->evaluate({values, documents, captures});
  if (is_nothing(value))
    return "null";
  std::string result;
  append_text(result, value);
  return std::holds_alternative<std::string_view>(value) ? '\'' + result + '\'' : result;
}

struct row {
  std::string_view text;
  std::string_view value;
};

void check(std::initializer_list<row> rows) {
  for (const auto& each : rows) {
    INFO(each.text);
    CHECK(value_of_text(each.text) == each.value);
  }
}

} // namespace

TEST_CASE("an expression's literals are what they say") {
  check({{"1", "1"},
         {" 42 ", "42"},
         {"1.5", "1.5"},
         {".5", "0.5"},
         {"1e3", "1000"},
         {"9223372036854775807", "9223372036854775807"},
         {"9223372036854775808", "9.223372036854776e+18"},
         {"true", "true"},
         {"false", "false"},
         {"null", "null"},
         {"'it is'", "'it is'"},
         {"\"it's\"", "'it's'"},
         {"''", "''"}});
}

TEST_CASE("an expression's arithmetic binds as in school") {
  check({{"1 + 2 * 3", "7"},
         {"(1 + 2) * 3", "9"},
         {"10 - 4 - 3", "3"},
         {"16 / 4 / 2", "2"},
         {"7 % 4 * 2", "6"},
         {"-2 * -3", "6"},
         {"--2", "2"},
         {"1 - -1", "2"},
         {"7 / 2", "3.5"},
         {"6 / 2", "3"},
         {"7.5 % 2", "1.5"},
         {"value * 1.8 + 32", "36.5"}});
}

TEST_CASE("whole numbers stay whole as long as they fit") {
  check({{"9007199254740993 + 1", "9007199254740994"},
         {"payload.id + 0", "9007199254740993"},
         {"9223372036854775807 + 1", "9.223372036854776e+18"},
         {"-9223372036854775807 - 2", "-9.223372036854776e+18"},
         {"9223372036854775807 * 2", "1.8446744073709552e+19"},
         {"(-9223372036854775807 - 1) % -1", "0"},
         {"payload.huge", "1.8446744073709552e+19"}});
}

TEST_CASE("arithmetic without numbers comes to nothing") {
  check({{"1 / 0", "null"},
         {"1 % 0", "null"},
         {"1e308 * 10", "null"},
         {"'warm' + 1", "null"},
         {"true + 1", "null"},
         {"null * 2", "null"},
         {"-payload.word", "null"},
         {"payload.missing + 1", "null"},
         {"payload.list + 1", "null"}});
}

TEST_CASE("a text that is a number counts as one") {
  check({{"'5' + 1", "6"},
         {"' 5.5 ' + 1", "6.5"},
         {"payload.text > 4", "true"},
         {"'5' == 5", "true"},
         {"'5.0' == '5'", "true"},
         {"{2} * 2", "14"},
         {"'inf' + 1", "null"},
         {"'nan' == 'nan'", "true"},
         {"'1e999' + 1", "null"},
         {"'0x10' + 1", "null"}});
}

TEST_CASE("an expression compares") {
  check({{"1 == 1.0", "true"},
         {"1 != 2", "true"},
         {"2 < 3", "true"},
         {"3 <= 3", "true"},
         {"3 > 3", "false"},
         {"3 >= 3", "true"},
         {"9007199254740993 < 9007199254740994", "true"},
         {"9007199254740993 == 9007199254740992", "false"},
         {"'a' < 'b'", "true"},
         {"'b' <= 'a'", "false"},
         {"topic == 'a/bath'", "true"},
         {"{1} == \"bath\"", "true"},
         {"payload.on == true", "true"},
         {"payload.off == false", "true"},
         {"payload.gone == null", "true"},
         {"payload.missing == null", "true"},
         {"payload.temp != null", "true"},
         {"false == null", "false"},
         {"0 == false", "false"},
         {"'' == null", "false"},
         {"payload.room == payload.room", "true"},
         {"payload.room == payload.list", "false"},
         {"1 + 1 == 2", "true"}});
}

TEST_CASE("what has no order is neither before nor behind") {
  check({{"null < 1", "null"},
         {"null >= 1", "null"},
         {"'warm' <= 1", "null"},
         {"true > false", "null"},
         {"payload.list < 3", "null"},
         {"not (payload.missing > 3)", "true"}});
}

TEST_CASE("an expression joins conditions") {
  check({{"true and false", "false"},
         {"true or false", "true"},
         {"not true", "false"},
         {"not not 1", "true"},
         {"true or true and false", "true"},
         {"not false and true", "true"},
         {"not 1 == 2", "true"},
         {"1 and 'x'", "true"},
         {"0 or ''", "false"},
         {"null or payload.list", "true"},
         {"payload.temp > 20 and {1} != 'attic'", "true"},
         {"orange == 1", "0: no name \"orange\" here; there are payload, topic, n, value"}});
}

TEST_CASE("an expression looks into documents") {
  check({{"payload.temp", "21.5"},
         {"payload.room.name", "'bath'"},
         {"payload.room[\"odd name\"]", "1"},
         {"payload['room']['name']", "'bath'"},
         {"payload.list[0]", "10"},
         {"payload.list[1][1]", "30"},
         {"payload.list[9]", "null"},
         {"payload.list.name", "null"},
         {"payload.temp.x", "null"},
         {"payload[0]", "null"},
         {"payload.room", "{\"name\":\"bath\",\"odd name\":1}"},
         {"payload.list", "[10,[20,30],\"x\"]"},
         {"payload", "'{}'"},
         {"topic.x", "null"},
         {"n", "3"}});
}

TEST_CASE("an expression calls functions") {
  check({{"abs(-3)", "3"},
         {"abs(-2.5)", "2.5"},
         {"abs(2)", "2"},
         {"ceil(2.1)", "3"},
         {"floor(-2.1)", "-3"},
         {"round(2.5)", "3"},
         {"round(2.345, 2)", "2.35"},
         {"round(1, 99)", "null"},
         {"sqrt(16)", "4"},
         {"sqrt(-1)", "null"},
         {"min(3, 1, 2)", "1"},
         {"max(3, 1.5, 2)", "3"},
         {"max(1, 'x')", "null"},
         {"number(' 7 ')", "7"},
         {"number('x')", "null"},
         {"length('abc')", "3"},
         {"length(payload.list)", "3"},
         {"length(3)", "null"},
         {"contains(topic, 'bat')", "true"},
         {"contains(topic, 3)", "null"},
         {"starts_with(topic, 'a/')", "true"},
         {"if(payload.on, 'yes', 'no')", "'yes'"},
         {"if(payload.off, 'yes', 'no')", "'no'"},
         {"default(payload.missing, 5)", "5"},
         {"default(payload.temp, 5)", "21.5"},
         {"min(abs(-5), max(1, 2))", "2"},
         {"floor(1e300)", "1e+300"}});
}

TEST_CASE("an expression's mistakes are told with their place") {
  check({{"", "0: a value is missing"},
         {"   ", "3: a value is missing"},
         {"1 +", "3: a value is missing"},
         {"* 2", "0: a value is missing"},
         {"1 2", "2: something behind the end"},
         {"(1", "2: \")\" is missing"},
         {"1)", "1: something behind the end"},
         {"()", "1: a value is missing"},
         {"1 < 2 < 3", "6: one comparison at a time; join them with \"and\""},
         {"1 = 2", "2: write \"==\""},
         {"1 && 2", "2: write \"and\""},
         {"1 || 2", "2: write \"or\""},
         {"!1", "0: write \"not\""},
         {"1 and", "5: a value is missing"},
         {"and 1", "0: a value is missing before \"and\""},
         {"1 or or 2", "5: a value is missing before \"or\""},
         {"not", "3: a value is missing"},
         {"'abc", "0: a text without an end"},
         {"\"abc'", "0: a text without an end"},
         {"1.2.3", "0: a number with something behind it"},
         {"12abc", "0: a number with something behind it"},
         {"0x10", "0: a number with something behind it"},
         {"1e999", "0: not a number, or one that is too large"},
         {".", "0: not a number, or one that is too large"},
         {"{0}", "0: {0}: wildcards of the filter: 2"},
         {"{3}", "0: {3}: wildcards of the filter: 2"},
         {"{x}", "1: a whole number is missing"},
         {"{1", "2: \"}\" is missing"},
         {"{99999999999999999999}", "1: a whole number is missing"},
         {"payload.", "8: the name of a field is missing"},
         {"payload..x", "8: the name of a field is missing"},
         {"payload. x", "9: the name of a field is missing"},
         {"payload.3", "8: the name of a field is missing"},
         {"payload[", "8: a whole number is missing"},
         {"payload[-1]", "8: a whole number is missing"},
         {"payload[1", "9: \"]\" is missing"},
         {"payload['x", "8: a text without an end"},
         {"paylod.temp", "0: no name \"paylod\" here; did you mean \"payload\"?"},
         {"rond(1)", "0: no function \"rond\"; did you mean \"round\"?"},
         {"abs()", "0: abs takes 1 arguments, not 0"},
         {"min(1)", "0: min takes 2 to 8 arguments, not 1"},
         {"max(1,2,3,4,5,6,7,8,9)", "0: max takes 2 to 8 arguments, not 9"},
         {"abs(1", "5: \")\" is missing"},
         {"abs(1,)", "6: a value is missing"},
         {"1 $ 2", "2: something behind the end"},
         {"\xff", "0: a value is missing"}});
  CHECK(value_of_text(std::string_view{"\0", 1}) == "0: a value is missing");
}

TEST_CASE("an expression is bounded in length and depth") {
  auto sum = [](std::size_t size) {
    std::string text = "1";
    while (text.size() + 2 <= size)
      text += "+1";
    text.resize(size, ' ');
    return text;
  };
  CHECK(value_of_text(sum(expression::length_max)) == "500");
  CHECK(value_of_text(sum(expression::length_max + 1)) == "1000: longer than 1000 bytes");
  auto nested = [](std::string_view open, std::size_t depth, std::string_view close) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i)
      text += open;
    text += '1';
    for (std::size_t i = 0; i < depth; ++i)
      text += close;
    return value_of_text(text);
  };
  CHECK(nested("(", expression::depth_max - 1, ")") == "1");
  CHECK(nested("(", expression::depth_max, ")") == "32: nested deeper than 32");
  CHECK(nested("abs(", 150, ")").ends_with("nested deeper than 32"));
  CHECK(nested("-", 900, "").ends_with("nested deeper than 32"));
  CHECK(nested("not ", 200, "").ends_with("nested deeper than 32"));
  CHECK(nested("min(1, ", 100, ")").ends_with("nested deeper than 32"));
  CHECK(value_of_text(std::string(999, '(')).ends_with("nested deeper than 32"));
}

TEST_CASE("whatever an expression is cut or changed to, it is taken or refused") {
  std::string_view text = "if(payload.room['odd name'] * -1.5e1 >= max(n, {2}) or not topic == \"x\", [, 'é')";
  for (std::size_t begin = 0; begin <= text.size(); ++begin)
    for (std::size_t end = begin; end <= text.size(); ++end)
      value_of_text(text.substr(begin, end - begin));
  std::string changed{text};
  for (std::size_t i = 0; i < changed.size(); ++i)
    for (int c = 0; c < 256; ++c) {
      auto old = std::exchange(changed[i], static_cast<char>(c));
      value_of_text(changed);
      changed[i] = old;
    }
  SUCCEED("nothing read outside of its text");
}

TEST_CASE("an expression that was moved keeps its texts") {
  auto parsed = expression::parse("'abc'", {});
  REQUIRE(parsed);
  auto moved = std::move(*parsed);
  auto value = moved.evaluate({});
  CHECK(std::get<std::string_view>(value) == "abc");
}

TEST_CASE("an expression says what it reads") {
  auto of = [](std::string_view text) {
    auto parsed = expression::parse(text, {names});
    REQUIRE(parsed);
    return std::move(*parsed);
  };
  CHECK(of("1 + payload.x").reads_fields_of(0));
  CHECK_FALSE(of("payload + topic").reads_fields_of(0));
  CHECK(of("payload.x").is_plain());
  CHECK(of("n").is_plain());
  CHECK_FALSE(of("n + 1").is_plain());
  CHECK(of("n").is_name(2));
  CHECK_FALSE(of("n").is_name(1));
}

TEST_CASE("values become text and JSON") {
  auto text = [](expression_value value, int decimals) {
    std::string result;
    append_text(result, value, decimals);
    return result;
  };
  CHECK(text(1.0 / 3, decimals_all) == "0.3333333333333333");
  CHECK(text(1.0 / 3, decimals_computed) == "0.333333");
  CHECK(text(1.0 / 3, 2) == "0.33");
  CHECK(text(std::int64_t{5}, 2) == "5.00");
  CHECK(text(std::int64_t{5}, 0) == "5");
  CHECK(text(0.1 + 0.2, decimals_computed) == "0.3");
  CHECK(text(1e300, decimals_computed) == "1e+300");
  CHECK(text(true, 2) == "true");
  CHECK(text({}, 2).empty());
  CHECK(to_json(1.0 / 3, 2).dump() == "0.33");
  CHECK(to_json(std::int64_t{5}).dump() == "5");
  CHECK(to_json({}).dump() == "null");
  nlohmann::json broken = std::string{"\xff"};
  CHECK(text(value_of(broken), decimals_all) == "\xff");
  auto in_list = nlohmann::json::array({broken});
  CHECK(text(value_of(in_list), decimals_all) == "[\"\xEF\xBF\xBD\"]");
}
