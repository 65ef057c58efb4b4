#include "support/virtual_system.hpp"

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/buffer.hpp>
#include <actorbus/actors/messages.hpp>
#include <actorbus/actors/outbound_meter.hpp>

#include <caf/send.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace actorbus::test {

namespace {

/// Counts the grants it gets.
class producer : public batch_actor {
public:
  producer(caf::actor_config& config, std::shared_ptr<int> grants)
      : batch_actor{config, nullptr}, grants_{std::move(grants)} {}

protected:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<credit_granted>(element, [this](credit_granted&) { ++*grants_; });
  }

private:
  std::shared_ptr<int> grants_;
};

struct credit_fixture {
  virtual_system world;
  std::shared_ptr<int> grants = std::make_shared<int>(0);
  caf::actor owner = world.system().spawn<producer>(grants);
  credit_account_ptr account = std::make_shared<credit_account>(1000);

  credit_fixture() { account->owner(owner); }
  ~credit_fixture() {
    account->close();
    caf::anon_send_exit(owner, caf::exit_reason::user_shutdown);
  }

  int granted() {
    world.run();
    return *grants;
  }
};

} // namespace

TEST_CASE_METHOD(credit_fixture, "a buffer is charged to its payer until the last reference is gone", "[credit]") {
  auto one = buffer::make(600, account);
  CHECK(account->used_bytes() == 600);
  CHECK_FALSE(account->exhausted());
  auto copy = one;
  CHECK_FALSE(one->unique());
  one = {};
  CHECK(account->used_bytes() == 600);
  CHECK(copy->unique());
  copy = {};
  CHECK(account->used_bytes() == 0);
}

TEST_CASE_METHOD(credit_fixture, "a buffer may be charged when its producer is known", "[credit]") {
  auto one = buffer::make(600);
  one->charge_to(account);
  CHECK(account->used_bytes() == 600);
  one = {};
  CHECK(account->used_bytes() == 0);
}

TEST_CASE_METHOD(credit_fixture, "an account is exhausted at its limit", "[credit]") {
  auto one = buffer::make(999, account);
  CHECK_FALSE(account->exhausted());
  auto two = buffer::make(1, account);
  CHECK(account->exhausted());
}

TEST_CASE_METHOD(credit_fixture, "whoever waits is told once, when half of the limit is free", "[credit]") {
  std::vector<buffer_ptr> buffers;
  for (int i = 0; i < 10; ++i)
    buffers.push_back(buffer::make(100, account));
  REQUIRE(account->wait());
  buffers.resize(6);
  CHECK(granted() == 0);
  buffers.resize(5);
  CHECK(granted() == 1);
  buffers.clear();
  CHECK(granted() == 1);
}

TEST_CASE_METHOD(credit_fixture, "who does not wait is told nothing", "[credit]") {
  buffer::make(1000, account);
  CHECK(granted() == 0);
}

TEST_CASE_METHOD(credit_fixture, "to wait for what is there already is answered at once", "[credit]") {
  auto one = buffer::make(500, account);
  CHECK_FALSE(account->wait());
  one = {};
  CHECK(granted() == 0);
}

TEST_CASE_METHOD(credit_fixture, "a closed account keeps nobody alive, and buffers outlive it", "[credit]") {
  auto one = buffer::make(1000, account);
  REQUIRE(account->wait());
  account->close();
  account = {};
  one = {};
  CHECK(granted() == 0);
  account = std::make_shared<credit_account>(1);
}

TEST_CASE("a refund and a wait at the same moment never miss each other", "[credit][threads]") {
  constexpr int rounds = 20'000;
  virtual_system world;
  auto grants = std::make_shared<int>(0);
  auto owner = world.system().spawn<producer>(grants);
  auto account = std::make_shared<credit_account>(100);
  account->owner(owner);
  std::atomic<int> turn{0};
  std::thread refunder{[&] {
    for (int i = 1; i <= rounds; ++i) {
      while (turn.load() != i)
        std::this_thread::yield();
      account->refund(100);
      turn.store(-i);
    }
  }};
  auto missed = 0;
  for (int i = 1; i <= rounds; ++i) {
    account->charge(100);
    turn.store(i);
    const auto waits = account->wait();
    while (turn.load() != -i)
      std::this_thread::yield();
    world.run();
    if (*grants != (waits ? 1 : 0))
      ++missed;
    *grants = 0;
  }
  refunder.join();
  CHECK(missed == 0);
  account->close();
  caf::anon_send_exit(owner, caf::exit_reason::user_shutdown);
}

TEST_CASE("a meter wakes the session that waits when half of the limit is free", "[meter]") {
  outbound_meter meter;
  CHECK(meter.add(600) == 600);
  CHECK(meter.add(400) == 1000);
  CHECK_FALSE(meter.take(100));
  REQUIRE(meter.wait(1000));
  CHECK_FALSE(meter.take(399));
  CHECK(meter.take(1));
  CHECK_FALSE(meter.take(500));
  CHECK(meter.bytes() == 0);
}

TEST_CASE("to wait for a meter with room is answered at once", "[meter]") {
  outbound_meter meter;
  meter.add(500);
  CHECK_FALSE(meter.wait(1000));
  CHECK_FALSE(meter.take(500));
}

TEST_CASE("what a channel never took leaves the bus's total with it", "[meter]") {
  auto total = std::make_shared<outbound_total>();
  {
    outbound_meter one;
    outbound_meter two;
    one.join(total);
    two.join(total);
    one.add(100);
    two.add(50);
    CHECK(total->bytes == 150);
    CHECK(total->channels == 2);
    static_cast<void>(one.take(70));
    CHECK(total->bytes == 80);
  }
  CHECK(total->bytes == 0);
  CHECK(total->channels == 0);
}

TEST_CASE_METHOD(credit_fixture, "forgiven bytes do not count for as long as they stay", "[credit]") {
  std::vector<buffer_ptr> held{buffer::make(1000, account)};
  REQUIRE(account->wait());
  account->forgive();
  CHECK_FALSE(account->exhausted());
  held.push_back(buffer::make(1000, account));
  CHECK(account->exhausted());
  REQUIRE(account->wait());
  held.pop_back();
  CHECK(granted() == 1);
  held.clear();
  held.push_back(buffer::make(1000, account));
  CHECK(account->exhausted());
}

TEST_CASE_METHOD(credit_fixture, "a buffer that is kept for good is refunded once", "[credit]") {
  auto one = buffer::make(600, account);
  auto two = buffer::make(100, account);
  one->discharge();
  one->discharge();
  CHECK(account->used_bytes() == 100);
  one = {};
  CHECK(account->used_bytes() == 100);
}

TEST_CASE("a channel that takes and a session that waits never miss each other", "[meter][threads]") {
  constexpr int rounds = 20'000;
  outbound_meter meter;
  std::atomic<int> turn{0};
  std::atomic<bool> told{false};
  std::thread channel{[&] {
    for (int i = 1; i <= rounds; ++i) {
      while (turn.load() != i)
        std::this_thread::yield();
      told = meter.take(100);
      turn.store(-i);
    }
  }};
  auto missed = 0;
  for (int i = 1; i <= rounds; ++i) {
    meter.add(100);
    turn.store(i);
    const auto waits = meter.wait(100);
    while (turn.load() != -i)
      std::this_thread::yield();
    if (told != waits)
      ++missed;
  }
  channel.join();
  CHECK(missed == 0);
}

} // namespace actorbus::test
