#pragma once

#include <optional>
#include <string>

#include <actorbus/actors/client_options.hpp>

#include "topology/participant.hpp"
#include "topology/payload_template.hpp"
#include "topology/settings_reader.hpp"
#include "topology/text_template.hpp"

namespace actorbus::demos {

/// How a participant writes its messages: the keys `topic`, `qos`, `retain`, those of
/// `payload_template` and of `read_properties`.
class message_template {
public:
  /// @param payload   what stands for a missing `payload`; empty: the key is required
  /// @param names     what topic and payload may name
  /// @param functions see `payload_template`
  static message_template read(settings_reader& from, std::string_view payload,
                               const expression_names& names, value_functions* functions = nullptr);

  /// @returns nothing if the topic or the payload has no value
  std::optional<outgoing_message> make(const expression_scope& scope) const;

  const text_template& topic() const noexcept { return topic_; }

  /// Whether a template needs the document of the name.
  bool reads_fields_of(std::size_t name) const noexcept;

private:
  text_template topic_;
  payload_template payload_;
  outgoing_message head_; ///< what is the same for all
};

/// What all messages of a participant have: the keys `qos`, `retain` and those of
/// `read_properties`.
outgoing_message read_head(settings_reader& from, const payload_template& payload);

/// A template in a key of its own. @returns an empty one after a mistake
text_template read_template(settings_reader& from, std::string_view key, std::string_view text,
                            const expression_names& names);

/// A topic with placeholders, or a constant one that is checked here.
text_template read_topic_template(settings_reader& from, std::string_view key,
                                  std::string_view text, const expression_names& names);

/// The keys `content_type`, `expiry_s`, `response_topic` and `user_properties`.
/// @param type the payload's own content type, which the key replaces; may be empty
/// @param is_text whether the payload is UTF-8 for sure
protocol::property_list read_properties(settings_reader& from, std::string_view type, bool is_text);

/// The keys `filter` (required, one or several) and `filter_qos`.
std::vector<subscribe_options> read_filters(settings_reader& from);

/// The same, without what the participant publishes itself: No Local, which shared subscriptions
/// must not have [v5:MQTT-3.8.3-4].
std::vector<subscribe_options> read_filters_of_others(settings_reader& from);

/// The filter whose wildcards are `{1}`, `{2}`, …: the only one, or none (an empty text).
std::string capturing_filter(const std::vector<subscribe_options>& filters);

/// An expression in a key of its own. @returns nothing if it is missing or wrong
std::optional<expression> read_expression(settings_reader& from, std::string_view key,
                                          const expression_names& names);

/// `key`, 0 to 2, or else 0.
protocol::qos read_qos(settings_reader& from, std::string_view key);

/// `interval_s` or `rate` (a second), or else `otherwise`.
duration read_interval(settings_reader& from, double otherwise_seconds);

/// `after_s`: how long a participant waits before its first message, for those that are to hear it.
duration read_delay(settings_reader& from);

} // namespace actorbus::demos
