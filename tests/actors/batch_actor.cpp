#include "support/virtual_system.hpp"

#include <actorbus/actors/batch_actor.hpp>

#include <caf/error.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace actorbus::test {

namespace {

using journal = std::shared_ptr<std::vector<std::string>>;

/// Writes down what happens to it: numbers are messages, the texts "quit" and "throw" are orders.
class diarist : public batch_actor {
public:
  diarist(caf::actor_config& config, journal diary) : batch_actor{config, nullptr}, diary_{std::move(diary)} {}

protected:
  void on_start() override { diary_->push_back("start"); }

  bool on_message(caf::mailbox_element& element) override {
    return match_message<int, std::string, caf::actor>(element, [this](auto& message) { on(message); });
  }

  void on_batch_end() override { diary_->push_back("."); }
  void on_exit() override { diary_->push_back("exit"); }
  void on_down(caf::down_msg& message) override { diary_->push_back("down " + to_string(message.reason)); }

private:
  void on(int number) { diary_->push_back(std::to_string(number)); }
  void on(const std::string& order) {
    diary_->push_back(order);
    if (order == "quit")
      quit();
    if (order == "fail")
      quit(caf::exit_reason::unknown);
    if (order == "throw")
      throw std::runtime_error{"thrown by a handler"};
  }
  void on(const caf::actor& other) { monitor(other); }

  journal diary_;
};

/// Its turns are of one message each, as all turns of a virtual system.
struct diary_fixture {
  virtual_system world;
  journal diary = std::make_shared<std::vector<std::string>>();
  caf::actor subject = world.system().spawn<diarist>(diary);

  /// What was written down since the last call.
  std::string read() {
    world.run();
    std::string result;
    for (const auto& each : std::exchange(*diary, {}))
      result += (result.empty() ? "" : " ") + each;
    return result;
  }

  template <class... Ts>
  void post_all(Ts... messages) {
    (actorbus::post(subject, std::move(messages), nullptr), ...);
  }
};

std::string text(const char* value) {
  return value;
}

} // namespace

TEST_CASE_METHOD(diary_fixture, "an actor that quits flushes and handles nothing after it", "[batch_actor]") {
  read();
  post_all(1, text("quit"), 2);
  CHECK(read() == "1 . quit . exit");
  post_all(3);
  CHECK(read() == "");
}

TEST_CASE_METHOD(diary_fixture, "an exception in a handler ends the actor with an error", "[batch_actor]") {
  auto watcher_diary = std::make_shared<std::vector<std::string>>();
  auto watcher = world.system().spawn<diarist>(watcher_diary);
  actorbus::post(watcher, subject, nullptr);
  read();
  watcher_diary->clear();
  post_all(1, text("throw"), 2);
  CHECK(read() == "1 . throw . exit");
  REQUIRE(watcher_diary->size() == 2);
  CHECK(watcher_diary->front() == "down " + to_string(caf::make_error(caf::sec::runtime_error)));
  caf::anon_send_exit(watcher, caf::exit_reason::user_shutdown);
}

TEST_CASE_METHOD(diary_fixture, "an exit message ends the actor, unless its reason is normal", "[batch_actor]") {
  read();
  caf::anon_send_exit(subject, caf::exit_reason::normal);
  CHECK(read() == ".");
  auto reason = GENERATE(caf::exit_reason::user_shutdown, caf::exit_reason::kill, caf::exit_reason::unknown);
  caf::anon_send_exit(subject, reason);
  CHECK(read() == ". exit");
}

TEST_CASE_METHOD(diary_fixture, "whoever monitors an actor is told its end and goes on", "[batch_actor]") {
  auto other = world.system().spawn<diarist>(std::make_shared<std::vector<std::string>>());
  post_all(other);
  read();
  actorbus::post(other, text("fail"), nullptr);
  CHECK(read() == "down " + to_string(caf::make_error(caf::exit_reason::unknown)) + " .");
  post_all(1);
  CHECK(read() == "1 .");
}

TEST_CASE_METHOD(diary_fixture, "to monitor an actor that has ended already is answered at once", "[batch_actor]") {
  auto other = world.system().spawn<diarist>(std::make_shared<std::vector<std::string>>());
  actorbus::post(other, text("quit"), nullptr);
  read();
  post_all(other);
  CHECK(read().find("down") != std::string::npos);
}

TEST_CASE_METHOD(diary_fixture, "linked actors end together, but for a normal end", "[batch_actor]") {
  auto normal = GENERATE(true, false);
  CAPTURE(normal);
  auto other = world.system().spawn<diarist>(std::make_shared<std::vector<std::string>>());
  caf::actor_cast<caf::abstract_actor*>(subject)->add_link(caf::actor_cast<caf::abstract_actor*>(other));
  read();
  actorbus::post(other, text(normal ? "quit" : "fail"), nullptr);
  CHECK(read() == (normal ? "." : ". exit"));
}

TEST_CASE_METHOD(diary_fixture, "a message that it doesn't know is dropped", "[batch_actor]") {
  read();
  caf::anon_send(subject, 1.5);
  caf::anon_send(subject, 1, 2);
  caf::anon_send(subject, 7);
  CHECK(read() == ". . 7 .");
}

TEST_CASE_METHOD(diary_fixture, "a request that the actor does not live to read is answered with an error",
                 "[batch_actor]") {
  auto already_ended = GENERATE(true, false);
  CAPTURE(already_ended);
  read();
  caf::scoped_actor asker{world.system()};
  post_all(text("quit"));
  if (already_ended)
    world.run();
  auto answer = asker->request(subject, caf::infinite, 1);
  world.run();
  auto failed = false;
  answer.receive([](int) { FAIL("there is nobody to answer"); }, [&](const caf::error&) { failed = true; });
  CHECK(failed);
}

TEST_CASE("an actor that is spawned lazily starts with its first message", "[batch_actor]") {
  virtual_system world;
  auto diary = std::make_shared<std::vector<std::string>>();
  auto subject = world.system().spawn<diarist, caf::lazy_init>(diary);
  world.run();
  CHECK(diary->empty());
  post(subject, 1, nullptr);
  world.run();
  CHECK(*diary == std::vector<std::string>{"start", "1", "."});
  caf::anon_send_exit(subject, caf::exit_reason::user_shutdown);
}

TEST_CASE("an actor nobody refers to is freed, whether it ever ran or not", "[batch_actor]") {
  virtual_system world;
  auto ran = GENERATE(true, false);
  CAPTURE(ran);
  auto diary = std::make_shared<std::vector<std::string>>();
  auto subject = world.system().spawn<diarist, caf::lazy_init>(diary);
  if (ran) {
    caf::anon_send_exit(subject, caf::exit_reason::user_shutdown);
    world.run();
  }
  CHECK(diary.use_count() == 2);
  subject = {};
  world.run();
  CHECK(diary.use_count() == 1);
}

TEST_CASE("an idle actor is small", "[batch_actor]") {
  CHECK(sizeof(batch_actor) < 400);
}

} // namespace actorbus::test
