#include "topology/message_source.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace actorbus::demos {

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 4> message_source_names{"n", "time", "name", "value"};

} // namespace

message_source::message_source(settings_reader& from, const participant_context& context)
    : message_(read_message(from)),
      rhythm_(publishing_rhythm::read(from)),
      left_(static_cast<std::uint64_t>(
          from.integer("count", 0, std::numeric_limits<std::int64_t>::max())
              .value_or(std::numeric_limits<std::int64_t>::max()))),
      after_(read_delay(from)),
      chance_(context.seed),
      calendar_(context.calendar),
      name_(context.name) {}

message_template message_source::read_message(settings_reader& from) {
  auto value = no_value_function();
  if (const auto* table = from.table("value")) {
    settings_reader reader{*table, from.where("value"), from.name() + ": value", from.found()};
    value = read_value_function(reader);
  }
  functions_.add(std::move(value));
  // `value` is the last of the names and the first of the functions.
  return message_template::read(from, {}, {message_source_names}, &functions_);
}

void message_source::begin(time_point now) {
  began_ = now + after_;
  due_ = began_;
}

std::optional<time_point> message_source::make_due(time_point now,
                                                   std::vector<outgoing_message>& into) {
  while (due_ <= now && left_ != 0) {
    for (auto i = rhythm_.burst(); i != 0 && left_ != 0; --i, --left_)
      make(into);
    due_ += rhythm_.pause(due_ - began_, chance_);
    if (into.size() >= at_once_max) { // late by much: don't try to make up for it
      due_ = std::max(due_, now);
      break;
    }
  }
  if (left_ == 0)
    return std::nullopt;
  return std::max<time_point>(due_, now + 5ms); // at high rates several go out at a time
}

void message_source::make(std::vector<outgoing_message>& into) {
  auto time = iso_time(calendar_.at(due_));
  values_.assign(
      {static_cast<std::int64_t>(++made_), std::string_view{time}, std::string_view{name_}});
  functions_.append_to(values_, std::chrono::duration<double>{due_ - began_}.count(), chance_);
  if (auto message = message_.make({values_}))
    into.push_back(std::move(*message));
}

} // namespace actorbus::demos
