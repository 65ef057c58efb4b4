#include "run/traffic_table.hpp"

#include <catch2/catch.hpp>

#include "printable_text.hpp"

using namespace actorbus;
using namespace actorbus::demos;
using namespace std::chrono_literals;

TEST_CASE("the table shows counts, rates and the last payload by topic") {
  traffic_table table;
  table.tick(time_point{1s}, {});
  for (int i = 0; i < 10; ++i)
    table.add("b", "x" + std::to_string(i));
  table.add("a", "once");
  table.tick(time_point{3s}, {.clients = 4, .received = 20, .sent = 300});
  auto lines = table.paint(10, 80);
  REQUIRE(lines.size() == 5);
  CHECK(lines[0] == "up 00:00:02   clients 4   in 10.0/s   out 150/s   topics 2");
  CHECK(lines[3] == "a                              1        0.5  once");
  CHECK(lines[4] == "b                             10        5.0  x9");
}

TEST_CASE("a rate is of the last seconds") {
  traffic_table table;
  table.add("a", "");
  auto rate_after = [&](int seconds) {
    table.tick(time_point{std::chrono::seconds{seconds}}, {});
    auto line = table.paint(1, 80).at(3);
    return std::stod(line.substr(34));
  };
  rate_after(100);
  for (int i = 0; i < 60; ++i)
    table.add("a", "");
  CHECK(rate_after(106) == 10.2);
  CHECK(rate_after(112) == 5.1);
  CHECK(rate_after(118) == 0);
}

TEST_CASE("the table shows the busiest topics when there are too many") {
  traffic_table table;
  table.tick(time_point{1s}, {});
  for (auto topic : {"a", "b", "b", "c", "c", "d"})
    table.add(topic, "");
  table.tick(time_point{2s}, {});
  auto lines = table.paint(2, 80);
  REQUIRE(lines.size() == 6);
  CHECK(lines[3].starts_with("b "));
  CHECK(lines[4].starts_with("c "));
  CHECK(lines[5] == "… and 2 more topics");
}

TEST_CASE("a log shows the topics that had messages since") {
  traffic_table table;
  table.tick(time_point{1s}, {});
  table.add("a", "1");
  table.tick(time_point{2s}, {});
  table.add("b", "2");
  table.tick(time_point{3s}, {});
  auto lines = table.report(10);
  REQUIRE(lines.size() == 2);
  CHECK(lines[1] == "  b 1 messages, 0.5/s, last: 2");
}

TEST_CASE("a line of the table fits the terminal, whatever a topic holds") {
  traffic_table table;
  table.tick(time_point{1s}, {});
  std::string topic(100, 't');
  topic.append("\n\x1b");
  table.add(topic, std::string(500, 'p'));
  table.add("ünïcode", "\xff\xfe\r\n");
  table.tick(time_point{2s}, {});
  for (auto columns : {60, 80, 200})
    for (const auto& line : table.paint(10, static_cast<std::size_t>(columns))) {
      CHECK(width_of(line) < static_cast<std::size_t>(columns) + 1);
      CHECK(line.find_first_of("\n\r\x1b\xff") == std::string::npos);
    }
}

TEST_CASE("text for a terminal has no control characters and ends where it must") {
  CHECK(printable_text("plain", 10) == "plain");
  CHECK(printable_text("plain", 5) == "plain");
  CHECK(printable_text("plain", 4) == "pla…");
  CHECK(printable_text("a\nb\x1b\x7f\xc2\x9b", 10) == "a.b....");
  CHECK(printable_text("größe", 10) == "größe");
  CHECK(printable_text("\xe2\x82", 10) == "..");
  CHECK(column("größe", 7) == "größe  ");
}
