#include "limit_table.hpp"

#include <set>

#include <catch2/catch.hpp>

using namespace actorbus;
using namespace actorbus::demos;

namespace {

struct anything {
  template <class T>
  operator T() const;
};

// How many members an aggregate has.
template <class T, class... Members>
constexpr std::size_t members_of() {
  if constexpr (requires { T{Members{}..., anything{}}; })
    return members_of<T, Members..., anything>();
  else
    return sizeof...(Members);
}

} // namespace

TEST_CASE("every limit can be set by its name") {
  std::set<std::string_view> names;
  for (const auto& rule : limit_rules()) {
    INFO(rule.name);
    CHECK(names.insert(rule.name).second);
    limits changed;
    CHECK(set_limit(changed, rule.name, 4242).empty());
    CHECK(limit_value(changed, rule) == 4242);
    for (const auto& other : limit_rules())
      if (other.name != rule.name)
        CHECK(limit_value(changed, other) == limit_value(limits{}, other));
  }
  CHECK(limit_rules().size() == members_of<limits>());
}

TEST_CASE("a limit out of its type's range is refused") {
  limits bounds;
  CHECK(set_limit(bounds, "inflight_max", 65'536) == "65536 is out of range: 1 to 65535");
  CHECK(set_limit(bounds, "inflight_max", 0) == "0 is out of range: 1 to 65535");
  CHECK(set_limit(bounds, "connect_timeout_ms", 4'294'967'296) == "4294967296 is out of range: 1 to 4294967295");
  CHECK_FALSE(set_limit(bounds, "sessions_max", -1).empty());
  CHECK(set_limit(bounds, "inflght_max", 3) == "unknown limit \"inflght_max\"; did you mean \"inflight_max\"?");
  CHECK(bounds.inflight_max == limits{}.inflight_max);
}
