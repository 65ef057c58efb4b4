#include <actorbus/actors/status_board.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <actorbus/actors/messages.hpp>

namespace actorbus {

namespace {

using std::chrono::milliseconds;

constexpr std::string_view sys_prefix = "$SYS/broker/";

std::string with_two_decimals(double value) {
  char text[64];
  auto size = std::snprintf(text, sizeof text, "%.2f", value);
  return {text, static_cast<std::size_t>(size)};
}

/// The counters whose loads are published, under mosquitto's names.
struct load_rule {
  std::string_view name;
  statistics::counter statistics::*total;
};

constexpr std::array load_rules{
    load_rule{"messages/received", &statistics::packets_received},
    load_rule{"messages/sent", &statistics::packets_sent},
    load_rule{"publish/received", &statistics::publishes_received},
    load_rule{"publish/sent", &statistics::publishes_sent},
    load_rule{"publish/dropped", &statistics::publishes_dropped},
    load_rule{"bytes/received", &statistics::bytes_received},
    load_rule{"bytes/sent", &statistics::bytes_sent},
    load_rule{"connections", &statistics::connects},
};

} // namespace

void load_average::update(std::uint64_t total, milliseconds elapsed) noexcept {
  constexpr double milliseconds_a_minute = 60'000;
  auto passed = static_cast<double>(elapsed.count()) / milliseconds_a_minute;
  if (passed <= 0)
    return;
  auto now = static_cast<double>(total - before_) / passed;
  before_ = total;
  for (std::size_t i = 0; i < minutes.size(); ++i)
    a_minute_[i] = now + std::exp(-passed / minutes[i]) * (a_minute_[i] - now);
}

status_board::status_board(caf::actor_config& config, bus_context_ptr bus, caf::actor broker,
                           milliseconds interval)
    : batch_actor(config, nullptr),
      bus_(std::move(bus)),
      voice_(bus_, std::move(broker)),
      interval_(interval) {}

void status_board::on_start() {
  began_ = last_ = now();
  publish("version", "actorbus version " ACTORBUS_VERSION);
  publish_all();
}

bool status_board::on_message(caf::mailbox_element& element) {
  return match_message<alarm>(element, [this](alarm&) {
    update_loads();
    publish_all();
  });
}

void status_board::publish_all() {
  const auto& counters = bus_->counters;
  auto uptime = std::chrono::duration_cast<std::chrono::seconds>(now() - began_).count();
  auto total = counters.clients_total.load(std::memory_order_relaxed);
  auto connected = counters.clients_connected.load(std::memory_order_relaxed);
  publish("uptime", std::to_string(uptime) + " seconds");
  publish("clients/total", total);
  publish("clients/connected", connected);
  publish("clients/disconnected", total - std::min(total, connected));
  publish("clients/maximum", counters.clients_maximum);
  publish("clients/expired", counters.clients_expired);
  publish("messages/received", counters.packets_received);
  publish("messages/sent", counters.packets_sent);
  publish("publish/messages/received", counters.publishes_received);
  publish("publish/messages/sent", counters.publishes_sent);
  publish("publish/messages/dropped", counters.publishes_dropped);
  publish("bytes/received", counters.bytes_received);
  publish("bytes/sent", counters.bytes_sent);
  publish("subscriptions/count", counters.subscriptions);
  publish("shared_subscriptions/count", counters.shared_subscriptions);
  publish("retained messages/count", counters.retained_messages);
  publish("messages/stored", bus_->outbound->queued_messages);
  publish("store/messages/count", bus_->outbound->queued_messages);
  publish("store/messages/bytes", bus_->outbound->queued_bytes);
  publish_loads();
  post(bus_->timekeeper, set_alarm{caf::actor_cast<caf::actor>(ctrl()), now() + interval_},
       context());
}

void status_board::update_loads() {
  auto time = now();
  auto elapsed = std::chrono::duration_cast<milliseconds>(time - last_);
  last_ = time;
  for (const auto& rule : load_rules)
    loads_[rule.name].update((bus_->counters.*rule.total).load(std::memory_order_relaxed), elapsed);
}

void status_board::publish_loads() {
  for (const auto& rule : load_rules) {
    const auto& values = loads_[rule.name].a_minute();
    for (std::size_t i = 0; i < values.size(); ++i)
      publish("load/" + std::string{rule.name} + '/' + std::to_string(load_average::minutes[i]) +
                  "min",
              with_two_decimals(values[i]));
  }
}

void status_board::publish(std::string_view name, std::uint64_t value) {
  publish(name, std::to_string(value));
}

void status_board::publish(std::string_view name, const std::string& value) {
  auto known = said_.find(name);
  if (known == said_.end())
    known = said_.emplace(name, std::string{}).first;
  else if (known->second == value)
    return;
  known->second = value;
  voice_.publish(std::string{sys_prefix} + std::string{name}, value, true, now(), context());
}

void status_board::on_exit() {
  post(bus_->timekeeper, cancel_alarm{id()}, context());
  voice_.close();
  bus_.reset();
}

} // namespace actorbus
