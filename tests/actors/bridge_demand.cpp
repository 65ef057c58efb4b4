#include "bridge_fixture.hpp"

#include <actorbus/actors/bridge_demand.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <string>

// What a bridge subscribes to because somebody on its bus does.

namespace actorbus::test {

namespace {

using std::chrono::seconds;
using enum bridge_direction;

bridge_topic on_demand(std::string filter, std::string rewrite = {}) {
  return {.filter = std::move(filter), .direction = in, .rewrite = std::move(rewrite), .on_demand = true};
}

struct demand_fixture {
  explicit demand_fixture(std::vector<bridge_topic> topics, std::size_t filters_max = 100)
      : demand{bridge_topics::make(topics, in), filters_max, seconds{30}} {}

  void want(std::initializer_list<const char*> filters) {
    for (const auto* each : filters)
      demand.wanted(each);
  }

  /// All filters, in alphabetical order.
  std::string filters() {
    auto all = demand.filters();
    std::sort(all.begin(), all.end());
    std::string result;
    for (const auto& [filter, quality] : all)
      result += (result.empty() ? "" : " ") + filter;
    return result;
  }

  bridge_demand demand;
  time_point now{};
};

struct on_demand_buses : two_buses {
  void begin_on_demand(bridge_topic topic) {
    make_remote();
    before = remote->counters().subscriptions;
    options.unsubscribe_after = seconds{30};
    begin(std::move(topic));
  }

  /// Subscriptions that the bridge has at the remote broker.
  std::size_t subscriptions() { return remote->counters().subscriptions - before; }

  std::size_t before = 0;
};

} // namespace

TEST_CASE("demand is what is subscribed to and lies in the topic", "[bridge][demand]") {
  demand_fixture at{{on_demand("plant/#")}};
  CHECK(at.filters().empty());
  at.want({"plant/7/temp", "office/#"});
  CHECK(at.demand.local_filters() == std::vector<std::string>{"plant/#"});
  CHECK(at.filters() == "plant/7/temp");
  at.want({"+/8/#", "plant"});
  CHECK(at.filters() == "plant plant/7/temp plant/8/#");
}

TEST_CASE("demand for all of a topic is the topic's filter", "[bridge][demand]") {
  demand_fixture at{{on_demand("plant/#")}};
  at.want({"#"});
  CHECK(at.filters() == "plant/#");
  demand_fixture inner{{on_demand("plant/+/temp")}};
  inner.want({"plant/#", "+/7/+"});
  CHECK(inner.filters() == "plant/+/temp");
}

TEST_CASE("demand goes back through prefixes and rewriting", "[bridge][demand]") {
  demand_fixture at{{on_demand("plant/+/temp", "temperature/{1}")}};
  at.want({"temperature/oven"});
  CHECK(at.filters() == "plant/oven/temp");
  demand_fixture all{{on_demand("a/+/#", "b/{1}/c/{2}")}};
  all.want({"b/x/c/y/+", "b/z/#"});
  CHECK(all.filters() == "a/x/y/+ a/z/#");
  demand_fixture prefixed{
      {{.filter = "t/#", .direction = both, .local_prefix = "l/", .remote_prefix = "r/", .on_demand = true}}};
  prefixed.want({"l/t/+/x"});
  CHECK(prefixed.filters() == "r/t/+/x");
}

TEST_CASE("demand for what can't be traced back is all of the topic", "[bridge][demand]") {
  demand_fixture at{{on_demand("plant/+/temp", "hall-{1}/temp")}};
  CHECK(at.demand.local_filters() == std::vector<std::string>{"+/temp"});
  at.want({"elsewhere/noise"});
  CHECK(at.filters().empty());
  at.want({"hall-7/temp"});
  CHECK(at.filters() == "plant/+/temp");
}

TEST_CASE("demanded filters never overlap, lest a broker sends twice", "[bridge][demand]") {
  demand_fixture at{{on_demand("#")}};
  at.want({"a/b", "a/+"});
  CHECK(at.filters() == "a/+");
  at.want({"x/+/c", "x/b/+"});
  CHECK(at.filters() == "a/+ x/+/+");
  at.want({"x/b/c/d", "x/#"});
  CHECK(at.filters() == "a/+ x/#");
  at.want({"$SYS/#"});
  CHECK(at.filters() == "a/+ x/#");
}

TEST_CASE("demand of more filters than are allowed is all of the topic", "[bridge][demand]") {
  demand_fixture at{{on_demand("plant/#")}, 2};
  at.want({"plant/1", "plant/2"});
  CHECK(at.filters() == "plant/1 plant/2");
  at.want({"plant/3"});
  CHECK(at.filters() == "plant/#");
}

TEST_CASE("demand of shared topics keeps the share, and what is not on demand is always there", "[bridge][demand]") {
  demand_fixture at{{on_demand("$share/g/plant/#"), {.filter = "orders/#", .direction = in}}};
  at.want({"plant/7"});
  CHECK(at.filters() == "$share/g/plant/7 orders/#");
}

TEST_CASE("demand lingers when the last has left, unless somebody comes back", "[bridge][demand]") {
  demand_fixture at{{on_demand("#")}};
  at.want({"a", "b"});
  CHECK(at.demand.changed(at.now));
  at.demand.left("a", at.now);
  at.demand.left("b", at.now + seconds{10});
  CHECK(at.demand.next_end() == at.now + seconds{30});
  CHECK_FALSE(at.demand.changed(at.now + seconds{29}));
  at.demand.wanted("b");
  CHECK(at.demand.changed(at.now + seconds{30}));
  CHECK(at.filters() == "b");
  CHECK_FALSE(at.demand.changed(at.now + seconds{50}));
  CHECK_FALSE(at.demand.next_end());
}

TEST_CASE_METHOD(on_demand_buses, "a bridge on demand fetches what somebody wants and no more", "[bridge][demand]") {
  begin_on_demand(on_demand("plant/#"));
  CHECK(handle.status->connected);
  CHECK(subscriptions() == 0);
  remote_client->publish("plant/7/temp", "early", 1);
  local_client->subscribe("plant/+/temp", 1);
  CHECK(subscriptions() == 1);
  remote_client->publish("plant/7/temp", "20", 1);
  remote_client->publish("plant/7/noise", "loud", 1);
  CHECK(local_client->messages() == "plant/7/temp=20");
  CHECK(handle.status->received == 1);
}

TEST_CASE_METHOD(on_demand_buses, "a bridge on demand gets what is retained when somebody wants it",
                 "[bridge][demand]") {
  begin_on_demand(on_demand("plant/#"));
  remote_client->publish("plant/7/temp", "20", 1, true);
  local_client->subscribe("plant/7/temp", 1);
  CHECK(local_client->messages() == "plant/7/temp=20");
}

TEST_CASE_METHOD(on_demand_buses, "a bridge on demand leaves a while after the last who wanted it",
                 "[bridge][demand]") {
  begin_on_demand(on_demand("plant/#"));
  const auto how = GENERATE("unsubscribes", "disconnects");
  auto other = std::make_unique<memory_client>(world, local->broker());
  other->send(connect_text("other"));
  local_client->subscribe("plant/7", 1);
  other->send("82 [ 0001 00 s'plant/7' 00 ]");
  local_client->send("a2 [ 0002 00 s'plant/7' ]");
  pass(40);
  CHECK(subscriptions() == 1);
  if (std::string_view{how} == "unsubscribes")
    other->send("a2 [ 0002 00 s'plant/7' ]");
  else
    other->close();
  pass(29);
  CHECK(subscriptions() == 1);
  pass(2);
  CHECK(subscriptions() == 0);
}

TEST_CASE_METHOD(on_demand_buses, "a bridge on demand knows after a cut what has changed meanwhile",
                 "[bridge][demand]") {
  begin_on_demand(on_demand("plant/#"));
  local_client->subscribe("plant/1", 1);
  CHECK(subscriptions() == 1);
  control->refuses = true;
  cut();
  local_client->send("a2 [ 0002 00 s'plant/1' ]");
  local_client->subscribe("plant/2", 1);
  pass(40);
  control->refuses = false;
  pass(60);
  CHECK(handle.status->connected);
  CHECK(subscriptions() == 1);
  remote_client->publish("plant/1", "a", 1);
  remote_client->publish("plant/2", "b", 1);
  CHECK(local_client->messages() == "plant/2=b");
  CHECK(handle.status->received == 1);
}

TEST_CASE_METHOD(on_demand_buses, "a bridge on demand finds who was there before it", "[bridge][demand]") {
  local_client->subscribe("$share/g/plant/7", 1);
  local_client->subscribe("other/+/#", 1);
  begin_on_demand(on_demand("plant/#"));
  CHECK(subscriptions() == 1);
  remote_client->publish("plant/7", "x", 1);
  CHECK(local_client->messages() == "plant/7=x");
}

TEST_CASE_METHOD(on_demand_buses, "bridges on demand of one bus don't confuse each other", "[bridge][demand]") {
  begin_on_demand(on_demand("plant/#"));
  local_client->subscribe("plant/1", 1);
  options.topics = {on_demand("plant/+")};
  auto second = begin_between(*local, remote->broker(), "second");
  CHECK(subscriptions() == 2);
  local_client->send("a2 [ 0002 00 s'plant/1' ]");
  pass(31);
  CHECK(subscriptions() == 0);
  caf::anon_send_exit(second.actor, caf::exit_reason::user_shutdown);
  world.run();
}

TEST_CASE_METHOD(on_demand_buses, "a bridge on demand for both directions does not count as its own demand",
                 "[bridge][demand]") {
  begin_on_demand({.filter = "#", .direction = both, .on_demand = true});
  CHECK(subscriptions() == 0);
  local_client->subscribe("a", 1);
  CHECK(subscriptions() == 1);
}

} // namespace actorbus::test
