#include "top/broker_view.hpp"

#include <catch2/catch.hpp>

#include "printable_text.hpp"
#include "top/figures_json.hpp"

using namespace actorbus;
using namespace actorbus::demos;

namespace {

constexpr auto figures_of_two = R"({"order":"rate","uptime_s":7,"sessions":3,"connected":2,"subscriptions":4,
"retained":5,"stored":6,"stored_bytes":7,"messages_in":2000,"messages_out":30,"bytes_in":8,"bytes_out":9,"dropped":1,
"in_per_s":20.00,"out_per_s":0.50,"bytes_in_per_s":160.00,"bytes_out_per_s":0.00,
"listeners":[{"url":"mqtt://127.0.0.1:1883","connected":2}],
"clients":[{"client":"a","transport":"tcp","peer":"10.0.0.7:4711","listener":"mqtt://127.0.0.1:1883","version":"5.0",
"connected":true,"messages_in":20,"messages_out":3,"bytes_in":160,"bytes_out":16,"dropped":1,"in_per_s":20.00,
"out_per_s":0.25,"queued":2,"inflight":4,"stored_bytes":99,"subscriptions":1,"filters":["x/#"]},
{"client":"b","connected":false,"messages_in":40}]})";

} // namespace

TEST_CASE("figures are read from JSON") {
  const auto read = read_figures(figures_of_two);
  REQUIRE(read);
  CHECK(read->order == figures_order::rate);
  CHECK(read->uptime == std::chrono::seconds{7});
  CHECK(read->sessions == 3);
  CHECK(read->connected == 2);
  CHECK(read->stored_messages == 6);
  CHECK(read->totals.messages_in == 2'000);
  CHECK(read->totals.dropped == 1);
  CHECK(read->in_per_second == 20);
  CHECK(read->bytes_in_per_second == 160);
  REQUIRE(read->clients.size() == 2);
  const auto& a = read->clients[0];
  CHECK(a.client_id == "a");
  CHECK(a.peer == "10.0.0.7:4711");
  CHECK(a.version == protocol::protocol_version::v5);
  CHECK(a.connected);
  CHECK(a.traffic.bytes_in == 160);
  CHECK(a.out_per_second == 0.25);
  CHECK(a.queued_messages == 2);
  CHECK(a.inflight == 4);
  CHECK(a.filters == std::vector<std::string>{"x/#"});
  CHECK_FALSE(read->clients[1].connected);
}

TEST_CASE("what is no figures is refused, and members of another type are passed over") {
  CHECK_FALSE(read_figures("1 second"));
  CHECK_FALSE(read_figures("{\"clients\":"));
  CHECK_FALSE(read_figures("[]"));
  const auto odd = read_figures(
      R"({"order":7,"sessions":"many","in_per_s":null,"clients":[1,{"client":3,"messages_in":-4,"filters":"x"}]})");
  REQUIRE(odd);
  CHECK(odd->sessions == 0);
  REQUIRE(odd->clients.size() == 1);
  CHECK(odd->clients[0].client_id.empty());
  CHECK(odd->clients[0].traffic.messages_in == 0);
}

TEST_CASE("a broker of this program is shown by its figures") {
  broker_view view{"mqtt://here"};
  view.take("$SYS/broker/version", "actorbus version 0.1.0");
  view.take("$SYS/broker/clients/maximum", "9");
  view.take("$SYS/broker/figures/rate", figures_of_two);
  view.take("$SYS/broker/connection/plant/state", "1");
  view.take("$SYS/broker/connection/plant/address", "mqtt://there");
  view.take("$SYS/broker/connection/plant/sent", "1234");
  CHECK(view.has_figures());
  const auto lines = view.report(10);
  REQUIRE(lines.size() == 8);
  CHECK(lines[0] == "mqtt://here   actorbus version 0.1.0   up 00:00:07");
  CHECK(lines[1] == "clients 2   away 1   at most 9   subscriptions 4   retained 5   stored 6   dropped 1");
  CHECK(lines[2] == "messages   in 2.00k (20/s)   out 30 (0/s)");
  CHECK(lines[3] == "bytes   in 8 (160/s)   out 9 (0/s)");
  CHECK(lines[4] == "  mqtt://127.0.0.1:1883  2 clients");
  CHECK(lines[5] == "  plant             up    mqtt://there  sent 1.23k");
  CHECK(lines[6] == "  a (mqtt://127.0.0.1:1883): in 20 (20.0/s), out 3 (0.2/s), 6 wait, 1 dropped");
  CHECK(lines[7] == "  b (away): in 40 (0.0/s), out 0 (0.0/s)");
  view.order(client_order::messages);
  CHECK(view.report(1).back().starts_with("  b (away)"));
  view.reset();
  CHECK(view.report(10) == std::vector<std::string>{"mqtt://here", "nothing has come below $SYS/broker/ yet"});
}

TEST_CASE("mosquitto is shown by what it says of itself") {
  broker_view view{"mqtt://here"};
  view.take("$SYS/broker/version", "mosquitto version 2.0.11");
  view.take("$SYS/broker/uptime", "3723 seconds");
  view.take("$SYS/broker/clients/connected", "3");
  view.take("$SYS/broker/clients/disconnected", "1");
  view.take("$SYS/broker/clients/maximum", "4");
  view.take("$SYS/broker/subscriptions/count", "12");
  view.take("$SYS/broker/retained messages/count", "40");
  view.take("$SYS/broker/store/messages/count", "41");
  view.take("$SYS/broker/publish/messages/dropped", "0");
  view.take("$SYS/broker/heap/current", "123456");
  view.take("$SYS/broker/publish/messages/received", "600");
  view.take("$SYS/broker/publish/messages/sent", "1200");
  view.take("$SYS/broker/load/publish/received/1min", "120.00");
  view.take("$SYS/broker/bytes/received", "60000");
  view.take("$SYS/broker/load/bytes/received/1min", "6000.00");
  CHECK_FALSE(view.has_figures());
  CHECK(view.report(10) ==
        std::vector<std::string>{"mqtt://here   mosquitto version 2.0.11   up 01:02:03",
                                 "clients 3   away 1   at most 4   subscriptions 12   retained 40   stored 41   "
                                 "dropped 0   heap 123k",
                                 "messages   in 600 (2/s)   out 1.20k", "bytes   in 60.0k (100/s)"});
}

TEST_CASE("figures of another order than is shown are passed over") {
  broker_view view{"mqtt://here"};
  view.order(client_order::queued);
  view.take("$SYS/broker/figures/rate", figures_of_two);
  CHECK_FALSE(view.has_figures());
  view.order(client_order::name);
  view.take("$SYS/broker/figures/rate", figures_of_two);
  CHECK(view.has_figures());
}

TEST_CASE("a picture of a broker fits its window, whatever the broker says") {
  broker_view view{std::string(300, 'u')};
  for (int i = 0; i < 5'000; ++i)
    view.take("$SYS/broker/connection/" + std::to_string(i) + "/state", std::string(500, '\x1b'));
  view.take("$SYS/broker/version", std::string(100'000, 'v'));
  view.take("$SYS/broker/uptime", "9e300 seconds");
  view.take("$SYS/broker/clients/connected", "nan");
  view.take("elsewhere", "x");
  view.take("$SYS/broker/figures/rate", figures_of_two);
  for (std::size_t rows = 1; rows < 60; rows += 3)
    for (std::size_t columns = 1; columns < 200; columns += 11) {
      const auto picture = view.paint(rows, columns, "q quit");
      CHECK(picture.size() <= rows);
      for (const auto& line : picture) {
        CHECK(width_of(line) <= std::max<std::size_t>(1, columns - 1));
        CHECK(line.find('\x1b') == std::string::npos);
      }
    }
  CHECK(view.paint(24, 80, "q quit").back() == "by rate   q quit");
  CHECK(view.paint(24, 80, "q quit").size() == 24);
}
