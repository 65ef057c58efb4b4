#include "topology_text.hpp"

#include <catch2/catch.hpp>

#include "topology/toml_file.hpp"

using namespace actorbus;
using namespace actorbus::demos;
using namespace actorbus::demos::test;

namespace {

topology read(std::string_view text, faults& found) {
  auto tables = parse_toml(text, found);
  return read_topology(tables, calendar, 1, found);
}

using lines = std::vector<std::string>;

} // namespace

TEST_CASE("a bridge is read from a topology's file") {
  faults found;
  auto result = read(R"(
[[bridge]]
name = "plant"
address = ["mqtt://a:1883", "mqtt://b:1884"]
version = "3.1.1"
client_id = "me"
user = "anna"
password = "secret"
keep_alive_s = 5
queue_messages = 7
queue_overflow = "push_back"
lazy = true
ca_file = "ca.pem"
retry_min_s = 0.5
[[bridge.topic]]
filter = "plant/+/temp"
direction = "both"
qos = 1
local_prefix = "l/"
remote_prefix = "r/"
rewrite = "eu/{1}/temperature"
exclude = "plant/0/temp"
)",
                     found);
  REQUIRE(found.empty());
  REQUIRE(result.bridges.size() == 1);
  const auto& bridge = result.bridges.front().bridge;
  CHECK(bridge.name == "plant");
  CHECK(bridge.addresses == lines{"mqtt://a:1883", "mqtt://b:1884"});
  CHECK(bridge.version == protocol::protocol_version::v3_1_1);
  CHECK(bridge.client_id == "me");
  CHECK(bridge.user_name == "anna");
  CHECK(bridge.password == "secret");
  CHECK(bridge.keep_alive_seconds == 5);
  CHECK(bridge.queue.messages_max == 7);
  CHECK(bridge.queue.overflow == queue_overflow::push_back);
  CHECK(bridge.lazy);
  CHECK(result.bridges.front().connector.tls.ca_file == "ca.pem");
  CHECK(bridge.retry_min == std::chrono::milliseconds{500});
  REQUIRE(bridge.topics.size() == 1);
  CHECK(bridge.topics.front().direction == bridge_direction::both);
  CHECK(bridge.topics.front().maximum_qos == protocol::qos::at_least_once);
  CHECK(bridge.topics.front().rewrite == "eu/{1}/temperature");
  CHECK(bridge.topics.front().exclude == lines{"plant/0/temp"});
}

TEST_CASE("a bridge's mistakes come with their lines and the nearest name") {
  CHECK(mistakes_in(R"([[bridge]]
name = "plant"
address = "mqtt://a"
adress = "mqtt://b"
version = "3.1.2"
[[bridge.topic]]
filter = "a/#"
direction = "outt"
)") == lines{R"(4: bridge "plant": unknown key "adress"; did you mean "address"?)",
             R"(5: bridge "plant": version: "3.1.2" is none of "auto", "5", "3.1.1", "3.1"; did you mean "3.1.1"?)",
             R"(8: bridge topic: direction: "outt" is none of "out", "in", "both"; did you mean "out"?)"});
}

TEST_CASE("a bridge without name, address and topics says what is needed") {
  CHECK(mistakes_in("[[bridge]]\n") == lines{"1: bridge: name: must not be empty",
                                             "1: bridge: address: is needed: the remote broker's URL",
                                             "1: bridge: topic: is needed: without one nothing is carried"});
}

TEST_CASE("a bridge whose rewriting can't work says why") {
  CHECK(mistakes_in(R"([[bridge]]
name = "plant"
address = "mqtt://a"
[[bridge.topic]]
filter = "a/+"
rewrite = "b/{2}"
)") == lines{R"(6: bridge topic: rewrite: "b/{2}": there is no {2}; "a/+" has 1 wildcard)"});
}

TEST_CASE("two bridges can't have one name") {
  const std::string one = "[[bridge]]\nname = \"x\"\naddress = \"mqtt://a\"\n[[bridge.topic]]\nfilter = \"#\"\n";
  CHECK(mistakes_in(one + one) == lines{R"(6: bridge "x": there is one already)"});
}
