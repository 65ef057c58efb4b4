#include "run/run_figures.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "demos/run_example.hpp"
#include "printable_text.hpp"
#include "run/live_view.hpp"
#include "run/run_report.hpp"

using namespace actorbus;
using namespace actorbus::demos;

TEST_CASE("sessions are told apart: participants, bridges, the observer, and others") {
  const auto outline = example_outline();
  const auto figures = gather(outline, example_figures(outline));
  CHECK(figures.seed == 7);
  CHECK(figures.duration == std::chrono::seconds{10});
  CHECK(figures.observed == 100);
  REQUIRE(figures.listeners.size() == 1);
  CHECK(figures.listeners[0].url == "mqtt://127.0.0.1:4711");
  CHECK(figures.listeners[0].connected == 1);
  REQUIRE(figures.participants.size() == 2);
  CHECK(figures.participants[0].session.traffic.messages_in == 100);
  CHECK(figures.participants[1].session.traffic.messages_out == 140);
  REQUIRE(figures.bridges.size() == 1);
  CHECK(figures.bridges[0].received == 40);
  CHECK(figures.bridges[0].session.traffic.messages_out == 4);
  REQUIRE(figures.clients.size() == 1);
  CHECK(figures.clients[0].client_id == "phone");
  CHECK(figures.clients_left_off == 1); // six sessions, of which the bus listed five
}

TEST_CASE("a client that came several times counts with all of its sessions") {
  const auto outline = example_outline();
  auto of_bus = example_figures(outline);
  of_bus.left = {example_session("phone", 1, 2, "mqtt://127.0.0.1:0"), example_session("kitchen", 5, 0),
                 example_session("gone", 7, 0, "mqtt://127.0.0.1:0")};
  for (auto& each : of_bus.left)
    each.connected = false;
  const auto figures = gather(outline, std::move(of_bus));
  CHECK(figures.participants[0].session.traffic.messages_in == 105);
  CHECK(figures.participants[0].session.connected);
  REQUIRE(figures.clients.size() == 2);
  CHECK(figures.clients[0].client_id == "phone");
  CHECK(figures.clients[0].traffic.messages_in == 11);
  CHECK(figures.clients[0].traffic.messages_out == 8);
  CHECK(figures.clients[1].client_id == "gone");
  CHECK_FALSE(figures.clients[1].connected);
}

TEST_CASE("a participant without a session is there all the same") {
  const auto figures = gather(example_outline(), {});
  REQUIRE(figures.participants.size() == 2);
  CHECK(figures.participants[0].what.name == "kitchen");
  CHECK_FALSE(figures.participants[0].session.connected);
}

TEST_CASE("a report is JSON with the keys that the documents name") {
  const auto outline = example_outline();
  auto figures = gather(outline, example_figures(outline));
  figures.topics = {{"rooms/kitchen/\xff\"", 100}};
  figures.topics_left_off = 2;
  const auto text = report_json(figures);
  CHECK(text.back() == '\n');
  const auto report = nlohmann::json::parse(text);
  CHECK(report["versions"]["actorbus"].is_string());
  CHECK(report["seed"] == 7);
  CHECK(report["duration_s"] == 10.0);
  CHECK(report["totals"]["messages_in"] == 150);
  CHECK(report["totals"]["observed"] == 100);
  CHECK(report["listeners"][0]["url"] == "mqtt://127.0.0.1:4711");
  CHECK(report["participants"][0]["name"] == "kitchen");
  CHECK(report["participants"][0]["kind"] == "sensor");
  CHECK(report["participants"][0]["topic"] == "rooms/{name}/<t>");
  CHECK(report["participants"][1]["filters"] == nlohmann::json{"rooms/#", "x"});
  CHECK(report["participants"][1]["messages_out"] == 140);
  CHECK(report["bridges"][0]["name"] == "plant");
  CHECK(report["bridges"][0]["connected"] == true);
  CHECK(report["bridges"][0]["received"] == 40);
  CHECK(report["bridges"][0]["session"]["messages_out"] == 4);
  CHECK(report["bridges"][0]["topics"][1]["direction"] == "out");
  CHECK(report["clients"][0]["client"] == "phone");
  CHECK(report["clients"][0]["listener"] == "mqtt://127.0.0.1:0");
  CHECK(report["clients_left_off"] == 1);
  CHECK(report["topics"][0]["messages"] == 100);
  CHECK(report["topics"][0]["per_s"] == 10.0);
  CHECK(report["topics_left_off"] == 2);
  CHECK(report_json(figures) == text);
}

TEST_CASE("an empty run has a report with all of its lists") {
  const auto report = nlohmann::json::parse(report_json({}));
  for (auto list : {"listeners", "participants", "bridges", "clients", "topics"})
    CHECK(report[list] == nlohmann::json::array());
}

TEST_CASE("the live view shows what runs, the latest lines below") {
  const auto outline = example_outline();
  const auto figures = gather(outline, example_figures(outline));
  const auto picture = paint_run(figures, "up 10 s", {"topic", {"rooms/kitchen"}}, {"said one", "said two"}, 40, 120);
  auto line_with = [&](const std::string& text) {
    for (std::size_t i = 0; i < picture.size(); ++i)
      if (picture[i].find(text) != std::string::npos)
        return static_cast<int>(i);
    return -1;
  };
  CHECK(line_with("up 10 s") == 0);
  CHECK(picture.at(3) == "mqtt://127.0.0.1:4711  1 client");
  CHECK(line_with("plant         up   mqtt://plant  out 3  in 40  queued 0") > 0);
  CHECK(line_with("kitchen      sensor ") > line_with("plant "));
  CHECK(line_with("→ rooms/{name}/<t>") == line_with("kitchen      sensor "));
  CHECK(line_with("← rooms/#  ← x") == line_with("log          logger "));
  CHECK(line_with("phone ") > line_with("log "));
  CHECK(line_with("rooms/kitchen") > line_with("phone "));
  CHECK(picture.back() == "said two");
}

TEST_CASE("the live view fits any window") {
  const auto outline = example_outline();
  auto of_bus = example_figures(outline);
  for (int i = 0; i < 100; ++i)
    of_bus.clients.push_back(example_session(std::string(100, 'c') + std::to_string(i), 1, 1, "mqtt://127.0.0.1:0"));
  const auto figures = gather(outline, std::move(of_bus));
  const std::deque<std::string> lines(50, std::string(200, 'l'));
  for (std::size_t rows = 1; rows < 60; ++rows)
    for (std::size_t columns = 1; columns < 160; columns += 13) {
      const auto picture = paint_run(figures, "up", {"topic", {"t"}}, lines, rows, columns);
      CHECK(picture.size() <= rows);
      for (const auto& line : picture)
        CHECK(width_of(line) <= std::max<std::size_t>(1, columns - 1));
    }
}

TEST_CASE("a log's report names listeners, bridges, participants and clients") {
  const auto outline = example_outline();
  const auto lines = report_run(gather(outline, example_figures(outline)));
  CHECK(lines == std::vector<std::string>{
                     "  mqtt://127.0.0.1:4711  1 client",
                     "  plant         up   mqtt://plant  out 3  in 40  queued 0",
                     "  kitchen (sensor): in 100 (0.0/s), out 0 (0.0/s)",
                     "  log (logger): in 0 (0.0/s), out 140 (0.0/s)",
                     "  phone (mqtt://127.0.0.1:0): in 10 (0.0/s), out 6 (0.0/s)",
                 });
}
