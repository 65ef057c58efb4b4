#include <actorbus/protocol/topic.hpp>

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace actorbus::protocol;
using namespace std::string_view_literals;

TEST_CASE("topic names have a character and no wildcard [v5:MQTT-4.7.3-1, MQTT-4.7.0-1]") {
  for (auto name : {"a"sv, "/"sv, "//"sv, "a/"sv, "/a"sv, "a b"sv, "$SYS/x"sv, "$share"sv, "\xC3\xBC"sv, " "sv})
    CHECK(check_topic_name(name) == errc::none);
  CHECK(check_topic_name("") == errc::topic_empty);
  for (auto name : {"+"sv, "#"sv, "a/+/b"sv, "a+"sv, "a/#"sv, "#a"sv})
    CHECK(check_topic_name(name) == errc::topic_wildcard);
  CHECK(check_topic_name("a\0b"sv) == errc::topic_null_character);
}

TEST_CASE("topics stay within the limits [v5:MQTT-4.7.3-3]") {
  CHECK(check_topic_name(std::string(65'535, 'a')) == errc::none);
  CHECK(check_topic_name(std::string(65'535, '/'), {}) == errc::topic_too_many_levels);
  CHECK(check_topic_name(std::string(65'534, '/'), {}) == errc::none);
  CHECK(check_topic_name(std::string(65'536, 'a')) == errc::topic_too_long);
  topic_limits small{.size_bytes_max = 5, .levels_max = 2};
  CHECK(check_topic_name("abcde", small) == errc::none);
  CHECK(check_topic_name("abcdef", small) == errc::topic_too_long);
  CHECK(check_topic_name("a/b", small) == errc::none);
  CHECK(check_topic_name("a/", small) == errc::none);
  CHECK(check_topic_name("a/b/", small) == errc::topic_too_many_levels);
  CHECK(check_topic_filter("a/#", small) == errc::none);
  CHECK(check_topic_filter("/+/#", small) == errc::topic_too_many_levels);
  CHECK(check_topic_filter("abcdef", small) == errc::topic_too_long);
}

TEST_CASE("wildcards stand alone in their level [v5:MQTT-4.7.1-1, MQTT-4.7.1-2]") {
  for (auto filter : {"a"sv, "/"sv, "#"sv, "+"sv, "a/#"sv, "/#"sv, "+/#"sv, "+/+"sv, "/+"sv, "+/a/#"sv, "a//b"sv,
                      "sport/+/player1"sv, "$SYS/#"sv, "$share"sv, "$sharex/a"sv}) {
    INFO(filter);
    CHECK(check_topic_filter(filter) == errc::none);
  }
  CHECK(check_topic_filter("") == errc::filter_empty);
  for (auto filter : {"a#"sv, "#/a"sv, "a/#/b"sv, "##"sv, "a/b#"sv, "#a"sv, "#/"sv, "+#"sv, "sport/tennis#"sv,
                      "sport/tennis/#/ranking"sv}) {
    INFO(filter);
    CHECK(check_topic_filter(filter) == errc::filter_multi_level_misplaced);
  }
  for (auto filter : {"a+"sv, "+a"sv, "a/b+/c"sv, "++"sv, "sport+"sv}) {
    INFO(filter);
    CHECK(check_topic_filter(filter) == errc::filter_single_level_misplaced);
  }
  CHECK(check_topic_filter("a\0"sv) == errc::topic_null_character);
}

TEST_CASE("shared subscriptions have a name and a filter [v5:MQTT-4.8.2-1, MQTT-4.8.2-2]") {
  for (auto filter :
       {"$share/g/a"sv, "$share/g//"sv, "$share/g//a"sv, "$share/g/#"sv, "$share/g/+/b"sv, "$share/\xC3\xBC/a"sv}) {
    INFO(filter);
    CHECK(check_topic_filter(filter) == errc::none);
  }
  for (auto filter : {"$share/"sv, "$share//a"sv, "$share/+/a"sv, "$share/#/a"sv, "$share/a+/a"sv, "$share/#"sv}) {
    INFO(filter);
    CHECK(check_topic_filter(filter) == errc::share_name_invalid);
  }
  CHECK(check_topic_filter("$share/g") == errc::filter_empty);
  CHECK(check_topic_filter("$share/g/") == errc::filter_empty);
  CHECK(check_topic_filter("$share/g/a#") == errc::filter_multi_level_misplaced);
  CHECK(check_topic_filter("$share/g/a+/b") == errc::filter_single_level_misplaced);

  auto parts = split_share("$share/group/a/+/b");
  CHECK(parts.is_shared());
  CHECK(parts.share_name == "group");
  CHECK(parts.filter == "a/+/b");
  CHECK(split_share("$share/g//a").filter == "/a");
  parts = split_share("a/b");
  CHECK_FALSE(parts.is_shared());
  CHECK(parts.filter == "a/b");
  CHECK_FALSE(split_share("$share").is_shared());
}

TEST_CASE("a filter with a wildcard says so") {
  CHECK(has_wildcard("a/+"));
  CHECK(has_wildcard("#"));
  CHECK_FALSE(has_wildcard("a/b"));
}

TEST_CASE("a filter matches by level [v5: 4.7.1]") {
  struct row {
    const char* filter;
    const char* name;
  };
  for (auto each : {row{"a", "a"},
                    {"a/b", "a/b"},
                    {"/", "/"},
                    {"sport/tennis/player1/#", "sport/tennis/player1"},
                    {"sport/tennis/player1/#", "sport/tennis/player1/ranking"},
                    {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"},
                    {"sport/#", "sport"},
                    {"#", "a"},
                    {"#", "a/b/c"},
                    {"#", "/"},
                    {"/#", "/"},
                    {"/#", "/a"},
                    {"sport/tennis/+", "sport/tennis/player1"},
                    {"sport/+", "sport/"},
                    {"+/+", "/finance"},
                    {"/+", "/finance"},
                    {"+", "finance"},
                    {"+/tennis/#", "sport/tennis"},
                    {"a/+/b", "a//b"},
                    {"$SYS/#", "$SYS/monitor"},
                    {"$SYS/monitor/+", "$SYS/monitor/Clients"},
                    {"a/#", "a/$b"},
                    {"a/+", "a/$b"}}) {
    INFO(each.filter << " and " << each.name);
    CHECK(matches(each.filter, each.name));
  }
  for (auto each : {row{"a", "b"},
                    {"a", "A"},
                    {"a", "a/"},
                    {"a/", "a"},
                    {"/a", "a"},
                    {"a", "/a"},
                    {"a/b", "a"},
                    {"sport/tennis/+", "sport/tennis/player1/ranking"},
                    {"sport/tennis/+", "sport/tennis"},
                    {"sport/+", "sport"},
                    {"+", "/finance"},
                    {"a/#", "ab"},
                    {"a/#", "b"},
                    {"+/a", "a"},
                    {"ab", "a"},
                    {"a", "ab"}}) {
    INFO(each.filter << " and " << each.name);
    CHECK_FALSE(matches(each.filter, each.name));
  }
}

TEST_CASE("a wildcard in front does not match topics with $ in front [v5:MQTT-4.7.2-1]") {
  CHECK_FALSE(matches("#", "$SYS/broker"));
  CHECK_FALSE(matches("+/broker", "$SYS/broker"));
  CHECK_FALSE(matches("+", "$SYS"));
  CHECK_FALSE(matches("+/#", "$SYS"));
  CHECK(matches("$SYS/+", "$SYS/broker"));
}

TEST_CASE("topic levels are what lies between the slashes") {
  auto levels_of = [](std::string_view name) {
    std::vector<std::string_view> result;
    topic_levels levels{name};
    std::string_view level;
    while (levels.next(level))
      result.push_back(level);
    return result;
  };
  CHECK(levels_of("a//b") == std::vector{"a"sv, ""sv, "b"sv});
  CHECK(levels_of("/") == std::vector{""sv, ""sv});
  CHECK(levels_of("a") == std::vector{"a"sv});
}

TEST_CASE("filters overlap where a topic matches both") {
  struct pair {
    const char* left;
    const char* right;
    bool overlap;
  };
  const auto [left, right, expected] = GENERATE(values<pair>({
      {"a", "a", true},
      {"a", "b", false},
      {"a", "a/b", false},
      {"+", "a", true},
      {"+", "a/b", false},
      {"#", "a/b", true},
      {"a/#", "a", true},
      {"a/#", "b", false},
      {"a/+/c", "a/b/+", true},
      {"a/+/c", "a/b/d", false},
      {"+/b", "a/+", true},
      {"a/+", "a/b/c", false},
      {"#", "$SYS/x", false},
      {"+/x", "$SYS/x", false},
      {"$SYS/#", "$SYS/x", true},
      {"a/", "a", false},
      {"a//b", "a/+/b", true},
      {"+/#", "a", true},
  }));
  CAPTURE(left, right);
  CHECK(overlap(left, right) == expected);
  CHECK(overlap(right, left) == expected);
}
