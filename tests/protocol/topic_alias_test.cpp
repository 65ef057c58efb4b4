#include <actorbus/protocol/topic_alias.hpp>

#include <catch2/catch.hpp>

using namespace actorbus::protocol;

TEST_CASE("an alias stands for the topic that it came with [v5: 3.3.2.3.4]") {
  inbound_aliases aliases{10};
  std::string_view topic = "a/b";
  CHECK(aliases.resolve(1, topic) == errc::none);
  CHECK(topic == "a/b");
  topic = "a topic longer than what fits into a small string";
  CHECK(aliases.resolve(10, topic) == errc::none);
  topic = "";
  CHECK(aliases.resolve(1, topic) == errc::none);
  CHECK(topic == "a/b");
  auto first = topic;
  for (std::uint16_t alias = 2; alias < 10; ++alias) {
    std::string_view other = "x";
    CHECK(aliases.resolve(alias, other) == errc::none);
  }
  CHECK(first == "a/b"); // further aliases leave it where it is
  topic = "c";
  CHECK(aliases.resolve(1, topic) == errc::none);
  topic = "";
  CHECK(aliases.resolve(1, topic) == errc::none);
  CHECK(topic == "c");
}

TEST_CASE("aliases outside of what was announced are refused") {
  inbound_aliases aliases{3};
  std::string_view topic = "a";
  CHECK(aliases.resolve(0, topic) == errc::topic_alias_zero);          // [v5:MQTT-3.3.2-8]
  CHECK(aliases.resolve(4, topic) == errc::topic_alias_above_maximum); // [v5:MQTT-3.3.2-9]
  topic = "";
  CHECK(aliases.resolve(2, topic) == errc::topic_alias_unknown);
  inbound_aliases none;
  topic = "a";
  CHECK(none.resolve(1, topic) == errc::topic_alias_above_maximum); // [v5:MQTT-3.2.2-18]
  CHECK(to_reason_code(errc::topic_alias_above_maximum) == reason_code::topic_alias_invalid);
  CHECK(to_reason_code(errc::topic_alias_unknown) == reason_code::protocol_error);
}

TEST_CASE("the first topics get aliases, the others go without [v5:MQTT-3.1.2-26]") {
  outbound_aliases aliases{2};
  auto use = aliases.assign("a");
  CHECK(use.alias == 1);
  CHECK(use.is_new);
  use = aliases.assign("b");
  CHECK(use.alias == 2);
  use = aliases.assign("a");
  CHECK(use.alias == 1);
  CHECK_FALSE(use.is_new);
  CHECK(aliases.assign("c").alias == 0);
  CHECK(outbound_aliases{}.assign("a").alias == 0); // [v5:MQTT-3.1.2-27]
}
