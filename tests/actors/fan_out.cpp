#include "support/memory_client.hpp"

#include <actorbus/actors/fan_out.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

namespace actorbus::test {

namespace {

/// Subscribers by number, and routes to them.
struct fan_out_fixture {
  fan_out subject;
  std::vector<std::unique_ptr<subscriber>> everybody;

  subscriber* who(std::size_t number) {
    while (everybody.size() <= number) {
      everybody.push_back(std::make_unique<subscriber>());
      everybody.back()->id = everybody.size() - 1;
    }
    return everybody[number].get();
  }

  /// What each receiver gets, in order of first use: `1: 0-2 5; 2: 0-2; `.
  std::string finish(std::uint64_t publisher = 999) {
    std::string result;
    subject.finish({}, publisher, [&](subscriber& to, deliver&& message) {
      auto all = message.more;
      all.insert(all.begin(), message.first);
      result += std::to_string(to.id) + ":";
      for (const auto& range : all)
        result += " " + std::to_string(range.first) +
                  (range.count == 1 ? "" : "-" + std::to_string(range.first + range.count - 1));
      result += "; ";
    });
    return result;
  }

  receiver to(std::size_t number) {
    receiver result;
    result.to = who(number);
    result.maximum_qos = protocol::qos::exactly_once;
    return result;
  }
};

} // namespace

TEST_CASE_METHOD(fan_out_fixture, "neighbours with one route are one range", "[fan_out]") {
  route one;
  one.receivers = {to(1), to(2)};
  for (std::uint32_t i = 0; i < 5; ++i)
    subject.add(&one, i, 1, 999);
  CHECK(finish() == "1: 0-4; 2: 0-4; ");
  CHECK(finish() == "");
}

TEST_CASE_METHOD(fan_out_fixture, "a run that is added at once is one range, and goes on", "[fan_out]") {
  route one;
  one.receivers = {to(1), to(2)};
  subject.add(&one, 0, 3, 999);
  subject.add(&one, 3, 2, 999);
  subject.add(&one, 6, 1, 999);
  CHECK(finish() == "1: 0-4 6; 2: 0-4 6; ");
}

TEST_CASE_METHOD(fan_out_fixture, "each message of a run takes its own turn in a shared subscription", "[fan_out]") {
  std::atomic<std::uint32_t> turn{0};
  route one;
  one.receivers = {to(1)};
  one.groups.push_back(std::make_unique<shared_group>(1, turn));
  one.groups[0]->members = {to(2), to(3)};
  for (const auto& each : one.groups[0]->members)
    each.to->online = true;
  subject.add(&one, 0, 4, 999);
  const auto got = finish();
  CHECK(got.find("1: 0-3; ") != std::string::npos);
  CHECK((got.find("2: 0 2; ") != std::string::npos || got.find("2: 1 3; ") != std::string::npos));
  CHECK((got.find("3: 0 2; ") != std::string::npos || got.find("3: 1 3; ") != std::string::npos));
}

TEST_CASE_METHOD(fan_out_fixture, "each receiver gets one message with all that is for it, in order", "[fan_out]") {
  route one;
  one.receivers = {to(1), to(2)};
  route two;
  two.receivers = {to(2)};
  subject.add(&one, 0, 1, 999);
  subject.add(&two, 1, 1, 999);
  subject.add(&one, 3, 1, 999);
  subject.add(&one, 4, 1, 999);
  CHECK(finish() == "1: 0 3-4; 2: 0-1 3-4; ");
}

TEST_CASE_METHOD(fan_out_fixture, "any number of receivers is told apart", "[fan_out]") {
  const auto count = GENERATE(as<std::size_t>{}, 4, 5, 31, 33, 2000);
  std::vector<route> routes(count);
  for (std::size_t i = 0; i < count; ++i)
    routes[i].receivers = {to(i), to((i + 1) % count)};
  for (std::size_t i = 0; i < count; ++i)
    subject.add(&routes[i], static_cast<std::uint32_t>(i), 1, 99'999);
  std::vector<int> got(count);
  subject.finish({}, 99'999, [&](subscriber& whom, deliver&& message) {
    ++got[whom.id];
    const auto last = message.more.empty() ? message.first : message.more.back();
    CHECK(message.first.count + (message.more.empty() ? 0 : last.count) == 2);
  });
  CHECK(got == std::vector<int>(count, 1));
}

TEST_CASE_METHOD(fan_out_fixture, "a publisher that wants none of its own gets none [v5:MQTT-3.8.3-3]", "[fan_out]") {
  route one;
  one.receivers = {to(1), to(2)};
  one.receivers[0].local_match = false;
  subject.add(&one, 0, 1, 1);
  CHECK(finish(1) == "2: 0; ");
}

} // namespace actorbus::test
