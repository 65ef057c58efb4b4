#include <actorbus/protocol/property.hpp>

#include <set>

#include <catch2/catch.hpp>

#include "golden.hpp"

using namespace actorbus::protocol;

TEST_CASE("there are 27 properties [v5: 2.2.2.2]") {
  std::set<std::string_view> names;
  for (std::uint32_t id = 0; id < 1000; ++id)
    if (const auto* rule = find_property(id)) {
      CHECK(static_cast<std::uint32_t>(rule->id) == id);
      CHECK(names.insert(rule->name).second);
    }
  CHECK(names.size() == 27);
  CHECK(find_property(variable_byte_integer_max) == nullptr);
  CHECK(to_string(property_id::topic_alias) == "topic alias");
}

TEST_CASE("every property is refused where the table does not have it [v5: 2.2.2.2]") {
  for (std::uint32_t id = 0; id < 128; ++id) {
    const auto* rule = find_property(id);
    if (rule == nullptr)
      continue;
    property_list list;
    if (rule->type == wire_type::utf8_string_pair)
      list.add_user("a", "b");
    else if (rule->type == wire_type::utf8_string || rule->type == wire_type::binary_data)
      list.add(rule->id, "a");
    else
      list.add(rule->id, 1);
    for (unsigned place = 0; place <= static_cast<unsigned>(property_place::will); ++place) {
      INFO(rule->name << " in place " << place);
      auto cause = check_properties(list.view().raw(), static_cast<property_place>(place));
      CHECK((cause == errc::property_misplaced) == ((rule->places >> place & 1) == 0));
    }
  }
}

TEST_CASE("every property but two is refused when it comes twice") {
  std::set<property_id> repeatable;
  for (std::uint32_t id = 0; id < 128; ++id)
    if (const auto* rule = find_property(id))
      for (unsigned place = 0; place <= static_cast<unsigned>(property_place::will); ++place)
        if ((rule->repeatable >> place & 1) != 0)
          repeatable.insert(rule->id);
  CHECK(repeatable == std::set{property_id::user_property, property_id::subscription_identifier});
}

TEST_CASE("properties come out as they went in, in order [v5:MQTT-3.3.2-18]") {
  property_list list;
  list.add_user("k", "1").add(property_id::payload_format_indicator, 1).add_user("k", "2");
  list.add(property_id::message_expiry_interval, 0xFFFFFFFF);
  list.add(property_id::correlation_data, std::string_view{"\0\xFF", 2});
  CHECK(check_properties(list.view().raw(), property_place::publish) == errc::none);
  property_list copy;
  for (const auto& each : list.view())
    copy.add(each);
  CHECK(copy == list);
  CHECK(property_list{list.view()} == list);

  auto view = list.view();
  CHECK(view.number(property_id::message_expiry_interval) == 0xFFFFFFFF);
  CHECK(view.number(property_id::topic_alias) == std::nullopt);
  CHECK(view.text(property_id::correlation_data) == std::string_view{"\0\xFF", 2});
  CHECK(view.text(property_id::content_type) == std::nullopt);
  auto first = view.begin();
  CHECK(first->text == "k");
  CHECK(first->value == "1");
  CHECK((++first)->number == 1);

  list.clear();
  CHECK(list.empty());
  CHECK(list.view().begin() == list.view().end());
  CHECK(properties_view{}.begin() == properties_view{}.end());
}

TEST_CASE("a subscription identifier takes one to four bytes [v5: 2.2.2.2]") {
  for (auto value : {1u, 127u, 128u, 16'383u, 16'384u, 2'097'151u, 2'097'152u, variable_byte_integer_max}) {
    property_list list;
    list.add(property_id::subscription_identifier, value);
    CHECK(list.view().number(property_id::subscription_identifier) == value);
    CHECK(check_properties(list.view().raw(), property_place::subscribe) == errc::none);
  }
}

TEST_CASE("the message expiry interval may be 0 [v5: 3.3.2.3.3]") {
  CHECK(check_properties(bytes("02 00000000"), property_place::publish) == errc::none);
  CHECK(check_properties(bytes("02 00000000"), property_place::will) == errc::none);
}
