#include "topology/failure_schedule.hpp"

#include <catch2/catch.hpp>

#include "topology/toml_file.hpp"

using namespace actorbus;
using namespace actorbus::demos;
using namespace std::chrono_literals;

namespace {

const time_point begin = time_point{} + 1h;

std::vector<failure> read(std::string_view text, std::vector<std::string>& mistakes) {
  faults found;
  auto table = parse_toml(text, found);
  settings_reader reader{table, {}, "participant", found};
  auto result = read_failures(reader);
  reader.finish();
  for (const auto& each : found)
    mistakes.push_back(std::to_string(each.where.line) + ": " + each.what);
  return result;
}

/// What happens, as "second condition" of each change.
std::vector<std::string> course_of(std::string_view text, std::chrono::seconds until, std::uint64_t seed = 1) {
  std::vector<std::string> mistakes;
  failure_schedule schedule{read(text, mistakes), seed};
  REQUIRE(mistakes.empty());
  schedule.begin(begin);
  std::vector<std::string> result;
  for (auto next = schedule.next(); next && *next <= begin + until; next = schedule.next()) {
    schedule.advance(*next);
    auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*next - begin).count();
    result.push_back(std::to_string(seconds) + ' ' + std::string{to_string(schedule.now())});
  }
  return result;
}

std::vector<std::string> mistakes_in(std::string_view text) {
  std::vector<std::string> mistakes;
  read(text, mistakes);
  return mistakes;
}

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("a failure strikes and ends again and again") {
  CHECK(course_of("failure = { kind = 'disconnect', after_s = 10, for_s = 5 }", 40s) ==
        texts{"10 disconnected", "15 well", "25 disconnected", "30 well", "40 disconnected"});
}

TEST_CASE("a failure strikes as often as it may") {
  CHECK(course_of("failure = { kind = 'stop', after_s = 1, for_s = 1, times = 2 }", 40s) ==
        texts{"1 stopped", "2 well", "3 stopped", "4 well"});
}

TEST_CASE("a failure without an end lasts") {
  CHECK(course_of("failure = { kind = 'stop', after_s = 3 }", 1000s) == texts{"3 stopped"});
  CHECK(course_of("failure = { kind = 'slow', message_s = 1 }", 1000s) == texts{"0 slow"});
}

TEST_CASE("of several failures the worst counts") {
  CHECK(course_of(R"(
[[failure]]
kind = 'slow'
message_s = 1
after_s = 2
for_s = 10
[[failure]]
kind = 'disconnect'
after_s = 4
for_s = 3
times = 1
)",
                  12s) == texts{"2 slow", "4 disconnected", "7 slow", "12 well"});
}

TEST_CASE("a failure's times are left to chance, which follows from the seed") {
  auto text = "failure = { kind = 'disconnect', after_s = [100, 200], for_s = [10, 90] }";
  auto first = course_of(text, 1000s, 7);
  CHECK(first == course_of(text, 1000s, 7));
  CHECK(first != course_of(text, 1000s, 8));
  auto struck = std::stoi(first.at(0));
  auto mended = std::stoi(first.at(1));
  CHECK(struck >= 100);
  CHECK(struck < 200);
  CHECK(mended - struck >= 9);
  CHECK(mended - struck <= 90);
}

TEST_CASE("a schedule that is looked at late has not shifted") {
  std::vector<std::string> mistakes;
  failure_schedule schedule{read("failure = { kind = 'stop', after_s = 10, for_s = 10 }", mistakes), 1};
  schedule.begin(begin);
  schedule.advance(begin + 55s);
  CHECK(schedule.now() == condition::stopped);
  CHECK(schedule.next() == begin + 60s);
}

TEST_CASE("a slow participant's time for a message is drawn for each") {
  std::vector<std::string> mistakes;
  failure_schedule schedule{read("failure = { kind = 'slow', message_s = [1, 2] }", mistakes), 1};
  schedule.begin(begin);
  CHECK(schedule.message_time() == 0s);
  schedule.advance(begin);
  auto first = schedule.message_time();
  CHECK(first >= 1s);
  CHECK(first < 2s);
  CHECK(first != schedule.message_time());
}

TEST_CASE("mistakes in a failure are told with their line") {
  CHECK(mistakes_in(R"([[failure]]
kind = 'stopp'
after_s = 'x'
[[failure]]
for_s = 5
[[failure]]
kind = 'slow'
after_s = [3, 2]
[[failure]]
kind = 'stop'
after_s = 1
message_s = 1
times = 2
fors_s = 1
)") == texts{
           "2: participant: failure: kind: \"stopp\" is none of \"stop\", \"slow\", \"disconnect\"; did you mean "
           "\"stop\"?",
           "3: participant: failure: after_s: must be a number, or two in brackets: at least and at most",
           "4: participant: failure: \"kind\" is missing",
           "4: participant: failure: after_s: must be 0.001 or more: the time from one failure to the next",
           "8: participant: failure: after_s: 3 is greater than 2",
           "6: participant: failure: \"message_s\" is missing: the seconds that a message takes",
           "12: participant: failure: message_s: is for the kind \"slow\" only",
           "13: participant: failure: times: needs \"for_s\": what never ends strikes once",
           "14: participant: failure: unknown key \"fors_s\"; did you mean \"for_s\"?",
       });
  CHECK(mistakes_in("failure = 'stop'") ==
        texts{"1: participant: failure: must be tables, each headed by [[failure]]"});
}
