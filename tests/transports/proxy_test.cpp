#include "network.hpp"

#include "support/notation.hpp"

#include <mutex>

#include <actorbus/transports/address_list.hpp>
#include <actorbus/transports/proxy_header.hpp>

using namespace actorbus;
using namespace actorbus::transports;
using namespace actorbus::transports::testing;

namespace {

bytes from_notation(std::string_view text) {
  return conformance::bytes(text);
}

/// "size source common-name", or the fault, or "more".
std::string described(std::string_view text) {
  auto header = read_proxy_header(from_notation(text));
  if (!header.fault.empty())
    return std::string{header.fault};
  if (header.size == 0)
    return "more";
  return std::to_string(header.size) + ' ' + header.source + ' ' + header.common_name;
}

constexpr std::string_view signature = "0d0a0d0a000d0a515549540a ";

std::string version_2(std::string_view rest) {
  return std::string{signature} + std::string{rest};
}

} // namespace

TEST_CASE("version 1 of the PROXY protocol names the client") {
  CHECK(described("'PROXY TCP4 10.0.0.7 10.0.0.1 4711 1883' 0d0a 10") == "40 10.0.0.7:4711 ");
  CHECK(described("'PROXY TCP6 fd00::7 fd00::1 4711 1883' 0d0a") == "38 [fd00::7]:4711 ");
  CHECK(described("'PROXY UNKNOWN' 0d0a") == "15  ");
  CHECK(described("'PROXY UNKNOWN ffff::1 ffff::2 1 2' 0d0a") == "35  ");
}

TEST_CASE("version 1 of the PROXY protocol is refused where it is malformed") {
  CHECK(described("'PROXY TCP4 10.0.0.7 10.0.0.1 4711' 0d0a") == "a line that is none of the PROXY protocol");
  CHECK(described("'PROXY UDP4 10.0.0.7 10.0.0.1 4711 1883' 0d0a") == "a line that is none of the PROXY protocol");
  CHECK(described("'PROXY TCP4 10.0.0.700 10.0.0.1 4711 1883' 0d0a") == "a line with an address that is none");
  CHECK(described("'PROXY TCP4 fd00::7 fd00::1 4711 1883' 0d0a") == "a line with an address that is none");
  CHECK(described("'PROXY TCP4 10.0.0.7 10.0.0.1 70000 1883' 0d0a") == "a line with an address that is none");
  CHECK(described("'PROXY TCP4 10.0.0.7 10.0.0.1 04711 1883' 0d0a") == "a line with an address that is none");
  CHECK(described("'PROXY ' { 'x' }*101") == "a line without an end");
  CHECK(described("'PROXY UNKNOWN ' { 'x' }*92 0d0a") == "a line that is too long");
  CHECK(described("10 0d 0004") == "no header of the PROXY protocol");
  CHECK(described("'PROXX'") == "no header of the PROXY protocol");
}

TEST_CASE("version 2 of the PROXY protocol names the client") {
  // PROXY, TCP over IPv4, 12 bytes: 10.0.0.7:4711 to 10.0.0.1:1883
  CHECK(described(version_2("21 11 000c 0a000007 0a000001 1267 075b 10")) == "28 10.0.0.7:4711 ");
  // TCP over IPv6, 36 bytes
  CHECK(described(version_2("21 21 0024 fd00 {00}*13 07 fd00 {00}*13 01 1267 075b")) == "52 [fd00::7]:4711 ");
  // LOCAL: whatever stands there is skipped
  CHECK(described(version_2("20 00 0000")) == "16  ");
  CHECK(described(version_2("20 11 000c 0a000007 0a000001 1267 075b")) == "28  ");
  // a Unix socket at the proxy's side
  CHECK(described(version_2("21 31 00d8 {00}*216")) == "232  ");
}

TEST_CASE("version 2 of the PROXY protocol may name who a verified certificate is made out to") {
  // Values: type 20 (SSL), client flags, verify, then 22 (common name) 'anna'. An unknown value stands before.
  CHECK(described(version_2("21 11 001f 0a000007 0a000001 1267 075b e0 0001 00 20 000c 03 00000000 22 0004 'anna'")) ==
        "47 10.0.0.7:4711 anna");
  // shown on an earlier connection of the session only
  CHECK(described(version_2("21 11 001b 0a000007 0a000001 1267 075b 20 000c 05 00000000 22 0004 'anna'")) ==
        "43 10.0.0.7:4711 ");
  // not verified
  CHECK(described(version_2("21 11 001b 0a000007 0a000001 1267 075b 20 000c 03 00000001 22 0004 'anna'")) ==
        "43 10.0.0.7:4711 ");
}

TEST_CASE("version 2 of the PROXY protocol is refused where it is malformed") {
  CHECK(described(version_2("11 11 000c 0a000007 0a000001 1267 075b")) ==
        "a version, command or family that there is not");
  CHECK(described(version_2("22 11 000c 0a000007 0a000001 1267 075b")) ==
        "a version, command or family that there is not");
  CHECK(described(version_2("21 41 000c 0a000007 0a000001 1267 075b")) ==
        "a version, command or family that there is not");
  CHECK(described(version_2("21 11 000b 0a000007 0a000001 1267 07")) == "a header that is too short for its addresses");
  CHECK(described(version_2("21 11 1000")) == "a header that is too large");
  CHECK(described(version_2("21 11 000e 0a000007 0a000001 1267 075b 2000")) == "a header with values that don't fit");
  CHECK(described(version_2("21 11 0010 0a000007 0a000001 1267 075b 20 0001 03")) ==
        "a header with values that don't fit");
}

TEST_CASE("a header of the PROXY protocol that is cut anywhere needs more") {
  for (const auto& whole : {from_notation("'PROXY TCP4 10.0.0.7 10.0.0.1 4711 1883' 0d0a"),
                            from_notation(version_2("21 11 000c 0a000007 0a000001 1267 075b"))})
    for (std::size_t size = 1; size < whole.size(); ++size) {
      auto header = read_proxy_header(std::span{whole}.first(size));
      CHECK(header.size == 0);
      CHECK(header.fault.empty());
    }
}

TEST_CASE("addresses and networks are told apart") {
  auto list = address_list::parse({"10.0.0.0/8", "192.168.1.7", "fd00::/9", "::1"});
  REQUIRE(list);
  for (const auto* in : {"10.0.0.1", "10.255.255.255:99", "192.168.1.7", "::ffff:10.1.1.1", "fd7f::1", "[fd00::1]:80",
                         "[::1]:1", "[::ffff:10.0.0.1]:7"}) {
    INFO(in);
    auto address = parse_host_address(in);
    REQUIRE(address);
    CHECK(list->contains(*address));
  }
  for (const auto* out : {"11.0.0.1", "192.168.1.8", "fd80::1", "::2"}) {
    INFO(out);
    CHECK_FALSE(list->contains(*parse_host_address(out)));
  }
  CHECK(list->contains("10.0.0.1:99"));
  CHECK_FALSE(list->contains("anna (process 7)"));
  CHECK_FALSE(list->contains(""));
  for (const auto* wrong : {"", "localhost", "10.0.0", "10.0.0.0/33", "10.0.0.0/x", "fd00::/129", "10.0.0.0/"}) {
    INFO(wrong);
    auto parsed = address_list::parse({wrong});
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error() == "\"" + std::string{wrong} + "\" is no address or network, as 10.0.0.1 or 10.0.0.0/8 are");
  }
}

namespace {

struct proxied_network : network {
  proxied_network() {
    context.listener.proxy.enabled = true;
    context.listener.proxy.trusted = {"127.0.0.1"};
    context.report = [this](const std::string& line) {
      std::lock_guard guard{mutex};
      reported = line;
    };
  }
  ~proxied_network() {
    if (listener) { // what the report needs goes first
      stop_listening();
      broker.wait_for_end(listener);
      listener = nullptr;
    }
  }

  /// @returns how the listener's line about a peer ends
  std::string reason() {
    std::lock_guard guard{mutex};
    CHECK(context.counters->rejected == 1);
    return reported.substr(reported.rfind(": ", reported.rfind("PROXY") == std::string::npos
                                                    ? std::string::npos
                                                    : reported.rfind("PROXY") + 15) +
                           2);
  }

  std::mutex mutex;
  std::string reported;
};

bytes joined(const bytes& first, const bytes& second) {
  auto all = first;
  all.insert(all.end(), second.begin(), second.end());
  return all;
}

} // namespace

TEST_CASE("a proxy tells where the client came from, and its packets follow") {
  proxied_network at;
  auto peer = peer_socket::to(at.listen());
  auto header = GENERATE(from_notation("'PROXY TCP4 10.0.0.7 10.0.0.1 4711 1883' 0d0a"),
                         from_notation(version_2("21 11 000c 0a000007 0a000001 1267 075b")));
  SECTION("in one piece") {
    peer.write(joined(header, connect_packet()));
  }
  SECTION("a byte at a time") {
    for (auto byte : joined(header, connect_packet()))
      peer.write({&byte, 1});
  }
  auto request = at.broker.expect<open_session>();
  CHECK(request.channel.peer == "10.0.0.7:4711");
  CHECK(to_bytes(request.connect) == connect_packet());
  CHECK_FALSE(request.channel.identity);
  post(request.channel.channel, session_opened{at.client.handle(), protocol::protocol_version::v5, 1}, nullptr);
  auto large = publish_packet(200'000);
  peer.write(large);
  CHECK((at.client.expect_bytes(large.size()) == large));
  post(request.channel.channel, close_channel{}, nullptr);
  CHECK(peer.read_all().empty());
}

TEST_CASE("a proxy that speaks for itself keeps its own address") {
  proxied_network at;
  auto peer = peer_socket::to(at.listen());
  peer.write(joined(from_notation(version_2("20 00 0000")), connect_packet()));
  auto request = at.broker.expect<open_session>();
  CHECK(request.channel.peer.find("127.0.0.1:") == 0);
  post(request.channel.channel, close_channel{}, nullptr);
  CHECK(peer.read_all().empty());
}

TEST_CASE("the certificate that a proxy has verified is the identity where that is wanted") {
  proxied_network at;
  at.context.listener.proxy.subject_is_identity = GENERATE(true, false);
  auto peer = peer_socket::to(at.listen());
  peer.write(
      joined(from_notation(version_2("21 11 001b 0a000007 0a000001 1267 075b 20 000c 03 00000000 22 0004 'anna'")),
             connect_packet()));
  auto request = at.broker.expect<open_session>();
  REQUIRE((request.channel.identity != nullptr) == at.context.listener.proxy.subject_is_identity);
  if (request.channel.identity) {
    CHECK(request.channel.identity->name == "anna");
    CHECK(request.channel.identity->source == "certificate");
  }
  post(request.channel.channel, close_channel{}, nullptr);
  CHECK(peer.read_all().empty());
}

TEST_CASE("who is no trusted proxy is closed and counted") {
  proxied_network at;
  at.context.listener.proxy.trusted = {"10.0.0.0/8"};
  auto peer = peer_socket::to(at.listen());
  peer.end(); // whatever it has to say isn't read
  CHECK(peer.read_all().empty());
  CHECK(at.reason() == "it is no trusted proxy");
}

TEST_CASE("a client without the header is closed and counted") {
  proxied_network at;
  auto peer = peer_socket::to(at.listen());
  peer.write(connect_packet());
  CHECK(peer.read_all().empty());
  CHECK(at.reason() == "no header of the PROXY protocol");
}

TEST_CASE("a listener behind proxies must know which") {
  network at;
  at.context.listener.proxy.enabled = true;
  auto result = at.table.listen("mqtt://127.0.0.1:0", at.context);
  REQUIRE_FALSE(result);
  CHECK(result.error() == "cannot listen on mqtt://127.0.0.1:0: the PROXY protocol needs the addresses of the proxies "
                          "that are trusted");
}
