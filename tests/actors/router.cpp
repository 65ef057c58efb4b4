#include <actorbus/actors/router.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "router_fixture.hpp"

using namespace actorbus;
using namespace actorbus::routing;
using protocol::qos;

namespace {

struct one_subscription : router_fixture {
  /// Whether a subscription to `filter` gets `topic`, and nothing once it is gone.
  bool gets(std::string_view filter, std::string_view topic) {
    table.subscribe(anna, filter, {});
    auto found = receivers_of(table, topic) == ids{1};
    CHECK(table.unsubscribe(*anna, filter));
    CHECK(receivers_of(table, topic).empty());
    return found;
  }
};

} // namespace

TEST_CASE_METHOD(one_subscription, "a topic goes to those whose filter matches it", "[router]") {
  CHECK(gets("a", "a"));
  CHECK(gets("a/b/c", "a/b/c"));
  CHECK_FALSE(gets("a/b", "a/b/c"));
  CHECK_FALSE(gets("a/b/c", "a/b"));
  CHECK(gets("/", "/"));
  CHECK(gets("a//b", "a//b"));
  CHECK_FALSE(gets("/a", "a"));
  CHECK_FALSE(gets("a", "A"));
}

TEST_CASE_METHOD(one_subscription, "'+' stands for one level [v5:MQTT-4.7.1-2]", "[router]") {
  CHECK(gets("+", "a"));
  CHECK_FALSE(gets("+", "/a"));
  CHECK(gets("+/+", "/a"));
  CHECK(gets("/+", "/a"));
  CHECK(gets("a/+/c", "a/b/c"));
  CHECK(gets("a/+/c", "a//c"));
  CHECK_FALSE(gets("a/+", "a"));
  CHECK(gets("a/+", "a/"));
  CHECK_FALSE(gets("a/+/c", "a/b/d"));
}

TEST_CASE_METHOD(one_subscription, "'#' stands for the rest and the parent [v5:MQTT-4.7.1-1]", "[router]") {
  CHECK(gets("#", "a"));
  CHECK(gets("#", "/a/b"));
  CHECK(gets("a/#", "a"));
  CHECK(gets("a/#", "a/b/c"));
  CHECK(gets("a/+/#", "a/b"));
  CHECK_FALSE(gets("a/+/#", "a"));
  CHECK_FALSE(gets("a/#", "ab"));
}

TEST_CASE_METHOD(one_subscription, "leading wildcards don't match topics that begin with '$' [v5:MQTT-4.7.2-1]",
                 "[router]") {
  CHECK_FALSE(gets("#", "$SYS/uptime"));
  CHECK_FALSE(gets("+/uptime", "$SYS/uptime"));
  CHECK_FALSE(gets("+/#", "$SYS"));
  CHECK(gets("$SYS/#", "$SYS/uptime"));
  CHECK(gets("$SYS/#", "$SYS"));
  CHECK(gets("$SYS/+", "$SYS/uptime"));
  CHECK(gets("a/#", "a/$b"));
  CHECK(gets("a/+", "a/$b"));
}

TEST_CASE_METHOD(one_subscription, "a topic of very many levels is found and forgotten", "[router]") {
  std::string deep = "a";
  for (int i = 0; i < 32'000; ++i)
    deep += "/a";
  CHECK(gets(deep, deep));
  CHECK(gets("a/#", deep));
  table.subscribe(anna, deep + "/#", {});
  CHECK(receivers_of(table, deep) == ids{1});
}

TEST_CASE_METHOD(router_fixture, "a filter that is subscribed to again is replaced [v5:MQTT-3.8.4-3]", "[router]") {
  CHECK(table.subscribe(anna, "a/b", at_most(qos::exactly_once)) == router::added::is_new);
  CHECK(table.subscribe(anna, "a/b", at_most(qos::at_least_once)) == router::added::replaced);
  CHECK(table.size() == 1);
  routing_guard guard;
  const auto* found = table.find("a/b");
  REQUIRE(found->receivers.size() == 1);
  CHECK(found->receivers[0].maximum_qos == qos::at_least_once);
}

TEST_CASE_METHOD(router_fixture,
                 "a session with overlapping filters gets one copy at the highest QoS "
                 "[v5:MQTT-3.3.4-2]",
                 "[router]") {
  table.subscribe(anna, "a/#", at_most(qos::at_least_once));
  table.subscribe(bert, "a/b", at_most(qos::at_most_once));
  table.subscribe(anna, "a/b", at_most(qos::at_most_once));
  table.subscribe(anna, "+/b", at_most(qos::exactly_once));
  routing_guard guard;
  const auto* found = table.find("a/b");
  REQUIRE(found->receivers.size() == 2);
  CHECK(found->receivers[0].to == anna.get());
  CHECK(found->receivers[0].maximum_qos == qos::exactly_once);
  CHECK(found->receivers[1].to == bert.get());
  CHECK(found->receivers[1].maximum_qos == qos::at_most_once);
}

TEST_CASE_METHOD(router_fixture,
                 "one copy carries the identifiers of all matching subscriptions "
                 "[v5:MQTT-3.3.4-4]",
                 "[router]") {
  table.subscribe(anna, "a/#", with_identifier(7));
  table.subscribe(anna, "a/b", {});
  table.subscribe(anna, "+/b", with_identifier(268'435'455));
  table.subscribe(anna, "#", with_identifier(7));
  table.subscribe(bert, "#", with_identifier(9));
  routing_guard guard;
  const auto* found = table.find("a/b");
  REQUIRE(found->receivers.size() == 2);
  CHECK(sorted(found->receivers[0].identifiers) == std::vector<std::uint32_t>{7, 7, 268'435'455});
  CHECK(sorted(found->receivers[0].local_identifiers) == sorted(found->receivers[0].identifiers));
  CHECK(sorted(found->receivers[1].identifiers) == std::vector<std::uint32_t>{9});
}

TEST_CASE_METHOD(router_fixture,
                 "what a session gets of its own messages leaves No Local out "
                 "[v5:MQTT-3.8.3-3]",
                 "[router]") {
  table.subscribe(anna, "a/b", {qos::exactly_once, true, true, {}, 1});
  table.subscribe(anna, "a/#", {qos::at_least_once, false, false, {}, 2});
  table.subscribe(bert, "a/b", {qos::at_least_once, true, false, {}, 3});
  routing_guard guard;
  const auto* found = table.find("a/b");
  REQUIRE(found->receivers.size() == 2);
  const auto& both = found->receivers[0];
  CHECK(both.maximum_qos == qos::exactly_once);
  CHECK(both.retain_as_published);
  CHECK(sorted(both.identifiers) == std::vector<std::uint32_t>{1, 2});
  CHECK(both.local_match);
  CHECK(both.local_maximum_qos == qos::at_least_once);
  CHECK_FALSE(both.local_retain_as_published);
  CHECK(sorted(both.local_identifiers) == std::vector<std::uint32_t>{2});
  CHECK_FALSE(found->receivers[1].local_match);
  CHECK(found->receivers[1].local_identifiers.empty());
  CHECK(sorted(found->receivers[1].identifiers) == std::vector<std::uint32_t>{3});
}

TEST_CASE_METHOD(router_fixture, "only the very filter is unsubscribed from [v5:MQTT-3.10.4-1]", "[router]") {
  table.subscribe(anna, "a/+", {});
  table.subscribe(bert, "a/b", {});
  CHECK_FALSE(table.unsubscribe(*anna, "a/b"));
  CHECK_FALSE(table.unsubscribe(*anna, "a/#"));
  CHECK_FALSE(table.unsubscribe(*anna, "$share/g/a/+"));
  CHECK_FALSE(table.unsubscribe(*carl, "a/+"));
  CHECK(receivers_of(table, "a/b") == ids{1, 2});
  CHECK(table.unsubscribe(*anna, "a/+"));
  CHECK(receivers_of(table, "a/b") == ids{2});
  CHECK(table.size() == 1);
  CHECK(table.size(*anna) == 0);
  CHECK(table.size(*bert) == 1);
}

TEST_CASE_METHOD(router_fixture, "a removed session has no subscriptions left", "[router]") {
  for (const auto* filter : {"a", "a/#", "+", "b/c", "$share/g/a", "$share/h/a"})
    table.subscribe(anna, filter, {});
  table.subscribe(bert, "a", {});
  CHECK(table.size() == 7);
  CHECK(table.size(*anna) == 6);
  table.remove(*anna);
  table.remove(*carl);
  CHECK(table.size() == 1);
  CHECK(table.size(*anna) == 0);
  CHECK(receivers_of(table, "a") == ids{2});
  routing_guard guard;
  CHECK(table.find("a")->groups.empty());
  CHECK(table.find("b/c")->empty());
}

TEST_CASE_METHOD(router_fixture, "a session lives while it has subscriptions or readers may see it", "[router]") {
  std::weak_ptr<subscriber> alive = anna;
  const auto& who = *anna;
  table.subscribe(anna, "a", {});
  table.subscribe(anna, "b", {});
  anna.reset();
  table.collect();
  CHECK_FALSE(alive.expired());
  {
    routing_guard guard;
    const auto* found = table.find("a");
    table.remove(who);
    table.collect(); // may not wait for the guard of its own thread
    CHECK(found->receivers.at(0).to->id == 1);
  }
  table.collect();
  CHECK(alive.expired());
}

TEST_CASE_METHOD(router_fixture, "a route is the same until a write that may concern its topic", "[router]") {
  table.subscribe(anna, "a/b", {});
  routing_guard guard;
  const auto* first = table.find("a/b");
  const auto* other = table.find("a/c");
  CHECK(table.find("a/b") == first);
  CHECK(table.find("a/c") == other);
  CHECK(other->empty());
  table.subscribe(anna, "a/b", {}); // changes nothing
  CHECK(table.find("a/b") == first);
  table.subscribe(bert, "#", {});
  const auto* second = table.find("a/b");
  CHECK(second != first);
  CHECK(second->receivers.size() == 2);
  CHECK(first->receivers.size() == 1);
}

TEST_CASE_METHOD(router_fixture, "routes stay valid to the guard's end, however many are looked up", "[router]") {
  table.subscribe(anna, "+/x", {});
  std::map<std::string, const route*> found;
  {
    routing_guard outer;
    for (int i = 0; i < 20'000; ++i) {
      routing_guard inner;
      auto topic = std::to_string(i) + "/x";
      found[topic] = table.find(topic);
    }
    std::size_t total = 0;
    for (const auto& [topic, each] : found)
      total += each->receivers.size();
    CHECK(total == 20'000);
  }
  CHECK(receivers_of(table, "1/x") == ids{1});
}

TEST_CASE("routers don't see each other's routes", "[router]") {
  auto anna = make_subscriber(1);
  for (int i = 0; i < 3; ++i) {
    router table;
    CHECK(receivers_of(table, "a").empty());
    table.subscribe(anna, "a", {});
    CHECK(receivers_of(table, "a") == ids{1});
  }
}

TEST_CASE_METHOD(router_fixture, "the filters of a session can be read back", "[router]") {
  for (auto filter : {"a/b", "/", "+/c/#", "#", "$share/g/x/+", "$SYS/#"})
    table.subscribe(anna, filter, {});
  table.subscribe(bert, "a", {});
  using texts = std::vector<std::string>;
  CHECK(table.filters(*anna, 10) == texts{"#", "$SYS/#", "$share/g/x/+", "+/c/#", "/", "a/b"});
  CHECK(table.filters(*anna, 2).size() == 2);
  CHECK(table.filters(*bert, 10) == texts{"a"});
  CHECK(table.filters(*carl, 10).empty());
}

TEST_CASE_METHOD(router_fixture, "a filter is heard while somebody who is connected subscribes to exactly it",
                 "[router]") {
  CHECK_FALSE(table.is_heard("a/b"));
  table.subscribe(anna, "a/#", {});
  CHECK_FALSE(table.is_heard("a/b"));
  CHECK(table.is_heard("a/#"));
  table.subscribe(bert, "a/b", {});
  CHECK(table.is_heard("a/b"));
  bert->online = false;
  CHECK_FALSE(table.is_heard("a/b"));
}

TEST_CASE("a filter with very many subscribers is left as quickly as it is joined", "[router]") {
  router table;
  std::vector<std::shared_ptr<subscriber>> all;
  for (std::uint64_t id = 1; id <= 20'000; ++id) {
    all.push_back(make_subscriber(id));
    table.subscribe(all.back(), "news", {});
    table.subscribe(all.back(), "own/" + std::to_string(id), {});
  }
  CHECK(receivers_of(table, "news").size() == 20'000);
  for (std::size_t i = 0; i < all.size(); i += 2)
    table.remove(*all[i]);
  for (std::size_t i = 1; i < all.size(); i += 4)
    CHECK(table.unsubscribe(*all[i], "news"));
  auto left = receivers_of(table, "news");
  CHECK(left.size() == 5'000);
  CHECK(std::all_of(left.begin(), left.end(), [](auto id) { return id % 4 == 0; }));
  CHECK(receivers_of(table, "own/2") == ids{2});
  CHECK(receivers_of(table, "own/1").empty());
  CHECK(table.size() == 15'000);
}
