#include "bus_fixture.hpp"

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/bus_figures.hpp>
#include <actorbus/actors/json_text.hpp>
#include <actorbus/actors/session_ranking.hpp>

#include <caf/send.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <optional>

// Who has done what on the bus, for those who want to see it.

namespace actorbus::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// An actor that asks, and keeps the answer.
class reader : public batch_actor {
public:
  reader(caf::actor_config& config, std::shared_ptr<std::optional<bus_figures>> into)
      : batch_actor{config, nullptr}, into_{std::move(into)} {}

private:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<bus_figures>(element, [this](bus_figures& answer) { *into_ = std::move(answer); });
  }

  std::shared_ptr<std::optional<bus_figures>> into_;
};

struct watched_bus : bus_fixture {
  watched_bus() : watched_bus{bus::options{.seed = 1, .status_interval = std::chrono::hours{1}}} {}
  explicit watched_bus(const bus::options& options) {
    subject = std::make_unique<bus>(world.system(), options);
    asker = world.system().spawn<reader>(answer);
    world.run();
  }
  ~watched_bus() { caf::anon_send_exit(asker, caf::exit_reason::user_shutdown); }

  bus_figures ask(figures_order order = {}, std::size_t most = 100) {
    answer->reset();
    subject->ask_figures({asker, order, most});
    world.run();
    REQUIRE(answer->has_value());
    return **answer;
  }

  /// "a b": the clients that figures list, in their order.
  static std::string names(const bus_figures& figures) {
    std::string result;
    for (const auto& each : figures.clients)
      result += (result.empty() ? "" : " ") + each.client_id;
    return result;
  }

  std::shared_ptr<std::optional<bus_figures>> answer = std::make_shared<std::optional<bus_figures>>();
  caf::actor asker;
};

struct forgetful_bus : watched_bus {
  forgetful_bus() : watched_bus{bus::options{.limits = {.queued_messages_max = 2}, .seed = 1, .keep_left = true}} {}
};

struct short_list : watched_bus {
  short_list()
      : watched_bus{
            bus::options{.limits = {.figures_clients_max = 1}, .seed = 1, .status_interval = std::chrono::hours{1}}} {}
};

surveyed_session session_with(std::uint64_t id, std::uint64_t in, std::uint64_t out) {
  return {id, in, out, 0, 0};
}

} // namespace

TEST_CASE_METHOD(watched_bus, "figures tell what each session has sent and received", "[figures]") {
  auto a = client();
  a->policy = std::make_shared<listener_policy>(listener_policy{"mqtt://here"});
  a->send(connect_text("a"));
  auto b = client();
  b->send(connect_text("b"));
  b->send("82 [ 0001 00 s'x' 00 s'$share/g/y/+/#' 01 ]");
  const auto before = ask();
  for (int i = 0; i < 3; ++i)
    a->send("30 [ s'x' 00 'hi' ]"); // 8 bytes
  const auto after = ask();
  CHECK(after.sessions == 2);
  CHECK(after.connected == 2);
  CHECK(after.subscriptions == 2);
  CHECK(after.totals.messages_in == 3);
  CHECK(after.totals.messages_out == 3);
  REQUIRE(names(after) == "a b");
  const auto& sender = after.clients[0];
  CHECK(sender.connected);
  CHECK(sender.transport == "memory");
  CHECK(sender.peer == "test");
  CHECK(sender.listener == "mqtt://here");
  CHECK(sender.version == protocol::protocol_version::v5);
  CHECK(sender.traffic.messages_in == 3);
  CHECK(sender.traffic.messages_out == 0);
  CHECK(sender.traffic.bytes_in == 24);
  CHECK(sender.traffic.bytes_out == before.clients[0].traffic.bytes_out);
  CHECK(sender.subscriptions == 0);
  const auto& receiver = after.clients[1];
  CHECK(receiver.listener.empty());
  CHECK(receiver.traffic.messages_in == 0);
  CHECK(receiver.traffic.messages_out == 3);
  CHECK(receiver.traffic.bytes_out == before.clients[1].traffic.bytes_out + 24);
  CHECK(receiver.subscriptions == 2);
  CHECK(receiver.filters == std::vector<std::string>{"$share/g/y/+/#", "x"});
  REQUIRE(after.listeners.size() == 1);
  CHECK(after.listeners[0].listener->name == "mqtt://here");
  CHECK(after.listeners[0].connected == 1);
}

TEST_CASE_METHOD(forgetful_bus, "figures tell what waits for a session that is away, and what it lost", "[figures]") {
  auto b = client();
  b->send(connect_text("b", true, 600));
  b->send("82 [ 0001 00 s'x' 01 ]");
  b->close();
  auto a = client();
  a->send(connect_text("a"));
  for (int i = 0; i < 5; ++i)
    a->send("32 [ s'x' 0001 00 'hi' ]");
  const auto figures = ask(figures_order::queued, 1);
  REQUIRE(names(figures) == "b");
  const auto& away = figures.clients[0];
  CHECK_FALSE(away.connected);
  CHECK(away.queued_messages == 2);
  CHECK(away.inflight == 0);
  CHECK(away.traffic.dropped == 3);
  CHECK(figures.stored_messages == 2);
  CHECK(names(ask(figures_order::dropped, 1)) == "b");
  auto back = client();
  back->send(connect_text("b", false, 600));
  CHECK(ask(figures_order::queued, 1).clients[0].inflight == 2);
}

TEST_CASE_METHOD(forgetful_bus, "figures tell of connections that are over", "[figures]") {
  auto a = client();
  a->send(connect_text("a"));
  a->send("30 [ s'x' 00 'hi' ]");
  CHECK(ask().left.empty());
  a->send("e0 00");
  const auto figures = ask();
  CHECK(names(figures).empty());
  REQUIRE(figures.left.size() == 1);
  CHECK(figures.left[0].client_id == "a");
  CHECK(figures.left[0].transport == "memory");
  CHECK_FALSE(figures.left[0].connected);
  CHECK(figures.left[0].traffic.messages_in == 1);
}

TEST_CASE_METHOD(watched_bus, "figures are published while somebody subscribes to them, and no longer", "[figures]") {
  auto a = client();
  a->send(connect_text("a"));
  auto b = client();
  b->send(connect_text("b"));
  CHECK(b->send("82 [ 0001 00 s'$SYS/broker/figures/rate' 00 ]") == "SUBACK #1 00");
  for (int i = 0; i < 20; ++i)
    a->send("30 [ s'x' 00 'hi' ]");
  CHECK(b->received().empty());
  world.advance(seconds{1});
  const auto said = b->received();
  CHECK(said.starts_with("PUBLISH $SYS/broker/figures/rate '{\"order\":\"rate\",\"uptime_s\":1,\"sessions\":2,"
                         "\"connected\":2,\"subscriptions\":1,"));
  CHECK(said.find("\"messages_in\":20,\"messages_out\":0,\"bytes_in\":160,") != std::string::npos);
  CHECK(said.find("\"clients\":[{\"client\":\"a\",\"transport\":\"memory\",\"peer\":\"test\",\"listener\":\"\","
                  "\"version\":\"5.0\",\"connected\":true,\"messages_in\":20,\"messages_out\":0,") !=
        std::string::npos);
  CHECK(said.find("\"in_per_s\":20.00,\"out_per_s\":0.00,\"queued\":0,\"inflight\":0,\"stored_bytes\":0,"
                  "\"subscriptions\":0,\"filters\":[]}") != std::string::npos);
  world.advance(seconds{1});
  CHECK(b->received().find("\"in_per_s\":0.00") != std::string::npos);
  b->send("a2 [ 0002 00 s'$SYS/broker/figures/rate' ]");
  world.advance(seconds{20}); // what rates are made of is forgotten
  CHECK(b->received().empty());
  CHECK(b->send("82 [ 0003 00 s'$SYS/broker/figures/+' 00 ]") == "SUBACK #3 00");
  world.advance(seconds{1});
  CHECK(b->received().starts_with("PUBLISH $SYS/broker/figures/rate "));
}

TEST_CASE_METHOD(watched_bus, "who subscribes to all of $SYS is no reason to make figures", "[figures]") {
  auto a = client();
  a->send(connect_text("a"));
  a->send("82 [ 0001 00 s'$SYS/#' 00 s'$SYS/broker/#' 00 ]");
  a->received();
  world.advance(seconds{5});
  CHECK(a->received().empty());
  auto b = client();
  b->send(connect_text("b"));
  b->send("82 [ 0001 00 s'$SYS/broker/figures/queued' 00 ]");
  world.advance(seconds{1});
  CHECK(a->received().starts_with("PUBLISH $SYS/broker/figures/queued "));
  CHECK(b->received().starts_with("PUBLISH $SYS/broker/figures/queued "));
  b->close();
  world.advance(seconds{1});
  a->received();
  world.advance(seconds{5});
  CHECK(a->received().empty());
}

TEST_CASE_METHOD(bus_fixture, "a bus that says nothing of itself publishes no figures", "[figures]") {
  auto a = client();
  a->send(connect_text("a"));
  a->send("82 [ 0001 00 s'$SYS/broker/figures/rate' 00 ]");
  world.advance(seconds{5});
  CHECK(a->received().empty());
}

TEST_CASE_METHOD(short_list, "published figures list so many clients at most", "[figures]") {
  auto a = client();
  a->send(connect_text("a"));
  auto b = client();
  b->send(connect_text("b"));
  a->send("82 [ 0001 00 s'$SYS/broker/figures/rate' 00 ]");
  for (int i = 0; i < 10; ++i)
    b->send("30 [ s'x' 00 'hi' ]");
  world.advance(seconds{1});
  const auto said = a->received();
  CHECK(said.find("\"client\":\"b\"") != std::string::npos);
  CHECK(said.find("\"client\":\"a\"") == std::string::npos);
}

TEST_CASE_METHOD(watched_bus, "figures of more sessions than one look takes name the busiest", "[figures]") {
  constexpr int many = 5'000; // a turn of the broker takes 4096
  std::vector<std::unique_ptr<memory_client>> all;
  for (int i = 0; i < many; ++i) {
    all.push_back(client());
    all.back()->send(connect_text("c" + std::to_string(i)));
  }
  ask();
  for (int i : {17, 4'711})
    for (int k = 0; k <= i; k += 17)
      all[static_cast<std::size_t>(i)]->send("30 [ s'x' 00 'hi' ]");
  world.advance(seconds{1});
  const auto figures = ask(figures_order::rate, 3);
  CHECK(figures.sessions == many);
  CHECK(names(figures) == "c4711 c17 c0");
  CHECK(figures.clients[0].in_per_second == Approx(278)); // 4711 / 17 and one, in a second
}

TEST_CASE("a ranking's rates are of the time between two looks", "[figures]") {
  session_ranking ranking;
  auto look = [&](milliseconds at, std::initializer_list<surveyed_session> sessions) {
    ranking.begin(time_point{at});
    for (const auto& each : sessions)
      ranking.add(each);
    ranking.end();
  };
  look(seconds{1}, {session_with(1, 1'000, 0), session_with(2, 0, 0)});
  CHECK(ranking.rates_of(1).in == 0); // since when is not known
  look(seconds{3}, {session_with(1, 1'010, 0), session_with(2, 6, 40)});
  CHECK(ranking.rates_of(1).in == Approx(5));
  CHECK(ranking.rates_of(2).in == Approx(3));
  CHECK(ranking.rates_of(2).out == Approx(20));
  CHECK(ranking.first(figures_order::rate, 5) == std::vector<std::uint64_t>{2, 1});
  SECTION("a look soon after sees the same rates") {
    look(milliseconds{3'100}, {session_with(1, 1'100, 0), session_with(2, 6, 40)});
    CHECK(ranking.rates_of(1).in == Approx(5));
    look(seconds{4}, {session_with(1, 1'100, 0), session_with(2, 6, 40)});
    CHECK(ranking.rates_of(1).in == Approx(90));
    CHECK(ranking.rates_of(2).out == 0);
  }
  SECTION("a session that is shown twice counts once") {
    look(seconds{4}, {session_with(1, 1'010, 0), session_with(1, 1'010, 0)});
    CHECK(ranking.first(figures_order::rate, 5) == std::vector<std::uint64_t>{1});
  }
  SECTION("what is gone is forgotten") {
    look(seconds{4}, {});
    CHECK(ranking.first(figures_order::rate, 5).empty());
  }
}

TEST_CASE("a ranking puts the older of two equal sessions first", "[figures]") {
  session_ranking ranking;
  ranking.begin(time_point{seconds{1}});
  for (std::uint64_t id : {7, 3, 9})
    ranking.add({id, 0, 0, id == 9 ? 1U : 0U, id == 7 ? 5U : 0U});
  ranking.end();
  CHECK(ranking.first(figures_order::queued, 3) == std::vector<std::uint64_t>{7, 3, 9});
  CHECK(ranking.first(figures_order::dropped, 2) == std::vector<std::uint64_t>{9, 3});
}

TEST_CASE("figures as JSON cut long texts between characters", "[figures]") {
  CHECK(json_text("plain \"\\\n", 100) == R"("plain \"\\\u000a")");
  CHECK(json_text("aé", 3) == "\"aé\"");
  CHECK(json_text("aéb", 2) == "\"a…\"");
  bus_figures figures;
  figures.clients.emplace_back().client_id = std::string(60'000, 'x');
  CHECK(to_json(figures).size() < 1'000);
}

} // namespace actorbus::test
