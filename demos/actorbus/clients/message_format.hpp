#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ctime>

#include <actorbus/actors/client_events.hpp>
#include <actorbus/protocol/expected.hpp>

namespace actorbus::demos {

/// A message and when it came.
struct timed_message {
  const incoming_message& message;
  timespec when{};
};

/// How `sub` writes a message: a format string as mosquitto_sub has it (`%t`, `%p`, `%j`, `@H`,
/// `\n`, …; see docs/running.md), taken apart once.
class message_format {
public:
  /// @param pretty JSON over several lines
  /// @returns the format, or what is wrong with `text`
  static protocol::expected<message_format, std::string> parse(std::string_view text, bool pretty);

  /// Appends the message to `out`.
  /// @returns false if `%J` met a payload that isn't JSON; it is left out
  bool append(std::string& out, const timed_message& what) const;

  /// Whether `timed_message::when` is looked at.
  bool needs_time() const noexcept { return needs_time_; }

private:
  struct field {
    std::string before; ///< text in front of it
    char what = 0;      ///< the letter; 0: none, '@': a letter of strftime's in `width`
    bool left = false;  ///< '-': aligned to the left
    bool zeros = false; ///< '0': filled with zeros
    std::uint16_t width = 0;
    std::int32_t precision = -1; ///< most characters of a text
  };

  bool append_field(std::string& out, const field& which, const timed_message& what) const;

  std::vector<field> fields_;
  bool pretty_ = false;
  bool needs_time_ = false;
};

/// "2026-11-23T23:05:30+0000" and others: strftime in local time.
std::string local_time(const timespec& when, const char* format);

} // namespace actorbus::demos
