// A kind of participant of the program's own: topology files name it as they name the others.

#include <cmath>
#include <future>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "run/running_bus.hpp"
#include "topology/load_topology.hpp"
#include "topology/message_settings.hpp"
#include "user_error.hpp"

using namespace actorbus;
using namespace actorbus::demos;

// Passes a number on when it is another one than before, by more than `step`. A participant is plain
// code: what it wants done are effects, which the actor around it sees to.
class on_change : public participant {
public:
  explicit on_change(settings_reader& from)
      : filters_(read_filters(from)),
        topic_(from.required_text("topic")),
        step_(from.number("step", 0, 1e9).value_or(0)) {}

  std::vector<subscribe_options> subscriptions() const override { return filters_; }

  void on_message(const incoming_message& message, time_point,
                  participant_effects& effects) override {
    auto value = to_double(message.payload, NAN);
    if (std::isnan(value) || (last_ && std::abs(value - *last_) <= step_))
      return;
    last_ = value;
    effects.publishes.push_back({topic_, std::string{message.payload}});
  }

private:
  std::vector<subscribe_options> filters_;
  std::string topic_;
  double step_;
  std::optional<double> last_;
};

// Tells the rest of the program what came after a 23.
class witness : public participant {
public:
  witness(settings_reader& from, std::promise<std::string>& told)
      : filters_(read_filters(from)), told_(told) {}

  std::vector<subscribe_options> subscriptions() const override { return filters_; }

  void on_message(const incoming_message& message, time_point, participant_effects&) override {
    if (heard_ == 0 && message.payload != "23")
      return;
    (text_ += ' ') += message.payload;
    if (++heard_ == 4)
      told_.set_value(text_);
  }

private:
  std::vector<subscribe_options> filters_;
  std::promise<std::string>& told_;
  std::string text_;
  int heard_ = 0;
};

constexpr std::string_view text = R"(
[[participant]]
name = "thermometer"
kind = "generator"
topic = "temperature"
payload = "{value:1}"
value = { function = "list", values = ["20", "20.2", "20.4", "23", "23.1"] }
rate = 1000

[[participant]]
name = "jumps"
kind = "on_change"
filter = "temperature"
topic = "jumps"
step = 1

[[participant]]
name = "witness"
kind = "witness"
filter = "jumps"
)";

int main() {
  std::promise<std::string> told;
  participant_kinds kinds;
  kinds.add("on_change", [](settings_reader& from, const participant_context&) {
    return std::make_unique<on_change>(from);
  });
  kinds.add("witness", [&](settings_reader& from, const participant_context&) {
    return std::make_unique<witness>(from, told);
  });
  try {
    running_bus bus{load_topology_text(text, "the topology", {}, kinds), {}};
    std::cout << "jumps:" << told.get_future().get() << '\n';
  } catch (const user_error& mistakes) {
    std::cerr << mistakes.what() << '\n';
    return 1;
  }
}
