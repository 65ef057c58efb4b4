#include <actorbus/actors/client_subscriptions.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

// Who gets a message, by the table alone.

namespace actorbus::test {

namespace {

struct table_fixture {
  client_subscriptions table;
  std::vector<client_subscription_ptr> kept;

  client_subscription_ptr make(std::vector<std::string> filters) {
    auto result = std::make_shared<client_subscription>();
    for (auto& each : filters)
      result->filters.push_back({std::move(each)});
    kept.push_back(result);
    return result;
  }

  client_subscription_ptr add(std::vector<std::string> filters, bool may_identify = true) {
    auto result = make(std::move(filters));
    table.add(result, may_identify);
    return result;
  }

  /// First filters of those found, in alphabetical order.
  std::string found(std::string_view topic, std::vector<std::uint32_t> identifiers = {}) {
    protocol::property_list properties;
    for (auto each : identifiers)
      properties.add(protocol::property_id::subscription_identifier, each);
    std::vector<std::string> names;
    for (const auto* each : table.find(topic, properties))
      names.push_back(each->filters.front().filter);
    std::sort(names.begin(), names.end());
    std::string all;
    for (const auto& each : names)
      all += each + " ";
    return all;
  }
};

} // namespace

TEST_CASE_METHOD(table_fixture, "a message is for the subscription that matches it", "[client_subscriptions]") {
  add({"a/b"});
  add({"c/+"});
  CHECK(found("a/b") == "a/b ");
  CHECK(found("c/x") == "c/+ ");
  CHECK(found("x") == "");
}

TEST_CASE_METHOD(table_fixture, "subscriptions that overlap nothing have no identifier", "[client_subscriptions]") {
  CHECK(add({"a/b"})->identifier == 0);
  CHECK(add({"a/+/c"})->identifier == 0);
  CHECK(add({"b/#"})->identifier == 0);
}

TEST_CASE_METHOD(table_fixture, "those that overlap get identifiers, also the one that stood before",
                 "[client_subscriptions]") {
  auto first = add({"a/+"});
  auto second = make({"a/b"});
  auto again = table.add(second, true);
  REQUIRE(again.size() == 1);
  CHECK(again[0] == first);
  CHECK(first->identifier != 0);
  CHECK(second->identifier != 0);
  CHECK(first->identifier != second->identifier);
  CHECK(found("a/b", {first->identifier}) == "a/+ ");
  CHECK(found("a/b", {second->identifier}) == "a/b ");
  CHECK(found("a/b", {second->identifier, first->identifier}) == "a/+ a/b ");
  CHECK(table.add(make({"a/c"}), true).empty());
}

TEST_CASE_METHOD(table_fixture, "without identifiers each that matches gets a message once", "[client_subscriptions]") {
  auto both = add({"a/b", "a/+"}, false);
  add({"a/#"}, false);
  CHECK(both->identifier == 0);
  CHECK(found("a/b") == "a/# a/b ");
}

TEST_CASE_METHOD(table_fixture, "several filters of one subscription handle a message once", "[client_subscriptions]") {
  auto one = add({"a/b", "a/+"});
  CHECK(one->identifier == 0);
  CHECK(found("a/b") == "a/b ");
}

TEST_CASE_METHOD(table_fixture, "shared subscriptions have identifiers and match without them",
                 "[client_subscriptions]") {
  auto shared = add({"$share/group/jobs/+"});
  CHECK(shared->identifier != 0);
  CHECK(found("jobs/1", {shared->identifier}) == "$share/group/jobs/+ ");
  CHECK(found("jobs/1") == "$share/group/jobs/+ ");
}

TEST_CASE_METHOD(table_fixture, "a filter that is subscribed again is taken from whom had it [v5:MQTT-3.8.4-3]",
                 "[client_subscriptions]") {
  auto first = add({"a", "b"});
  auto second = add({"a"});
  CHECK(first->filters.size() == 1);
  CHECK(second->identifier == 0);
  CHECK(found("a") == "a ");
  CHECK(found("b") == "b ");
  table.remove("b", second.get());
  CHECK(found("b") == "b ");
  table.remove("b");
  CHECK(found("b") == "");
  CHECK(table.all().size() == 1);
}

TEST_CASE_METHOD(table_fixture, "an identifier of the application's is kept, and not given to others",
                 "[client_subscriptions]") {
  auto own = make({"a/#"});
  own->properties.add(protocol::property_id::subscription_identifier, 1);
  table.add(own, true);
  auto other = add({"a/b"});
  CHECK(own->identifier == 1);
  CHECK(other->identifier != 0);
  CHECK(other->identifier != 1);
}

TEST_CASE_METHOD(table_fixture, "an identifier that nobody has is for nobody", "[client_subscriptions]") {
  add({"a"});
  CHECK(found("a", {77}) == "");
}

TEST_CASE_METHOD(table_fixture, "many patterns are found by identifier", "[client_subscriptions]") {
  for (int i = 0; i < 40; ++i)
    add({"p" + std::to_string(i) + "/#"});
  CHECK(kept[0]->identifier == 0);
  CHECK(kept[39]->identifier != 0);
  CHECK(found("p39/x", {kept[39]->identifier}) == "p39/# ");
  CHECK(found("p0/x") == "p0/# ");
}

} // namespace actorbus::test
