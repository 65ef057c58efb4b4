// The routing table against the plainest model of it: a list of subscriptions that is searched
// from end to end with `protocol::matches`.

#include <actorbus/actors/router.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <catch2/catch.hpp>

#include <actorbus/protocol/topic.hpp>

using namespace actorbus;

namespace {

/// What one session, or one member of a group, gets of a topic.
struct expectation {
  protocol::qos maximum_qos{};
  bool retain_as_published = false;
  std::multiset<std::uint32_t> identifiers;
  bool local_match = false;
  protocol::qos local_maximum_qos{};
  bool local_retain_as_published = false;
  std::multiset<std::uint32_t> local_identifiers;

  bool operator==(const expectation&) const = default;

  void add(const subscription_options& options) {
    maximum_qos = std::max(maximum_qos, options.maximum_qos);
    retain_as_published |= options.retain_as_published;
    if (options.identifier != 0)
      identifiers.insert(options.identifier);
    if (options.no_local)
      return;
    local_match = true;
    local_maximum_qos = std::max(local_maximum_qos, options.maximum_qos);
    local_retain_as_published |= options.retain_as_published;
    if (options.identifier != 0)
      local_identifiers.insert(options.identifier);
  }
};

expectation seen(const receiver& from) {
  return {from.maximum_qos,
          from.retain_as_published,
          {from.identifiers.begin(), from.identifiers.end()},
          from.local_match,
          from.local_maximum_qos,
          from.local_retain_as_published,
          {from.local_identifiers.begin(), from.local_identifiers.end()}};
}

using members = std::map<std::uint64_t, expectation>;

members seen(const std::vector<receiver>& from) {
  members all;
  for (const auto& each : from)
    CHECK(all.emplace(each.to->id, seen(each)).second);
  return all;
}

struct model {
  std::map<std::pair<std::uint64_t, std::string>, subscription_options> subscriptions;

  members receivers(std::string_view topic) const {
    members all;
    for (const auto& [key, options] : subscriptions)
      if (!protocol::split_share(key.second).is_shared() && protocol::matches(key.second, topic))
        all[key.first].add(options);
    return all;
  }

  std::vector<members> groups(std::string_view topic) const {
    std::map<std::string, members> all;
    for (const auto& [key, options] : subscriptions) {
      auto shared = protocol::split_share(key.second);
      if (!shared.is_shared() || !protocol::matches(shared.filter, topic))
        continue;
      auto without_no_local = options;
      without_no_local.no_local = false;
      all[key.second][key.first].add(without_no_local);
    }
    std::vector<members> result;
    for (auto& [name, each] : all)
      result.push_back(std::move(each));
    return result;
  }
};

class generator {
public:
  explicit generator(std::uint32_t seed) : random_(seed) {}

  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }

  std::string topic() { return levels(0); }

  std::string filter() {
    auto text = levels(4);
    if (below(5) == 0)
      text = below(4) == 0 ? "#" : text + "/#";
    return below(5) == 0 ? "$share/" + std::string(1, static_cast<char>('g' + below(2))) + "/" + text : text;
  }

  subscription_options options() {
    subscription_options made;
    made.maximum_qos = static_cast<protocol::qos>(below(3));
    made.no_local = below(3) == 0;
    made.retain_as_published = below(3) == 0;
    made.identifier = below(2) == 0 ? 0 : 1 + below(9);
    return made;
  }

private:
  // A few names only, so that filters and topics meet often.
  std::string levels(std::uint32_t plus_in) {
    static const char* const names[] = {"a", "b", "", "$s", "long level name", "c"};
    std::string text;
    for (auto left = 1 + below(4); left > 0; --left) {
      text += plus_in != 0 && below(plus_in) == 0 ? "+" : names[below(6)];
      text += left > 1 ? "/" : "";
    }
    return text.empty() ? "/" : text;
  }

  std::mt19937 random_;
};

void compare(const router& table, const model& expected, const std::string& topic) {
  INFO("topic " << topic);
  routing_guard guard;
  const auto* found = table.find(topic);
  CHECK(seen(found->receivers) == expected.receivers(topic));
  std::vector<members> groups;
  for (const auto& each : found->groups)
    groups.push_back(seen(each->members));
  auto wanted = expected.groups(topic);
  CHECK(groups.size() == wanted.size());
  CHECK(std::is_permutation(groups.begin(), groups.end(), wanted.begin(), wanted.end()));
}

} // namespace

TEST_CASE("the routing table does what a list of subscriptions would", "[router]") {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    generator next{seed};
    router table{seed};
    model expected;
    std::vector<std::shared_ptr<subscriber>> sessions;
    for (std::uint64_t id = 1; id <= 12; ++id) {
      sessions.push_back(std::make_shared<subscriber>());
      sessions.back()->id = id;
    }
    for (int step = 0; step < 1'000; ++step) {
      const auto& who = sessions[next.below(12)];
      auto filter = next.filter();
      auto is_growing = step % 300 < 200;
      if (next.below(100) == 0) {
        table.remove(*who);
        std::erase_if(expected.subscriptions, [&](const auto& each) { return each.first.first == who->id; });
      } else if (next.below(10) < (is_growing ? 8u : 2u)) {
        auto options = next.options();
        auto is_new = expected.subscriptions.insert_or_assign({who->id, filter}, options).second;
        CHECK((table.subscribe(who, filter, options) == router::added::is_new) == is_new);
      } else {
        if (!expected.subscriptions.empty() && next.below(4) != 0) // one that is there
          filter = std::next(expected.subscriptions.begin(),
                             next.below(static_cast<std::uint32_t>(expected.subscriptions.size())))
                       ->first.second;
        CHECK(table.unsubscribe(*who, filter) == (expected.subscriptions.erase({who->id, filter}) == 1));
      }
      CHECK(table.size() == expected.subscriptions.size());
      for (int i = 0; i < 3; ++i)
        compare(table, expected, next.topic());
    }
    for (const auto& each : sessions)
      table.remove(*each);
    CHECK(table.size() == 0);
    compare(table, {}, "a/b");
  }
}
