#include "view/client_table.hpp"

#include <catch2/catch.hpp>

#include "printable_text.hpp"

using namespace actorbus;
using namespace actorbus::demos;

namespace {

session_figures client(std::string name, std::uint64_t in, std::uint64_t out) {
  session_figures result;
  result.client_id = std::move(name);
  result.transport = "tcp";
  result.listener = "mqtt://here";
  result.connected = true;
  result.traffic.messages_in = in;
  result.traffic.messages_out = out;
  return result;
}

std::string names(std::vector<session_figures> clients, client_order order) {
  sort_clients(clients, order);
  std::string result;
  for (const auto& each : clients)
    result += each.client_id;
  return result;
}

} // namespace

TEST_CASE("clients are sorted as is asked, equal ones by name") {
  auto a = client("a", 1, 1);
  auto b = client("b", 5, 0);
  auto c = client("c", 0, 0);
  a.traffic.dropped = 1;
  b.in_per_second = 2;
  c.queued_messages = 1;
  c.traffic.bytes_out = 100;
  const std::vector<session_figures> all{b, c, a};
  CHECK(names(all, client_order::rate) == "bac");
  CHECK(names(all, client_order::queued) == "cab");
  CHECK(names(all, client_order::dropped) == "abc");
  CHECK(names(all, client_order::messages) == "bac");
  CHECK(names(all, client_order::bytes) == "cab");
  CHECK(names(all, client_order::name) == "abc");
}

TEST_CASE("orders have names, and the bus knows some of them") {
  for (auto order : {client_order::rate, client_order::queued, client_order::dropped, client_order::messages,
                     client_order::bytes, client_order::name})
    CHECK(client_order_of(to_string(order)) == order);
  CHECK(client_order_of("size") == std::nullopt);
  CHECK(order_at_bus(client_order::queued) == figures_order::queued);
  CHECK(order_at_bus(client_order::bytes) == figures_order::rate);
}

TEST_CASE("a table of clients has as many columns as there is room for") {
  auto kitchen = client("kitchen", 12'345, 7);
  kitchen.in_per_second = 2.04;
  kitchen.filters = {"heating/#", "x"};
  kitchen.subscriptions = 5;
  auto gone = client("gone", 0, 0);
  gone.connected = false;
  const std::vector<session_figures> all{kitchen, gone};
  const auto wide = client_table("client", all, 120);
  CHECK(wide.head.starts_with("client       by             in/s   out/s     in    out queued  drop"));
  CHECK(wide.rows.at(0).starts_with("kitchen      mqtt://here     2.0     0.0  12.3k      7      0     0"));
  CHECK(wide.rows.at(0).find("heating/# x +3") != std::string::npos);
  CHECK(wide.rows.at(1).starts_with("gone         away "));
  CHECK(client_table("client", all, 32).head == "client          in/s   out/s");
}

TEST_CASE("a table of clients fits whatever window there is") {
  std::vector<session_figures> all{client(std::string(500, 'n'), 1, 1), client("größe\x1b", 1, 1)};
  all[0].filters.assign(8, std::string(100, 'f'));
  for (std::size_t columns = 0; columns < 250; ++columns) {
    const auto table = client_table("client", all, columns);
    CHECK(width_of(table.head) <= std::max<std::size_t>(columns, 28));
    for (const auto& row : table.rows)
      CHECK(width_of(row) <= std::max<std::size_t>(columns, 28));
  }
}

TEST_CASE("a client in words tells what is out of the ordinary") {
  auto quiet = client("a", 1, 2);
  CHECK(client_line({&quiet, "a", {}, {}}) == "  a (mqtt://here): in 1 (0.0/s), out 2 (0.0/s)");
  quiet.inflight = 3;
  quiet.queued_messages = 1;
  quiet.traffic.dropped = 9;
  CHECK(client_line({&quiet, "x", "sensor", {}}) == "  x (sensor): in 1 (0.0/s), out 2 (0.0/s), 4 wait, 9 dropped");
}
