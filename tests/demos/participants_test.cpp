#include "topology/participant_kinds.hpp"

#include <catch2/catch.hpp>

#include "topology/toml_file.hpp"

using namespace actorbus;
using namespace actorbus::demos;
using namespace std::chrono_literals;

namespace {

const time_point begin = time_point{} + 1h;
const wall_clock calendar{begin, std::chrono::system_clock::time_point{} + 1s};

/// A participant on virtual time, without a bus.
struct staged {
  explicit staged(participant_kind::reader* read, std::string_view text, std::uint64_t seed = 1) {
    faults found;
    auto table = parse_toml(text, found);
    settings_reader reader{table, {}, "participant", found};
    role = read(reader, {"me", seed, calendar});
    reader.finish();
    for (const auto& each : found)
      FAIL(each.what);
  }

  /// Starts, and lets time pass; returns what was published, as "topic payload".
  std::vector<std::string> run(duration span) {
    auto end = now + span;
    if (!started)
      role->start(now, effects);
    started = true;
    auto result = taken();
    while (alarm && *alarm <= end) {
      now = *std::exchange(alarm, std::nullopt);
      role->on_alarm(now, effects);
      for (auto& each : taken())
        result.push_back(std::move(each));
    }
    now = end;
    return result;
  }

  std::vector<std::string> hear(std::string_view topic, std::string_view payload) {
    role->on_message({topic, payload}, now, effects);
    return taken();
  }

  std::vector<std::string> taken() {
    std::vector<std::string> result;
    for (const auto& each : effects.publishes)
      result.push_back(each.topic + ' ' + each.payload);
    effects.publishes.clear();
    if (effects.next_alarm)
      alarm = std::exchange(effects.next_alarm, std::nullopt);
    return result;
  }

  std::unique_ptr<participant> role;
  participant_effects effects;
  std::optional<time_point> alarm;
  time_point now = begin;
  bool started = false;
};

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("a generator publishes at its rate until its count is reached") {
  staged clock{read_generator, "topic = 't/{name}'\npayload = '{n} {time}'\nrate = 2\ncount = 3"};
  CHECK(clock.run(600ms) == texts{"t/me 1 1970-01-01T00:00:01.000Z", "t/me 2 1970-01-01T00:00:01.500Z"});
  CHECK(clock.run(10s) == texts{"t/me 3 1970-01-01T00:00:02.000Z"});
}

TEST_CASE("a generator's high rate comes in batches") {
  staged fast{read_generator, "topic = 't'\npayload = '{n}'\nrate = 10000"};
  auto published = fast.run(1s);
  CHECK(published.size() == 10'001);
  CHECK(published.back() == "t 10001");
}

TEST_CASE("a drifting value stays within its bounds and follows from its seed") {
  auto settings = "topic = 't'\npayload = '{value:3}'\nrate = 100\nvalue = { start = 5, step = 2, min = 4, max = 6 }";
  auto published = staged{read_generator, settings, 3}.run(10s);
  for (const auto& each : published) {
    auto value = std::stod(each.substr(2));
    CHECK(value >= 4);
    CHECK(value <= 6);
  }
  CHECK(published == staged{read_generator, settings, 3}.run(10s));
  CHECK(published != staged{read_generator, settings, 4}.run(10s));
}

TEST_CASE("a thermostat speaks at the first reading and when something changes") {
  staged control{read_thermostat, "filter = 's/+/t'\ntopic = 'heat/{1}'\ntarget = 21\nband = 1"};
  CHECK(control.hear("s/bath/t", "20") == texts{"heat/bath on"});
  CHECK(control.hear("s/bath/t", "21").empty());
  CHECK(control.hear("s/bath/t", "21.6") == texts{"heat/bath off"});
  CHECK(control.hear("s/bath/t", "20.6").empty());
  CHECK(control.hear("s/bath/t", "20.4") == texts{"heat/bath on"});
  CHECK(control.hear("s/hall/t", "30") == texts{"heat/hall off"});
  CHECK(control.hear("s/hall/t", "warm").empty());
}

TEST_CASE("a sensor warms up while its heater is on and cools down otherwise") {
  staged room{read_sensor, "topic = 't'\nstart = 20\noutside = 10\nnoise = 0\nheater = 'h'\nrate = 1"};
  CHECK(room.role->subscriptions().at(0).filter == "h");
  CHECK(room.run(0s) == texts{"t 20.0"});
  CHECK(room.run(1s) == texts{"t 19.8"});
  room.hear("h", "on");
  CHECK(room.run(1s) == texts{"t 20.2"});
  room.hear("h", "off");
  CHECK(room.run(1s) == texts{"t 20.0"});
}

TEST_CASE("an echo answers under another topic and not itself") {
  staged voice{read_echo, "filter = 'ask/#'\ntopic = 'answer/{1}'\npayload = '{payload}!'"};
  CHECK(voice.role->subscriptions().at(0).no_local);
  CHECK(voice.hear("ask/a/b", "hello") == texts{"answer/a/b hello!"});
}

TEST_CASE("a counter tells how many messages came and how fast") {
  staged sum{read_counter, "filter = '#'\ntopic = 'sum'\npayload = '{count} {rate}'\ninterval_s = 2"};
  CHECK(sum.run(0s).empty());
  for (int i = 0; i < 5; ++i)
    sum.hear("x", "y");
  CHECK(sum.run(2s) == texts{"sum 5 2.5"});
  CHECK(sum.run(2s) == texts{"sum 5 0.0"});
}

TEST_CASE("a logger prints what a terminal may show") {
  staged log{read_logger, "filter = '#'"};
  log.hear("a", "x\x1b[2J");
  CHECK(log.effects.lines == texts{"1970-01-01T00:00:01.000Z me: a x.[2J"});
}
