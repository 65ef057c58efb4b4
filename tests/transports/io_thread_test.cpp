#include "scripted.hpp"

#include <atomic>
#include <future>
#include <random>

#include <pthread.h>

#include <actorbus/actors/batch_actor.hpp>

using namespace actorbus;
using namespace actorbus::transports;
using namespace actorbus::transports::testing;

namespace {

struct token {
  int hops = 0;
};

struct neighbours {
  std::vector<caf::actor> all;
};

} // namespace

ACTORBUS_LOCAL_MESSAGE(token)
ACTORBUS_LOCAL_MESSAGE(neighbours)

namespace {

/// Passes tokens on at random and counts those that came to their end.
class passer : public batch_actor {
public:
  passer(caf::actor_config& config, caf::execution_unit* home, unsigned seed, std::atomic<int>& arrived,
         std::promise<void>& all_arrived, int expected)
      : batch_actor(config, home), random_(seed), arrived_(arrived), all_arrived_(all_arrived), expected_(expected) {}

private:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<token, neighbours>(element, [this](auto& message) { handle(message); });
  }

  void handle(neighbours& message) { neighbours_ = std::move(message.all); }

  void handle(token& message) {
    if (home() && !static_cast<io_thread*>(home())->on_thread())
      std::abort();
    if (message.hops > 0)
      post(neighbours_[random_() % neighbours_.size()], token{message.hops - 1}, context());
    else if (++arrived_ == expected_)
      all_arrived_.set_value();
  }

  void on_exit() override { neighbours_.clear(); }

  std::minstd_rand random_;
  std::vector<caf::actor> neighbours_;
  std::atomic<int>& arrived_;
  std::promise<void>& all_arrived_;
  const int expected_;
};

class name_teller : public batch_actor {
public:
  name_teller(caf::actor_config& config, caf::execution_unit* home, std::promise<std::string>& to)
      : batch_actor(config, home), to_(to) {}

private:
  void on_start() override {
    char name[32] = {};
    pthread_getname_np(pthread_self(), name, sizeof name);
    to_.set_value(name);
    quit();
  }
  bool on_message(caf::mailbox_element&) override { return false; }

  std::promise<std::string>& to_;
};

/// Keeps itself busy with messages to itself while it waits for one from elsewhere.
class busybody : public batch_actor {
public:
  busybody(caf::actor_config& config, caf::execution_unit* home) : batch_actor(config, home) {}

private:
  void on_start() override { post(caf::actor_cast<caf::actor>(this), token{}, context()); }
  bool on_message(caf::mailbox_element& element) override {
    return match_message<token, close_channel>(element, [this](auto& message) {
      if constexpr (std::is_same_v<decltype(message), close_channel&>)
        quit();
      else
        post(caf::actor_cast<caf::actor>(this), token{}, context());
    });
  }
};

} // namespace

TEST_CASE("no wake-up is lost between threads, the pool and sockets' threads") {
  auto seed = GENERATE(range(1u, 11u));
  constexpr int tokens = 200;
  constexpr int hops = 300;
  std::atomic<int> arrived{0};
  std::promise<void> all_arrived;
  system_under_test machine{2};
  std::vector<caf::actor> actors;
  for (unsigned i = 0; i < 30; ++i) {
    caf::execution_unit* home = i % 3 == 0 ? nullptr : &machine.threads[i % 3 - 1];
    actors.push_back(
        machine.system.spawn<passer>(home, seed * 100 + i, std::ref(arrived), std::ref(all_arrived), tokens));
  }
  for (auto& each : actors)
    post(each, neighbours{actors}, nullptr);
  for (std::size_t i = 0; i < tokens; ++i)
    post(actors[i % actors.size()], token{hops}, nullptr);
  CHECK(all_arrived.get_future().wait_for(patience) == std::future_status::ready);
  for (auto& each : actors)
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
}

TEST_CASE("a lone message wakes a thread that sleeps") {
  system_under_test machine{2};
  for (int round = 0; round < 2000; ++round) {
    std::atomic<int> arrived{0};
    std::promise<void> there;
    auto one = machine.system.spawn<passer>(&machine.threads[0], 1u, std::ref(arrived), std::ref(there), 1);
    auto other = machine.system.spawn<passer>(&machine.threads[1], 1u, std::ref(arrived), std::ref(there), 1);
    post(one, neighbours{{other}}, nullptr);
    post(one, token{1}, nullptr);
    REQUIRE(there.get_future().wait_for(patience) == std::future_status::ready);
    caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(other, caf::exit_reason::user_shutdown);
    scripted_actor{machine.system}.wait_for_end(one);
    scripted_actor{machine.system}.wait_for_end(other);
  }
}

TEST_CASE("threads are named") {
  system_under_test machine{2};
  std::promise<std::string> name;
  machine.system.spawn<name_teller>(&machine.threads[1], std::ref(name));
  CHECK(name.get_future().get() == "actorbus-io-1");
}

TEST_CASE("an actor that never rests starves nobody") {
  system_under_test machine{1};
  auto busy = machine.system.spawn<busybody>(&machine.threads[0]);
  for (int i = 0; i < 100; ++i) {
    std::promise<std::string> name;
    machine.system.spawn<name_teller>(&machine.threads[0], std::ref(name));
    REQUIRE(name.get_future().wait_for(patience) == std::future_status::ready);
  }
  post(busy, close_channel{}, nullptr);
}

TEST_CASE("what is queued when a thread stops is released") {
  caf::actor_system_config config;
  config.set("scheduler.max-threads", 1);
  caf::actor_system system{config};
  std::promise<std::string> name;
  {
    io_thread never_started{system, 0};
    for (int i = 0; i < 10; ++i)
      system.spawn<name_teller>(&never_started, std::ref(name));
  }
  CHECK(name.get_future().wait_for(std::chrono::seconds{0}) == std::future_status::timeout);
  system.await_all_actors_done();
}
