#include "nearest_name.hpp"

#include <array>

#include <catch2/catch.hpp>

using namespace actorbus::demos;
using namespace std::string_view_literals;

TEST_CASE("a mistyped name finds the one that was meant") {
  constexpr std::array names{"topic"sv, "payload"sv, "inflight_max"sv, "retain"sv};
  CHECK(nearest_name("topc", names) == "topic");
  CHECK(nearest_name("tpoic", names) == "topic");
  CHECK(nearest_name("topics", names) == "topic");
  CHECK(nearest_name("inflght", names) == "inflight_max");
  CHECK(nearest_name("max", names) == "inflight_max");
  CHECK(nearest_name("colour", names).empty());
}

TEST_CASE("a name that is near none is answered by a short list") {
  constexpr std::array names{"on"sv, "off"sv};
  CHECK(suggestion("colour", names) == "; there are on, off");
  CHECK(suggestion("offf", names) == "; did you mean \"off\"?");
  CHECK(suggestion("colour", {}).empty());
}
