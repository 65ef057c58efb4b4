#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "topology/participant.hpp"
#include "topology/settings_reader.hpp"

namespace actorbus::demos {

/// A kind of participant.
struct participant_kind {
  /// Makes one of its table, of which the keys that all kinds share have been read. Always returns
  /// one, with defaults in place of what is wrong.
  using reader = std::unique_ptr<participant>(settings_reader&, const participant_context&);
};

/// The kinds of participants by the names that files use: those that come along, and those that a
/// program adds.
class participant_kinds {
public:
  /// Those that come along.
  participant_kinds();

  /// @param read called once for each participant of that kind when its file is read, and again
  ///             when it has died and is made anew, on any thread
  /// @throws std::invalid_argument if the name is empty or taken
  void add(std::string name, std::function<participant_kind::reader> read);

  /// @returns nullptr if there is no such kind
  const std::function<participant_kind::reader>* find(std::string_view name) const;

  std::vector<std::string_view> names() const;

private:
  std::map<std::string, std::function<participant_kind::reader>, std::less<>> kinds_;
};

/// Publishes at a rate, with a number that may drift.
participant_kind::reader read_generator;

/// A room with a thermometer and a heater that listens.
participant_kind::reader read_sensor;

/// Switches heaters on and off by what thermometers say.
participant_kind::reader read_thermostat;

/// Answers every message.
participant_kind::reader read_echo;

/// Publishes how many messages there were.
participant_kind::reader read_counter;

/// Prints messages.
participant_kind::reader read_logger;

/// Passes on the messages that meet a condition.
participant_kind::reader read_filter;

/// Passes messages on rewritten.
participant_kind::reader read_map;

/// Summarises the numbers of several messages.
participant_kind::reader read_window;

/// Puts the latest of several topics into one message.
participant_kind::reader read_merge;

/// Sends requests and measures the answers.
participant_kind::reader read_requester;

/// Answers requests where they want it.
participant_kind::reader read_responder;

/// Writes messages to a file.
participant_kind::reader read_recorder;

/// Publishes what was recorded.
participant_kind::reader read_replayer;

} // namespace actorbus::demos
