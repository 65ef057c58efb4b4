#include <actorbus/actors/msgpack_encoding.hpp>
#include <actorbus/actors/requester.hpp>
#include <actorbus/actors/responder.hpp>
#include <actorbus/actors/testing.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

// Questions and answers by response topic and correlation data.

namespace actorbus::test {

namespace {

using namespace std::chrono_literals;
using protocol::packet_type;
using protocol::property_id;
using protocol::qos;
using protocol::reason_code;
using testing::direction;

struct rpc_bus {
  testing::test_bus world;
  client server = world.bus().connect({.client_id = "server"});
  client asker = world.bus().connect({.client_id = "asker"});
  requester subject{asker};

  void serve_squares(const responder_options& settings = {}) {
    REQUIRE(respond_with<int>(
                server, "square", [](int value) { return value * value; }, settings)
                .get());
  }

  std::size_t count(std::string_view client_id, packet_type type) {
    std::size_t result = 0;
    for (const auto& each : world.traffic())
      result += each.client_id == client_id && each.type == type && each.way == direction::to_bus ? 1 : 0;
    return result;
  }
};

} // namespace

TEST_CASE_METHOD(rpc_bus, "a request is answered by whoever is subscribed to its topic", "[request]") {
  serve_squares();
  auto reply = subject.request<int>("square", 7).get();
  REQUIRE(reply);
  CHECK(*reply == 49);
  CHECK(subject.outstanding() == 0);
  auto question = world.expect_publish("square");
  CHECK(question.properties.view().text(property_id::response_topic) == subject.response_topic());
  auto data = question.properties.view().text(property_id::correlation_data);
  REQUIRE(data);
  auto answer = world.expect_publish(subject.response_topic());
  CHECK(answer.client_id == "server");
  CHECK(answer.properties.view().text(property_id::correlation_data) == data);
}

TEST_CASE_METHOD(rpc_bus, "all requests of a client share one response subscription", "[request]") {
  serve_squares();
  std::vector<operation<answer<int>>> pending;
  for (auto value = 0; value < 50; ++value)
    pending.push_back(subject.request<int>("square", value));
  for (auto value = 0; value < 50; ++value)
    CHECK(*std::move(pending[value]).get() == value * value);
  CHECK(count("asker", packet_type::subscribe) == 1);
}

TEST_CASE_METHOD(rpc_bus, "a request that nobody is subscribed to fails at once", "[request]") {
  auto reply = subject.request<int>("square", 7).get();
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == reason_code::no_matching_subscribers);
  CHECK(reply.error().text == "nobody answers to this topic");
  CHECK(world.elapsed() == 0ms);
}

TEST_CASE_METHOD(rpc_bus, "a responder that takes too long is waited for no longer, and its answer is dropped",
                 "[request]") {
  std::optional<open_request> kept;
  REQUIRE(respond(server, "slow", [&](open_request request) { kept = std::move(request); }).get());
  auto pending = subject.request<int>("slow", 7, 2s);
  world.advance(1999ms);
  CHECK_FALSE(pending.ready());
  CHECK(subject.outstanding() == 1);
  world.advance(1ms);
  REQUIRE(pending.ready());
  auto reply = std::move(pending).get();
  REQUIRE_FALSE(reply);
  CHECK(reply.error().how == ending::timed_out);
  CHECK(subject.outstanding() == 0);
  REQUIRE(kept);
  kept->answer_with(49);
  world.run();
  CHECK(subject.ignored() == 1);
}

TEST_CASE_METHOD(rpc_bus, "each request has its own time", "[request]") {
  REQUIRE(respond(server, "never", [](const open_request&) {}).get());
  auto late = subject.request<int>("never", 1, 3s);
  auto early = subject.request<int>("never", 1, 1s);
  auto by_default = subject.request<int>("never", 1);
  world.advance(1s);
  CHECK(early.ready());
  CHECK_FALSE(late.ready());
  world.advance(2s);
  CHECK(late.ready());
  world.advance(26'999ms);
  CHECK_FALSE(by_default.ready());
  world.advance(1ms);
  CHECK(by_default.ready());
}

TEST_CASE_METHOD(rpc_bus, "an answer that nobody asked for is dropped", "[request]") {
  serve_squares();
  REQUIRE(subject.request<int>("square", 7).get());
  world.publish(subject.response_topic(), "\x07");
  outgoing_message foreign{subject.response_topic(), "\x07"};
  foreign.properties.add(property_id::correlation_data, "12345678");
  world.publish(foreign);
  CHECK(subject.ignored() == 2);
}

TEST_CASE_METHOD(rpc_bus, "the second answer to a request is dropped", "[request]") {
  auto second = world.bus().connect();
  serve_squares();
  REQUIRE(respond_with<int>(second, "square", [](int value) { return value * value; }).get());
  CHECK(*subject.request<int>("square", 7).get() == 49);
  world.run();
  CHECK(subject.ignored() == 1);
}

TEST_CASE_METHOD(rpc_bus, "responders of one share take turns", "[request]") {
  std::vector<std::string> served;
  std::vector<client> workers;
  for (auto name : {"w1", "w2", "w3"}) {
    workers.push_back(world.bus().connect({.client_id = name}));
    REQUIRE(respond_with<int>(workers.back(), "square",
                              [&served, name](int value) {
                                served.push_back(name);
                                return value * value;
                              },
                              {.share = "pool"})
                .get());
  }
  for (auto value = 0; value < 6; ++value)
    CHECK(*subject.request<int>("square", value).get() == value * value);
  std::sort(served.begin(), served.end());
  CHECK(served == std::vector<std::string>{"w1", "w1", "w2", "w2", "w3", "w3"});
  CHECK(subject.ignored() == 0);
}

TEST_CASE_METHOD(rpc_bus, "a responder says why it has no answer", "[request]") {
  using result = protocol::expected<int, std::string>;
  REQUIRE(respond_with<int>(server, "root", [](int value) -> result {
            if (value < 0)
              return refused{"no real root"};
            if (value > 100)
              throw std::runtime_error{"too hard"};
            return 3;
          }).get());
  CHECK(*subject.request<int>("root", 9).get() == 3);
  auto declined = subject.request<int>("root", -1).get();
  REQUIRE_FALSE(declined);
  CHECK(declined.error().code == reason_code::implementation_specific_error);
  CHECK(declined.error().text == "no real root");
  CHECK(subject.request<int>("root", 101).get().error().text == "too hard");
  CHECK(subject.request<int>("root", std::string{"x"}).get().error().text == "MessagePack of another type");
}

TEST_CASE_METHOD(rpc_bus, "an answer of another type is a failure of the request", "[request]") {
  serve_squares();
  auto reply = subject.request<std::string>("square", 7).get();
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == reason_code::payload_format_invalid);
}

TEST_CASE_METHOD(rpc_bus, "a responder of raw bytes throws, and lives on", "[request]") {
  auto calls = 0;
  REQUIRE(respond(server, "raw", [&](const open_request&) {
            ++calls;
            throw std::runtime_error{"broken"};
          }).get());
  CHECK(subject.ask({"raw", "x"}).get().error().text == "broken");
  CHECK(subject.ask({"raw", "x"}).get().error().text == "broken");
  CHECK(calls == 2);
  CHECK_FALSE(server.lost());
}

TEST_CASE_METHOD(rpc_bus, "a message without a response topic is taken and not answered", "[request]") {
  auto seen = 0;
  REQUIRE(respond(server, "square", [&](open_request request) {
            ++seen;
            CHECK_FALSE(request.wants_answer());
            request.answer_with(1);
          }).get());
  world.publish("square", "\x07");
  CHECK(seen == 1);
  world.expect_silence("#");
}

TEST_CASE_METHOD(rpc_bus, "a cancelled request makes room for others", "[request]") {
  REQUIRE(respond(server, "never", [](const open_request&) {}).get());
  requester narrow{asker, {.outstanding_max = 2}};
  std::stop_source stop;
  auto first = narrow.request<int>("never", 1).until(stop.get_token());
  auto raw = narrow.ask({"never", "x"}).until(stop.get_token());
  auto refused = narrow.request<int>("never", 1).get();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == reason_code::quota_exceeded);
  stop.request_stop();
  CHECK(std::move(raw).get().error().how == ending::cancelled);
  auto next = narrow.request<int>("never", 1);
  world.run();
  CHECK_FALSE(next.ready());
}

TEST_CASE_METHOD(rpc_bus, "requests outlive a lost connection", "[request]") {
  auto steady = world.bus().connect({.client_id = "steady",
                                     .session_expiry_seconds = 60,
                                     .reconnect = reconnect_policy{.delay_min = 1s, .jitter = 0}});
  requester patient{steady};
  serve_squares();
  world.cut_at({.client_id = "steady", .way = direction::from_bus, .type = packet_type::publish});
  auto reply = patient.request<int>("square", 7, 10s).get();
  REQUIRE(reply);
  CHECK(*reply == 49);
  CHECK(world.elapsed() == 1s);
}

TEST_CASE_METHOD(rpc_bus, "outstanding requests fail with the requester, and with the client", "[request]") {
  REQUIRE(respond(server, "never", [](const open_request&) {}).get());
  auto brief = std::make_unique<requester>(asker);
  auto with_requester = brief->request<int>("never", 1);
  auto with_client = subject.request<int>("never", 1);
  world.run();
  brief.reset();
  world.run();
  CHECK(with_requester.ready());
  CHECK(count("asker", packet_type::unsubscribe) == 1);
  CHECK_FALSE(with_client.ready());
  asker.disconnect().get();
  auto late = subject.request<int>("never", 1);
  CHECK(with_client.ready());
  CHECK(late.ready());
  CHECK(world.elapsed() == 0ms);
}

TEST_CASE_METHOD(rpc_bus,
                 "answers come below what the broker gave as response information, to who asked for it (4.10.1)",
                 "[request]") {
  serve_squares();
  client_options asking{.client_id = "me"};
  asking.properties.add(property_id::request_response_information, 1);
  auto me = world.bus().connect(asking);
  CHECK(me.connected().response_information == "response/me");
  requester informed{me};
  CHECK(*informed.request<int>("square", 3).get() == 9);
  CHECK(informed.response_topic().starts_with("response/me/me/"));
  CHECK(world.expect_publish(informed.response_topic()).client_id == "server");

  requester of_its_own{me, {.response_prefix = "mine"}};
  CHECK(*of_its_own.request<int>("square", 4).get() == 16);
  CHECK(of_its_own.response_topic().starts_with("mine/me/"));

  CHECK(*subject.request<int>("square", 5).get() == 25); // of a client that didn't ask
  CHECK(subject.response_topic().starts_with("reply/asker/"));
}

TEST_CASE_METHOD(rpc_bus, "a response topic is one that the client's identifier can't break", "[request]") {
  auto strange = world.bus().connect({.client_id = "a/+#"});
  requester of_strange{strange, {.response_prefix = "answers/"}};
  serve_squares();
  CHECK(*of_strange.request<int>("square", 3).get() == 9);
  CHECK(of_strange.response_topic().starts_with("answers/a%2F%2B%23/"));
}

} // namespace actorbus::test
