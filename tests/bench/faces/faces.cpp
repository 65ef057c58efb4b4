// The client's three faces. Payloads are prepared, so that nobody copies them.

#include "roads.hpp"

#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/client_requests.hpp>
#include <actorbus/actors/system_config.hpp>
#include <actorbus/actors/task.hpp>

#include <caf/all.hpp>

#include <future>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace actorbus::bench {

/// To the publishing actor: begin.
struct begin_run {
  pace how{};
  std::uint64_t wall_ns = 0;
  std::promise<std::uint64_t>* done = nullptr;
};

/// To the publishing actor: the last receiver has a message.
struct next_message {};

} // namespace actorbus::bench

ACTORBUS_LOCAL_MESSAGE(actorbus::bench::begin_run)
ACTORBUS_LOCAL_MESSAGE(actorbus::bench::next_message)

namespace actorbus::bench {

namespace {

const outgoing_message head{.topic = "bench/0"};

/// A bus whose actors all run on one thread of CAF's pool.
struct lone_bus {
  system_config config{1};
  caf::actor_system system{config};
  bus home{system};
};

prepared_message stamped(std::size_t payload_bytes) {
  prepared_message message{head, payload_bytes};
  stamp(message.payload().data());
  return message;
}

std::vector<client> receivers_of(bus& home, const road_setup& setup) {
  std::vector<client> all;
  for (std::uint32_t i = 0; i < setup.receivers; ++i) {
    all.push_back(home.connect());
    auto granted =
        all.back()
            .subscribe(head.topic, [at = &setup.at](const incoming_message& it) { at->deliver(it.payload.data()); })
            .get();
    if (!granted)
      throw std::runtime_error{"cannot subscribe: " + granted.text};
  }
  return all;
}

// -- plain: the program's thread publishes, handlers are called ---------------------------------------

class plain_road final : public threaded_road {
public:
  explicit plain_road(const road_setup& setup)
      : threaded_road{setup.at, setup.payload_bytes},
        receivers_{receivers_of(on_.home, setup)},
        publisher_{on_.home.connect()} {}

private:
  void send() override { static_cast<void>(publisher_.publish(stamped(payload_bytes_))); }

  lone_bus on_;
  std::vector<client> receivers_;
  client publisher_;
};

// -- actors: all of it on one thread -------------------------------------------------------------------

struct publisher_state {
  caf::actor client;
  begin_run order;
  std::uint64_t end = 0;
  std::uint64_t sent = 0;
  std::uint64_t arrived = 0;
};

caf::behavior publisher(caf::stateful_actor<publisher_state>* self, bus* home, std::size_t payload_bytes,
                        std::promise<void>* connected) {
  auto& state = self->state;
  state.client = home->spawn_client(self);
  self->request(state.client, caf::infinite, connect_request{}).then([connected](const outcome&) {
    connected->set_value();
  });
  auto send = [self, payload_bytes] {
    ++self->state.sent;
    post(self->state.client, publish_prepared{stamped(payload_bytes), {}}, self->context());
  };
  return {
      [self, send, payload_bytes](const begin_run& order) {
        self->state.order = order;
        self->state.end = wall_now() + order.wall_ns;
        self->state.sent = self->state.arrived = 0;
        for (std::size_t i = order.how == pace::full ? window_of(payload_bytes) : 1; i > 0; --i)
          send();
      },
      [self, send](const next_message&) {
        auto& my = self->state;
        ++my.arrived;
        if (wall_now() < my.end)
          send();
        else if (my.arrived == my.sent)
          my.order.done->set_value(my.sent);
      },
      [](const incoming_message&) {},
      [](const client_connected&) {},
      [](const client_disconnected&) {},
      [](const client_ended&) {},
  };
}

/// Notes what comes; the last receiver tells the publisher.
caf::behavior subscriber(caf::stateful_actor<publisher_state>* self, bus* home, probe* at, caf::actor tell,
                         std::promise<void>* subscribed) {
  auto& client = self->state.client;
  client = home->spawn_client(self);
  self->request(client, caf::infinite, connect_request{}).then([=](const outcome&) {
    self->request(self->state.client, caf::infinite, subscribe_filters{{{head.topic}}}).then([=](const outcome&) {
      subscribed->set_value();
    });
  });
  return {
      [=](const incoming_message& message) {
        const auto before = at->arrived();
        at->deliver(message.payload.data());
        if (at->arrived() != before)
          post(tell, next_message{}, self->context());
      },
      [](const client_connected&) {},
      [](const client_disconnected&) {},
      [](const client_ended&) {},
  };
}

class actor_road final : public road {
public:
  explicit actor_road(const road_setup& setup) {
    std::promise<void> connected;
    publisher_ = on_.system.spawn(publisher, &on_.home, setup.payload_bytes, &connected);
    connected.get_future().wait();
    for (std::uint32_t i = 0; i < setup.receivers; ++i) {
      std::promise<void> subscribed;
      receivers_.push_back(on_.system.spawn(subscriber, &on_.home, &setup.at, publisher_, &subscribed));
      subscribed.get_future().wait();
    }
  }
  ~actor_road() override {
    caf::anon_send_exit(publisher_, caf::exit_reason::user_shutdown);
    for (const auto& each : receivers_)
      caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  }

  std::uint64_t run(pace how, std::uint64_t wall_ns) override {
    std::promise<std::uint64_t> done;
    caf::anon_send(publisher_, begin_run{how, wall_ns, &done});
    return done.get_future().get();
  }

private:
  lone_bus on_;
  caf::actor publisher_;
  std::vector<caf::actor> receivers_;
};

/// One bus, a publisher and receivers without handlers.
class inbox_road : public road {
public:
  explicit inbox_road(const road_setup& setup)
      : at_{setup.at}, payload_bytes_{setup.payload_bytes}, publisher_{on_.home.connect()} {
    for (std::uint32_t i = 0; i < setup.receivers; ++i) {
      receivers_.push_back(on_.home.connect());
      receivers_.back().subscribe(head.topic).get();
    }
  }

protected:
  probe& at_;
  std::size_t payload_bytes_;
  lone_bus on_;
  client publisher_;
  std::vector<client> receivers_;
};

// -- coroutines: one that publishes and receives -------------------------------------------------------

class coroutine_road final : public inbox_road {
public:
  using inbox_road::inbox_road;

  std::uint64_t run(pace how, std::uint64_t wall_ns) override { return actorbus::run(body(how, wall_ns)); }

private:
  task<std::uint64_t> body(pace how, std::uint64_t wall_ns) {
    const auto end = wall_now() + wall_ns;
    const auto window = how == pace::full ? window_of(payload_bytes_) : 1;
    std::uint64_t sent = 0;
    while (wall_now() < end) {
      for (std::size_t i = 1; i < window; ++i)
        static_cast<void>(publisher_.publish(stamped(payload_bytes_)));
      co_await publisher_.publish(stamped(payload_bytes_));
      sent += window;
      for (std::size_t i = 0; i < window; ++i)
        for (auto& each : receivers_)
          if (auto message = co_await each.receive())
            at_.deliver(message->payload.data());
    }
    co_return sent;
  }
};

// -- plain, without handlers: a thread that publishes and receives -------------------------------------

class receiving_road final : public inbox_road {
public:
  using inbox_road::inbox_road;

  std::uint64_t run(pace how, std::uint64_t wall_ns) override {
    const auto end = wall_now() + wall_ns;
    const auto window = how == pace::full ? window_of(payload_bytes_) : 1;
    std::uint64_t sent = 0;
    for (; wall_now() < end; sent += window) {
      for (std::size_t i = 0; i < window; ++i)
        static_cast<void>(publisher_.publish(stamped(payload_bytes_)));
      for (std::size_t i = 0; i < window; ++i)
        for (auto& each : receivers_)
          if (auto message = each.receive(std::chrono::seconds{10}))
            at_.deliver(message->payload.data());
    }
    return sent;
  }
};

} // namespace

std::unique_ptr<road> plain_face(const road_setup& setup) {
  return std::make_unique<plain_road>(setup);
}

std::unique_ptr<road> receiving_face(const road_setup& setup) {
  return std::make_unique<receiving_road>(setup);
}

std::unique_ptr<road> actor_face(const road_setup& setup) {
  return std::make_unique<actor_road>(setup);
}

std::unique_ptr<road> coroutine_face(const road_setup& setup) {
  return std::make_unique<coroutine_road>(setup);
}

} // namespace actorbus::bench
