#include "support/patience.hpp"

#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/system_config.hpp>
#include <actorbus/transports/io_threads.hpp>
#include <actorbus/transports/network.hpp>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

// Clients across TCP. What is waited for has a bound that is reached only where a test fails.

namespace {

using namespace actorbus;
using namespace std::chrono_literals;
using protocol::qos;
using protocol::reason_code;

using actorbus::test::patience;

/// A bus that listens, and may go and come back at the same port.
struct remote_bus {
  explicit remote_bus(const std::string& url = "mqtt://127.0.0.1:0", const bus::options& options = {})
      : threads{system, 1}, home{system, options} {
    auto bound = transports::transport_table{}.listen(
        url,
        {.system = system, .threads = threads, .broker = home.broker(), .policy = std::make_shared<listener_policy>()});
    if (!bound)
      throw std::runtime_error{bound.error()};
    listener = bound->listener;
    address = bound->url;
  }
  ~remote_bus() { caf::anon_send_exit(listener, caf::exit_reason::user_shutdown); }

  struct last_actor {
    caf::actor_system& system;
    ~last_actor() { system.await_all_actors_done(); }
  };

  system_config config{2};
  caf::actor_system system{config};
  transports::io_threads threads;
  last_actor last{system};
  bus home;
  caf::actor listener;
  std::string address;
};

const reconnect_policy quickly{.delay_min = 1ms, .delay_max = 20ms};

} // namespace

TEST_CASE("a client across TCP publishes and receives at every QoS") {
  remote_bus remote;
  transports::network net;
  auto a = net.connect(remote.address);
  auto b = net.connect(remote.address);
  REQUIRE(a.connected());
  REQUIRE(b.subscribe("t").get());
  for (auto quality : {qos::at_most_once, qos::at_least_once, qos::exactly_once}) {
    REQUIRE(a.publish("t", "x", quality).get());
    auto got = b.receive(patience);
    REQUIRE(got);
    CHECK(got->qos == quality);
  }
}

TEST_CASE("a client across TCP goes where its broker sends it, if it may") {
  remote_bus other;
  const auto place = other.address.substr(std::string{"mqtt://"}.size());
  remote_bus first{"mqtt://127.0.0.1:0", {.server_reference = "not-a-port:x " + place}};
  transports::network net;
  auto a = net.connect(first.address, {.client_id = "a", .redirects_max = 1});
  REQUIRE(a.connected());
  CHECK(other.home.counters().clients_connected == 1);
  CHECK(first.home.counters().connections_refused == 1);

  auto b = net.connect(first.address, {.client_id = "b"});
  CHECK(b.connected().code == reason_code::use_another_server);
  CHECK(b.connected().server_reference == "not-a-port:x " + place);
}

TEST_CASE("a client across TCP doesn't leave the network where its broker sends it") {
  remote_bus first{"mqtt://127.0.0.1:0", {.server_reference = "unix:///tmp/socket"}};
  transports::network net;
  auto a = net.connect(first.address, {.redirects_max = 1});
  CHECK(a.connected().text == "use another server; not followed: unix:///tmp/socket: a client is not sent from "
                              "mqtt:// to unix://");
}

TEST_CASE("a URL that can't be used is told in words") {
  transports::network net;
  CHECK_THROWS_AS(net.connect("nothing"), std::invalid_argument);
  CHECK_THROWS_AS(net.make_client({"mqtt://127.0.0.1", "what://x"}), std::invalid_argument);
}

TEST_CASE("a client of nobody says so") {
  std::string nobody;
  {
    remote_bus gone;
    nobody = gone.address;
  }
  transports::network net;
  auto a = net.connect(nobody);
  CHECK(a.connected().code == reason_code::server_unavailable);
  CHECK(a.connected().text.find("cannot connect to " + nobody) == 0);
}

TEST_CASE("a client whose broker goes and comes back goes on where it was") {
  auto remote = std::make_unique<remote_bus>();
  const auto address = remote->address;
  transports::network net;
  auto a = net.connect(address, {.client_id = "a", .reconnect = quickly});
  REQUIRE(a.connected());
  REQUIRE(a.subscribe("t").get());
  remote.reset();
  auto meanwhile = a.publish("t", "while nobody was there", qos::at_least_once);
  remote = std::make_unique<remote_bus>(address);
  REQUIRE(meanwhile.get());
  auto got = a.receive(patience);
  REQUIRE(got);
  CHECK(got->payload == "while nobody was there");
}

TEST_CASE("a client with two brokers goes to the other one") {
  auto first = std::make_unique<remote_bus>();
  remote_bus second;
  transports::network net;
  auto a = net.make_client({first->address, second.address}, {.reconnect = quickly});
  REQUIRE(a.connect().get());
  REQUIRE(a.subscribe("t").get());
  first.reset();
  auto local = second.home.connect();
  while (local.publish("t", "hello", qos::at_least_once).get().code == reason_code::no_matching_subscribers)
    std::this_thread::yield();
  auto got = a.receive(patience);
  REQUIRE(got);
  CHECK(got->payload == "hello");
}

TEST_CASE("clients that are left when their network ends send what they have") {
  remote_bus remote;
  auto local = remote.home.connect();
  REQUIRE(local.subscribe("t").get());
  client left;
  {
    transports::network net;
    left = net.connect(remote.address);
    REQUIRE(left.connected());
    for (int i = 0; i < 100; ++i)
      left.post({.topic = "t", .payload = std::to_string(i), .qos = qos::at_least_once});
  }
  for (int i = 0; i < 100; ++i) {
    auto got = local.receive(patience);
    REQUIRE(got);
    CHECK(got->payload == std::to_string(i));
  }
  CHECK(left.lost());
}
