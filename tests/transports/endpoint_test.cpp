#include <catch2/catch.hpp>

#include <actorbus/transports/transport_table.hpp>

using namespace actorbus::transports;

namespace {

struct good_url {
  const char* url;
  const char* scheme;
  const char* host;
  unsigned port;
  const char* rest; ///< path or name
};

// clang-format off
const good_url good_urls[] = {
    {"mqtt://localhost",              "mqtt",  "localhost",  1883, ""},
    {"tcp://10.0.0.1:4711",           "mqtt",  "10.0.0.1",   4711, ""},
    {"MQTT://Host/",                  "mqtt",  "Host",       1883, ""},
    {"mqtt://[::1]",                  "mqtt",  "::1",        1883, ""},
    {"mqtt://[fe80::1%eth0]:0",       "mqtt",  "fe80::1%eth0",  0, ""},
    {"mqtt://:1884",                  "mqtt",  "",           1884, ""},
    {"mqtts://h",                     "mqtts", "h",          8883, ""},
    {"ssl://h:1",                     "mqtts", "h",             1, ""},
    {"ws://h",                        "ws",    "h",          8083, "/mqtt"},
    {"ws://h:80/",                    "ws",    "h",            80, "/mqtt"},
    {"wss://h/a/b",                   "wss",   "h",          8084, "/a/b"},
    {"unix:///run/actorbus.socket",   "unix",  "",              0, "/run/actorbus.socket"},
    {"unix://@actorbus",              "unix",  "",              0, "@actorbus"},
    {"shm://cell",                    "shm",   "",              0, "cell"},
    {"mem://home",                    "mem",   "",              0, "home"},
};

const char* const bad_urls[][2] = {
    {"localhost:1883",          "localhost:1883: a URL is needed, as in mqtt://localhost:1883"},
    {"",                        ": a URL is needed, as in mqtt://localhost:1883"},
    {"mqtt://h:99999",          "mqtt://h:99999: '99999' is no port: a number from 0 to 65535 is"},
    {"mqtt://h:",               "mqtt://h:: '' is no port: a number from 0 to 65535 is"},
    {"mqtt://h:1x",             "mqtt://h:1x: '1x' is no port: a number from 0 to 65535 is"},
    {"mqtt://::1",              "mqtt://::1: an IPv6 address must stand in brackets, as in mqtt://[::1]:1883"},
    {"mqtt://[::1",             "mqtt://[::1: the address has no closing ']'"},
    {"mqtt://[::1]1883",        "mqtt://[::1]1883: only a port may follow ']'"},
    {"mqtt://h/topic",          "mqtt://h/topic: no path may follow the port"},
    {"mqtt://a b",              "mqtt://a b: the host's name has a blank in it"},
    {"mqtt://u%4:p@h",          "mqtt://u%4:p@h: user and password: '%' must be followed by two hexadecimal digits"},
    {"unix://relative",         "unix://relative: an absolute path is needed, as in unix:///run/actorbus"},
    {"mem://",                  "mem://: a name is needed, as in mem://home"},
};
// clang-format on

} // namespace

TEST_CASE("URLs are taken apart") {
  transport_table table;
  for (const auto& row : good_urls) {
    INFO(row.url);
    auto at = table.parse(row.url);
    REQUIRE(at);
    CHECK(at->scheme == row.scheme);
    CHECK(at->host == row.host);
    CHECK(at->port == row.port);
    CHECK(at->path + at->name == row.rest);
    CHECK(at->user.empty());
    CHECK_FALSE(at->password);
  }
}

TEST_CASE("what is wrong with a URL is told in one line that names it") {
  transport_table table;
  for (const auto& row : bad_urls) {
    auto at = table.parse(row[0]);
    REQUIRE_FALSE(at);
    CHECK(at.error() == row[1]);
  }
}

TEST_CASE("user and password may hold any character, escaped") {
  transport_table table;
  auto at = table.parse("mqtt://anna%40home:p%3a%2F@host:1");
  REQUIRE(at);
  CHECK(at->user == "anna@home");
  CHECK(at->password == "p:/");
  CHECK(at->host == "host");
  CHECK(to_string(*at) == "mqtt://host:1");
  auto user_only = table.parse("mqtt://anna@host");
  REQUIRE(user_only);
  CHECK(user_only->user == "anna");
  CHECK_FALSE(user_only->password);
}

TEST_CASE("a URL is written with brackets and port") {
  transport_table table;
  CHECK(to_string(*table.parse("mqtt://[::1]")) == "mqtt://[::1]:1883");
  CHECK(to_string(*table.parse("ws://h")) == "ws://h:8083/mqtt");
  CHECK(to_string(*table.parse("unix:///a")) == "unix:///a");
  CHECK(to_string(*table.parse("mem://a")) == "mem://a");
}

TEST_CASE("a transport of the user's own is found by its scheme") {
  transport_table table;
  std::string listened;
  table.add({.schemes = {"pigeon", "dove"},
             .form = endpoint_form::name,
             .listen = [&](const endpoint& at, const transport_context&) -> or_error<listening> {
               listened = at.name;
               return listening{};
             }});
  REQUIRE(table.find("dove"));
  CHECK(table.parse("dove://roof")->scheme == "pigeon");
  auto unknown = table.parse("crow://roof");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().find("unknown transport 'crow'; there are mqtt, tcp, ") != std::string::npos);
}
