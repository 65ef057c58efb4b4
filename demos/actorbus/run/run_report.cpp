#include "run/run_report.hpp"

#include <caf/config.hpp>
#include <nlohmann/json.hpp>

namespace actorbus::demos {

namespace {

using nlohmann::ordered_json; // members stay in this order, so that two reports compare

std::string caf_version() {
  return std::to_string(CAF_MAJOR_VERSION) + '.' + std::to_string(CAF_MINOR_VERSION) + '.' +
         std::to_string(CAF_PATCH_VERSION);
}

ordered_json list() {
  return ordered_json::array();
}

void put_traffic(ordered_json& into, const traffic_figures& traffic) {
  into["messages_in"] = traffic.messages_in;
  into["messages_out"] = traffic.messages_out;
  into["bytes_in"] = traffic.bytes_in;
  into["bytes_out"] = traffic.bytes_out;
  into["dropped"] = traffic.dropped;
}

void put_queue(ordered_json& into, const session_figures& session) {
  into["queued"] = session.queued_messages;
  into["inflight"] = session.inflight;
  into["stored_bytes"] = session.stored_bytes;
  into["subscriptions"] = session.subscriptions;
}

ordered_json json_of_participant(const run_figures::participant& each) {
  ordered_json result;
  result["name"] = each.what.name;
  result["kind"] = each.what.kind;
  result["topic"] = each.what.topic;
  result["filters"] = each.what.filters;
  result["connected"] = each.session.connected;
  put_traffic(result, each.session.traffic);
  put_queue(result, each.session);
  return result;
}

ordered_json json_of_client(const session_figures& each) {
  ordered_json result;
  result["client"] = each.client_id;
  result["transport"] = each.transport;
  result["peer"] = each.peer;
  result["listener"] = each.listener;
  result["version"] = protocol::to_string(each.version);
  result["connected"] = each.connected;
  put_traffic(result, each.traffic);
  put_queue(result, each);
  result["filters"] = each.filters;
  return result;
}

std::string_view name_of(bridge_direction direction) {
  switch (direction) {
  case bridge_direction::out: return "out";
  case bridge_direction::in: return "in";
  case bridge_direction::both: return "both";
  }
  return "";
}

ordered_json json_of_bridge(const run_figures::bridge& each) {
  ordered_json result;
  result["name"] = each.name;
  result["connected"] = each.connected;
  result["address"] = each.address;
  result["error"] = each.last_error;
  result["connections"] = each.connections;
  result["sent"] = each.sent;
  result["received"] = each.received;
  result["acknowledged"] = each.acknowledged;
  result["refused"] = each.refused;
  result["dropped"] = each.dropped;
  result["looped"] = each.looped;
  result["queued"] = each.queued;
  result["session"] = ordered_json::object();
  put_traffic(result["session"], each.session.traffic);
  put_queue(result["session"], each.session);
  result["topics"] = list();
  for (const auto& line : each.topics) {
    ordered_json topic;
    topic["direction"] = name_of(line.direction);
    topic["filter"] = line.filter;
    topic["rewrite"] = line.rewrite;
    result["topics"].push_back(std::move(topic));
  }
  return result;
}

ordered_json totals_of(const run_figures& figures) {
  ordered_json result;
  put_traffic(result, figures.bus.totals);
  result["observed"] = figures.observed;
  result["sessions"] = figures.bus.sessions;
  result["connected"] = figures.bus.connected;
  result["subscriptions"] = figures.bus.subscriptions;
  result["retained"] = figures.bus.retained_messages;
  result["stored"] = figures.bus.stored_messages;
  result["stored_bytes"] = figures.bus.stored_bytes;
  return result;
}

} // namespace

std::string report_json(const run_figures& figures) {
  ordered_json result;
  result["versions"] = {{"actorbus", ACTORBUS_VERSION}, {"caf", caf_version()}};
  result["seed"] = figures.seed;
  auto seconds = static_cast<double>(figures.duration.count()) / 1000;
  result["duration_s"] = seconds;
  result["totals"] = totals_of(figures);
  result["listeners"] = list();
  for (const auto& each : figures.listeners)
    result["listeners"].push_back({{"url", each.url}, {"connected", each.connected}});
  result["participants"] = list();
  for (const auto& each : figures.participants)
    result["participants"].push_back(json_of_participant(each));
  result["bridges"] = list();
  for (const auto& each : figures.bridges)
    result["bridges"].push_back(json_of_bridge(each));
  result["clients"] = list();
  for (const auto& each : figures.clients)
    result["clients"].push_back(json_of_client(each));
  result["clients_left_off"] = figures.clients_left_off;
  result["topics"] = list();
  for (const auto& each : figures.topics)
    result["topics"].push_back(
        {{"topic", each.topic},
         {"messages", each.messages},
         {"per_s", seconds > 0 ? static_cast<double>(each.messages) / seconds : 0.0}});
  result["topics_left_off"] = figures.topics_left_off;
  constexpr int spaces = 2;
  return result.dump(spaces, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

} // namespace actorbus::demos
