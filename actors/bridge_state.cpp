#include <actorbus/actors/bridge_state.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

#include <actorbus/actors/bridge_trail.hpp>
#include <actorbus/protocol/decode.hpp>
#include <actorbus/protocol/keep_alive.hpp>

namespace actorbus {

using protocol::property_id;
using protocol::protocol_version;
using protocol::qos;
using protocol::reason_code;

namespace {

filter_list filters_of(const bridge_topics& topics) {
  filter_list result;
  for (const auto& each : topics.lines())
    result.emplace_back(each.subscription, each.maximum_qos);
  return result;
}

bridge_end_options local_options(const bridge_options& from, const bridge_topics& topics) {
  bridge_end_options result;
  result.client_id = "bridge:" + from.name;
  result.session_expiry_seconds = from.session_expiry_seconds;
  result.receive_maximum = from.inflight_max;
  result.will_topic = "$SYS/broker/connection/" + from.name + "/state";
  result.filters = filters_of(topics);
  return result;
}

bridge_end_options remote_options(const bridge_options& from, const std::string& bus_name) {
  bridge_end_options result;
  result.client_id = from.client_id.empty() ? from.name + ".bridge" : from.client_id;
  result.version = from.version.value_or(protocol_version::v5);
  result.clean_session = from.clean_session;
  result.bridge_bit = from.try_private;
  result.session_expiry_seconds = from.session_expiry_seconds;
  result.keep_alive_seconds = from.keep_alive_seconds;
  result.receive_maximum = from.inflight_max;
  result.packet_size_bytes_max = from.packet_size_bytes_max;
  result.user_name = from.user_name;
  result.password = from.password;
  result.will_topic = from.remote_state_topic;
  result.keeps_at_most_once = from.lazy;
  result.bus_name = bus_name;
  result.sends_exactly_once =
      std::any_of(from.topics.begin(), from.topics.end(), [](const bridge_topic& each) {
        return each.direction != bridge_direction::in && each.maximum_qos == qos::exactly_once;
      });
  return result;
}

} // namespace

bridge_state::bridge_state(bridge_host& host, const bridge_options& options,
                           const std::string& bus_name, std::shared_ptr<bridge_status> status)
    : local(*this,
            local_options(options, bridge_topics::make(options.topics, bridge_direction::out))),
      remote(*this, remote_options(options, bus_name)),
      demand(bridge_topics::make(options.topics, bridge_direction::in), options.demand_filters_max,
             options.unsubscribe_after),
      host_(host),
      options_(options),
      bus_name_(bus_name),
      status_(std::move(status)) {
  in_.topics = bridge_topics::make(options.topics, bridge_direction::in);
  out_.topics = bridge_topics::make(options.topics, bridge_direction::out);
  remote.want(demand.filters());
  in_.carried = &status_->received;
  out_.carried = &status_->sent;
}

void bridge_state::connected(bridge_end& end, reason_code code, std::string text) {
  if (!protocol::is_error(code)) {
    auto& to = flow_to(other(end)); // what comes from this end has left its bus
    to.own_trail.clear();
    if (options_.trail)
      to.own_trail.add_user(bridge_trail_property, name_of(end));
    auto& from = flow_to(end);
    from.own_trail.clear();
    if (options_.trail)
      from.own_trail.add_user(bridge_trail_property, name_of(other(end)));
  }
  host_.connected(end, code, text);
}

const std::string& bridge_state::name_of(const bridge_end& end) const {
  if (&end == &local)
    return bus_name_;
  if (!end.allowed().bus_name.empty())
    return end.allowed().bus_name;
  return options_.remote_name.empty() ? options_.addresses.front() : options_.remote_name;
}

void bridge_state::subscribed(bridge_end& end, const std::vector<std::string>& filters,
                              protocol::byte_view codes) {
  for (std::size_t i = 0; i < std::min(codes.size(), filters.size()); ++i) {
    auto code = static_cast<reason_code>(codes[i]);
    if (protocol::is_error(code))
      host_.complained("the " + std::string{&end == &local ? "local" : "remote"} +
                       " broker refused the subscription \"" + filters[i] +
                       "\": " + std::string{protocol::to_string(code)});
  }
}

void bridge_state::arrived(bridge_end& end, protocol::publish& packet, const frame& source,
                           const bridge_debt& debt) {
  auto& to = other(end);
  if (map(to, packet))
    to.publish(packet, source, debt);
  else
    end.pay(debt);
}

bool bridge_state::translate(bridge_end& to, const frame& source, const bridge_debt& debt,
                             time_point received, protocol::publish& packet) {
  auto found = protocol::read_frame(source.view(), source.size);
  const auto& header = found->header;
  // Decoded before, when it came.
  protocol::decode_publish(header, source.view().subspan(header.header_size), debt.version,
                           protocol::sender::server, packet);
  if (packet.has_message_expiry && received != time_point{}) {
    auto left = protocol::remaining_seconds(
        packet.message_expiry_interval_seconds,
        std::chrono::duration_cast<std::chrono::milliseconds>(host_.now() - received));
    if (left == 0)
      return false;
    packet.message_expiry_interval_seconds = left;
  }
  return map(to, packet);
}

// Makes the message of one side that of the other.
// @returns false if it stays
bool bridge_state::map(bridge_end& to, protocol::publish& packet) {
  auto& by = flow_to(to);
  const auto* line = by.topics.map(packet.topic, by.topic);
  if (!line)
    return false;
  if (!extend_trail(to, by, packet.properties)) {
    status_->looped.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  packet.topic = by.topic;
  packet.qos = std::min(packet.qos, line->maximum_qos);
  if (to.version() != protocol_version::v5)
    packet.properties = {};
  else if (packet.properties.empty())
    packet.properties = by.own_trail;
  else
    rewrite_properties(to, by, packet);
  return true;
}

// @returns false if the message has been where it is going, or too far
bool bridge_state::extend_trail(bridge_end& to, flow& by, protocol::properties_view from) {
  by.trail.clear();
  if (!options_.trail || from.empty())
    return true;
  auto trail = user_property(from, bridge_trail_property);
  if (trail.empty())
    return true;
  if (trail_has(trail, name_of(to)) || trail_length(trail) >= options_.hops_max)
    return false;
  by.trail = trail;
  by.trail += ',';
  by.trail += name_of(other(to));
  return true;
}

// Everything passes as it is, but the trail, response topics, what is left of the expiry, and
// what belongs to one connection.
void bridge_state::rewrite_properties(bridge_end& to, flow& by, protocol::publish& packet) {
  by.properties.clear();
  for (const auto& each : packet.properties) {
    switch (each.id) {
    case property_id::topic_alias:
    case property_id::subscription_identifier: break;
    case property_id::message_expiry_interval:
      by.properties.add(each.id, packet.message_expiry_interval_seconds);
      break;
    case property_id::response_topic: {
      // Answers come back the way of messages from the other end.
      auto found = flow_to(other(to)).topics.way_back(each.text, by.response_topic);
      by.properties.add(each.id, found ? std::string_view{by.response_topic} : each.text);
      break;
    }
    case property_id::user_property:
      if (!options_.trail || each.text != bridge_trail_property)
        by.properties.add(each);
      break;
    default: by.properties.add(each);
    }
  }
  if (options_.trail)
    by.properties.add_user(bridge_trail_property,
                           by.trail.empty() ? std::string_view{name_of(other(to))} : by.trail);
  packet.properties = by.properties;
}

void bridge_state::settled(bridge_end& end, const bridge_debt& debt, reason_code code) {
  if (protocol::is_error(code)) {
    status_->refused.fetch_add(1, std::memory_order_relaxed);
    host_.complained("the " + std::string{&end == &local ? "local" : "remote"} +
                     " broker refused a message: " + std::string{protocol::to_string(code)});
  } else {
    flow_to(end).carried->fetch_add(1, std::memory_order_relaxed);
    if (&end == &remote && debt.packet_id != 0)
      status_->acknowledged.fetch_add(1, std::memory_order_relaxed);
  }
  other(end).pay(debt);
}

void bridge_state::dropped(bridge_end& end, const bridge_debt& debt, reason_code why) {
  status_->dropped.fetch_add(1, std::memory_order_relaxed);
  if (protocol::is_error(why))
    host_.complained("a message was dropped: " + std::string{protocol::to_string(why)});
  other(end).pay(debt);
}

} // namespace actorbus
