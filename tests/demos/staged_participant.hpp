#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "topology/participant_kinds.hpp"
#include "topology/toml_file.hpp"

namespace actorbus::demos {

/// A participant on virtual time, without a bus.
struct staged {
  static constexpr time_point begin{std::chrono::hours{1}};
  static inline const wall_clock calendar{begin, wall_clock::calendar::time_point{} + std::chrono::seconds{1}};

  explicit staged(participant_kind::reader* read, std::string_view text, std::uint64_t seed = 1,
                  std::uint32_t life = 0) {
    faults found;
    auto table = parse_toml(text, found);
    settings_reader reader{table, {}, "participant", found};
    role = read(reader, {"me", seed, calendar, life});
    reader.finish();
    for (const auto& each : found)
      FAIL(each.what);
  }

  /// Starts, and lets time pass; returns what was published, as "topic payload".
  std::vector<std::string> run(duration span) {
    auto end = now + span;
    if (!std::exchange(started, true))
      role->start(now, effects);
    auto result = taken();
    while (alarm && *alarm <= end) {
      now = *std::exchange(alarm, std::nullopt);
      role->on_alarm(now, effects);
      for (auto& each : taken())
        result.push_back(std::move(each));
    }
    now = end;
    return result;
  }

  std::vector<std::string> hear(std::string_view topic, std::string_view payload,
                                const protocol::property_list& properties = {}) {
    incoming_message message{.topic = topic, .payload = payload};
    message.properties = properties.view();
    role->on_message(message, now, effects);
    return taken();
  }

  std::vector<std::string> taken() {
    std::vector<std::string> result;
    for (const auto& each : effects.publishes)
      result.push_back(each.topic + ' ' + each.payload);
    last = std::exchange(effects.publishes, {});
    if (effects.next_alarm)
      alarm = std::exchange(effects.next_alarm, std::nullopt);
    return result;
  }

  std::unique_ptr<participant> role;
  participant_effects effects;
  std::vector<outgoing_message> last; ///< published at the last occasion
  std::optional<time_point> alarm;
  time_point now = begin;
  bool started = false;
};

/// The mistakes in a participant's table, each as "line: text".
inline std::vector<std::string> mistakes_of(participant_kind::reader* read, std::string_view text) {
  faults found;
  auto table = parse_toml(text, found);
  settings_reader reader{table, {}, "participant", found};
  read(reader, {"me", 1, staged::calendar});
  reader.finish();
  std::vector<std::string> result;
  for (const auto& each : found)
    result.push_back(std::to_string(each.where.line) + ": " + each.what);
  return result;
}

} // namespace actorbus::demos
