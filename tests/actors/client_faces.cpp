#include "bus_fixture.hpp"

#include <actorbus/actors/client.hpp>
#include <actorbus/actors/client_actor.hpp>
#include <actorbus/actors/task.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

// The faces of a client on virtual time: a CAF actor that owns one, operations, and coroutines.

namespace actorbus::test {

namespace {

using protocol::qos;
using protocol::reason_code;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct owner_notes {
  std::string all;
  void add(const std::string& what) { all += what + "; "; }
};

/// Owns a client, connects, subscribes "in", and answers what comes to "out".
caf::behavior echo(caf::event_based_actor* self, bus* home, std::shared_ptr<owner_notes> notes,
                   client_options options) {
  auto client = home->spawn_client(self, std::move(options));
  self->monitor(client);
  self->set_down_handler([notes](const caf::down_msg& down) {
    notes->add(down.reason == caf::exit_reason::normal ? "client left" : "client died");
  });
  self->request(client, caf::infinite, connect_request{}).then([=](const outcome& result) {
    notes->add("connect " + std::to_string(static_cast<int>(result.code)));
    self->request(client, caf::infinite, subscribe_filters{{{"in"}}}).then([=](const outcome& granted) {
      notes->add("subscribed " + std::to_string(granted.codes.size()));
    });
  });
  return {
      [=](const incoming_message& message) {
        if (message.payload == "die") {
          self->quit(caf::exit_reason::user_shutdown);
          return;
        }
        outgoing_message answer{"out", std::string{message.payload}, qos::at_least_once};
        self->request(client, caf::infinite, publish_request{std::move(answer), {}}).then([=](const outcome& result) {
          notes->add("published " + std::to_string(static_cast<int>(result.code)));
        });
      },
      [=](const client_connected& event) { notes->add("connected as " + event.result.client_id); },
      [=](const client_disconnected& event) { notes->add("disconnected: " + event.why.text); },
      [=](const client_ended& event) { notes->add("ended: " + event.why.text); },
      [=](disconnect_request&) {
        self->request(client, caf::infinite, disconnect_request{}).then([=](const outcome&) {
          notes->add("disconnect answered");
          self->request(client, caf::infinite, publish_request{{"out", "late"}, {}})
              .then([](const outcome&) {}, [=](const caf::error&) { notes->add("publish bounced"); });
        });
      },
  };
}

struct faces_fixture : bus_fixture {
  std::shared_ptr<owner_notes> notes = std::make_shared<owner_notes>();
  std::unique_ptr<memory_client> peer;
  caf::actor owner;

  faces_fixture() {
    peer = client();
    peer->send(connect_text("peer"));
    peer->send("82 [ 0001 00 s'out' 00 s'will' 00 ]");
  }
  ~faces_fixture() {
    if (owner)
      caf::anon_send_exit(owner, caf::exit_reason::kill);
    owner = {};
    world.run();
  }

  void spawn(client_options options = {}) {
    options.client_id = "owned";
    owner = world.system().spawn(echo, subject.get(), notes, std::move(options));
    world.run();
  }

  std::string noted() {
    std::string all;
    all.swap(notes->all);
    return all;
  }

  /// A plain client, connected. Ends without a blocking call, for there is only one thread here.
  struct ended_at_once {
    virtual_system& world;
    actorbus::client it;
    ~ended_at_once() {
      it.abort();
      world.run();
    }
    actorbus::client* operator->() { return &it; }
  };
  ended_at_once plain(client_options options = {}, client_events events = {}) {
    auto made = subject->make_client(std::move(options), std::move(events));
    made.connect();
    world.run();
    return {world, std::move(made)};
  }
};

std::string words(const outcome& result) {
  switch (result.how) {
  case ending::timed_out: return "timed out";
  case ending::cancelled: return "cancelled";
  case ending::would_block: return "would block";
  case ending::regular:
  case ending::expired:
  case ending::unsettled: break;
  }
  return result ? "done" : result.text;
}

} // namespace

TEST_CASE_METHOD(faces_fixture, "an actor asks its client by request and gets what comes as messages", "[client]") {
  spawn();
  CHECK(noted() == "connected as owned; connect 0; subscribed 1; ");
  CHECK(peer->send("30 [ s'in' 00 'hello' ]") == "PUBLISH out 'hello'");
  CHECK(noted() == "published 0; ");
}

TEST_CASE_METHOD(faces_fixture, "a client ends with its owner as a lost connection: its will is sent", "[client]") {
  spawn({.will = will_options{{"will", "gone"}}});
  CHECK(peer->send("30 [ s'in' 00 'die' ]") == "PUBLISH will 'gone'");
}

TEST_CASE_METHOD(faces_fixture, "an owner learns that its client has left, and that it died", "[client]") {
  spawn();
  noted();
  SECTION("left") {
    caf::anon_send(owner, disconnect_request{});
    world.run();
    CHECK(noted() == "ended: disconnected; disconnect answered; client left; publish bounced; ");
  }
  SECTION("taken over") {
    auto other = client();
    other->send(connect_text("owned"));
    world.run();
    CHECK(noted() == "disconnected: session taken over; ended: session taken over; client died; ");
  }
}

TEST_CASE_METHOD(faces_fixture, "operations end by callback, and once", "[client]") {
  auto it = plain();
  std::string results;
  it->subscribe("t").then([&](const outcome& result) { results += "subscribe " + words(result) + "; "; });
  it->publish("t", "x", qos::exactly_once).then([&](const outcome& result) {
    results += "publish " + words(result) + "; ";
  });
  it->publish("bad/#", "x").then([&](const outcome& result) {
    results += "bad " + std::to_string(static_cast<int>(result.code)) + "; ";
  });
  world.run();
  CHECK(results == "bad 144; subscribe done; publish done; ");
  auto message = it->receive();
  REQUIRE(message.ready());
  auto got = message.get();
  REQUIRE(got);
  CHECK(got->payload == "x");
}

TEST_CASE_METHOD(faces_fixture, "an operation may be given a time, by the virtual clock", "[client]") {
  auto it = plain();
  std::string result;
  it->receive().within(seconds{5}).then([&](const received& what) { result = what ? "message" : words(what.error()); });
  world.run();
  world.advance(milliseconds{4'999});
  CHECK(result == "");
  world.advance(milliseconds{1});
  CHECK(result == "timed out");
  // What comes later is for who waits then, not lost with who doesn't wait any more.
  it->subscribe("t");
  it->publish("t", "x");
  auto next = it->receive();
  world.run();
  REQUIRE(next.ready());
  CHECK(next.get()->payload == "x");
}

TEST_CASE_METHOD(faces_fixture, "a message is not lost with a receive that was dropped", "[client]") {
  auto it = plain();
  it->subscribe("t");
  static_cast<void>(it->receive());
  world.run();
  it->publish("t", "x");
  world.run();
  CHECK(it->receive().ready());
}

TEST_CASE_METHOD(faces_fixture, "an operation may be cancelled", "[client]") {
  auto it = plain();
  std::stop_source stop;
  auto waits = it->receive().until(stop.get_token());
  world.run();
  CHECK_FALSE(waits.ready());
  stop.request_stop();
  REQUIRE(waits.ready());
  CHECK(words(waits.get().error()) == "cancelled");
  auto late = it->receive().until(stop.get_token());
  CHECK(late.ready());
}

TEST_CASE_METHOD(faces_fixture, "a handler that would wait is refused instead of waiting for ever", "[client]") {
  auto it = plain();
  std::string results;
  it->subscribe("t", [&](const incoming_message&) {
    results += words(it->publish("t/2", "x", qos::at_least_once).get()) + "; ";
    results += it->receive(seconds{60}) ? "message; " : "nothing; ";
    results += it->publish("t/2", "x").wait_for(seconds{60}) ? "over; " : "not over; ";
    try {
      run([]() -> task<> { co_return; }());
    } catch (const std::logic_error&) {
      results += "thrown; ";
    }
  });
  it->publish("t", "go");
  world.run();
  CHECK(results == "would block; nothing; not over; thrown; ");
}

TEST_CASE_METHOD(faces_fixture, "a client may be destroyed inside its handler", "[client]") {
  auto it = std::make_unique<actorbus::client>(subject->make_client());
  it->connect();
  auto seen = 0;
  it->subscribe("t", [&](const incoming_message&) {
    ++seen;
    it.reset();
  });
  it->publish("t", "1");
  world.run();
  CHECK(seen == 1);
  CHECK_FALSE(it);
  CHECK(actors() == 2); // the peer's channel and session
}

TEST_CASE_METHOD(faces_fixture, "whatever a client was asked when it ends, every operation fails", "[client]") {
  auto it = plain();
  auto publish = it->publish("t", "x", qos::at_least_once);
  auto subscribe = it->subscribe("t");
  auto receive = it->receive();
  it->abort();
  world.run();
  auto late = it->publish("t", "x");
  CHECK(words(publish.get()) == "disconnected: not known to be delivered");
  CHECK(words(subscribe.get()) == "disconnected");
  CHECK(words(receive.get().error()) == "disconnected");
  CHECK(words(late.get()) == "disconnected");
  CHECK(it->lost());
}

TEST_CASE_METHOD(faces_fixture, "payloads reach the handlers of other clients where they were written", "[client]") {
  auto one = plain();
  auto two = plain();
  auto publisher = plain();
  std::vector<const char*> places;
  for (auto* each : {&one, &two})
    (*each)->subscribe("t", [&](const incoming_message& message) { places.push_back(message.payload.data()); });
  world.run();
  auto message = publisher->prepare({"t"}, 100'000);
  const auto* place = reinterpret_cast<const char*>(message.payload().data());
  std::fill(message.payload().begin(), message.payload().end(), std::uint8_t{'x'});
  publisher->publish(std::move(message));
  world.run();
  REQUIRE(places.size() == 2);
  CHECK(places[0] == place);
  CHECK(places[1] == place);
}

namespace {

task<std::string> converse(actorbus::client& client, std::string& progress) {
  co_await client.connect();
  progress = "connected";
  auto granted = co_await client.subscribe("talk");
  progress = granted ? "subscribed" : "refused";
  std::string all;
  while (auto message = co_await client.receive().within(std::chrono::seconds{1})) {
    all += message->payload;
    progress = all;
  }
  co_return all;
}

task<> note_into(task<std::string> what, std::string& result) {
  result = co_await what;
}

task<int> fails() {
  throw std::runtime_error{"no luck"};
  co_return 1;
}

task<> fails_further(std::string& progress) {
  progress = "begun";
  co_await fails();
  progress = "not reached";
}

} // namespace

TEST_CASE_METHOD(faces_fixture, "coroutines await connect, subscribe and messages, with a time-out", "[client]") {
  auto it = subject->make_client();
  std::string progress;
  std::string result;
  auto end = start(note_into(converse(it, progress), result));
  world.run();
  CHECK(progress == "subscribed");
  peer->send("30 [ s'talk' 00 'a' ] 30 [ s'talk' 00 'b' ]");
  CHECK(progress == "ab");
  CHECK_FALSE(end.ready());
  world.advance(seconds{1});
  REQUIRE(end.ready());
  CHECK(end.get());
  CHECK(result == "ab");
  it.abort();
  world.run();
}

TEST_CASE("what a task throws comes to who awaits it, or is its outcome", "[client]") {
  std::string progress;
  auto end = start(fails_further(progress));
  REQUIRE(end.ready());
  CHECK(end.get().text == "no luck");
  CHECK(progress == "begun");
  CHECK_THROWS_WITH(run(fails()), "no luck");
}

} // namespace actorbus::test
