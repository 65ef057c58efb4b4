#pragma once

#include <memory>
#include <string>

#include <actorbus/actors/messages.hpp>

#include "run/run_figures.hpp"

namespace actorbus::demos {

/// A session that has so much behind it.
inline session_figures example_session(std::string client_id, std::uint64_t in, std::uint64_t out,
                                       std::string listener = {}) {
  session_figures result;
  result.client_id = std::move(client_id);
  result.transport = listener.empty() ? "memory" : "tcp";
  result.listener = std::move(listener);
  result.connected = true;
  result.traffic.messages_in = in;
  result.traffic.messages_out = out;
  return result;
}

/// A sensor that publishes, a logger that listens, a bridge and a listener.
inline run_outline example_outline() {
  run_outline result;
  result.seed = 7;
  auto policy = std::make_shared<listener_policy>();
  policy->name = "mqtt://127.0.0.1:0";
  result.listeners.push_back({"mqtt://127.0.0.1:4711", policy});
  result.participants.push_back({"kitchen", "sensor", "rooms/{name}/<t>", {}});
  result.participants.push_back({"log", "logger", "", {"rooms/#", "x"}});
  auto status = std::make_shared<bridge_status>();
  status->connected = true;
  status->address("mqtt://plant");
  status->sent = 3;
  status->received = 40;
  bridge_topic in{"plant/+/temp", bridge_direction::in};
  in.rewrite = "rooms/{1}/<t>";
  bridge_topic out{"orders/#", bridge_direction::out};
  out.remote_prefix = "site/";
  result.bridges.push_back({"plant", {in, out}, status});
  return result;
}

inline bus_figures example_figures(const run_outline& of) {
  bus_figures result;
  result.uptime = std::chrono::seconds{10};
  result.totals = {150, 260, 0, 0, 0};
  result.sessions = 6;
  result.connected = 5;
  result.listeners.push_back({of.listeners[0].policy, 1});
  result.clients = {example_session("kitchen", 100, 0), example_session("log", 0, 140),
                    example_session("bridge:plant", 40, 4), example_session("$view", 0, 100),
                    example_session("phone", 10, 6, "mqtt://127.0.0.1:0")};
  return result;
}

} // namespace actorbus::demos
