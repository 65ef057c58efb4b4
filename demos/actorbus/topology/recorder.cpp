#include <limits>
#include <optional>

#include "recording/recorded_message.hpp"
#include "recording/recording_writer.hpp"
#include "topology/message_settings.hpp"
#include "topology/participant_kinds.hpp"

namespace actorbus::demos {

namespace {

using namespace std::chrono_literals;

/// Writes messages to a file, with their times, until a limit is reached.
class recorder final : public participant {
public:
  recorder(settings_reader& from, const participant_context& context)
      : filters_(read_filters(from)),
        path_(from.required_text("file")),
        append_(from.flag("append").value_or(false) || context.life != 0),
        bytes_max_(limit(from, "bytes_max", 100'000'000)),
        messages_max_(limit(from, "messages_max", any)),
        calendar_(context.calendar),
        name_(context.name) {
    for (auto& each : filters_)
      each.retain_as_published = true;
    if (auto seconds = from.number("for_s", 0.001, 1e9))
      span_ = std::chrono::duration_cast<duration>(std::chrono::duration<double>{*seconds});
  }

  std::vector<subscribe_options> subscriptions() const override { return filters_; }

  void start(time_point now, participant_effects& effects) override {
    auto opened = recording_writer::open(path_, append_);
    if (!opened) {
      effects.failed = path_ + ": " + opened.error();
      return;
    }
    file_.emplace(std::move(*opened));
    if (span_)
      until_ = now + *span_;
    effects.next_alarm = next_look(now);
  }

  void on_message(const incoming_message& message, time_point now,
                  participant_effects& effects) override {
    if (!file_)
      return;
    auto time =
        std::chrono::duration_cast<std::chrono::microseconds>(calendar_.at(now).time_since_epoch());
    auto before = file_->waiting().size();
    append_recorded(file_->waiting(), message, time);
    if (file_->size_bytes() > bytes_max_) {
      file_->waiting().resize(before);
      finish("bytes_max", effects);
      return;
    }
    ++messages_;
    write(false, effects);
    if (messages_ >= messages_max_)
      finish("messages_max", effects);
  }

  void on_alarm(time_point now, participant_effects& effects) override {
    if (!file_)
      return;
    write(true, effects);
    if (until_ && now >= *until_)
      finish("for_s", effects);
    else
      effects.next_alarm = next_look(now);
  }

private:
  static constexpr auto any = std::numeric_limits<std::int64_t>::max();

  static std::uint64_t limit(settings_reader& from, std::string_view key, std::int64_t otherwise) {
    return static_cast<std::uint64_t>(from.integer(key, 1, any).value_or(otherwise));
  }

  // Who looks into the file finds what is a second old.
  time_point next_look(time_point now) const {
    time_point soon = now + 1s;
    return until_ ? std::min(soon, *until_) : soon;
  }

  void write(bool all, participant_effects& effects) {
    if (auto why = file_->flush(all); !why.empty())
      effects.failed = path_ + ": " + why;
  }

  void finish(std::string_view limit, participant_effects& effects) {
    write(true, effects);
    effects.lines.push_back(name_ + ": recorded " + std::to_string(messages_) + " messages, " +
                            std::to_string(file_->size_bytes()) + " bytes to " + path_ + ", as " +
                            std::string{limit} + " says");
    file_.reset();
  }

  std::vector<subscribe_options> filters_;
  std::string path_;
  bool append_;
  std::uint64_t bytes_max_;
  std::uint64_t messages_max_;
  std::optional<duration> span_;
  wall_clock calendar_;
  std::string name_;
  std::optional<recording_writer> file_; ///< none: not begun, or it is over
  std::optional<time_point> until_;
  std::uint64_t messages_ = 0;
};

} // namespace

std::unique_ptr<participant> read_recorder(settings_reader& from,
                                           const participant_context& context) {
  return std::make_unique<recorder>(from, context);
}

} // namespace actorbus::demos
