// What the client's faces are measured beside.

#include "roads.hpp"

#include <actorbus/actors/buffer.hpp>
#include <actorbus/actors/messages.hpp>
#include <actorbus/actors/system_config.hpp>

#include <caf/all.hpp>

#ifdef ACTORBUS_BENCH_PAHO
#include <MQTTClient.h>
#endif

#include <condition_variable>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace actorbus::bench {

std::size_t window_of(std::size_t payload_bytes) {
  return payload_bytes > 4096 ? 8 : 256;
}

std::uint64_t threaded_road::run(pace how, std::uint64_t wall_ns) {
  const auto end = wall_now() + wall_ns;
  const auto window = how == pace::full ? window_of(payload_bytes_) : 1;
  std::uint64_t sent = 0;
  while (wall_now() < end) {
    send();
    if (++sent < window)
      continue;
    if (how == pace::lone)
      at_.sleep_until(sent);
    else
      at_.spin_until(sent - window + 1);
  }
  at_.sleep_until(sent);
  return sent;
}

namespace {

// -- two hops of CAF's own actors --------------------------------------------------------------------

caf::behavior receiver(caf::event_based_actor*, probe* at) {
  return {[at](const frame& message) { at->deliver(message.bytes->data()); }};
}

caf::behavior relay(caf::event_based_actor* self, std::vector<caf::actor> to) {
  return {[self, to = std::move(to)](const frame& message) {
    for (const auto& each : to)
      self->send(each, message);
  }};
}

class caf_road final : public threaded_road {
public:
  explicit caf_road(const road_setup& setup) : threaded_road{setup.at, setup.payload_bytes} {
    std::vector<caf::actor> all;
    for (std::uint32_t i = 0; i < setup.receivers; ++i)
      all.push_back(system_.spawn(receiver, &setup.at));
    actors_ = all;
    relay_ = system_.spawn(relay, std::move(all));
  }
  ~caf_road() override {
    caf::anon_send_exit(relay_, caf::exit_reason::user_shutdown);
    for (const auto& each : actors_)
      caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  }

private:
  void send() override {
    frame message{buffer::make(payload_bytes_), 0, static_cast<std::uint32_t>(payload_bytes_)};
    stamp(message.bytes->data());
    caf::anon_send(relay_, std::move(message));
  }

  system_config config_{1};
  caf::actor_system system_{config_};
  std::vector<caf::actor> actors_;
  caf::actor relay_;
};

// -- a queue between two threads ---------------------------------------------------------------------

class queue_road final : public threaded_road {
public:
  explicit queue_road(const road_setup& setup) : threaded_road{setup.at, setup.payload_bytes} {
    consumer_ = std::thread{[this] { consume(); }};
  }
  ~queue_road() override {
    push({});
    consumer_.join();
  }

private:
  using item = std::unique_ptr<std::uint8_t[]>;

  void push(item what) {
    {
      std::lock_guard guard{mutex_};
      items_.push_back(std::move(what));
    }
    changed_.notify_one();
  }
  void send() override {
    auto message = std::make_unique_for_overwrite<std::uint8_t[]>(payload_bytes_);
    stamp(message.get());
    push(std::move(message));
  }
  void consume() {
    for (;;) {
      std::unique_lock guard{mutex_};
      changed_.wait(guard, [this] { return !items_.empty(); });
      auto next = std::move(items_.front());
      items_.pop_front();
      guard.unlock();
      if (!next)
        return;
      at_.deliver(next.get());
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<item> items_;
  std::thread consumer_;
};

// -- mosquitto over loopback, with Paho C ------------------------------------------------------------

#ifdef ACTORBUS_BENCH_PAHO

class paho_client {
public:
  paho_client(const std::string& url, const std::string& id, probe* at) {
    MQTTClient_create(&client_, url.c_str(), id.c_str(), MQTTCLIENT_PERSISTENCE_NONE, nullptr);
    MQTTClient_setCallbacks(client_, at, nullptr, on_message, nullptr);
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    options.cleansession = 1;
    if (MQTTClient_connect(client_, &options) != MQTTCLIENT_SUCCESS)
      throw std::runtime_error{"Paho can't connect to " + url};
    if (at && MQTTClient_subscribe(client_, "bench/0", 0) != MQTTCLIENT_SUCCESS)
      throw std::runtime_error{"Paho can't subscribe"};
  }
  ~paho_client() {
    MQTTClient_disconnect(client_, 1000);
    MQTTClient_destroy(&client_);
  }
  paho_client(const paho_client&) = delete;
  paho_client& operator=(const paho_client&) = delete;

  void publish(void* payload, std::size_t size) {
    MQTTClient_publish(client_, "bench/0", static_cast<int>(size), payload, 0, 0, nullptr);
  }

private:
  static int on_message(void* context, char* topic, int, MQTTClient_message* message) {
    if (auto* at = static_cast<probe*>(context))
      at->deliver(message->payload);
    MQTTClient_freeMessage(&message);
    MQTTClient_free(topic);
    return 1;
  }

  MQTTClient client_ = nullptr;
};

class mosquitto_road final : public threaded_road {
public:
  explicit mosquitto_road(const road_setup& setup)
      : threaded_road{setup.at, setup.payload_bytes}, payload_(setup.payload_bytes) {
    const auto url = "tcp://127.0.0.1:" + std::to_string(setup.mosquitto_port);
    for (std::uint32_t i = 0; i < setup.receivers; ++i)
      receivers_.push_back(std::make_unique<paho_client>(url, "s" + std::to_string(i), &setup.at));
    publisher_ = std::make_unique<paho_client>(url, "p", nullptr);
  }

private:
  void send() override {
    stamp(payload_.data());
    publisher_->publish(payload_.data(), payload_.size());
  }

  std::vector<std::uint8_t> payload_;
  std::vector<std::unique_ptr<paho_client>> receivers_;
  std::unique_ptr<paho_client> publisher_;
};

#endif

} // namespace

std::unique_ptr<road> caf_hops(const road_setup& setup) {
  return std::make_unique<caf_road>(setup);
}

std::unique_ptr<road> thread_queue(const road_setup& setup) {
  return setup.receivers == 1 ? std::make_unique<queue_road>(setup) : nullptr;
}

std::unique_ptr<road> mosquitto_by_paho([[maybe_unused]] const road_setup& setup) {
#ifdef ACTORBUS_BENCH_PAHO
  if (setup.mosquitto_port != 0)
    return std::make_unique<mosquitto_road>(setup);
#endif
  return nullptr;
}

} // namespace actorbus::bench
