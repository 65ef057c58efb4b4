#include "clients/message_filter.hpp"

#include <catch2/catch.hpp>

using namespace actorbus;
using namespace actorbus::demos;

TEST_CASE("a filter has enough after its count") {
  message_filter two{{.count = 2}};
  CHECK(two.take({.topic = "a"}));
  CHECK_FALSE(two.has_enough());
  CHECK(two.take({.topic = "a"}));
  CHECK(two.has_enough());
  CHECK_FALSE(two.take({.topic = "a"}));
}

TEST_CASE("topics that are filtered out don't count") {
  message_filter filter{{.without = {"a/#", "b"}, .count = 1}};
  CHECK_FALSE(filter.take({.topic = "a/x"}));
  CHECK_FALSE(filter.take({.topic = "b"}));
  CHECK(filter.take({.topic = "b/x"}));
  CHECK(filter.has_enough());
}

TEST_CASE("retained messages are left out, or the only ones") {
  message_filter fresh{{.no_retained = true}};
  CHECK_FALSE(fresh.take({.topic = "a", .retain = true}));
  CHECK(fresh.take({.topic = "a"}));
  message_filter kept{{.retained_only = true}};
  CHECK(kept.take({.topic = "a", .retain = true}));
  CHECK_FALSE(kept.take({.topic = "a"}));
  CHECK(kept.has_enough());
}

TEST_CASE("a part of the messages is chosen by chance") {
  message_filter some{{.percentage = 30}};
  int taken = 0;
  for (int i = 0; i < 10'000; ++i)
    taken += some.take({.topic = "a"}) ? 1 : 0;
  CHECK(taken > 2'800);
  CHECK(taken < 3'200);
  message_filter none{{.percentage = 0}};
  CHECK_FALSE(none.take({.topic = "a"}));
}
