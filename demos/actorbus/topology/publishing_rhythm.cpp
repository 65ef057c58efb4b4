#include "topology/publishing_rhythm.hpp"

#include <algorithm>
#include <cmath>

#include "topology/message_settings.hpp"

namespace actorbus::demos {

publishing_rhythm publishing_rhythm::read(settings_reader& from) {
  publishing_rhythm result;
  auto interval = read_interval(from, 1);
  result.rate_ = 1 / std::chrono::duration<double>{interval}.count();
  result.rate_to_ = from.number("rate_to", 1e-9, 1'000'000).value_or(result.rate_);
  result.ramp_seconds_ = from.number("ramp_s", 0.001, 1e9).value_or(0);
  for (auto [key, other] : {std::pair{"rate_to", "ramp_s"}, std::pair{"ramp_s", "rate_to"}})
    if (from.has(key) && !from.has(other))
      from.wrong(key, std::string{"needs \""} + other + '"');
  result.burst_ = static_cast<std::uint32_t>(from.integer("burst", 1, 10'000).value_or(1));
  result.jitter_ = from.number("jitter", 0, 1).value_or(0);
  result.poisson_ = from.flag("poisson").value_or(false);
  if (result.poisson_ && from.has("jitter"))
    from.wrong("jitter", "give either it or poisson");
  return result;
}

// The time in which the rate, which grows or falls all the while, comes to one.
double publishing_rhythm::seconds(double since) const noexcept {
  if (since >= ramp_seconds_)
    return 1 / rate_to_;
  auto slope = (rate_to_ - rate_) / ramp_seconds_;
  auto rate = rate_ + slope * since;
  auto within = 2 / (rate + std::sqrt(std::max(0.0, rate * rate + 2 * slope)));
  auto left = ramp_seconds_ - since;
  if (within <= left)
    return within;
  auto done = (rate + rate_to_) / 2 * left; // behind the ramp's end it is steady
  return left + (1 - done) / rate_to_;
}

duration publishing_rhythm::pause(duration since, random_source& chance) const noexcept {
  auto seconds = this->seconds(std::chrono::duration<double>{since}.count());
  if (poisson_)
    seconds *= chance.exponential();
  else if (jitter_ > 0)
    seconds *= 1 + jitter_ * chance.symmetric();
  auto result =
      std::chrono::duration_cast<duration>(std::chrono::duration<double>{std::min(seconds, 1e9)});
  return std::max(result, duration{1});
}

} // namespace actorbus::demos
