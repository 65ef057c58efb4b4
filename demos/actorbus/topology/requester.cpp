#include <deque>
#include <unordered_map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <actorbus/actors/requester.hpp>
#include <actorbus/protocol/topic.hpp>

#include "topology/latency_histogram.hpp"
#include "topology/message_source.hpp"
#include "topology/participant_kinds.hpp"

namespace actorbus::demos {

namespace {

using protocol::property_id;

/// Sends requests, counts what becomes of them, and tells how long the answers took.
class requester final : public participant {
public:
  requester(settings_reader& from, const participant_context& context)
      : response_topic_(read_response_topic(from, context.name)),
        source_(from, context),
        timeout_(seconds(from.number("timeout_s", 0.001, 1e6).value_or(10))),
        outstanding_max_(static_cast<std::size_t>(
            from.integer("outstanding_max", 1, 1'000'000).value_or(outstanding_max_default))),
        report_interval_(seconds(from.number("report_s", 0.1, 1e6).value_or(10))),
        calendar_(context.calendar),
        name_(context.name) {
    if (auto topic = from.text("report_topic")) {
      report_topic_ = *topic;
      if (auto fault = protocol::check_topic_name(*topic); fault != protocol::errc::none)
        from.wrong("report_topic", std::string{protocol::to_string(fault)});
    }
  }

  std::vector<subscribe_options> subscriptions() const override {
    return {{.filter = response_topic_}};
  }

  void start(time_point now, participant_effects& effects) override {
    source_.begin(now);
    next_request_ = now;
    next_report_ = now + report_interval_;
    on_alarm(now, effects);
  }

  void on_message(const incoming_message& message, time_point now, participant_effects&) override {
    auto data = message.properties.text(property_id::correlation_data);
    auto found = waiting_.find(std::string{data.value_or("")});
    if (found == waiting_.end()) {
      ++counts_.late;
      return;
    }
    if (is_refusal(message)) {
      ++counts_.refused;
    } else {
      ++counts_.answered;
      latency_.add(now - found->second);
    }
    waiting_.erase(found);
    while (!deadlines_.empty() && !waiting_.contains(deadlines_.front().second))
      deadlines_.pop_front();
  }

  void on_alarm(time_point now, participant_effects& effects) override {
    expire(now);
    if (next_request_ && *next_request_ <= now)
      send(now, effects);
    if (next_report_ <= now) {
      report(now, effects);
      next_report_ = now + report_interval_;
    }
    auto next = next_report_;
    if (next_request_)
      next = std::min(next, *next_request_);
    if (!deadlines_.empty())
      next = std::min(next, deadlines_.front().first);
    effects.next_alarm = next;
  }

private:
  static constexpr std::int64_t outstanding_max_default = 10'000;

  static duration seconds(double count) {
    return std::chrono::duration_cast<duration>(std::chrono::duration<double>{count});
  }

  // The source reads the key as well, as a property of its messages.
  static std::string read_response_topic(settings_reader& from, const std::string& name) {
    auto result = from.text("response_topic").value_or("reply/" + name);
    auto is_name = protocol::check_topic_name(result) == protocol::errc::none;
    if (!from.has("response_topic") && !is_name)
      from.wrong("\"response_topic\" is missing: the name can't be part of a topic");
    return result;
  }

  static bool is_refusal(const incoming_message& message) {
    for (const auto& each : message.properties)
      if (each.id == property_id::user_property && each.text == refusal_property)
        return true;
    return false;
  }

  void send(time_point now, participant_effects& effects) {
    auto first = effects.publishes.size();
    next_request_ = source_.make_due(now, effects.publishes);
    auto room = outstanding_max_ - waiting_.size();
    if (auto due = effects.publishes.size() - first; due > room) {
      counts_.withheld += due - room;
      effects.publishes.resize(first + room);
    }
    for (auto i = first; i < effects.publishes.size(); ++i) {
      auto& properties = effects.publishes[i].properties;
      if (!properties.view().text(property_id::response_topic))
        properties.add(property_id::response_topic, response_topic_);
      auto correlation = std::to_string(++counts_.sent);
      properties.add(property_id::correlation_data, correlation);
      waiting_.emplace(correlation, now);
      deadlines_.emplace_back(now + timeout_, std::move(correlation));
    }
  }

  void expire(time_point now) {
    for (; !deadlines_.empty() && deadlines_.front().first <= now; deadlines_.pop_front())
      counts_.timed_out += waiting_.erase(deadlines_.front().second);
  }

  void report(time_point now, participant_effects& effects) {
    auto p50 = latency_.percentile_ms(0.5);
    auto p99 = latency_.percentile_ms(0.99);
    effects.lines.push_back(fmt::format(
        "{} {}: {} requests, {} answered, {} refused, {} timed out, {} outstanding; answers took "
        "{:.3f} ms, 99% of them {:.3f} at most",
        iso_time(calendar_.at(now)), name_, counts_.sent, counts_.answered, counts_.refused,
        counts_.timed_out, waiting_.size(), p50, p99));
    if (!report_topic_.empty()) {
      nlohmann::ordered_json figures{{"sent", counts_.sent},
                                     {"answered", counts_.answered},
                                     {"refused", counts_.refused},
                                     {"timed_out", counts_.timed_out},
                                     {"late", counts_.late},
                                     {"withheld", counts_.withheld},
                                     {"outstanding", waiting_.size()},
                                     {"mean_ms", latency_.mean_ms()},
                                     {"p50_ms", p50},
                                     {"p99_ms", p99},
                                     {"max_ms", latency_.maximum_ms()}};
      outgoing_message message{.topic = report_topic_, .payload = figures.dump()};
      message.properties.add(property_id::content_type, "application/json");
      effects.publishes.push_back(std::move(message));
    }
    latency_.clear();
  }

  struct counts {
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;
    std::uint64_t refused = 0;
    std::uint64_t timed_out = 0;
    std::uint64_t late = 0;     ///< answers that came too late, or that nobody had asked for
    std::uint64_t withheld = 0; ///< requests that were not sent, as too many were outstanding
  };

  std::string response_topic_;
  message_source source_;
  duration timeout_;
  std::size_t outstanding_max_;
  duration report_interval_;
  std::string report_topic_;
  wall_clock calendar_;
  std::string name_;
  counts counts_;
  latency_histogram latency_;                           ///< since the last report
  std::unordered_map<std::string, time_point> waiting_; ///< when they were sent, by correlation
  std::deque<std::pair<time_point, std::string>> deadlines_;
  std::optional<time_point> next_request_;
  time_point next_report_{};
};

} // namespace

std::unique_ptr<participant> read_requester(settings_reader& from,
                                            const participant_context& context) {
  return std::make_unique<requester>(from, context);
}

} // namespace actorbus::demos
