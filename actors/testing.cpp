#include <actorbus/actors/testing.hpp>

#include <utility>

#include <caf/actor_system.hpp>

#include <actorbus/protocol/topic.hpp>

namespace actorbus::testing {

using std::chrono::milliseconds;

namespace {

/// Nobody waits longer than this: a client that pings keeps a bus busy for ever.
constexpr std::chrono::hours patience{24};

class virtual_driver : public thread_driver {
public:
  explicit virtual_driver(virtual_system& world) : world_(world) {}

  bool drive_until(const std::function<bool()>& done, std::optional<milliseconds> within) override {
    if (drives_) // an actor that blocks: the others can't run before it returns
      return done();
    drives_ = true;
    auto result = world_.run_until(done, within.value_or(patience));
    drives_ = false;
    return result;
  }

private:
  virtual_system& world_;
  bool drives_ = false;
};

bool is_publish_of_program(const recorded_packet& packet) {
  return packet.type == protocol::packet_type::publish && packet.way == direction::to_bus &&
         packet.client_id != test_bus::tester_id;
}

} // namespace

struct test_bus::parts {
  explicit parts(actorbus::bus::options settings) {
    if (settings.seed == 0)
      settings.seed = 1;
    settings.gateway = [this](caf::actor_system& system, const caf::actor& broker) {
      return system.spawn<link_tap, caf::hidden>(record, broker);
    };
    subject.emplace(world.system(), settings);
    tester = subject->connect({.client_id = std::string{tester_id}});
  }

  ~parts() {
    tester = {};
    subject.reset();
    world.run();
  }

  virtual_system world;
  virtual_driver driver{world};
  std::shared_ptr<traffic_record> record =
      std::make_shared<traffic_record>([this] { return world.elapsed(); });
  std::optional<actorbus::bus> subject;
  client tester;
};

test_bus::test_bus(actorbus::bus::options settings)
    : parts_(std::make_unique<parts>(std::move(settings))) {}

test_bus::~test_bus() = default;

actorbus::bus& test_bus::bus() noexcept {
  return *parts_->subject;
}

client& test_bus::tester() noexcept {
  return parts_->tester;
}

void test_bus::publish(std::string topic, std::string payload, protocol::qos quality, bool retain) {
  publish(outgoing_message{std::move(topic), std::move(payload), quality, retain});
}

void test_bus::publish(outgoing_message message) {
  run(); // who subscribed just now is to get it
  auto topic = message.topic;
  auto result = parts_->tester.publish(std::move(message)).get();
  if (!result)
    throw expectation_failed{"publishing to " + topic + ": " + result.text};
  run();
}

void test_bus::run() {
  parts_->world.run();
}

void test_bus::advance(milliseconds time) {
  parts_->world.advance(time);
}

milliseconds test_bus::elapsed() const {
  return parts_->world.elapsed();
}

const std::vector<recorded_packet>& test_bus::traffic() const noexcept {
  return parts_->record->packets();
}

std::string test_bus::transcript() const {
  std::string result;
  for (const auto& each : traffic())
    result += to_string(each) + '\n';
  return result;
}

std::optional<std::size_t> test_bus::find(std::string_view filter,
                                          std::optional<std::string_view> payload) const {
  const auto& packets = traffic();
  for (std::size_t i = 0; i < packets.size(); ++i) {
    auto is_new = i >= expected_.size() || !expected_[i];
    if (is_new && is_publish_of_program(packets[i]) &&
        protocol::matches(filter, packets[i].topic) && (!payload || *payload == packets[i].payload))
      return i;
  }
  return std::nullopt;
}

std::string test_bus::failure(std::string_view what) const {
  auto text = std::string{what} + ". By " + std::to_string(elapsed().count()) + " ms there was:\n";
  for (const auto& each : traffic())
    if (is_publish_of_program(each))
      text += "  " + to_string(each) + '\n';
  return text;
}

recorded_packet test_bus::expect_publish(std::string_view filter, milliseconds within,
                                         std::optional<std::string_view> payload) {
  std::optional<std::size_t> found;
  parts_->driver.drive_until([&] { return (found = find(filter, payload)).has_value(); }, within);
  if (!found)
    throw expectation_failed{failure("no PUBLISH to " + std::string{filter} +
                                     (payload ? " with \"" + std::string{*payload} + '"' : "") +
                                     " within " + std::to_string(within.count()) + " ms")};
  expected_.resize(traffic().size());
  expected_[*found] = true;
  return traffic()[*found];
}

void test_bus::expect_silence(std::string_view filter, milliseconds during) {
  advance(during);
  if (find(filter, std::nullopt))
    throw expectation_failed{failure("a PUBLISH to " + std::string{filter} + " was not expected")};
}

void test_bus::cut_at(cut_point where) {
  parts_->record->cut_at(std::move(where));
}

void test_bus::cut(std::string_view client_id) {
  if (cut_links(*parts_->record, client_id, tester_id) == 0)
    throw expectation_failed{"there is no link of " + std::string{client_id} + " to cut"};
  run();
}

void test_bus::refuse_connections(bool refuses) {
  parts_->record->refuses = refuses;
}

} // namespace actorbus::testing
