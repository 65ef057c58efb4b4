#pragma once

#include <string>
#include <vector>

#include "bench_broker.hpp"

namespace actorbus::demos {

/// One broker of a comparison: the run in the middle of its runs.
struct bench_contender {
  std::string url;
  bench_result result;
  std::uint32_t runs = 0;
};

/// The figure that runs are ordered by, more is better: messages per CPU second of the broker if
/// that was measured, else messages per second; latency: the inverse of the median; conn: the
/// inverse of the bytes per connection.
double key_figure(const bench_options& options, const bench_result& result);

/// The result in the middle of `results` by `key_figure`; the first one that failed, if any did.
/// @pre not empty
bench_result middle_of(const bench_options& options, std::vector<bench_result> results);

/// One line that says what was measured, e.g. "pair 8→8, QoS 1, 16 B, 64 KB writes, window 1000".
std::string describe(const bench_options& options);

/// Lines for people: a heading, one row per contender and, for two, the ratio of the first to the
/// second.
std::string text_report(const bench_options& options,
                        const std::vector<bench_contender>& contenders);

/// One JSON object on one line: the options, and per contender every figure; null where nothing
/// was measured.
std::string json_report(const bench_options& options,
                        const std::vector<bench_contender>& contenders);

} // namespace actorbus::demos
