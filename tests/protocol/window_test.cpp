#include <actorbus/protocol/outbound_window.hpp>
#include <actorbus/protocol/packet_id_set.hpp>

#include <map>
#include <random>
#include <string>

#include <catch2/catch.hpp>

using namespace actorbus::protocol;

TEST_CASE("packet identifiers are never 0 and never in use [v5:MQTT-2.2.1-3, MQTT-2.2.1-4]") {
  outbound_window<int> window;
  auto& kept = window.insert(awaiting::puback, -1);
  auto kept_id = kept.packet_id;
  CHECK(kept_id == 1);
  for (int i = 0; i < 200'000; ++i) {
    auto& slot = window.insert(awaiting::pubrec, i);
    if (slot.packet_id == 0 || slot.packet_id == kept_id)
      FAIL("identifier " << slot.packet_id);
    window.erase(slot);
  }
  CHECK(window.size() == 1);
  CHECK(window.find(kept_id)->value == -1);
}

TEST_CASE("packet identifiers run round at the highest that is wanted") {
  outbound_window<int> window{5};
  std::string given;
  for (int i = 0; i < 7; ++i) {
    auto& slot = window.insert(awaiting::puback, i);
    given += std::to_string(slot.packet_id) + ' ';
    if (slot.packet_id != 2)
      window.erase(slot);
  }
  CHECK(given == "1 2 3 4 5 1 3 ");
  while (window.size() < 5)
    window.insert(awaiting::puback, 0);
  CHECK(window.find(4) != nullptr);
  CHECK(window.find(6) == nullptr);
}

TEST_CASE("all 65 535 packet identifiers can be in use at once") {
  outbound_window<std::uint32_t> window;
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < 65'535; ++i)
    sum += window.insert(awaiting::puback, i).packet_id;
  CHECK(window.size() == 65'535);
  CHECK(sum == std::uint64_t{65'535} * 65'536 / 2);
  CHECK(window.find(0) == nullptr);
  auto* slot = window.find(777);
  REQUIRE(slot != nullptr);
  window.erase(*slot);
  CHECK(window.find(777) == nullptr);
  CHECK(window.insert(awaiting::pubrec, 0).packet_id == 777);
}

TEST_CASE("what waits is sent again in the order in which it was sent [v5:MQTT-4.6.0-1]") {
  outbound_window<std::string> window;
  for (const auto* text : {"a", "b", "c", "d"})
    window.insert(awaiting::puback, text);
  window.erase(*window.find(2));
  window.find(3)->state = awaiting::pubcomp;
  window.insert(awaiting::puback, "e");
  std::string order;
  for (const auto* slot : window.in_order())
    order += slot->value;
  CHECK(order == "acde");
  window.clear();
  CHECK(window.empty());
  CHECK(window.find(1) == nullptr);
}

TEST_CASE("a window comes back from a store with its identifiers [v5:MQTT-4.4.0-1]") {
  outbound_window<std::string> window;
  window.restore(65'535, awaiting::puback, "last");
  window.restore(1, awaiting::pubcomp, "first");
  window.restore(9, awaiting::pubrec, "ninth"); // the same place as 1 in a small table
  CHECK(window.size() == 3);
  CHECK(window.find(65'535)->value == "last");
  CHECK(window.find(1)->state == awaiting::pubcomp);
  CHECK(window.find(9)->value == "ninth");
  CHECK(window.insert(awaiting::puback, "next").packet_id == 10);
  CHECK(window.in_order().front()->value == "last");
}

TEST_CASE("a window behaves like a map under random use") {
  std::mt19937 random{20};
  outbound_window<unsigned> window;
  std::map<packet_id, unsigned> model;
  for (unsigned i = 0; i < 100'000; ++i) {
    if (random() % 5 < 3 || model.empty()) {
      auto& slot = window.insert(awaiting::puback, i);
      REQUIRE(model.emplace(slot.packet_id, i).second);
    } else {
      auto it = model.lower_bound(static_cast<packet_id>(random() % 65'536));
      if (it == model.end())
        it = model.begin();
      auto* slot = window.find(it->first);
      REQUIRE(slot != nullptr);
      REQUIRE(slot->value == it->second);
      window.erase(*slot);
      model.erase(it);
    }
  }
  CHECK(window.size() == model.size());
}

TEST_CASE("an identifier is taken once until it is released [v5:MQTT-4.3.3-10]") {
  packet_id_set taken;
  CHECK(taken.empty());
  CHECK_FALSE(taken.contains(1));
  CHECK_FALSE(taken.erase(1));
  CHECK(taken.insert(1));
  CHECK_FALSE(taken.insert(1)); // the PUBLISH came again
  CHECK(taken.insert(65'535));
  CHECK(taken.insert(64));
  CHECK(taken.contains(64));
  CHECK_FALSE(taken.contains(63));
  CHECK(taken.size() == 3);
  CHECK(taken.erase(1));  // PUBREL
  CHECK(taken.insert(1)); // a new message [v5:MQTT-4.3.3-12]
  taken.clear();
  CHECK(taken.empty());
  CHECK_FALSE(taken.contains(1));
}
