#include "support/virtual_system.hpp"

#include <actorbus/actors/batch_actor.hpp>

#include <caf/execution_unit.hpp>
#include <caf/send.hpp>

#include <catch2/catch.hpp>

#include <deque>
#include <memory>
#include <vector>

namespace actorbus::test {

namespace {

/// A home that runs its actors when the test says so.
class quiet_home : public caf::execution_unit {
public:
  explicit quiet_home(caf::actor_system& system) : caf::execution_unit{&system} {}

  void exec_later(caf::resumable* job) override { jobs.push_back(job); }

  void run(std::size_t max_throughput = 100) {
    while (!jobs.empty())
      run_one(max_throughput);
  }

  void run_one(std::size_t max_throughput) {
    auto* job = jobs.front();
    jobs.pop_front();
    if (job->resume(this, max_throughput) == caf::resumable::resume_later)
      jobs.push_back(job);
    else
      caf::intrusive_ptr_release(job);
  }

  std::deque<caf::resumable*> jobs;
};

struct visits {
  std::vector<int> seen;
  int batches = 0;
  caf::execution_unit* where = nullptr;
};

class resident : public batch_actor {
public:
  resident(caf::actor_config& config, caf::execution_unit* home, std::shared_ptr<visits> log)
      : batch_actor{config, home}, log_{std::move(log)} {}

  /// As a socket that became readable would.
  void touch(int value) {
    run_here([&] { log_->seen.push_back(value); });
  }
  void leave() {
    run_here([&] { quit(); });
  }

protected:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<int>(element, [this](int value) {
      log_->seen.push_back(value);
      log_->where = context();
    });
  }
  void on_batch_end() override { ++log_->batches; }

private:
  std::shared_ptr<visits> log_;
};

struct home_fixture {
  virtual_system world;
  quiet_home home{world.system()};
  std::shared_ptr<visits> log = std::make_shared<visits>();
  caf::actor subject = world.system().spawn<resident>(&home, log);

  ~home_fixture() {
    caf::anon_send_exit(subject, caf::exit_reason::user_shutdown);
    home.run();
  }

  resident& actor() { return dynamic_cast<resident&>(*caf::actor_cast<caf::abstract_actor*>(subject)); }
};

} // namespace

TEST_CASE_METHOD(home_fixture, "an actor with a home runs there only, whoever sends to it", "[batch_actor]") {
  home.run();
  post(subject, 1, nullptr);
  post(subject, 2, world.system().dummy_execution_unit());
  world.run();
  CHECK(log->seen.empty());
  home.run();
  CHECK(log->seen == std::vector<int>{1, 2});
  CHECK(log->where == &home);
}

TEST_CASE_METHOD(home_fixture, "what one turn finds in the mailbox is one batch, in the order of sending",
                 "[batch_actor]") {
  home.run();
  log->batches = 0;
  for (int i = 1; i <= 3; ++i)
    post(subject, i, nullptr);
  home.run();
  CHECK(log->seen == std::vector<int>{1, 2, 3});
  CHECK(log->batches == 1);
}

TEST_CASE_METHOD(home_fixture, "an actor is put into its home's list once, however many messages wait",
                 "[batch_actor]") {
  home.run();
  for (int i = 0; i < 10; ++i)
    post(subject, i, nullptr);
  CHECK(home.jobs.size() == 1);
}

TEST_CASE_METHOD(home_fixture, "a turn ends at the throughput limit, and the rest is another batch", "[batch_actor]") {
  home.run();
  log->batches = 0;
  for (int i = 0; i < 5; ++i)
    post(subject, i, nullptr);
  home.run_one(2);
  CHECK(log->seen.size() == 2);
  CHECK(log->batches == 1);
  CHECK(home.jobs.size() == 1);
  home.run(2);
  CHECK(log->seen == std::vector<int>{0, 1, 2, 3, 4});
}

TEST_CASE_METHOD(home_fixture, "an event at home is a batch of its own", "[batch_actor]") {
  home.run();
  log->batches = 0;
  actor().touch(7);
  CHECK(log->seen == std::vector<int>{7});
  CHECK(log->batches == 1);
}

TEST_CASE_METHOD(home_fixture, "an actor that quits in an event at home has ended when it returns", "[batch_actor]") {
  home.run();
  auto before = world.system().registry().running();
  actor().leave();
  CHECK(world.system().registry().running() == before - 1);
  actor().touch(8);
  post(subject, 9, nullptr);
  home.run();
  CHECK(log->seen.empty());
}

} // namespace actorbus::test
