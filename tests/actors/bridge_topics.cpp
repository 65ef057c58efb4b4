#include <actorbus/actors/bridge_options.hpp>
#include <actorbus/actors/bridge_trail.hpp>

#include <catch2/catch.hpp>

#include <string>

namespace actorbus::test {

namespace {

using enum bridge_direction;

std::string mapped(const bridge_topics& topics, std::string_view topic) {
  std::string result;
  return topics.map(topic, result) ? result : "[stays]";
}

std::string faults_of(const bridge_options& options) {
  std::string all;
  for (const auto& each : check(options))
    all += each.key + ": " + each.what + "\n";
  return all;
}

bridge_options valid_options() {
  bridge_options result;
  result.name = "plant";
  result.addresses = {"mqtt://a"};
  result.topics = {{.filter = "#"}};
  return result;
}

} // namespace

TEST_CASE("bridge topics go out and come in by prefixes", "[bridge][topics]") {
  std::vector<bridge_topic> lines{{.filter = "t/#", .direction = both, .local_prefix = "l/", .remote_prefix = "r/"}};
  auto out_map = bridge_topics::make(lines, out);
  auto in_map = bridge_topics::make(lines, in);
  CHECK(out_map.lines().front().subscription == "l/t/#");
  CHECK(in_map.lines().front().subscription == "r/t/#");
  CHECK(mapped(out_map, "l/t/x") == "r/t/x");
  CHECK(mapped(in_map, "r/t/x") == "l/t/x");
  CHECK(mapped(out_map, "t/x") == "[stays]");
}

TEST_CASE("bridge topics are rewritten with captures and back", "[bridge][topics]") {
  std::vector<bridge_topic> lines{{.filter = "plant/+/temp",
                                   .direction = both,
                                   .local_prefix = "l/",
                                   .remote_prefix = "r/",
                                   .rewrite = "eu/{1}/temperature"}};
  auto in_map = bridge_topics::make(lines, in);
  CHECK(mapped(bridge_topics::make(lines, out), "l/plant/7/temp") == "r/eu/7/temperature");
  CHECK(in_map.lines().front().subscription == "r/eu/+/temperature");
  CHECK(mapped(in_map, "r/eu/7/temperature") == "l/plant/7/temp");
}

TEST_CASE("bridge topics that go one way lie on the side they come from", "[bridge][topics]") {
  std::vector<bridge_topic> lines{
      {.filter = "a/+", .direction = in, .local_prefix = "l/", .remote_prefix = "r/", .rewrite = "b/{1}"}};
  CHECK(mapped(bridge_topics::make(lines, in), "r/a/x") == "l/b/x");
  CHECK(bridge_topics::make(lines, out).lines().empty());
}

TEST_CASE("bridge topics that are excluded stay, seen from both sides", "[bridge][topics]") {
  std::vector<bridge_topic> lines{{.filter = "a/#",
                                   .direction = both,
                                   .local_prefix = "l/",
                                   .rewrite = "b/{1}",
                                   .exclude = {"a/secret/#", "a/+/raw"}}};
  auto out_map = bridge_topics::make(lines, out);
  auto in_map = bridge_topics::make(lines, in);
  CHECK(mapped(out_map, "l/a/secret/x") == "[stays]");
  CHECK(mapped(out_map, "l/a/x/raw") == "[stays]");
  CHECK(mapped(out_map, "l/a/x") == "b/x");
  CHECK(mapped(in_map, "b/secret/x") == "[stays]");
  CHECK(mapped(in_map, "b/x/raw") == "[stays]");
  CHECK(mapped(in_map, "b/x") == "l/a/x");
}

TEST_CASE("bridge topics take the first line that matches", "[bridge][topics]") {
  std::vector<bridge_topic> lines{{.filter = "a/+", .rewrite = "first/{1}"}, {.filter = "#", .rewrite = "second/{1}"}};
  auto out_map = bridge_topics::make(lines, out);
  CHECK(mapped(out_map, "a/x") == "first/x");
  CHECK(mapped(out_map, "a/x/y") == "second/a/x/y");
}

TEST_CASE("bridge topics put a prefix behind the share name", "[bridge][topics]") {
  std::vector<bridge_topic> lines{
      {.filter = "$share/g/a/#", .direction = in, .local_prefix = "l/", .remote_prefix = "r/"}};
  auto in_map = bridge_topics::make(lines, in);
  CHECK(in_map.lines().front().subscription == "$share/g/r/a/#");
  CHECK(mapped(in_map, "r/a/x") == "l/a/x");
}

TEST_CASE("bridge topics know the way back for an answer", "[bridge][topics]") {
  std::vector<bridge_topic> lines{{.filter = "answers/#", .direction = in, .rewrite = "from-eu/{1}"}};
  std::string result;
  REQUIRE(bridge_topics::make(lines, in).way_back("from-eu/7", result));
  CHECK(result == "answers/7");
  CHECK_FALSE(bridge_topics::make(lines, in).way_back("elsewhere/7", result));
}

TEST_CASE("bridge options without a mistake have none", "[bridge][options]") {
  CHECK(faults_of(valid_options()).empty());
}

TEST_CASE("bridge options name every mistake and its key", "[bridge][options]") {
  bridge_options options;
  options.name = "a/b";
  options.topics = {{.filter = "a/#/b"}, {.filter = "+/+", .direction = both, .rewrite = "{1}-{2}"}};
  options.inflight_max = 0;
  options.retry_min = std::chrono::milliseconds{500};
  options.retry_max = std::chrono::milliseconds{100};
  auto found = faults_of(options);
  CHECK(found.find("name: must have no '/', '+', '#' and ','") != std::string::npos);
  CHECK(found.find("address: is needed") != std::string::npos);
  CHECK(found.find("filter: \"a/#/b\"") != std::string::npos);
  CHECK(found.find("rewrite: \"{1}-{2}\": can't be read backwards") != std::string::npos);
  CHECK(found.find("inflight_max: must be at least 1") != std::string::npos);
  CHECK(found.find("retry_max_s: must not be less than retry_min_s") != std::string::npos);
}

TEST_CASE("bridge options refuse a password alone before version 5 [v3:MQTT-3.1.2-22]", "[bridge][options]") {
  auto options = valid_options();
  options.password = "secret";
  CHECK(faults_of(options).empty());
  options.version = protocol::protocol_version::v3_1_1;
  CHECK(faults_of(options) == "password: needs a user name before MQTT 5\n");
}

TEST_CASE("bridge trails name the buses that a message has left", "[bridge][trail]") {
  CHECK(trail_length("") == 0);
  CHECK(trail_length("a") == 1);
  CHECK(trail_length("a,b,c") == 3);
  CHECK(trail_has("a,bb,c", "bb"));
  CHECK(trail_has("a,bb,c", "c"));
  CHECK_FALSE(trail_has("a,bb,c", "b"));
  CHECK_FALSE(trail_has("", "a"));
  CHECK_FALSE(trail_has("a", ""));
}

} // namespace actorbus::test
