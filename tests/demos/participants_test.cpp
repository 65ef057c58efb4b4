#include <algorithm>
#include <cmath>
#include <numeric>

#include <catch2/catch.hpp>

#include "demos/staged_participant.hpp"

using namespace actorbus;
using namespace actorbus::demos;
using namespace std::chrono_literals;

using texts = std::vector<std::string>;
const auto begin = staged::begin;

TEST_CASE("a generator publishes at its rate until its count is reached") {
  staged clock{read_generator, "topic = 't/{name}'\npayload = '{n} {time}'\nrate = 2\ncount = 3"};
  CHECK(clock.run(600ms) == texts{"t/me 1 1970-01-01T00:00:01.000Z", "t/me 2 1970-01-01T00:00:01.500Z"});
  CHECK(clock.run(10s) == texts{"t/me 3 1970-01-01T00:00:02.000Z"});
}

TEST_CASE("a generator writes JSON and MessagePack whose members keep their types") {
  std::string_view fields = R"(
topic = 't'
fields = { n = '{n}', by = '{name}', half = '{n / 2:1}', on = true, list = [1, 2.5, 'x'], deep = { label = 'no. {n}' } }
)";
  staged json{read_generator, fields};
  CHECK(json.run(0s) ==
        texts{R"(t {"n":1,"by":"me","half":0.5,"on":true,"list":[1,2.5,"x"],"deep":{"label":"no. 1"}})"});
  staged packed{read_generator, R"(
topic = 't'
format = 'msgpack'
fields = { n = '{n}', ok = true, name = 'a' }
)"};
  CHECK(packed.run(0s) == texts{"t \x83\xa1n\x01\xa2ok\xc3\xa4name\xa1"
                                "a"});
}

TEST_CASE("a message says what its payload is, and what its file wants to be said") {
  staged json{read_generator, R"(
topic = 't'
fields = { n = '{n}' }
expiry_s = 60
response_topic = 'answers'
user_properties = { origin = 'test' }
)"};
  json.role->start(begin, json.effects);
  protocol::properties_view given = json.effects.publishes.at(0).properties;
  CHECK(given.text(protocol::property_id::content_type) == "application/json");
  CHECK(given.number(protocol::property_id::payload_format_indicator) == 1u);
  CHECK(given.number(protocol::property_id::message_expiry_interval) == 60u);
  CHECK(given.text(protocol::property_id::response_topic) == "answers");
  CHECK(given.text(protocol::property_id::user_property) == "origin");
  staged other{read_generator, "topic = 't'\nfields = {}\nformat = 'msgpack'\ncontent_type = 'application/x-own'"};
  other.role->start(begin, other.effects);
  given = other.effects.publishes.at(0).properties;
  CHECK(given.text(protocol::property_id::content_type) == "application/x-own");
  CHECK_FALSE(given.number(protocol::property_id::payload_format_indicator));
}

TEST_CASE("a generator fills payloads up to a size") {
  staged load{read_generator, "topic = 't'\npayload = '{n}'\npayload_size = 5\ncount = 1"};
  CHECK(load.run(0s) == texts{"t 1...."});
  staged longer{read_generator, "topic = 't'\npayload = 'longer'\npayload_size = 5\ncount = 1"};
  CHECK(longer.run(0s) == texts{"t longer"});
  staged bare{read_generator, "topic = 't'\npayload_size = 3\ncount = 1"};
  CHECK(bare.run(0s) == texts{"t ..."});
}

TEST_CASE("a value follows its function") {
  auto run = [](std::string_view value, duration span, std::string_view decimals = "2") {
    auto file = "topic = 't'\npayload = '{value:" + std::string{decimals} + "}'\nvalue = " + std::string{value};
    return staged{read_generator, file}.run(span);
  };
  CHECK(run("{ function = 'constant', value = 4.5 }", 1s) == texts{"t 4.50", "t 4.50"});
  CHECK(run("{ function = 'sine', min = 10, max = 20, period_s = 4 }", 4s) ==
        texts{"t 15.00", "t 20.00", "t 15.00", "t 10.00", "t 15.00"});
  CHECK(run("{ function = 'sine', min = 10, max = 20, period_s = 4, phase_s = 1 }", 1s) == texts{"t 20.00", "t 15.00"});
  CHECK(run("{ function = 'sawtooth', max = 4, period_s = 4 }", 4s, "0") == texts{"t 0", "t 1", "t 2", "t 3", "t 0"});
  CHECK(run("{ function = 'triangle', max = 4, period_s = 4 }", 4s, "0") == texts{"t 0", "t 2", "t 4", "t 2", "t 0"});
  CHECK(run("{ function = 'square', min = 1, max = 5, period_s = 4, duty = 0.25 }", 4s, "0") ==
        texts{"t 5", "t 1", "t 1", "t 1", "t 5"});
  CHECK(run("{ function = 'list', values = [3, 'open', 0.5] }", 3s) == texts{"t 3.00", "t open", "t 0.50", "t 3.00"});
}

TEST_CASE("a value by chance keeps to its distribution") {
  auto run = [](std::string_view value) {
    auto file = "topic = 't'\npayload = '{value:6}'\nrate = 1000\nvalue = " + std::string{value};
    std::vector<double> result;
    for (const auto& each : staged{read_generator, file}.run(10s))
      result.push_back(std::stod(each.substr(2)));
    return result;
  };
  auto mean = [](const std::vector<double>& of) {
    return std::accumulate(of.begin(), of.end(), 0.0) / static_cast<double>(of.size());
  };
  auto even = run("{ function = 'uniform', min = 2, max = 4 }");
  CHECK(*std::min_element(even.begin(), even.end()) >= 2);
  CHECK(*std::max_element(even.begin(), even.end()) <= 4);
  CHECK(mean(even) == Approx(3).margin(0.05));
  auto bell = run("{ function = 'normal', mean = 5, deviation = 2 }");
  CHECK(mean(bell) == Approx(5).margin(0.1));
  auto far = std::count_if(bell.begin(), bell.end(), [](double each) { return std::abs(each - 5) > 2; });
  CHECK(static_cast<double>(far) / static_cast<double>(bell.size()) ==
        Approx(0.3173).margin(0.03)); // beyond one deviation
  auto picked = run("{ function = 'choice', values = [1, 2, 3] }");
  for (double each : {1.0, 2.0, 3.0})
    CHECK(std::count(picked.begin(), picked.end(), each) == Approx(3333).margin(300));
}

TEST_CASE("value functions stand among the fields as well") {
  staged some{read_generator, R"(
topic = 't'
count = 2
value = { function = 'list', values = [7, 8] }
fields = { a = '{value}', b = { function = 'list', values = ['x', 'y'] }, c = [{ function = 'constant', value = 1 }] }
)"};
  CHECK(some.run(5s) == texts{R"(t {"a":7,"b":"x","c":[1.0]})", R"(t {"a":8,"b":"y","c":[1.0]})"});
}

TEST_CASE("a generator waits before its first message, if it is told to") {
  staged late{read_generator, "topic = 't'\npayload = '{n} {value:0}'\nafter_s = 2.5\ncount = 2\n"
                              "value = { function = 'sawtooth', max = 10, period_s = 10 }"};
  CHECK(late.run(2499ms).empty());
  CHECK(late.run(1ms) == texts{"t 1 0"});
  CHECK(late.run(1s) == texts{"t 2 1"});
}

TEST_CASE("a generator publishes in bursts") {
  staged bursts{read_generator, "topic = 't'\npayload = '{n}'\ninterval_s = 10\nburst = 3\ncount = 5"};
  CHECK(bursts.run(9s) == texts{"t 1", "t 2", "t 3"});
  CHECK(bursts.run(60s) == texts{"t 4", "t 5"});
}

TEST_CASE("a generator's rate grows along its ramp and stays there") {
  staged ramp{read_generator, "topic = 't'\npayload = '{n}'\nrate = 10\nrate_to = 30\nramp_s = 10"};
  CHECK(ramp.run(10s).size() == Approx(200).margin(2)); // a mean of 20 a second
  CHECK(ramp.run(10s).size() == Approx(300).margin(2));
  staged falling{read_generator, "topic = 't'\npayload = '{n}'\nrate = 30\nrate_to = 0.1\nramp_s = 10"};
  CHECK(falling.run(10s).size() == Approx(150).margin(3));
  CHECK(falling.run(100s).size() == Approx(10).margin(2));
}

TEST_CASE("a generator's pauses are left to chance and keep its rate") {
  auto count = [](std::string_view pattern, std::uint64_t seed) {
    auto file = "topic = 't'\npayload = '{n}'\nrate = 100\n" + std::string{pattern};
    std::vector<std::size_t> result;
    staged source{read_generator, file, seed};
    for (int i = 0; i < 100; ++i)
      result.push_back(source.run(1s).size());
    return result;
  };
  for (auto pattern : {"poisson = true", "jitter = 0.5"}) {
    auto counts = count(pattern, 1);
    CHECK(std::accumulate(counts.begin(), counts.end(), std::size_t{0}) == Approx(10'000).margin(400));
    CHECK(counts == count(pattern, 1));
    CHECK(counts != count(pattern, 2));
  }
  // Of a Poisson process the variance is as large as the mean.
  auto counts = count("poisson = true", 1);
  double squares = 0;
  for (auto each : counts)
    squares += (static_cast<double>(each) - 100) * (static_cast<double>(each) - 100);
  CHECK(squares / 100 == Approx(100).margin(50));
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
