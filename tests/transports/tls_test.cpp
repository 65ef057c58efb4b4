#include "network.hpp"
#include "tls_peer.hpp"

#include "support/certificates.hpp"

#include <cstring>
#include <fstream>
#include <mutex>

#include <openssl/x509v3.h>

using namespace actorbus;
using namespace actorbus::transports;
using namespace actorbus::transports::testing;

namespace {

struct secure_network : network {
  explicit secure_network(const limits& bounds = {}) : network(2, bounds) {
    authority.issue("server", {"localhost", "localhost"});
    context.listener.tls.certificates = {{authority.certificate("server"), authority.key("server")}};
    context.connector.tls.ca_file = authority.file();
    context.report = [this](const std::string& line) {
      std::lock_guard guard{mutex};
      reported.push_back(line);
    };
  }

  ~secure_network() {
    if (listener) { // what the report needs goes first
      stop_listening();
      broker.wait_for_end(listener);
      listener = nullptr;
    }
  }

  std::uint16_t listen() { return network::listen("mqtts://127.0.0.1:0"); }

  tls_peer peer(std::uint16_t port, const std::function<void(SSL_CTX*)>& adjust = nullptr,
                const std::function<void(SSL*)>& adjust_connection = nullptr) {
    return tls_peer{peer_socket::to(port), adjust, adjust_connection};
  }

  /// Connects a client of the product's. @returns its request at the broker
  open_session connect(const std::string& url) {
    auto connector = table.connect(url, context);
    if (!connector)
      FAIL(connector.error());
    post(*connector, opening(client, connect_packet()), nullptr);
    return broker.expect<open_session>();
  }

  /// @returns why a client of the product's can't connect
  std::string refusal_of(const std::string& url) {
    auto connector = table.connect(url, context);
    if (!connector)
      FAIL(connector.error());
    post(*connector, opening(client, connect_packet()), nullptr);
    return client.expect<close_channel>().text;
  }

  std::string listen_failure() {
    auto result = table.listen("mqtts://127.0.0.1:0", context);
    REQUIRE_FALSE(result);
    return result.error();
  }

  /// The reason in the only line that was reported. Its peer is gone by now: what was to be told was.
  std::string reported_reason() {
    std::lock_guard guard{mutex};
    REQUIRE(reported.size() == 1);
    CHECK(context.counters->rejected == 1);
    auto line = reported.front();
    CHECK(line.find(bound.url + ": 127.0.0.1:") == 0);
    return line.substr(line.find(": ", bound.url.size() + 2) + 2);
  }

  std::string url(std::uint16_t port, const std::string& host = "localhost") {
    return "mqtts://" + host + ':' + std::to_string(port);
  }

  test::certificate_authority authority;
  std::mutex mutex;
  std::vector<std::string> reported;
};

/// The request of a peer that said CONNECT, whose channel is told to close.
std::shared_ptr<const peer_identity> identity_after_connect(secure_network& at, tls_peer& peer) {
  peer.write(connect_packet());
  auto request = at.broker.expect<open_session>();
  post(request.channel.channel, close_channel{}, nullptr);
  CHECK(peer.read_end() == "closed");
  return request.channel.identity;
}

const std::function<void(SSL_CTX*)> only_1_2 = [](SSL_CTX* context) {
  SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
};

} // namespace

TEST_CASE("packets travel through TLS of both versions") {
  secure_network at;
  auto version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  auto peer = at.peer(at.listen(), [&](SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, version);
    SSL_CTX_set_max_proto_version(context, version);
  });
  REQUIRE(peer.handshake().empty());
  CHECK(SSL_version(peer.ssl()) == version);
  peer.write(connect_packet());
  auto request = at.broker.expect<open_session>();
  CHECK(to_bytes(request.connect) == connect_packet());
  CHECK(request.channel.transport == "tls");
  CHECK(request.channel.peer.substr(0, 10) == "127.0.0.1:");
  CHECK_FALSE(request.channel.identity);
  post(request.channel.channel, session_opened{at.client.handle(), protocol::protocol_version::v5, 1}, nullptr);
  for (std::size_t size : {1u, 100u, 16'000u, 17'000u, 500'000u}) {
    auto packet = publish_packet(size);
    peer.write(packet);
    CHECK((at.client.expect_bytes(packet.size()) == packet));
    post(request.channel.channel, make_frame(packet), nullptr);
    CHECK((peer.read(packet.size()) == packet));
  }
  SECTION("the broker closes") {
    post(request.channel.channel, close_channel{}, nullptr);
    CHECK(peer.read_end() == "closed");
  }
  SECTION("the peer closes") {
    peer.end();
    at.client.expect<channel_closed>();
  }
  SECTION("the peer is cut off") {
    peer.close();
    at.client.expect<channel_closed>();
  }
}

TEST_CASE("small frames are joined to few records") {
  secure_network at;
  auto peer = at.peer(at.listen());
  REQUIRE(peer.handshake().empty());
  peer.write(connect_packet());
  auto request = at.broker.expect<open_session>();
  post(request.channel.channel, session_opened{at.client.handle(), protocol::protocol_version::v5, 1}, nullptr);
  // A frame large enough to be passed by reference lies between small ones.
  bytes all;
  caf::actor channel = request.channel.channel;
  for (std::size_t size : {10u, 20u, 5'000u, 30u, 20'000u, 40u}) {
    auto packet = publish_packet(size);
    all.insert(all.end(), packet.begin(), packet.end());
    post(channel, make_frame(packet), nullptr);
  }
  CHECK((peer.read(all.size()) == all));
  post(channel, close_channel{}, nullptr);
  CHECK(peer.read_end() == "closed");
}

TEST_CASE("a handshake and packets that come one byte at a time arrive whole") {
  secure_network at;
  auto port = at.listen();
  auto raw = peer_socket::to(port);
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl{SSL_new(context.get()), SSL_free};
  auto* in = BIO_new(BIO_s_mem());
  auto* out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), in, out);
  SSL_set_connect_state(ssl.get());
  auto flush = [&] {
    std::uint8_t byte = 0;
    while (BIO_read(out, &byte, 1) == 1)
      raw.write({&byte, 1});
  };
  while (SSL_do_handshake(ssl.get()) != 1) {
    REQUIRE(SSL_get_error(ssl.get(), -1) == SSL_ERROR_WANT_READ);
    flush();
    auto more = raw.read(1);
    REQUIRE(more.size() == 1);
    BIO_write(in, more.data(), 1);
  }
  auto packet = connect_packet();
  SSL_write(ssl.get(), packet.data(), static_cast<int>(packet.size()));
  flush();
  auto request = at.broker.expect<open_session>();
  CHECK(to_bytes(request.connect) == connect_packet());
  post(request.channel.channel, session_opened{at.client.handle(), protocol::protocol_version::v5, 1}, nullptr);
  auto large = publish_packet(40'000);
  SSL_write(ssl.get(), large.data(), static_cast<int>(large.size()));
  flush();
  CHECK((at.client.expect_bytes(large.size()) == large));
  raw.close();
  at.client.expect<channel_closed>();
}

TEST_CASE("a client of this make reaches a broker through TLS") {
  secure_network at;
  auto url = at.url(at.listen());
  auto request = at.connect(url);
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

TEST_CASE("a client refuses a server that it can't trust, and says why") {
  secure_network at;
  auto port = at.listen();
  auto refused = [&](const std::string& host, const std::string& why) {
    CHECK(at.refusal_of(at.url(port, host)) == "cannot connect to " + at.url(port, host) + ": " + why);
  };
  SECTION("another host's certificate") {
    refused("127.0.0.1", "the server's certificate is refused: IP address mismatch");
  }
  SECTION("an authority that it doesn't know") {
    test::certificate_authority other{"other authority"};
    at.context.connector.tls.ca_file = other.file();
    refused("localhost", "the server's certificate is refused: unable to get local issuer certificate");
  }
  SECTION("the system knows nothing of the authority") {
    at.context.connector.tls.ca_file = "";
    refused("localhost", "the server's certificate is refused: unable to get local issuer certificate");
  }
  SECTION("out of date") {
    at.authority.issue("server", {"localhost", "localhost", -9, -1});
    REQUIRE(at.bound.reload().empty());
    refused("localhost", "the server's certificate is refused: certificate has expired");
  }
  SECTION("not valid yet") {
    at.authority.issue("server", {"localhost", "localhost", 1, 3});
    REQUIRE(at.bound.reload().empty());
    refused("localhost", "the server's certificate is refused: certificate is not yet valid");
  }
}

TEST_CASE("a client that is told to be insecure accepts any certificate") {
  secure_network at;
  at.context.connector.tls = {};
  at.context.connector.tls.insecure = true;
  auto request = at.connect(at.url(at.listen(), "127.0.0.1"));
  at.client.expect<session_opened>();
  post(request.channel.channel, close_channel{}, nullptr);
  at.client.expect<close_channel>();
}

TEST_CASE("a client is told that the server speaks no TLS") {
  secure_network at;
  auto port = at.network::listen("mqtt://127.0.0.1:0");
  // A broker without TLS says nothing to a ClientHello and closes.
  auto url = at.url(port);
  CHECK(at.refusal_of(url) == "cannot connect to " + url + ": the server left in the middle of the handshake of TLS");
}

TEST_CASE("a server that answers TLS with something else is told apart") {
  secure_network at;
  listening_peer there;
  auto url = at.url(there.port());
  auto connector = at.table.connect(url, at.context);
  REQUIRE(connector);
  post(*connector, opening(at.client, connect_packet()), nullptr);
  auto server = there.accept();
  server.write(bytes{'H', 'T', 'T', 'P', '/', '1'});
  CHECK(at.client.expect<close_channel>().text == "cannot connect to " + url + ": the server speaks no TLS");
}

TEST_CASE("a server that says nothing is given up after the time for connecting") {
  limits bounds;
  bounds.connect_timeout_ms = 100;
  secure_network at{bounds};
  listening_peer there;
  auto url = at.url(there.port());
  CHECK(at.refusal_of(url).find("cannot connect to " + url + ": no answer within ") == 0);
}

TEST_CASE("a client that never finishes its handshake is closed") {
  limits bounds;
  bounds.connect_timeout_ms = 100;
  secure_network at{bounds};
  auto peer = peer_socket::to(at.listen());
  peer.write(bytes{0x16, 0x03, 0x01}); // the front of a ClientHello's record
  CHECK(peer.read_all().empty());
  CHECK(at.context.counters->expired == 1);
}

TEST_CASE("a listener turns away who speaks no TLS, and says so") {
  secure_network at;
  auto peer = peer_socket::to(at.listen());
  peer.write(connect_packet());
  CHECK(peer.read_all().empty());
  CHECK(at.reported_reason() == "the client speaks no TLS");
}

TEST_CASE("a listener turns away who leaves in the middle of the handshake") {
  secure_network at;
  auto peer = peer_socket::to(at.listen());
  peer.write(bytes{0x16, 0x03, 0x01});
  peer.end();
  CHECK(peer.read_all().empty());
  CHECK(at.reported_reason() == "the client left in the middle of the handshake of TLS");
}

TEST_CASE("a listener turns away old versions of TLS by an alert") {
  secure_network at;
  std::function<void(SSL_CTX*)> adjust;
  SECTION("1.1 is never allowed") {
    adjust = [](SSL_CTX* context) {
      SSL_CTX_set_security_level(context, 0);
      SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
    };
  }
  SECTION("1.2 where 1.3 is demanded") {
    at.context.listener.tls.version_min = tls_version::v1_3;
    adjust = only_1_2;
  }
  auto peer = at.peer(at.listen(), adjust);
  CHECK(peer.handshake() == "tlsv1 alert protocol version");
  peer.close();
  CHECK(at.reported_reason() == "the client speaks only versions of TLS that are not allowed");
}

TEST_CASE("a client is told when its versions of TLS are too old") {
  secure_network at;
  at.context.listener.tls.version_min = tls_version::v1_3;
  at.context.connector.tls.version = tls_version::v1_2;
  auto url = at.url(at.listen());
  CHECK(at.refusal_of(url) == "cannot connect to " + url + ": the server breaks off: protocol version");
}

TEST_CASE("ciphers are those that were asked for") {
  secure_network at;
  at.context.listener.tls.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384";
  at.context.listener.tls.cipher_suites = "TLS_CHACHA20_POLY1305_SHA256";
  auto port = at.listen();
  auto modern = at.peer(port);
  REQUIRE(modern.handshake().empty());
  CHECK(std::string{SSL_get_cipher_name(modern.ssl())} == "TLS_CHACHA20_POLY1305_SHA256");
  auto older = at.peer(port, only_1_2);
  REQUIRE(older.handshake().empty());
  CHECK(std::string{SSL_get_cipher_name(older.ssl())} == "ECDHE-ECDSA-AES256-GCM-SHA384");
}

TEST_CASE("the certificate is the one of the host that the client names") {
  secure_network at;
  at.authority.issue("other", {"other.test", "other.test"});
  at.context.listener.tls.certificates.push_back({at.authority.certificate("other"), at.authority.key("other")});
  auto port = at.listen();
  auto host_shown = [&](const char* named) {
    auto peer = at.peer(port, nullptr, [&](SSL* ssl) {
      if (named)
        SSL_set_tlsext_host_name(ssl, named);
    });
    REQUIRE(peer.handshake().empty());
    auto* shown = SSL_get0_peer_certificate(peer.ssl());
    return X509_check_host(shown, "other.test", 0, 0, nullptr) == 1 ? "other" : "first";
  };
  CHECK(host_shown("other.test") == std::string{"other"});
  CHECK(host_shown("localhost") == std::string{"first"});
  CHECK(host_shown("nobody.test") == std::string{"first"});
  CHECK(host_shown(nullptr) == std::string{"first"});
}

TEST_CASE("a client may ask for MQTT by ALPN, and for nothing else") {
  secure_network at;
  auto port = at.listen();
  SECTION("mqtt among others") {
    auto peer = at.peer(port, nullptr, [](SSL* ssl) {
      const std::uint8_t list[] = {2, 'h', '2', 4, 'm', 'q', 't', 't'};
      SSL_set_alpn_protos(ssl, list, sizeof list);
    });
    REQUIRE(peer.handshake().empty());
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(peer.ssl(), &chosen, &size);
    CHECK(std::string(reinterpret_cast<const char*>(chosen), size) == "mqtt");
  }
  SECTION("others only") {
    auto peer = at.peer(port, nullptr, [](SSL* ssl) {
      const std::uint8_t list[] = {2, 'h', '2'};
      SSL_set_alpn_protos(ssl, list, sizeof list);
    });
    CHECK(peer.handshake() == "tlsv1 alert no application protocol");
    peer.close();
    CHECK(at.reported_reason() == "the client asks for another protocol than MQTT (ALPN)");
  }
}

TEST_CASE("new connections get the new certificate, those there are stay") {
  secure_network at;
  auto port = at.listen();
  auto serial_shown = [](tls_peer& peer) {
    return ASN1_INTEGER_get(X509_get0_serialNumber(SSL_get0_peer_certificate(peer.ssl())));
  };
  auto before = at.peer(port);
  REQUIRE(before.handshake().empty());
  at.authority.issue("server", {"localhost", "localhost"});
  REQUIRE(at.bound.reload().empty());
  auto after = at.peer(port);
  REQUIRE(after.handshake().empty());
  CHECK(serial_shown(after) > serial_shown(before));
  CHECK_FALSE(identity_after_connect(at, before));
  SECTION("a file that is broken changes nothing") {
    std::ofstream{at.authority.certificate("server")} << "rubbish";
    CHECK(at.bound.reload() ==
          "certificate " + at.authority.certificate("server") + ": nothing of that kind in it (PEM is needed)");
    auto still = at.peer(port);
    REQUIRE(still.handshake().empty());
    CHECK(serial_shown(still) == serial_shown(after));
  }
}

// -- clients' certificates -------------------------------------------------------------------------

namespace {

std::function<void(SSL_CTX*)> showing(const test::certificate_authority& from, const std::string& name) {
  return [certificate = from.certificate(name), key = from.key(name)](SSL_CTX* context) {
    REQUIRE(SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) == 1);
  };
}

} // namespace

TEST_CASE("a certificate that holds says who the client is") {
  secure_network at;
  at.context.listener.tls.ca_file = at.authority.file();
  at.context.listener.tls.require_certificate = true;
  at.authority.issue("anna", {"anna", ""});
  SECTION("by its common name") {
    auto peer = at.peer(at.listen(), showing(at.authority, "anna"));
    REQUIRE(peer.handshake().empty());
    auto identity = identity_after_connect(at, peer);
    REQUIRE(identity);
    CHECK(identity->name == "anna");
    CHECK(identity->source == "certificate");
  }
  SECTION("by its whole subject") {
    at.context.listener.tls.whole_subject = true;
    auto peer = at.peer(at.listen(), showing(at.authority, "anna"));
    REQUIRE(peer.handshake().empty());
    auto identity = identity_after_connect(at, peer);
    REQUIRE(identity);
    CHECK(identity->name == "CN=anna,O=home");
  }
  SECTION("a client of this make shows its own") {
    at.context.connector.tls.chain_file = at.authority.certificate("anna");
    at.context.connector.tls.key_file = at.authority.key("anna");
    auto request = at.connect(at.url(at.listen()));
    REQUIRE(request.channel.identity);
    CHECK(request.channel.identity->name == "anna");
    at.client.expect<session_opened>();
    post(request.channel.channel, close_channel{}, nullptr);
    at.client.expect<close_channel>();
  }
  SECTION("a resumed session still knows") {
    auto port = at.listen();
    at.context.connector.tls.chain_file = at.authority.certificate("anna");
    at.context.connector.tls.key_file = at.authority.key("anna");
    auto connector = at.table.connect(at.url(port), at.context);
    REQUIRE(connector);
    for (int round = 0; round < 2; ++round) {
      post(*connector, opening(at.client, connect_packet()), nullptr);
      auto request = at.broker.expect<open_session>();
      REQUIRE(request.channel.identity);
      CHECK(request.channel.identity->name == "anna");
      at.client.expect<session_opened>();
      post(request.channel.channel, close_channel{}, nullptr);
      at.client.expect<close_channel>();
    }
  }
}

TEST_CASE("a client without a certificate") {
  secure_network at;
  at.context.listener.tls.ca_file = at.authority.file();
  SECTION("is turned away where one is required") {
    at.context.listener.tls.require_certificate = true;
    auto url = at.url(at.listen());
    auto connector = at.table.connect(url, at.context);
    REQUIRE(connector);
    post(*connector, opening(at.client, connect_packet()), nullptr);
    // In TLS 1.3 the client is done before the server looks.
    at.client.expect<session_opened>();
    CHECK(at.client.expect<close_channel>().text == "the server breaks off: certificate required");
    CHECK(at.reported_reason() == "the client shows no certificate");
  }
  SECTION("is let in where one is not") {
    auto peer = at.peer(at.listen());
    REQUIRE(peer.handshake().empty());
    CHECK_FALSE(identity_after_connect(at, peer));
  }
}

TEST_CASE("a client's certificate that does not hold is refused, required or not") {
  secure_network at;
  at.context.listener.tls.ca_file = at.authority.file();
  test::certificate_authority other{"other authority"};
  auto refused = [&](const test::certificate_authority& from, const std::string& name, const std::string& alert,
                     const std::string& why) {
    auto peer = at.peer(at.listen(), [&](SSL_CTX* context) {
      only_1_2(context); // where the client hears of it in its handshake
      showing(from, name)(context);
    });
    CHECK(peer.handshake() == alert);
    peer.close();
    CHECK(at.reported_reason() == "the client's certificate is refused: " + why);
  };
  SECTION("signed by somebody else") {
    other.issue("anna", {"anna", ""});
    refused(other, "anna", "tlsv1 alert unknown ca", "unable to get local issuer certificate");
  }
  SECTION("out of date") {
    at.authority.issue("anna", {"anna", "", -9, -1});
    refused(at.authority, "anna", "sslv3 alert certificate expired", "certificate has expired");
  }
  SECTION("revoked") {
    at.authority.issue("anna", {"anna", ""});
    at.authority.revoke("revoked", "anna");
    at.context.listener.tls.crl_file = at.authority.certificate("revoked");
    refused(at.authority, "anna", "sslv3 alert certificate revoked", "certificate revoked");
  }
}

// -- sessions --------------------------------------------------------------------------------------

TEST_CASE("a client that comes back resumes its session") {
  secure_network at;
  auto version = GENERATE(tls_version::v1_2, tls_version::v1_3);
  listening_peer there;
  at.context.connector.tls.version = version;
  auto connector = at.table.connect(at.url(there.port()), at.context);
  REQUIRE(connector);
  // One context for both: it has the key of the tickets.
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
  REQUIRE(SSL_CTX_use_certificate_chain_file(context.get(), at.authority.certificate("server").c_str()) == 1);
  REQUIRE(SSL_CTX_use_PrivateKey_file(context.get(), at.authority.key("server").c_str(), SSL_FILETYPE_PEM) == 1);
  for (int round = 0; round < 3; ++round) {
    post(*connector, opening(at.client, connect_packet()), nullptr);
    auto server = there.accept();
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl{SSL_new(context.get()), SSL_free};
    SSL_set_fd(ssl.get(), server.native());
    REQUIRE(SSL_accept(ssl.get()) == 1);
    CHECK((SSL_session_reused(ssl.get()) == 1) == (round > 0));
    at.client.expect<session_opened>();
    bytes got(connect_packet().size());
    REQUIRE(SSL_read(ssl.get(), got.data(), static_cast<int>(got.size())) == static_cast<int>(got.size()));
    SSL_shutdown(ssl.get());
    CHECK(at.client.expect<close_channel>().text == "closed by the server");
  }
}

TEST_CASE("a listener resumes sessions, and keeps nothing for it") {
  secure_network at;
  auto port = at.listen();
  SSL_SESSION* kept = nullptr;
  {
    auto first = at.peer(port, only_1_2);
    REQUIRE(first.handshake().empty());
    kept = SSL_get1_session(first.ssl());
    first.end(); // OpenSSL takes back the session of a connection that is cut
  }
  auto second = at.peer(port, only_1_2, [&](SSL* ssl) { SSL_set_session(ssl, kept); });
  REQUIRE(second.handshake().empty());
  CHECK(SSL_session_reused(second.ssl()) == 1);
  SSL_SESSION_free(kept);
}

// -- pre-shared keys -------------------------------------------------------------------------------

TEST_CASE("a pre-shared key says who the client is, without certificates") {
  secure_network at;
  std::ofstream{at.authority.folder() + "/keys"} << "# who\nanna:0123456789abcdef\nbert:FEDC\n";
  at.context.listener.tls = {};
  at.context.listener.tls.psk_file = at.authority.folder() + "/keys";
  at.context.connector.tls = {};
  at.context.connector.tls.version = GENERATE(tls_version::v1_2, tls_version::v1_3);
  at.context.connector.tls.psk_identity = "anna";
  SECTION("the right one") {
    at.context.connector.tls.psk = "0123456789ABCDEF";
    auto url = at.url(at.listen());
    auto connector = at.table.connect(url, at.context);
    REQUIRE(connector);
    for (int round = 0; round < 2; ++round) {
      post(*connector, opening(at.client, connect_packet()), nullptr);
      auto request = at.broker.expect<open_session>();
      REQUIRE(request.channel.identity);
      CHECK(request.channel.identity->name == "anna");
      CHECK(request.channel.identity->source == "psk");
      at.client.expect<session_opened>();
      post(request.channel.channel, close_channel{}, nullptr);
      at.client.expect<close_channel>();
    }
  }
  SECTION("a wrong one") {
    at.context.connector.tls.psk = "01";
    CHECK(at.refusal_of(at.url(at.listen())).find("the server breaks off: ") != std::string::npos);
    CHECK(at.context.counters->rejected == 1);
  }
  SECTION("an unknown name") {
    at.context.connector.tls.psk_identity = "carl";
    at.context.connector.tls.psk = "0123456789ABCDEF";
    CHECK(at.refusal_of(at.url(at.listen())).find("the server breaks off: ") != std::string::npos);
    CHECK(at.context.counters->rejected == 1);
  }
}

TEST_CASE("who names a pre-shared key without using it is nobody") {
  secure_network at;
  std::ofstream{at.authority.folder() + "/keys"} << "anna:0123456789abcdef\n";
  at.context.listener.tls.psk_file = at.authority.folder() + "/keys";
  auto peer = at.peer(at.listen(), [](SSL_CTX* context) {
    // A cipher that such a key can't be used with, and a wrong key.
    SSL_CTX_set_ciphersuites(context, "TLS_AES_256_GCM_SHA384");
    SSL_CTX_set_psk_client_callback(
        context, [](SSL*, const char*, char* identity, unsigned, unsigned char* key, unsigned) -> unsigned {
          std::strcpy(identity, "anna");
          key[0] = 1;
          return 1;
        });
  });
  REQUIRE(peer.handshake().empty());
  CHECK_FALSE(identity_after_connect(at, peer));
}

// -- mistakes --------------------------------------------------------------------------------------

TEST_CASE("what is wrong with a listener's files is told in one line that names the file") {
  secure_network at;
  auto& tls = at.context.listener.tls;
  auto front = std::string{"cannot listen on mqtts://127.0.0.1:0: "};
  auto name = [&](const std::string& file) { return at.authority.folder() + '/' + file; };
  std::ofstream{name("rubbish")} << "rubbish";
  SECTION("no certificate") {
    tls.certificates.clear();
    CHECK(at.listen_failure() == front + "TLS needs a certificate and its key, or pre-shared keys");
  }
  SECTION("a certificate that is not there") {
    tls.certificates[0].chain_file = name("absent");
    CHECK(at.listen_failure() == front + "certificate " + name("absent") + ": No such file or directory");
  }
  SECTION("a certificate without a key") {
    tls.certificates[0].key_file = "";
    CHECK(at.listen_failure() ==
          front + "certificate " + at.authority.certificate("server") + ": its key is needed too");
  }
  SECTION("a key that is none") {
    tls.certificates[0].key_file = name("rubbish");
    CHECK(at.listen_failure() == front + "key " + name("rubbish") + ": nothing of that kind in it (PEM is needed)");
  }
  SECTION("a key with a passphrase") {
    at.authority.issue("locked", {"localhost", "localhost"}, "secret");
    tls.certificates[0] = {at.authority.certificate("locked"), at.authority.key("locked")};
    CHECK(at.listen_failure() ==
          front + "key " + at.authority.key("locked") +
              ": is protected by a passphrase, which nobody is there to type; take it off: openssl pkey -in FILE -out "
              "NEW");
  }
  SECTION("another certificate's key") {
    at.authority.issue("other", {"localhost", "localhost"});
    tls.certificates[0].key_file = at.authority.key("other");
    CHECK(at.listen_failure() == front + "key " + at.authority.key("other") + ": does not belong to the certificate " +
                                     at.authority.certificate("server"));
  }
  SECTION("an authority that is not there") {
    tls.ca_file = name("absent");
    CHECK(at.listen_failure() == front + "authority " + name("absent") + ": No such file or directory");
  }
  SECTION("a revocation list that is none") {
    tls.ca_file = at.authority.file();
    tls.crl_file = name("rubbish");
    CHECK(at.listen_failure().find(front + "revocation list " + name("rubbish") + ": ") == 0);
  }
  SECTION("certificates required with nobody to check them") {
    tls.require_certificate = true;
    CHECK(at.listen_failure() ==
          front + "clients' certificates are required, but no authority (CA) to check them with");
  }
  SECTION("ciphers that there are not") {
    tls.ciphers = "ROT13";
    CHECK(at.listen_failure() == front + "ciphers \"ROT13\": there is none of that name");
  }
  SECTION("keys with a line that is none") {
    std::ofstream{name("keys")} << "anna:00\nbert:0\n";
    tls.psk_file = name("keys");
    CHECK(at.listen_failure() ==
          front + "keys " + name("keys") + ":2: must be a name, a colon and an even number of hexadecimal digits");
  }
}

TEST_CASE("what is wrong with a client's files is told before it connects") {
  secure_network at;
  auto failure = [&] {
    auto result = at.table.connect("mqtts://localhost", at.context);
    REQUIRE_FALSE(result);
    return result.error();
  };
  auto front = std::string{"mqtts://localhost:8883: "};
  SECTION("an authority that is not there") {
    at.context.connector.tls.ca_file = "/absent";
    CHECK(failure() == front + "authority /absent: No such file or directory");
  }
  SECTION("a key without a certificate") {
    at.context.connector.tls.key_file = "/absent";
    CHECK(failure() == front + "key /absent: its certificate is needed too");
  }
  SECTION("half of a pre-shared key") {
    at.context.connector.tls.psk = "00";
    CHECK(failure() == front + "a pre-shared key needs both the key and its name");
  }
  SECTION("a pre-shared key that is no number") {
    at.context.connector.tls.psk = "xy";
    at.context.connector.tls.psk_identity = "anna";
    CHECK(failure() == front + "the pre-shared key must be an even number of hexadecimal digits");
  }
}
