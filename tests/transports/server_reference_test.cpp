#include <actorbus/transports/server_reference.hpp>

#include <catch2/catch.hpp>

#include <string>

// Where a broker may send its clients, and where not.

namespace {

using namespace actorbus;

std::string resolved(std::string_view from, std::string_view reference) {
  const transports::transport_table table;
  auto url = transports::resolve_reference(table, from, reference);
  return url ? *url : "no: " + url.error();
}

} // namespace

TEST_CASE("a place without a scheme is reached by the transport in use") {
  CHECK(resolved("mqtt://one", "two") == "mqtt://two:1883");
  CHECK(resolved("tcp://one:7", "two:8") == "mqtt://two:8");
  CHECK(resolved("mqtts://one", "two") == "mqtts://two:8883");
  CHECK(resolved("wss://one/there", "two") == "wss://two:8084/there");
  CHECK(resolved("mqtt://one", "[fe80::1]:1884") == "mqtt://[fe80::1]:1884");
}

TEST_CASE("of several places the first that can be used is taken") {
  CHECK(resolved("mqtts://one", "mqtt://two  three:9 four") == "mqtts://three:9");
  CHECK(resolved("mqtt://one", "") == "no: the broker names no other server");
  CHECK(resolved("mqtt://one", "what://x unix:///y").starts_with("no: what://x: unknown transport 'what'"));
}

TEST_CASE("a client is sent to places that are as safe as where it came from") {
  CHECK(resolved("mqtt://one", "wss://two/x") == "wss://two:8084/x");
  CHECK(resolved("wss://one/x", "mqtts://two") == "mqtts://two:8883");
  CHECK(resolved("mem://one", "mem://two") == "mem://two");
  CHECK(resolved("mqtts://one", "mqtt://two") ==
        "no: mqtt://two: a client that came by TLS is not sent to where there is none");
  CHECK(resolved("wss://one/x", "ws://two/x") ==
        "no: ws://two/x: a client that came by TLS is not sent to where there is none");
  CHECK(resolved("mqtt://one", "unix:///socket") == "no: unix:///socket: a client is not sent from mqtt:// to unix://");
  CHECK(resolved("unix:///socket", "mqtts://two") == "no: mqtts://two: a client is not sent from unix:// to mqtts://");
}
