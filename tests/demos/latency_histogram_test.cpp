#include "topology/latency_histogram.hpp"

#include <catch2/catch.hpp>

using namespace actorbus;
using namespace actorbus::demos;
using namespace std::chrono_literals;

TEST_CASE("a histogram without anything is all zero") {
  latency_histogram none;
  CHECK(none.count() == 0);
  CHECK(none.mean_ms() == 0);
  CHECK(none.maximum_ms() == 0);
  CHECK(none.percentile_ms(0.99) == 0);
}

TEST_CASE("a histogram's percentiles are those of what was added, to a sixteenth") {
  latency_histogram some;
  for (int i = 1; i <= 1000; ++i)
    some.add(std::chrono::milliseconds{i});
  CHECK(some.count() == 1000);
  CHECK(some.mean_ms() == Approx(500.5));
  CHECK(some.maximum_ms() == 1000);
  for (auto part : {0.01, 0.1, 0.5, 0.9, 0.99}) {
    CHECK(some.percentile_ms(part) >= 1000 * part);
    CHECK(some.percentile_ms(part) <= 1000 * part * 17 / 16);
  }
  CHECK(some.percentile_ms(1) == 1000);
  some.clear();
  CHECK(some.count() == 0);
}

TEST_CASE("a histogram takes what is very short and very long") {
  latency_histogram some;
  some.add(-1us);
  some.add(0us);
  some.add(7us);
  some.add(24h * 365 * 200);
  CHECK(some.percentile_ms(0.5) == 0);
  CHECK(some.percentile_ms(0.75) == 0.007);
  CHECK(some.percentile_ms(1) == Approx(200.0 * 365 * 24 * 3600 * 1000));
}
