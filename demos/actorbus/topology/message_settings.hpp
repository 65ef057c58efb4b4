#pragma once

#include <string>

#include <actorbus/actors/client_options.hpp>

#include "topology/participant.hpp"
#include "topology/settings_reader.hpp"
#include "topology/text_template.hpp"

namespace actorbus::demos {

/// How a participant writes its messages: the keys `topic`, `payload`, `qos` and `retain`.
class message_template {
public:
  /// @param payload what stands for a missing `payload`; empty: the key is required
  /// @param allowed placeholders of topic and payload
  /// @param filter  whose wildcards are `{1}`, `{2}`, …; empty: none
  static message_template read(settings_reader& from, std::string_view payload,
                               std::span<const placeholder> allowed, std::string_view filter = {});

  outgoing_message make(const template_values& values) const;

private:
  text_template topic_;
  text_template payload_;
  protocol::qos qos_{};
  bool retain_ = false;
};

/// The keys `filter` (required, one or several) and `filter_qos`.
std::vector<subscribe_options> read_filters(settings_reader& from);

/// `key`, 0 to 2, or else 0.
protocol::qos read_qos(settings_reader& from, std::string_view key);

/// `interval_s` or `rate` (a second), or else `otherwise`.
duration read_interval(settings_reader& from, double otherwise_seconds);

} // namespace actorbus::demos
