// Shared subscriptions.

#include <actorbus/actors/router.hpp>

#include <map>

#include <catch2/catch.hpp>

#include "router_fixture.hpp"

using namespace actorbus;
using namespace actorbus::routing;
using protocol::qos;

TEST_CASE_METHOD(router_fixture, "a shared subscription is for one of its members in turn [v5: 4.8.2]", "[router]") {
  for (const auto& each : {anna, bert, carl})
    table.subscribe(each, "$share/g/a/+", at_most(qos::at_least_once));
  std::map<std::uint64_t, int> chosen;
  for (int i = 0; i < 30; ++i) {
    routing_guard guard;
    const auto* found = table.find(i % 2 == 0 ? "a/b" : "a/c"); // one group, two routes
    CHECK(found->receivers.empty());
    REQUIRE(found->groups.size() == 1);
    ++chosen[found->groups[0]->choose()->to->id];
  }
  CHECK(chosen == std::map<std::uint64_t, int>{{1, 10}, {2, 10}, {3, 10}});
}

TEST_CASE_METHOD(router_fixture, "turns go on over other writes to the table", "[router]") {
  table.subscribe(anna, "$share/g/a", {});
  table.subscribe(bert, "$share/g/a", {});
  ids chosen;
  for (int i = 0; i < 4; ++i) {
    table.subscribe(carl, "#", with_identifier(static_cast<std::uint32_t>(i + 1)));
    routing_guard guard;
    chosen.push_back(table.find("a")->groups.at(0)->choose()->to->id);
  }
  CHECK(chosen == ids{1, 2, 1, 2});
}

TEST_CASE_METHOD(router_fixture, "members without a channel are passed over while another has one", "[router]") {
  for (const auto& each : {anna, bert, carl})
    table.subscribe(each, "$share/g/a", {});
  bert->online = false;
  routing_guard guard;
  const auto& group = *table.find("a")->groups.at(0);
  std::map<std::uint64_t, int> chosen;
  for (int i = 0; i < 20; ++i)
    ++chosen[group.choose()->to->id];
  CHECK(chosen == std::map<std::uint64_t, int>{{1, 10}, {3, 10}});
  anna->online = false;
  carl->online = false;
  chosen.clear();
  for (int i = 0; i < 30; ++i)
    ++chosen[group.choose()->to->id];
  CHECK(chosen == std::map<std::uint64_t, int>{{1, 10}, {2, 10}, {3, 10}});
}

TEST_CASE_METHOD(router_fixture, "groups of different names or filters get a message each [v5: 4.8.2]", "[router]") {
  table.subscribe(anna, "$share/g/a", {});
  table.subscribe(anna, "$share/h/a", {});
  table.subscribe(anna, "$share/g/+", {});
  table.subscribe(anna, "a", {});
  CHECK(table.subscribe(anna, "$share/g/a", with_identifier(5)) == router::added::replaced);
  routing_guard guard;
  const auto* found = table.find("a");
  CHECK(found->receivers.size() == 1);
  REQUIRE(found->groups.size() == 3);
  auto with_five = 0;
  for (const auto& group : found->groups) {
    REQUIRE(group->members.size() == 1);
    with_five += group->choose()->identifiers.size() == 1 ? 1 : 0;
  }
  CHECK(with_five == 1);
}
