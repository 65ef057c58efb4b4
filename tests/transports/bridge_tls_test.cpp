#include "support/certificates.hpp"
#include "support/patience.hpp"

#include <actorbus/actors/bridge.hpp>
#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/client.hpp>
#include <actorbus/actors/system_config.hpp>
#include <actorbus/transports/io_threads.hpp>
#include <actorbus/transports/transport_table.hpp>

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <catch2/catch.hpp>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

// A bridge from one bus to another whose listener speaks TLS and wants to know who comes.

namespace actorbus::test {

namespace {

/// Reached only where a test fails.

/// What happens on other threads, in order.
class event_list {
public:
  void add(std::string what) {
    const std::lock_guard lock{mutex_};
    all_.push_back(std::move(what));
    changed_.notify_all();
  }

  bool await(const std::function<bool(const std::vector<std::string>&)>& enough) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, [&] { return enough(all_); });
  }

  bool await(const std::string& what) {
    return await([&](const auto& all) { return std::find(all.begin(), all.end(), what) != all.end(); });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> all_;
};

struct secure_bridge {
  secure_bridge() {
    authority.issue("server", {"localhost", "localhost"});
    authority.issue("plant", {"plant", ""});
    connector.tls.ca_file = authority.file();
    transports::transport_context context{
        .system = system, .threads = threads, .limits = remote->limits(), .broker = remote->broker()};
    context.listener.tls.certificates = {{authority.certificate("server"), authority.key("server")}};
    context.listener.tls.ca_file = authority.file();
    context.listener.tls.require_certificate = true;
    auto opened = table.listen("mqtts://127.0.0.1:0", context);
    REQUIRE(opened);
    listener = opened->listener;
    url = "mqtts://localhost" + opened->url.substr(opened->url.rfind(':'));
  }

  ~secure_bridge() {
    for (auto* each : {&at_local, &at_remote})
      *each = client{};
    if (bridge.actor)
      caf::anon_send_exit(bridge.actor, caf::exit_reason::user_shutdown);
    post(listener, close_channel{}, nullptr);
    {
      caf::scoped_actor self{system};
      if (bridge.actor)
        self->wait_for(bridge.actor);
      self->wait_for(listener);
    }
    bridge = {};
    local.reset();
    remote.reset();
    system.await_all_actors_done();
    threads.stop();
  }

  void show_certificate(const std::string& name) {
    connector.tls.chain_file = authority.certificate(name);
    connector.tls.key_file = authority.key(name);
  }

  void begin() {
    bridge_options options;
    options.name = "test";
    options.addresses = {url};
    options.topics = {{.filter = "#", .direction = bridge_direction::both}};
    options.retry_min = options.retry_max = std::chrono::milliseconds{20};
    bridge = spawn_bridge(
        *local, options,
        {.connect =
             [this](const std::string& to) {
               return table.connect(to, {.system = system, .threads = threads, .connector = connector});
             },
         .home = &threads.next(),
         .on_change =
             [this](const bridge_status& now) { changes.add(now.connected ? "connected" : now.last_error()); }});
  }

  certificate_authority authority;
  system_config config;
  caf::actor_system system{config};
  transports::io_threads threads{system, 1};
  transports::transport_table table;
  transports::connector_options connector;
  std::unique_ptr<bus> local = std::make_unique<bus>(system);
  std::unique_ptr<bus> remote = std::make_unique<bus>(system);
  client at_local = local->connect();
  client at_remote = remote->connect();
  caf::actor listener;
  std::string url;
  event_list changes;
  event_list messages;
  bridge_handle bridge;
};

} // namespace

TEST_CASE("a bridge carries messages through TLS, known by its certificate", "[bridge][tls]") {
  secure_bridge at;
  at.show_certificate("plant");
  for (auto* each : {&at.at_local, &at.at_remote})
    each->subscribe(each == &at.at_local ? "down" : "up",
                    [&at](const incoming_message& message) { at.messages.add(std::string{message.payload}); })
        .get();
  auto subscribed = std::make_shared<event_list>();
  at.at_local
      .subscribe("$SYS/broker/connection/test/state",
                 [subscribed](const incoming_message& message) { subscribed->add(std::string{message.payload}); })
      .get();
  at.begin();
  REQUIRE(subscribed->await("1"));
  const auto large = std::string(300'000, 'x');
  at.at_local.publish("up", large, protocol::qos::exactly_once).get();
  at.at_remote.publish("down", "small", protocol::qos::exactly_once).get();
  CHECK(at.messages.await(large));
  CHECK(at.messages.await("small"));
}

TEST_CASE("a bridge that trusts another authority says so, and pauses between its attempts", "[bridge][tls]") {
  secure_bridge at;
  certificate_authority other{"other authority"};
  at.connector.tls.ca_file = other.file();
  at.show_certificate("plant");
  at.begin();
  CHECK(at.changes.await([&](const auto& all) { return all.size() >= 3; }));
  // Since the listener knows clients by the same authority, OpenSSL sends that along: it is in the chain, unknown here.
  CHECK(at.bridge.status->last_error() ==
        "cannot connect to " + at.url +
            ": the server's certificate is refused: self-signed certificate in certificate chain");
  CHECK_FALSE(at.bridge.status->connected);
  CHECK(at.bridge.status->connections == 0);
}

TEST_CASE("a bridge without a certificate is told that the broker wants one", "[bridge][tls]") {
  secure_bridge at;
  at.begin();
  CHECK(at.changes.await([&](const auto& all) { return all.size() >= 3; }));
  CHECK_THAT(at.bridge.status->last_error(), Catch::Matchers::Contains("certificate"));
  CHECK(at.bridge.status->connections == 0);
}

} // namespace actorbus::test
