#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "topology/participant.hpp"
#include "topology/settings_reader.hpp"

namespace actorbus::demos {

/// A kind of participant by the name that files use.
struct participant_kind {
  using reader = std::unique_ptr<participant>(settings_reader&, const participant_context&);

  std::string_view name;
  reader* read; ///< always returns one, with defaults in place of what is wrong
};

std::span<const participant_kind> participant_kinds() noexcept;

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
