#include "deliveries.hpp"

namespace actorbus::simulation {

std::uint64_t deliveries::asked(int client, const std::string& filter, bool subscribe, tick now) {
  auto& which = subscriptions_[{client, filter}];
  which.last_operation = ++operations_;
  if (!subscribe && !which.intervals.empty() && which.intervals.back().second == never)
    which.intervals.back().second = now;
  return operations_;
}

void deliveries::granted(int client, const std::string& filter, std::uint64_t operation, tick now) {
  auto& which = subscriptions_[{client, filter}];
  const auto open = !which.intervals.empty() && which.intervals.back().second == never;
  if (which.last_operation == operation && !open)
    which.intervals.emplace_back(now, never);
}

std::string deliveries::published(int client, const std::string& topic, int qos, tick now) {
  const auto number = ++numbers_[{client, topic, qos}];
  auto payload = std::to_string(client) + " " + topic + " q" + std::to_string(qos) + " " + std::to_string(number);
  messages_.emplace(payload, message{client, topic, qos, number, now});
  return payload;
}

void deliveries::acknowledged(const std::string& payload, tick now) {
  messages_.at(payload).to = now;
}

void deliveries::received(int client, const std::string& payload) {
  received_[client].push_back(payload);
  ++copies_[{client, payload}];
}

bool deliveries::must_get(int client, const message& sent) const {
  for (const auto& filter : {sent.topic, std::string{"t/+"}}) {
    const auto found = subscriptions_.find({client, filter});
    if (found == subscriptions_.end())
      continue;
    for (const auto& [from, to] : found->second.intervals)
      if (from < sent.from && sent.to < to)
        return true;
  }
  return false;
}

std::string deliveries::faults() const {
  std::string result;
  for (const auto& [payload, sent] : messages_) {
    if (sent.qos > 0 && sent.to == never)
      result += "never acknowledged: " + payload + "\n";
    for (const auto& [client, all] : received_) {
      const auto found = copies_.find({client, payload});
      const auto copies = found == copies_.end() ? 0 : found->second;
      if (sent.qos != 1 && copies > 1)
        result += std::to_string(client) + " got " + std::to_string(copies) + " times: " + payload + "\n";
      if (sent.qos > 0 && copies == 0 && sent.to != never && must_get(client, sent))
        result += std::to_string(client) + " never got: " + payload + "\n";
    }
  }
  for (const auto& [client, all] : received_) {
    std::map<std::tuple<int, std::string, int>, std::uint64_t> highest;
    std::map<std::string, bool> seen;
    for (const auto& payload : all) {
      const auto& it = messages_.at(payload);
      if (std::exchange(seen[payload], true))
        continue; // QoS 1 may come again
      // Sent again at QoS 1 it is new to the broker: whoever subscribes meanwhile may get it behind a later one.
      if (it.qos == 1 && !must_get(client, it))
        continue;
      auto& last = highest[{it.publisher, it.topic, it.qos}];
      if (it.number < last)
        result += std::to_string(client) + " got out of order: " + payload + "\n";
      last = it.number;
    }
  }
  return result;
}

} // namespace actorbus::simulation
