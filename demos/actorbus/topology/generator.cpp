#include "topology/message_source.hpp"
#include "topology/participant_kinds.hpp"

namespace actorbus::demos {

namespace {

class generator final : public participant {
public:
  generator(settings_reader& from, const participant_context& context) : source_(from, context) {}

  void start(time_point now, participant_effects& effects) override {
    source_.begin(now);
    on_alarm(now, effects);
  }

  void on_alarm(time_point now, participant_effects& effects) override {
    effects.next_alarm = source_.make_due(now, effects.publishes);
  }

private:
  message_source source_;
};

} // namespace

std::unique_ptr<participant> read_generator(settings_reader& from,
                                            const participant_context& context) {
  return std::make_unique<generator>(from, context);
}

} // namespace actorbus::demos
