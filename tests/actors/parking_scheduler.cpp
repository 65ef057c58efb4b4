#include "support/patience.hpp"

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/parking_scheduler.hpp>
#include <actorbus/actors/system_config.hpp>

#include <caf/send.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

// Real threads and real time. What must happen is waited for with a bound that is reached only where a test fails.

namespace actorbus::test {

namespace {

template <class T>
bool comes(const std::future<T>& what) {
  return what.wait_for(patience) == std::future_status::ready;
}

/// Counts down with a partner; whoever reaches zero keeps the promise.
class player : public batch_actor {
public:
  player(caf::actor_config& config, std::shared_ptr<std::promise<void>> over)
      : batch_actor{config, nullptr}, over_{std::move(over)} {}

protected:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<int, caf::actor>(element, [this](auto& message) { on(message); });
  }
  void on_exit() override { partner_ = {}; }

private:
  void on(const caf::actor& partner) { partner_ = partner; }
  void on(int left) {
    if (left == 0) {
      over_->set_value();
      return;
    }
    post(partner_, left - 1, context());
  }

  caf::actor partner_;
  std::shared_ptr<std::promise<void>> over_;
};

/// Runs `body` in the pool.
class worker : public batch_actor {
public:
  worker(caf::actor_config& config, std::function<void()> body)
      : batch_actor{config, nullptr}, body_{std::move(body)} {}

protected:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<int>(element, [this](int) { body_(); });
  }

private:
  std::function<void()> body_;
};

/// Tells where it runs.
class resident : public batch_actor {
public:
  resident(caf::actor_config& config, std::shared_ptr<std::promise<caf::execution_unit*>> where)
      : batch_actor{config, nullptr}, where_{std::move(where)} {}

protected:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<int>(element, [this](int) { where_->set_value(context()); });
  }

private:
  std::shared_ptr<std::promise<caf::execution_unit*>> where_;
};

/// Shared, since a worker may still be busy with it when the test has what it waits for.
auto make_promise() {
  return std::make_shared<std::promise<void>>();
}

void end_all(const std::vector<caf::actor>& actors) {
  for (const auto& each : actors)
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
}

} // namespace

TEST_CASE("many pairs of actors play to their end on any number of threads", "[scheduler][threads]") {
  const auto threads = GENERATE(1u, 2u, 4u);
  CAPTURE(threads);
  system_config config{threads};
  caf::actor_system system{config};
  std::vector<std::future<void>> ends;
  std::vector<caf::actor> players;
  for (int i = 0; i < 100; ++i) {
    auto over = make_promise();
    ends.push_back(over->get_future());
    auto a = system.spawn<player>(over);
    auto b = system.spawn<player>(over);
    post(a, b, nullptr);
    post(b, a, nullptr);
    post(a, 500, nullptr);
    players.push_back(a);
    players.push_back(b);
  }
  for (auto& each : ends)
    REQUIRE(comes(each));
  end_all(players);
}

TEST_CASE("a system that is started and stopped two hundred times never hangs", "[scheduler][threads]") {
  for (int i = 0; i < 200; ++i) {
    system_config config{static_cast<std::size_t>(i % 4 + 1)};
    caf::actor_system system{config};
    if (i % 2 == 0) {
      auto ran = make_promise();
      auto actor = system.spawn<worker>([ran] { ran->set_value(); });
      post(actor, 1, nullptr);
      REQUIRE(comes(ran->get_future()));
      end_all({actor});
    }
  }
}

TEST_CASE("work that is posted from outside wakes workers that sleep", "[scheduler][threads]") {
  system_config config{2};
  caf::actor_system system{config};
  for (int i = 0; i < 3; ++i) {
    // Nothing depends on this but what is covered: after so long without work every worker sleeps without a limit.
    std::this_thread::sleep_for(2 * parking_scheduler::watch_rounds * parking_scheduler::steal_interval);
    auto ran = make_promise();
    auto actor = system.spawn<worker>([ran] { ran->set_value(); });
    post(actor, 1, nullptr);
    REQUIRE(comes(ran->get_future()));
    end_all({actor});
  }
}

TEST_CASE("an actor that takes long holds nobody up while there is another thread", "[scheduler][threads]") {
  system_config config{2};
  caf::actor_system system{config};
  auto begun = make_promise();
  auto release = make_promise();
  auto blocker = system.spawn<worker>([begun, released = release->get_future().share()] {
    begun->set_value();
    released.wait();
  });
  post(blocker, 1, nullptr);
  REQUIRE(comes(begun->get_future()));
  std::vector<std::future<void>> ran;
  std::vector<caf::actor> actors{blocker};
  for (int i = 0; i < 100; ++i) {
    auto each = make_promise();
    ran.push_back(each->get_future());
    actors.push_back(system.spawn<worker>([each] { each->set_value(); }));
    post(actors.back(), 1, nullptr);
  }
  auto all = true;
  for (auto& each : ran)
    all = all && comes(each);
  release->set_value();
  CHECK(all);
  end_all(actors);
}

TEST_CASE("work that a busy actor makes is done by others before it returns", "[scheduler][threads]") {
  system_config config{2};
  caf::actor_system system{config};
  auto done = make_promise();
  auto answer = std::make_shared<std::promise<bool>>();
  auto helper = system.spawn<worker>([done] { done->set_value(); });
  auto busy = system.spawn<worker>([=] {
    post(helper, 1, nullptr);
    answer->set_value(comes(done->get_future()));
  });
  post(busy, 1, nullptr);
  auto result = answer->get_future();
  REQUIRE(result.wait_for(2 * patience) == std::future_status::ready);
  CHECK(result.get());
  end_all({helper, busy});
}

TEST_CASE("who posts as if on a worker's thread, but is not, wakes it", "[scheduler][threads]") {
  system_config config{1};
  caf::actor_system system{config};
  auto where = std::make_shared<std::promise<caf::execution_unit*>>();
  auto first = system.spawn<resident>(where);
  post(first, 1, nullptr);
  auto* context = where->get_future().get();
  auto ran = make_promise();
  auto second = system.spawn<worker>([ran] { ran->set_value(); });
  // Nothing depends on this but what is covered: the worker sleeps by then.
  std::this_thread::sleep_for(2 * parking_scheduler::watch_rounds * parking_scheduler::steal_interval);
  post(second, 1, context);
  CHECK(comes(ran->get_future()));
  end_all({first, second});
}

TEST_CASE("posts from many threads to many actors all arrive", "[scheduler][threads]") {
  constexpr std::size_t threads = 4;
  constexpr std::size_t actors = 20;
  constexpr std::size_t posts = 2000;
  system_config config{3};
  caf::actor_system system{config};
  auto left = std::make_shared<std::atomic<std::size_t>>(threads * posts);
  auto all = make_promise();
  std::vector<caf::actor> receivers;
  for (std::size_t i = 0; i < actors; ++i)
    receivers.push_back(system.spawn<worker>([left, all] {
      if (--*left == 0)
        all->set_value();
    }));
  std::vector<std::thread> senders;
  for (std::size_t t = 0; t < threads; ++t)
    senders.emplace_back([&, t] {
      for (std::size_t i = 0; i < posts; ++i)
        post(receivers[(i * 7 + t) % actors], 1, nullptr);
    });
  for (auto& each : senders)
    each.join();
  CHECK(comes(all->get_future()));
  end_all(receivers);
}

} // namespace actorbus::test
