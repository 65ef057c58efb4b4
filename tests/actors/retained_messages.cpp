#include <actorbus/actors/retained_messages.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <actorbus/protocol/topic.hpp>

using namespace actorbus;
using namespace std::chrono_literals;

namespace {

const time_point kept_since{1000s};

message_ptr make_message(std::string_view topic, std::string_view payload) {
  protocol::publish packet;
  packet.topic = topic;
  packet.payload = protocol::as_bytes(payload);
  packet.retain = true;
  return message::make(packet, protocol::protocol_version::v5, {}, kept_since);
}

message_ptr make_expiring(std::string_view topic, std::uint32_t seconds) {
  protocol::publish packet;
  packet.topic = topic;
  packet.payload = protocol::as_bytes("soon gone");
  packet.has_message_expiry = true;
  packet.message_expiry_interval_seconds = seconds;
  return message::make(packet, protocol::protocol_version::v5, {}, kept_since);
}

using topics = std::vector<std::string>;
using stored = retained_messages::stored;

struct fixture {
  retained_messages kept{{1000, 1'000'000}};

  void keep(const topics& names) {
    for (const auto& each : names)
      CHECK(kept.store(make_message(each, "payload")) == stored::kept);
  }

  topics match(std::string_view filter, time_point now = kept_since) {
    std::vector<message_ptr> found;
    kept.match(filter, now, found);
    topics names;
    for (const auto& each : found)
      names.emplace_back(each->topic());
    return names;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "the last retained message of a topic is kept [v5:MQTT-3.3.1-5]", "[retained]") {
  kept.store(make_message("a", "first"));
  kept.store(make_message("a", "second"));
  std::vector<message_ptr> found;
  kept.match("a", kept_since, found);
  REQUIRE(found.size() == 1);
  CHECK(protocol::as_text(found[0]->payload()) == "second");
  CHECK(kept.size() == 1);
  CHECK(kept.size_bytes() == found[0]->size_bytes());
}

TEST_CASE_METHOD(fixture, "an empty payload removes what was retained [v5:MQTT-3.3.1-6]", "[retained]") {
  keep({"a", "a/b"});
  CHECK(kept.store(make_message("a", "")) == stored::removed);
  CHECK(match("#") == topics{"a/b"});
  CHECK(kept.store(make_message("nobody", "")) == stored::removed);
  CHECK(kept.size() == 1);
  CHECK(kept.store(make_message("a/b", "")) == stored::removed);
  CHECK(kept.size() == 0);
  CHECK(kept.size_bytes() == 0);
}

TEST_CASE_METHOD(fixture, "a new subscriber's filter finds the topics that it matches", "[retained]") {
  keep({"a", "a/b", "a/b/c", "a.b", "a!", "ab", "b/b", "/a", "/", "b/c/c", "$SYS/a", "$SYS"});
  CHECK(match("a") == topics{"a"});
  CHECK(match("a/b/c/d").empty());
  CHECK(match("a/#") == topics{"a", "a/b", "a/b/c"});
  CHECK(match("+/b") == topics{"a/b", "b/b"});
  CHECK(match("+/+/c") == topics{"a/b/c", "b/c/c"});
  CHECK(match("+") == topics{"a", "a!", "a.b", "ab"});
  CHECK(match("/+") == topics{"/", "/a"});
  CHECK(match("+/+") == topics{"/", "/a", "a/b", "b/b"});
  CHECK(match("+/b/#") == topics{"a/b", "a/b/c", "b/b"});
}

TEST_CASE_METHOD(fixture, "leading wildcards don't find topics that begin with '$' [v5:MQTT-4.7.2-1, retained]",
                 "[retained]") {
  keep({"!", "$", "$SYS", "$SYS/a", "%", "a"});
  CHECK(match("#") == topics{"!", "%", "a"});
  CHECK(match("+") == topics{"!", "%", "a"});
  CHECK(match("+/a").empty());
  CHECK(match("$SYS/#") == topics{"$SYS", "$SYS/a"});
  CHECK(match("$SYS/+") == topics{"$SYS/a"});
}

TEST_CASE_METHOD(fixture, "what has expired is found no more, and removed [v5:MQTT-3.3.2-5]", "[retained]") {
  keep({"always"});
  kept.store(make_expiring("a", 10));
  kept.store(make_expiring("b", 20));
  kept.store(make_expiring("c", 30));
  CHECK(kept.next_expiry() == kept_since + 10s);
  CHECK(match("#", kept_since + 10s - 1ns) == topics{"a", "always", "b", "c"});
  CHECK(match("#", kept_since + 10s) == topics{"always", "b", "c"});
  CHECK(kept.size() == 3);
  CHECK(kept.next_expiry() == kept_since + 20s);
  CHECK(kept.expire(kept_since + 30s) == 2);
  CHECK(kept.expire(kept_since + 30s) == 0);
  CHECK(match("#") == topics{"always"});
  CHECK_FALSE(kept.next_expiry());
}

TEST_CASE_METHOD(fixture, "a message that replaces one brings its own expiry", "[retained]") {
  kept.store(make_expiring("a", 10));
  kept.store(make_expiring("a", 20));
  CHECK(kept.expire(kept_since + 15s) == 0);
  kept.store(make_message("a", "for good"));
  CHECK_FALSE(kept.next_expiry());
  CHECK(match("a", kept_since + 1000s) == topics{"a"});
}

TEST_CASE("over a limit the last retained message stays", "[retained]") {
  auto small = make_message("a", "1");
  retained_messages few{{2, 1'000'000}};
  CHECK(few.store(small) == stored::kept);
  CHECK(few.store(make_message("b", "1")) == stored::kept);
  CHECK(few.store(make_message("c", "1")) == stored::over_limit);
  CHECK(few.store(make_message("b", "2")) == stored::kept);
  CHECK(few.store(make_message("b", "")) == stored::removed);
  CHECK(few.store(make_message("c", "1")) == stored::kept);

  retained_messages tight{{1000, small->size_bytes() + 10}};
  CHECK(tight.store(small) == stored::kept);
  CHECK(tight.store(make_message("b", "1")) == stored::over_limit);
  CHECK(tight.store(make_message("a", "12345678901")) == stored::kept);
  CHECK(tight.store(make_message("a", "123456789012")) == stored::over_limit);
  CHECK(tight.size() == 1);
  CHECK(tight.size_bytes() == small->size_bytes() + 10);
}

TEST_CASE_METHOD(fixture, "a retained topic of very many levels is like any other", "[retained]") {
  std::string deep = "a";
  for (int i = 0; i < 32'000; ++i)
    deep += "/a";
  keep({deep, "b"});
  CHECK(match("a/#") == topics{deep});
  CHECK(match(deep) == topics{deep});
  CHECK(match("+") == topics{"b"});
}

TEST_CASE("retained messages are found as a search of all would find them", "[retained]") {
  static const char* const names[] = {"a", "b", "", "$s", "ab", "a!", "+"};
  std::mt19937 random{11};
  auto levels = [&](std::uint32_t kinds) {
    std::string text;
    for (auto left = 1 + random() % 4; left > 0; --left)
      text += std::string{names[random() % kinds]} + (left > 1 ? "/" : "");
    return text.empty() ? std::string{"/"} : text;
  };
  retained_messages kept{{10'000, 10'000'000}};
  std::map<std::string, bool> model;
  for (int step = 0; step < 3'000; ++step) {
    auto topic = levels(6);
    auto is_kept = random() % 3 != 0;
    kept.store(make_message(topic, is_kept ? "x" : ""));
    if (is_kept)
      model[topic];
    else
      model.erase(topic);
    CHECK(kept.size() == model.size());

    auto filter = levels(7) + (random() % 3 == 0 ? "/#" : "");
    std::vector<message_ptr> found;
    kept.match(filter, kept_since, found);
    topics got;
    for (const auto& each : found)
      got.emplace_back(each->topic());
    topics wanted;
    for (const auto& [each, unused] : model)
      if (protocol::matches(filter, each))
        wanted.push_back(each);
    std::sort(got.begin(), got.end());
    INFO("filter " << filter);
    CHECK(got == wanted);
  }
}
