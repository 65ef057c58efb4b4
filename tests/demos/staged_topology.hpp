#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <catch2/catch.hpp>

#include <actorbus/actors/testing.hpp>

#include "topology/participant_actor.hpp"
#include "topology/toml_file.hpp"

namespace actorbus::demos {

/// The participants of a file on a bus of their own, on virtual time.
struct staged_topology {
  explicit staged_topology(std::string_view text) {
    faults found;
    auto file = parse_toml(text, found);
    wall_clock calendar{home.bus().system().clock().now(), std::chrono::system_clock::time_point{}};
    auto what = read_topology(file, calendar, 1, found);
    for (const auto& each : found)
      FAIL(each.what);
    terminal = home.bus().system().spawn(
        [](caf::event_based_actor*, std::vector<std::string>* into) -> caf::behavior {
          return {[into](const print_line& line) { into->push_back(line.text); }};
        },
        &lines);
    for (auto& each : what.participants)
      actors.push_back(home.bus().system().spawn<participant_actor>(home.bus(), std::move(each), terminal));
    home.run();
  }

  ~staged_topology() {
    actors.push_back(std::exchange(terminal, {}));
    for (auto& each : actors)
      caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
    home.run();
  }

  /// Payloads of what the test's client got for its subscription.
  std::vector<std::string> heard() {
    home.run();
    std::vector<std::string> result;
    while (auto message = home.tester().receive(std::chrono::milliseconds{0}))
      result.emplace_back(message->payload);
    return result;
  }

  testing::test_bus home;
  std::vector<std::string> lines;
  caf::actor terminal;
  std::vector<caf::actor> actors;
};

} // namespace actorbus::demos
