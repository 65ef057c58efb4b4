#include "topology/failure_schedule.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "topology/word_setting.hpp"

namespace actorbus::demos {

namespace {

constexpr double seconds_max = 1e9;

constexpr std::array kinds{std::pair{std::string_view{"stop"}, condition::stopped},
                           std::pair{std::string_view{"slow"}, condition::slow},
                           std::pair{std::string_view{"disconnect"}, condition::disconnected}};

failure read_failure(settings_reader& from) {
  failure result;
  auto mistakes = from.found().size();
  if (!from.has("kind"))
    from.wrong("\"kind\" is missing");
  result.kind = read_word<condition>(from, "kind", condition::slow, kinds);
  auto knows_kind = from.found().size() == mistakes;
  result.after_seconds = from.range("after_s", 0, seconds_max).value_or(number_range{});
  result.for_seconds = from.range("for_s", 0.001, seconds_max);
  result.times_max = static_cast<std::uint64_t>(
      from.integer("times", 0, std::numeric_limits<std::int64_t>::max()).value_or(0));
  if (result.kind == condition::slow) {
    if (knows_kind && !from.has("message_s"))
      from.wrong("\"message_s\" is missing: the seconds that a message takes");
    result.message_seconds =
        from.range("message_s", 0.001, seconds_max).value_or(result.message_seconds);
  } else if (from.has("message_s")) {
    from.wrong("message_s", "is for the kind \"slow\" only");
  }
  if (from.has("times") && !from.has("for_s"))
    from.wrong("times", "needs \"for_s\": what never ends strikes once");
  if (result.for_seconds && result.times_max != 1 && result.after_seconds.minimum < 0.001)
    from.wrong("after_s", "must be 0.001 or more: the time from one failure to the next");
  from.finish();
  return result;
}

} // namespace

std::string_view to_string(condition what) noexcept {
  constexpr std::array<std::string_view, 4> words{"well", "slow", "disconnected", "stopped"};
  return words[static_cast<std::size_t>(what)];
}

std::vector<failure> read_failures(settings_reader& from) {
  std::vector<failure> result;
  for (const auto* each : from.table_or_tables("failure")) {
    settings_reader one{std::get<setting::table>(each->value), each->where,
                        from.name() + ": failure", from.found()};
    result.push_back(read_failure(one));
  }
  return result;
}

failure_schedule::failure_schedule(const std::vector<failure>& failures, std::uint64_t seed)
    : chance_(seed) {
  for (const auto& each : failures)
    courses_.push_back({each});
}

void failure_schedule::begin(time_point now) {
  for (auto& each : courses_)
    each.next = now + draw(each.what.after_seconds);
}

std::optional<time_point> failure_schedule::next() const noexcept {
  std::optional<time_point> result;
  for (const auto& each : courses_)
    if (each.next && (!result || *each.next < *result))
      result = each.next;
  return result;
}

// Each change is reckoned from the one before it and not from when it was noticed.
void failure_schedule::advance(time_point now) {
  for (auto& each : courses_)
    while (each.next && *each.next <= now)
      change(each, *each.next);
}

void failure_schedule::change(course& of, time_point at) {
  const auto& what = of.what;
  of.strikes = !of.strikes;
  of.next.reset();
  if (of.strikes) {
    ++of.times;
    if (what.for_seconds)
      of.next = at + draw(*what.for_seconds);
  } else if (what.times_max == 0 || of.times < what.times_max) {
    of.next = at + draw(what.after_seconds);
  }
}

condition failure_schedule::now() const noexcept {
  auto worst = condition::well;
  for (const auto& each : courses_)
    if (each.strikes)
      worst = std::max(worst, each.what.kind);
  return worst;
}

duration failure_schedule::message_time() {
  duration longest{};
  for (const auto& each : courses_)
    if (each.strikes && each.what.kind == condition::slow)
      longest = std::max(longest, draw(each.what.message_seconds));
  return longest;
}

duration failure_schedule::draw(const number_range& seconds) {
  return std::chrono::duration_cast<duration>(std::chrono::duration<double>{seconds.draw(chance_)});
}

} // namespace actorbus::demos
