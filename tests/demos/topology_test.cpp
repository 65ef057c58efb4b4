#include "topology_text.hpp"

#include <catch2/catch.hpp>

#include <filesystem>

#include "topology/toml_file.hpp"
#include "user_error.hpp"

using namespace actorbus;
using namespace actorbus::demos;
using namespace actorbus::demos::test;

namespace {

using lines = std::vector<std::string>;

} // namespace

TEST_CASE("a listener's own limits are the bus's but for those that it names") {
  faults found;
  auto read = read_topology(parse_toml(R"(
[[listener]]
url = "mqtt://127.0.0.1:0"
limits = { packet_size_bytes_max = 1000, connections_max = 7 }
[[listener]]
url = "unix:///tmp/bus"
[limits]
inflight_max = 20
)",
                                       found),
                            calendar, 1, found);
  REQUIRE(found.empty());
  REQUIRE(read.listeners[0].own_limits);
  CHECK(read.listeners[0].own_limits->packet_size_bytes_max == 1000);
  CHECK(read.listeners[0].own_limits->connections_max == 7);
  CHECK(read.listeners[0].own_limits->inflight_max == 20);
  CHECK(read.listeners[1].own_limits == nullptr);
  CHECK(read.limits.packet_size_bytes_max == limits{}.packet_size_bytes_max);
}

TEST_CASE("a listener can't bound what is the whole bus's") {
  CHECK(mistakes_in(R"([[listener]]
url = "mqtt://127.0.0.1:0"
[listener.limits]
sessions_max = 10
inflight_max = 0
retained_byts_max = 1
)") == lines{"4: [listener.limits]: sessions_max: is of the whole bus: it belongs to [limits]",
             "5: [listener.limits]: inflight_max: 0 is out of range: 1 to 65535",
             "6: [listener.limits]: unknown key \"retained_byts_max\"; did you mean \"retained_bytes_max\"?"});
}

TEST_CASE("a topology says who may come in, and what they may do") {
  faults found;
  auto read = read_topology(parse_toml(R"(
[auth]
password_file = "users"
server_reference = "other:1883"
server_moved = true
response_information = ""
[[listener]]
url = "mqtt://127.0.0.1:0"
allow_anonymous = true
[[listener]]
url = "mqtt://127.0.0.1:0"
allow_anonymous = false
identity_is_user = true
password_file = "others"
publish = "of/%u/#"
[[listener]]
url = "mqtt://127.0.0.1:0"
)",
                                       found),
                            calendar, 1, found);
  REQUIRE(found.empty());
  CHECK(read.auth.password_file == "users");
  CHECK(read.auth.server_reference == "other:1883");
  CHECK(read.auth.server_moved);
  CHECK(read.auth.response_information == "");
  REQUIRE(read.listeners.size() == 3);
  CHECK(read.listeners[0].allow_anonymous == true);
  CHECK(read.listeners[0].allowed == nullptr);
  CHECK(read.listeners[1].allow_anonymous == false);
  CHECK(read.listeners[1].identity_is_user);
  CHECK(read.listeners[1].password_file == "others");
  REQUIRE(read.listeners[1].allowed);
  CHECK(read.listeners[1].allowed->publish == std::vector<std::string>{"of/%u/#"});
  CHECK(read.listeners[1].allowed->subscribe.empty());
  CHECK(read.listeners[2].allow_anonymous == std::nullopt);
  CHECK(mistakes_in("[[listener]]\nurl = \"mqtt://127.0.0.1:0\"\npublish = [\"a/#/b\"]") ==
        lines{"3: listener: publish: \"a/#/b\": '#' is not the last level of the topic filter"});
}

TEST_CASE("a topology is read from its file") {
  faults found;
  auto read = read_topology(parse_toml(R"(
[bus]
seed = 9
[io]
threads = 2
[status]
interval_s = 3
[limits]
inflight_max = 20
[view]
filter = ["a/#", "b"]
interval_s = 0.5
rows = 4
[[listener]]
url = "mqtt://127.0.0.1:0"
[[participant]]
name = "clock"
kind = "generator"
topic = "clock"
payload = "{time}"
will = { topic = "clock/state", payload = "gone", qos = 1, retain = true, delay_s = 5, content_type = "text/plain" }
)",
                                       found),
                            calendar, 1, found);
  REQUIRE(found.empty());
  CHECK(read.seed == 9);
  CHECK(read.io_threads == 2);
  CHECK(read.status_interval_seconds == 3);
  CHECK(read.limits.inflight_max == 20);
  REQUIRE(read.view);
  CHECK(read.view->filters == lines{"a/#", "b"});
  CHECK(read.view->interval == std::chrono::milliseconds{500});
  CHECK(read.view->rows == 4);
  REQUIRE(read.listeners.size() == 1);
  CHECK(read.listeners[0].url == "mqtt://127.0.0.1:0");
  REQUIRE(read.participants.size() == 1);
  const auto& clock = read.participants[0];
  CHECK(clock.client.client_id == "clock");
  CHECK(clock.kind == "generator");
  CHECK(clock.topic == "clock");
  REQUIRE(clock.client.will);
  CHECK(clock.client.will->message.topic == "clock/state");
  CHECK(clock.client.will->message.payload == "gone");
  CHECK(clock.client.will->message.qos == protocol::qos::at_least_once);
  CHECK(clock.client.will->message.retain);
  CHECK(clock.client.will->delay_seconds == 5);
  CHECK(clock.client.will->message.properties.view().text(protocol::property_id::content_type) == "text/plain");
}

TEST_CASE("the topologies that come along have no mistakes") {
  std::size_t files = 0;
  for (const auto& each : std::filesystem::directory_iterator{"demos/topologies"})
    if (each.path().extension() == ".toml") {
      INFO(each.path().string());
      CHECK(mistakes_in(read_text_file(each.path().string())).empty());
      ++files;
    }
  CHECK(files > 10);
}

TEST_CASE("the examples of the page about participants have no mistakes") {
  auto page = read_text_file("docs/participants.md");
  std::string_view fence = "\n```toml\n";
  std::size_t examples = 0;
  for (auto begin = page.find(fence); begin != page.npos; begin = page.find(fence, begin)) {
    begin += fence.size();
    auto example = page.substr(begin, page.find("```", begin) - begin);
    CHECK(mistakes_in(example) == lines{});
    ++examples;
  }
  CHECK(examples >= 1);
}

TEST_CASE("all mistakes of a file are told, in its order, with the nearest valid name") {
  CHECK(mistakes_in(R"([limits]
inflight_max = 100000
inflght_max = 3
[view]
filter = "a#"
rows = "x"
[[listner]]
[[listener]]
url = "foo"
allow_anonymus = true
[[participant]]
name = "a"
kind = "generatr"
[[participant]]
name = "a"
kind = "thermostat"
topic = "x/{2}"
filter = "s/+"
target = "warm"
qos = 3
)") == lines{
           "2: [limits]: inflight_max: 100000 is out of range: 1 to 65535",
           "3: [limits]: unknown key \"inflght_max\"; did you mean \"inflight_max\"?",
           "5: [view]: filter: \"a#\": '#' is not the last level of the topic filter",
           "6: [view]: rows: must be a whole number",
           "7: topology: unknown key \"listner\"; did you mean \"listener\"?",
           "9: listener: url: foo: a URL is needed, as in mqtt://localhost:1883",
           "10: listener: unknown key \"allow_anonymus\"; did you mean \"allow_anonymous\"?",
           "13: participant \"a\": kind: no kind \"generatr\"; did you mean \"generator\"?",
           "14: participant \"a\": there is one already",
           "17: participant \"a\": topic: {2}: wildcards of the filter: 1",
           "19: participant \"a\": target: must be a number",
           "20: participant \"a\": qos: 3 is out of range: 0 to 2",
       });
}

TEST_CASE("what is missing is told at the table that lacks it") {
  CHECK(mistakes_in("[[participant]]\nkind = \"echo\"\ntopic = \"x\"\n") ==
        lines{"1: participant: \"name\" is missing", "1: participant: \"filter\" is missing"});
  CHECK(mistakes_in("[[listener]]\n") == lines{"1: listener: \"url\" is missing"});
}

TEST_CASE("a program's own kinds are known by their names") {
  struct quiet : participant {};
  participant_kinds kinds;
  kinds.add("barometer", [](settings_reader& from, const participant_context& context) {
    CHECK(context.name == "b");
    from.required_text("port");
    return std::make_unique<quiet>();
  });
  CHECK_THROWS_WITH(kinds.add("barometer", {}), "a kind of participant \"barometer\": there is one already");
  CHECK_THROWS_WITH(kinds.add("echo", {}), "a kind of participant \"echo\": there is one already");
  CHECK_THROWS_WITH(kinds.add("", {}), "a kind of participant \"\": it needs a name");
  faults found;
  auto file = parse_toml(R"([[participant]]
name = "b"
kind = "barometer"
prot = 5
[[participant]]
name = "c"
kind = "barometr"
)",
                         found);
  auto read = read_topology(file, calendar, 1, found, kinds);
  REQUIRE(found.size() == 3);
  CHECK(found[0].what == "participant \"b\": \"port\" is missing");
  CHECK(found[1].what == "participant \"b\": unknown key \"prot\"; did you mean \"port\"?");
  CHECK(found[2].what == "participant \"c\": kind: no kind \"barometr\"; did you mean \"barometer\"?");
  CHECK(dynamic_cast<quiet*>(read.participants.at(0).role.get()));
  CHECK(dynamic_cast<quiet*>(read.participants.at(0).revive(1).get()));
}

TEST_CASE("a listener in memory, or one that is there already, is a mistake") {
  CHECK(mistakes_in(R"([[listener]]
url = "mem://bus"
[[listener]]
url = "mqtt://127.0.0.1:18830"
[[listener]]
url = "mqtt://127.0.0.1:18830"
[[listener]]
url = "ws://127.0.0.1:0/mqtt"
[[listener]]
url = "ws://127.0.0.1:0/mqtt"
)") == lines{
           "2: listener: url: mem://bus: who meets in memory needs no listener; leave it out",
           "5: listener \"mqtt://127.0.0.1:18830\": there is one already",
       });
}

TEST_CASE("a file that is no TOML is told by its first bad line") {
  auto found = mistakes_in("[bus]\nseed = \n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].starts_with("2: "));
}

TEST_CASE("a setting of the command line stands over the file's") {
  faults found;
  auto tables = parse_toml("[limits]\ninflight_max = 10\n", found);
  override_setting(tables, "limits.inflight_max=20");
  override_setting(tables, "io.threads=3");
  override_setting(tables, "view.interval_s=0.25");
  override_setting(tables, "view.filter=a/#");
  auto read = read_topology(tables, calendar, 1, found);
  CHECK(found.empty());
  CHECK(read.limits.inflight_max == 20);
  CHECK(read.io_threads == 3);
  REQUIRE(read.view);
  CHECK(read.view->interval == std::chrono::milliseconds{250});
  CHECK(read.view->filters == lines{"a/#"});
}

TEST_CASE("a setting that is none is refused") {
  setting::table tables;
  for (auto text : {"limits", "limits=3", ".x=3", "limits.=3", "limits.inflight_max"})
    CHECK_THROWS_AS(override_setting(tables, text), user_error);
  faults found;
  tables = parse_toml("[[listener]]\nurl = \"mqtt://127.0.0.1:0\"\n", found);
  CHECK_THROWS_AS(override_setting(tables, "listener.url=x"), user_error);
}

TEST_CASE("the file of a Unix socket gets mode, owner and group") {
  faults found;
  auto read = read_topology(parse_toml(R"(
[[listener]]
url = "unix:///run/bus"
mode = "0660"
owner = "anna"
group = "bus"
)",
                                       found),
                            calendar, 1, found);
  REQUIRE(found.empty());
  const auto& file = read.listeners.at(0).transport.socket_file;
  CHECK(file.mode == 0660);
  CHECK(file.owner == "anna");
  CHECK(file.group == "bus");
  CHECK(mistakes_in("[[listener]]\nurl = \"unix:///run/bus\"\nmode = \"rw\"\n") ==
        lines{"3: listener: mode: must be permissions in octal digits, as in \"0660\""});
  CHECK(mistakes_in("[[listener]]\nurl = \"mqtt://:0\"\nowner = \"anna\"\n") ==
        lines{"3: listener: owner: is for Unix sockets only"});
}

TEST_CASE("a listener gets what its transport needs") {
  faults found;
  auto read = read_topology(parse_toml(R"(
[[listener]]
url = "mqtts://:0"
cert = ["a.pem", "b.pem"]
key = ["a.key", "b.key"]
ca = "ca.pem"
crl = "gone.pem"
require_certificate = true
identity = "subject"
psk_file = "keys"
tls_version = "1.3"
ciphers = "x"
cipher_suites = "y"
proxy_protocol = true
proxy_identity = true
trusted = "10.0.0.0/8"
[[listener]]
url = "ws://:0/mqtt"
paths = ["/mqtt", "/ws"]
origins = ["https://a.test"]
trusted = ["127.0.0.1"]
)",
                                       found),
                            calendar, 1, found);
  REQUIRE(found.empty());
  REQUIRE(read.listeners.size() == 2);
  const auto& tls = read.listeners[0].transport.tls;
  REQUIRE(tls.certificates.size() == 2);
  CHECK(tls.certificates[1].chain_file == "b.pem");
  CHECK(tls.certificates[1].key_file == "b.key");
  CHECK(tls.ca_file == "ca.pem");
  CHECK(tls.crl_file == "gone.pem");
  CHECK(tls.require_certificate);
  CHECK(tls.whole_subject);
  CHECK(tls.psk_file == "keys");
  CHECK(tls.version_min == transports::tls_version::v1_3);
  CHECK(tls.ciphers == "x");
  CHECK(tls.cipher_suites == "y");
  const auto& proxy = read.listeners[0].transport.proxy;
  CHECK(proxy.enabled);
  CHECK(proxy.subject_is_identity);
  CHECK(proxy.trusted == lines{"10.0.0.0/8"});
  const auto& web = read.listeners[1].transport.web;
  CHECK(web.paths == lines{"/mqtt", "/ws"});
  CHECK(web.origins == lines{"https://a.test"});
  CHECK(web.trusted == lines{"127.0.0.1"});
}

TEST_CASE("mistakes of a listener's transport are told with their line") {
  CHECK(mistakes_in(R"([[listener]]
url = "mqtts://:0"
[[listener]]
url = "wss://:0"
cert = "a.pem"
[[listener]]
url = "mqtts://:0"
psk_file = "keys"
require_certificate = true
tls_version = "1.1"
identity = "name"
[[listener]]
url = "mqtt://:0"
cert = "a.pem"
paths = ["/x"]
proxy_protocol = true
[[listener]]
url = "ws://:0"
paths = ["x"]
trusted = ["home"]
[[listener]]
url = "unix:///run/bus"
proxy_protocol = true
[[listener]]
url = "mqtts://:0"
psk_file = "keys"
cipher = "x"
)") == lines{
           "1: listener: TLS needs \"cert\" and \"key\", or \"psk_file\"",
           "3: listener: 1 certificates and 0 keys: each needs the other",
           "9: listener: require_certificate: needs \"ca\", to check them with",
           "10: listener: tls_version: must be \"1.2\" or \"1.3\"",
           "11: listener: identity: must be \"common_name\" or \"subject\"",
           "14: listener: cert: is for mqtts and wss only",
           "15: listener: paths: is for ws and wss only",
           "16: listener: proxy_protocol: needs \"trusted\", the addresses of the proxies",
           "19: listener: paths: \"x\" must begin with /",
           "20: listener: trusted: \"home\" is no address or network, as 10.0.0.1 or 10.0.0.0/8 are",
           "23: listener: proxy_protocol: is for TCP and what lies over it only",
           "27: listener: unknown key \"cipher\"; did you mean \"ciphers\"?",
       });
}
