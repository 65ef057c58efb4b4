#include "network.hpp"
#include "tls_peer.hpp"

#include "support/certificates.hpp"
#include "support/notation.hpp"

#include <algorithm>
#include <mutex>

#include <actorbus/transports/web_deflate.hpp>
#include <actorbus/transports/web_handshake.hpp>

using namespace actorbus;
using namespace actorbus::transports;
using namespace actorbus::transports::testing;

namespace {

struct web_network : network {
  web_network() {
    context.report = [this](const std::string& line) {
      std::lock_guard guard{mutex};
      reported = line;
    };
  }
  ~web_network() {
    if (listener) { // what the report needs goes first
      stop_listening();
      broker.wait_for_end(listener);
      listener = nullptr;
    }
  }

  std::uint16_t listen() { return network::listen("ws://127.0.0.1:0"); }

  std::string last_report() {
    std::lock_guard guard{mutex};
    return reported;
  }

  std::mutex mutex;
  std::string reported;
};

enum way { a_packet_a_frame, a_byte_a_frame, fragments_with_a_ping_between };

bytes text(std::string_view of) {
  return {of.begin(), of.end()};
}

/// The request of RFC 6455, 1.2, for MQTT.
std::string handshake(std::string_view more = "", std::string_view path = "/mqtt",
                      std::string_view protocols = "mqtt") {
  return "GET " + std::string{path} +
         " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: " +
         std::string{protocols} + "\r\n" + std::string{more} + "\r\n";
}

std::string read_head(peer_socket& from) {
  std::string head;
  while (head.find("\r\n\r\n") == std::string::npos) {
    auto byte = from.read(1);
    REQUIRE(byte.size() == 1);
    head += static_cast<char>(byte[0]);
  }
  return head;
}

/// A client's frame, masked with 00000000: its payload can be read.
bytes frame_of(const bytes& payload, std::uint8_t first = 0x82) {
  bytes result{first};
  if (payload.size() < 126) {
    result.push_back(static_cast<std::uint8_t>(0x80 | payload.size()));
  } else if (payload.size() <= 0xFFFF) {
    result.push_back(0xFE);
    result.push_back(static_cast<std::uint8_t>(payload.size() >> 8));
    result.push_back(static_cast<std::uint8_t>(payload.size()));
  } else {
    result.push_back(0xFF);
    for (int shift = 56; shift >= 0; shift -= 8)
      result.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(payload.size()) >> shift));
  }
  result.insert(result.end(), 4, 0);
  result.insert(result.end(), payload.begin(), payload.end());
  return result;
}

/// Payload of binary frames until there is so much.
bytes read_payload(peer_socket& from, std::size_t size) {
  bytes result;
  while (result.size() < size) {
    auto head = from.read(2);
    REQUIRE(head.size() == 2);
    REQUIRE(head[0] == 0x82);
    std::size_t length = head[1];
    REQUIRE(length < 128);
    if (length >= 126) {
      auto wide = from.read(length == 126 ? 2 : 8);
      length = 0;
      for (auto byte : wide)
        length = length << 8 | byte;
    }
    auto more = from.read(length);
    result.insert(result.end(), more.begin(), more.end());
  }
  return result;
}

/// A peer whose WebSocket is open.
peer_socket opened(std::uint16_t port, std::string_view request = handshake()) {
  auto peer = peer_socket::to(port);
  peer.write(text(request));
  auto head = read_head(peer);
  CHECK(head == "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n");
  return peer;
}

/// The whole answer to a request that opens nothing.
std::string answer_to(std::uint16_t port, std::string_view request) {
  auto peer = peer_socket::to(port);
  peer.write(text(request));
  auto all = peer.read_all();
  return {all.begin(), all.end()};
}

std::string status_of(const std::string& answer) {
  return answer.substr(0, answer.find("\r\n"));
}

std::string body_of(const std::string& answer) {
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

} // namespace

TEST_CASE("packets travel through WebSocket, whatever the frames [v3:MQTT-6.0.0-2] [v3:MQTT-6.0.0-4]") {
  web_network at;
  auto peer = opened(at.listen());
  auto connect = connect_packet();
  switch (GENERATE(a_packet_a_frame, a_byte_a_frame, fragments_with_a_ping_between)) {
  case a_packet_a_frame: peer.write(frame_of(connect)); break;
  case a_byte_a_frame:
    for (auto byte : connect)
      peer.write(frame_of({byte}));
    break;
  default:
    peer.write(frame_of({connect.begin(), connect.begin() + 3}, 0x02));
    peer.write(frame_of({'p'}, 0x89));
    peer.write(frame_of({connect.begin() + 3, connect.begin() + 4}, 0x00));
    peer.write(frame_of({connect.begin() + 4, connect.end()}, 0x80));
    CHECK(peer.read(3) == bytes{0x8A, 0x01, 'p'});
  }
  auto request = at.broker.expect<open_session>();
  CHECK(to_bytes(request.connect) == connect);
  CHECK(request.channel.transport == "ws");
  CHECK(request.channel.peer.find("127.0.0.1:") == 0);
  post(request.channel.channel, session_opened{at.client.handle(), protocol::protocol_version::v5, 1}, nullptr);
  for (std::size_t size : {1u, 130u, 17'000u, 700'000u}) {
    auto packet = publish_packet(size);
    peer.write(frame_of(packet));
    CHECK((at.client.expect_bytes(packet.size()) == packet));
    post(request.channel.channel, make_frame(packet), nullptr);
    CHECK((read_payload(peer, packet.size()) == packet));
  }
  SECTION("the broker closes") {
    post(request.channel.channel, close_channel{}, nullptr);
    CHECK(peer.read(4) == bytes{0x88, 0x02, 0x03, 0xE8});
    peer.write(frame_of({0x03, 0xE8}, 0x88));
    CHECK(peer.read_all().empty());
  }
  SECTION("the peer closes") {
    peer.write(frame_of({0x03, 0xE9}, 0x88));
    CHECK(peer.read_all() == bytes{0x88, 0x02, 0x03, 0xE9});
    at.client.expect<channel_closed>();
  }
  SECTION("the peer sends a last packet and closes, in one write") {
    auto last = frame_of(publish_packet(5));
    auto close = frame_of({}, 0x88);
    last.insert(last.end(), close.begin(), close.end());
    peer.write(last);
    CHECK(to_bytes(at.client.expect<frame>()) == publish_packet(5));
    at.client.expect<channel_closed>();
    CHECK(peer.read_all() == bytes{0x88, 0x00});
  }
  SECTION("the peer is cut off") {
    peer.close();
    at.client.expect<channel_closed>();
  }
}

TEST_CASE("packets that come right behind the handshake are not lost") {
  web_network at;
  auto peer = peer_socket::to(at.listen());
  auto all = text(handshake());
  auto packet = frame_of(connect_packet());
  all.insert(all.end(), packet.begin(), packet.end());
  peer.write(all);
  auto request = at.broker.expect<open_session>();
  CHECK(to_bytes(request.connect) == connect_packet());
  post(request.channel.channel, close_channel{}, nullptr);
}

TEST_CASE("a handshake that comes one byte at a time is understood") {
  web_network at;
  auto peer = peer_socket::to(at.listen());
  for (auto byte : text(handshake()))
    peer.write({&byte, 1});
  CHECK(read_head(peer).find("HTTP/1.1 101 ") == 0);
}

TEST_CASE("a peer that breaks the rules of WebSocket is told the reason and closed") {
  web_network at;
  auto peer = opened(at.listen());
  SECTION("a text frame [v3:MQTT-6.0.0-1]") {
    peer.write(frame_of(connect_packet(), 0x81));
    CHECK(peer.read_all() == bytes{0x88, 0x02, 0x03, 0xEB}); // 1003
  }
  SECTION("a frame without a mask") {
    peer.write(bytes{0x82, 0x01, 0x10});
    CHECK(peer.read_all() == bytes{0x88, 0x02, 0x03, 0xEA}); // 1002
  }
  SECTION("a frame larger than any packet") {
    peer.write(bytes{0x82, 0xFF, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0});
    CHECK(peer.read_all() == bytes{0x88, 0x02, 0x03, 0xF1}); // 1009
  }
}

TEST_CASE("an older client's name of the sub-protocol is answered with the same") {
  web_network at;
  auto peer = peer_socket::to(at.listen());
  peer.write(text(handshake("", "/mqtt", "mqttv3.1")));
  CHECK(read_head(peer).find("Sec-WebSocket-Protocol: mqttv3.1\r\n") != std::string::npos);
}

TEST_CASE("packing of messages is agreed on where the listener is told so, and the offer suits") {
  web_network at;
  at.context.listener.web.deflate = true;
  auto port = at.listen();
  auto answer_to_offer = [&](std::string_view offer) {
    auto peer = peer_socket::to(port);
    peer.write(text(handshake("Sec-WebSocket-Extensions: " + std::string{offer} + "\r\n")));
    auto head = read_head(peer);
    CHECK(status_of(head) == "HTTP/1.1 101 Switching Protocols");
    auto begin = head.find("Sec-WebSocket-Extensions: ");
    return begin == std::string::npos ? std::string{} : head.substr(begin, head.find("\r\n", begin) - begin);
  };
  const std::string agreed =
      "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover";
  CHECK(answer_to_offer("permessage-deflate") == agreed);
  CHECK(answer_to_offer("permessage-deflate; client_max_window_bits") == agreed);
  CHECK(answer_to_offer("permessage-deflate; server_max_window_bits=10, permessage-deflate") == agreed);
  CHECK(answer_to_offer("permessage-deflate; server_max_window_bits=10").empty());
  CHECK(answer_to_offer("permessage-deflate; surprise=1").empty());
  CHECK(answer_to_offer("x-webkit-deflate-frame").empty());
}

TEST_CASE("packed messages travel both ways, and others beside them") {
  web_network at;
  at.context.listener.web.deflate = true;
  auto peer = peer_socket::to(at.listen());
  peer.write(text(handshake("Sec-WebSocket-Extensions: permessage-deflate\r\n")));
  read_head(peer);
  auto packed = [](const bytes& what) {
    bytes result(what.size() + 100);
    result.resize(deflate_web_message(what, result));
    REQUIRE_FALSE(result.empty());
    return result;
  };
  auto connect = connect_packet();
  peer.write(frame_of(connect));
  auto request = at.broker.expect<open_session>();
  CHECK(to_bytes(request.connect) == connect);
  post(request.channel.channel, session_opened{at.client.handle(), protocol::protocol_version::v5, 1}, nullptr);
  auto plain = publish_packet(50);
  for (std::size_t size : {1'000u, 17'000u, 700'000u}) {
    auto packet = publish_packet(size);
    std::fill(packet.begin() + 20, packet.end(), 'x');
    auto small = packed(packet);
    CHECK(small.size() < size / 10);
    auto middle = small.begin() + static_cast<std::ptrdiff_t>(small.size() / 2);
    peer.write(frame_of({small.begin(), middle}, 0x42));
    peer.write(frame_of({'p'}, 0x89));
    peer.write(frame_of({middle, small.end()}, 0x80));
    peer.write(frame_of(plain));
    CHECK(peer.read(3) == bytes{0x8A, 0x01, 'p'});
    auto both = packet;
    both.insert(both.end(), plain.begin(), plain.end());
    CHECK((at.client.expect_bytes(both.size()) == both));
    // Back it comes in messages of their own, each packed.
    post(request.channel.channel, make_frame(packet), nullptr);
    bytes back;
    while (back.size() < packet.size()) {
      auto head = peer.read(2);
      REQUIRE(head[0] == 0xC2);
      std::size_t length = head[1];
      if (length == 126) {
        auto wide = peer.read(2);
        length = static_cast<std::size_t>(wide[0] << 8 | wide[1]);
      }
      web_inflater inflater;
      inflater.put(peer.read(length));
      inflater.finish();
      bytes piece(100'000);
      piece.resize(inflater.take(piece));
      CHECK(inflater.done());
      back.insert(back.end(), piece.begin(), piece.end());
    }
    CHECK((back == packet));
  }
  SECTION("what can't be unpacked ends the connection with the reason") {
    peer.write(frame_of({0xFF, 0xFF, 0xFF, 0xFF}, 0xC2));
    CHECK(peer.read_all() == bytes{0x88, 0x02, 0x03, 0xEF});
    at.client.expect<channel_closed>();
  }
}

TEST_CASE("an extension that is offered is not agreed on") {
  web_network at;
  auto peer = opened(at.listen(), handshake("Sec-WebSocket-Extensions: permessage-deflate\r\n"));
}

TEST_CASE("what is no handshake for MQTT is refused with the reason") {
  web_network at;
  at.context.listener.web.origins = {"https://home.test"};
  auto port = at.listen();
  auto refused = [&](std::string_view request, const std::string& status, const std::string& why) {
    auto answer = answer_to(port, request);
    CHECK(status_of(answer) == "HTTP/1.1 " + status);
    CHECK(body_of(answer) == why + '\n');
    auto report = at.last_report();
    CHECK(report.find(at.bound.url + ": 127.0.0.1:") == 0);
    CHECK(report.find(": HTTP: " + why) != std::string::npos);
  };
  SECTION("another path") {
    refused(handshake("", "/other"), "404 Not Found", "there is nothing at this path");
  }
  SECTION("no WebSocket") {
    refused("GET /mqtt HTTP/1.1\r\nHost: x\r\n\r\n", "426 Upgrade Required",
            "MQTT over WebSocket is here; nothing to look at");
  }
  SECTION("another method") {
    refused("POST /mqtt HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "405 Method Not Allowed",
            "only GET is understood");
  }
  SECTION("no sub-protocol of MQTT [v3:MQTT-6.0.0-3]") {
    refused(handshake("", "/mqtt", "chat"), "400 Bad Request", "the sub-protocol mqtt must be offered");
  }
  SECTION("another site's page") {
    refused(handshake("Origin: https://evil.test\r\n"), "403 Forbidden", "pages of https://evil.test may not connect");
  }
  SECTION("an old version of WebSocket") {
    auto request = handshake();
    request.replace(request.find("Version: 13"), 11, "Version: 8");
    refused(request, "426 Upgrade Required", "the version of WebSocket must be 13");
  }
  SECTION("a key that is none") {
    auto request = handshake();
    request.replace(request.find("dGhlIHNhbXBsZSBub25jZQ=="), 24, "abc");
    refused(request, "400 Bad Request", "the handshake's key must be 16 bytes in base 64");
  }
  SECTION("no HTTP") {
    refused("rubbish\r\n\r\n", "400 Bad Request", "not HTTP");
  }
  SECTION("a head that never ends") {
    refused("GET /mqtt HTTP/1.1\r\nX: " + std::string(9'000, 'x'), "431 Request Header Fields Too Large",
            "the request's head is too large");
  }
}

TEST_CASE("a page of a site that is allowed may connect, and what is no page") {
  web_network at;
  at.context.listener.web.origins = {"https://home.test"};
  auto port = at.listen();
  opened(port, handshake("Origin: https://home.test\r\n"));
  opened(port, handshake());
}

TEST_CASE("MQTT may be at several paths, beside pages of other kinds") {
  web_network at;
  at.context.listener.web.paths = {"/mqtt", "/ws"};
  at.context.listener.web.pages["/metrics"] = [] { return web_page{"text/plain", std::string(500'000, 'm')}; };
  auto port = at.listen();
  opened(port, handshake("", "/ws"));
  opened(port, handshake("", "/mqtt?a=b"));
  auto health = answer_to(port, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(status_of(health) == "HTTP/1.1 200 OK");
  CHECK(body_of(health) == "ok\n");
  auto metrics = answer_to(port, "GET /metrics HTTP/1.0\r\n\r\n");
  CHECK(status_of(metrics) == "HTTP/1.1 200 OK");
  CHECK((body_of(metrics) == std::string(500'000, 'm')));
  CHECK(metrics.find("Content-Length: 500000\r\n") != std::string::npos);
}

TEST_CASE("a trusted proxy says where a WebSocket came from") {
  web_network at;
  at.context.listener.web.trusted = {"127.0.0.1", "10.0.0.0/8"};
  auto way = std::string{GENERATE("X-Forwarded-For: 192.0.2.9, 203.0.113.7, 10.1.2.3\r\n",
                                  "X-Forwarded-For: 192.0.2.9\r\nX-Forwarded-For: 203.0.113.7\r\n")};
  auto peer = opened(at.listen(), handshake(way));
  peer.write(frame_of(connect_packet()));
  auto request = at.broker.expect<open_session>();
  CHECK(request.channel.peer == "203.0.113.7");
  post(request.channel.channel, close_channel{}, nullptr);
}

TEST_CASE("nobody else is believed about where it came from") {
  web_network at;
  at.context.listener.web.trusted = {"10.0.0.0/8"};
  auto peer = opened(at.listen(), handshake("X-Forwarded-For: 203.0.113.7\r\n"));
  peer.write(frame_of(connect_packet()));
  auto request = at.broker.expect<open_session>();
  CHECK(request.channel.peer.find("127.0.0.1:") == 0);
  post(request.channel.channel, close_channel{}, nullptr);
}

TEST_CASE("a client of this make reaches a broker through WebSocket, with and without TLS and packing") {
  web_network at;
  test::certificate_authority authority;
  authority.issue("server", {"localhost", "localhost"});
  at.context.listener.tls.certificates = {{authority.certificate("server"), authority.key("server")}};
  at.context.connector.tls.ca_file = authority.file();
  at.context.listener.web.deflate = at.context.connector.web.deflate = GENERATE(false, true);
  auto scheme = std::string{GENERATE("ws", "wss")};
  auto port = at.network::listen(scheme + "://127.0.0.1:0");
  auto connector = at.table.connect(scheme + "://localhost:" + std::to_string(port), at.context);
  REQUIRE(connector);
  post(*connector, opening(at.client, connect_packet()), nullptr);
  auto request = at.broker.expect<open_session>();
  CHECK(request.channel.transport == scheme);
  auto opened = at.client.expect<session_opened>();
  scripted_actor session{at.machine.system};
  post(request.channel.channel, session_opened{session.handle(), protocol::protocol_version::v3_1_1, 1}, nullptr);
  auto large = publish_packet(300'000);
  post(opened.session, make_frame(large), nullptr);
  CHECK((session.expect_bytes(large.size()) == large));
  post(request.channel.channel, make_frame(large), nullptr);
  CHECK((at.client.expect_bytes(large.size()) == large));
  SECTION("the client is done") {
    post(opened.session, channel_closed{}, nullptr);
    session.expect<channel_closed>();
  }
  SECTION("the broker closes") {
    post(request.channel.channel, close_channel{}, nullptr);
    CHECK(at.client.expect<close_channel>().text == "closed by the server");
  }
}

TEST_CASE("a client sends its sub-protocol, path and headers, and masks what it sends [v3:MQTT-6.0.0-3]") {
  web_network at;
  listening_peer there;
  at.context.connector.web.headers = {{"Authorization", "Bearer abc"}};
  auto connector = at.table.connect("ws://localhost:" + std::to_string(there.port()) + "/a/b", at.context);
  REQUIRE(connector);
  post(*connector, opening(at.client, connect_packet()), nullptr);
  auto server = there.accept();
  auto head = read_head(server);
  CHECK(head.find("GET /a/b HTTP/1.1\r\nHost: localhost:" + std::to_string(there.port()) + "\r\n") == 0);
  CHECK(head.find("\r\nSec-WebSocket-Protocol: mqtt\r\n") != std::string::npos); // [v3:MQTT-6.0.0-3]
  CHECK(head.find("\r\nAuthorization: Bearer abc\r\n") != std::string::npos);
  auto key = head.substr(head.find("Sec-WebSocket-Key: ") + 19, 24);
  server.write(text("HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: upgrade\r\n"
                    "Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Accept: " +
                    web_accept_of(key) + "\r\n\r\n"));
  auto header = server.read(6);
  CHECK(header[0] == 0x82);
  REQUIRE(header[1] == (0x80 | connect_packet().size()));
  auto payload = server.read(connect_packet().size());
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] ^= header[2 + i % 4];
  CHECK(payload == connect_packet());
  at.client.expect<session_opened>();
  server.close();
  at.client.expect<close_channel>();
}

TEST_CASE("a client is told why a server opens no WebSocket") {
  web_network at;
  listening_peer there;
  auto url = "ws://localhost:" + std::to_string(there.port()) + "/mqtt";
  auto connector = at.table.connect(url, at.context);
  REQUIRE(connector);
  post(*connector, opening(at.client, connect_packet()), nullptr);
  auto server = there.accept();
  auto key = read_head(server);
  key = key.substr(key.find("Sec-WebSocket-Key: ") + 19, 24);
  auto accept = web_accept_of(key);
  auto told = [&](const std::string& answer, const std::string& why) {
    server.write(text(answer));
    server.end();
    CHECK(at.client.expect<close_channel>().text == "cannot connect to " + url + ": " + why);
  };
  auto front = std::string{"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"};
  SECTION("no such path") {
    told("HTTP/1.1 404 Not Found\r\n\r\n", "the server answers 404 Not Found");
  }
  SECTION("no HTTP") {
    told("rubbish\r\n\r\n", "the server speaks no HTTP");
  }
  SECTION("a key that it didn't read") {
    told(front + "Sec-WebSocket-Accept: abc\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n",
         "the server's answer to the handshake of WebSocket is not right");
  }
  SECTION("another sub-protocol") {
    told(front + "Sec-WebSocket-Accept: " + accept + "\r\n\r\n", "the server does not choose the sub-protocol mqtt");
  }
  SECTION("an extension") {
    told(front + "Sec-WebSocket-Accept: " + accept +
             "\r\nSec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
         "the server wants an extension that it wasn't offered");
  }
  SECTION("nothing") {
    told("", "the server left in the middle of the handshake of WebSocket");
  }
  SECTION("a head that never ends") {
    told("HTTP/1.1 101 Yes\r\nX: " + std::string(9'000, 'x'), "the head of the server's answer is too large");
  }
}

TEST_CASE("a header with a line's end in it is not sent") {
  web_network at;
  at.context.connector.web.headers = {{"X", "a\r\nY: b"}};
  auto result = at.table.connect("ws://localhost", at.context);
  REQUIRE_FALSE(result);
  CHECK(result.error() == "ws://localhost:8083/mqtt: the header \"X\" is none that HTTP knows how to send");
}

TEST_CASE("the accept of RFC 6455's own example is right") {
  CHECK(web_accept_of("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}
