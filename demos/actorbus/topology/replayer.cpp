#include <algorithm>
#include <optional>

#include "recording/recording_reader.hpp"
#include "topology/message_settings.hpp"
#include "topology/participant_kinds.hpp"

namespace actorbus::demos {

namespace {

using namespace std::chrono_literals;

/// Publishes what was recorded, with the pauses that there were.
class replayer final : public participant {
public:
  replayer(settings_reader& from, const participant_context& context)
      : path_(from.required_text("file")),
        speed_(from.number("speed", 0.001, 1e6).value_or(1)),
        loop_(from.flag("loop").value_or(false)),
        prefix_(from.text("prefix").value_or("")),
        after_(read_delay(from)),
        name_(context.name) {
    if (prefix_.find_first_of("+#") != prefix_.npos)
      from.wrong("prefix", "a topic has no wildcards");
    if (from.has("qos"))
      quality_ = read_qos(from, "qos");
    if (!path_.empty() && context.life == 0)
      check_file(from);
  }

  void start(time_point now, participant_effects& effects) override {
    auto opened = recording_reader::open(path_);
    if (!opened) {
      effects.failed = path_ + ": " + opened.error();
      return;
    }
    file_.emplace(std::move(*opened));
    due_ = now + after_;
    advance(effects);
    on_alarm(now, effects);
  }

  void on_alarm(time_point now, participant_effects& effects) override {
    while (next_ && due_ <= now && effects.publishes.size() < at_once_max) {
      effects.publishes.push_back(std::move(next_->message));
      ++played_;
      advance(effects);
    }
    if (next_)
      effects.next_alarm = std::max<time_point>(due_, now + 1ms);
  }

private:
  static constexpr std::size_t at_once_max = 10'000;
  static constexpr std::size_t checked_lines_max = 10'000; ///< before it begins
  static constexpr std::size_t told_faults_max = 10;       ///< for each run of the file
  static constexpr std::size_t faults_max = 1000;          ///< the same

  // What stands at the beginning of the file; the rest is looked at as it is played.
  void check_file(settings_reader& from) const {
    auto opened = recording_reader::open(path_);
    if (!opened) {
      from.wrong("file", path_ + ": " + opened.error());
      return;
    }
    std::size_t told = 0;
    for (std::size_t i = 0; i < checked_lines_max && told < told_faults_max; ++i) {
      auto next = opened->next();
      if (!next) {
        from.wrong("file", next.error());
        ++told;
      } else if (!*next) {
        if (i == 0)
          from.wrong("file", path_ + ": has no messages");
        break;
      }
    }
  }

  /// Reads the next message, and when it is due.
  void advance(participant_effects& effects) {
    next_ = take(effects);
    if (!next_)
      return;
    if (last_time_ && next_->time > *last_time_)
      due_ += std::chrono::duration_cast<duration>((next_->time - *last_time_) / speed_);
    last_time_ = next_->time;
    next_->message.topic.insert(0, prefix_);
    if (quality_)
      next_->message.qos = *quality_;
  }

  /// @returns nothing at the end
  std::optional<recorded_message> take(participant_effects& effects) {
    for (;;) {
      auto read = file_->next();
      if (!read) {
        if (++faults_ <= told_faults_max)
          effects.lines.push_back(name_ + ": left out " + read.error());
        if (faults_ > faults_max) {
          effects.failed = path_ + ": too many lines are broken";
          return std::nullopt;
        }
      } else if (*read) {
        ++read_;
        return std::move(*read);
      } else if (loop_ && read_ != 0) { // of nothing there would be no end
        file_->rewind();
        last_time_.reset();
        read_ = 0;
        faults_ = 0;
      } else {
        effects.lines.push_back(name_ + ": played " + std::to_string(played_) + " messages of " +
                                path_);
        return std::nullopt;
      }
    }
  }

  std::string path_;
  double speed_;
  bool loop_;
  std::string prefix_;
  duration after_;                       ///< the first message
  std::optional<protocol::qos> quality_; ///< nothing: as it was recorded
  std::string name_;
  std::optional<recording_reader> file_;
  std::optional<recorded_message> next_; ///< published at `due_`
  time_point due_{};
  std::optional<std::chrono::microseconds> last_time_; ///< of the message before
  std::uint64_t played_ = 0;
  std::uint64_t read_ = 0; ///< in this run of the file
  std::size_t faults_ = 0; ///< the same
};

} // namespace

std::unique_ptr<participant> read_replayer(settings_reader& from,
                                           const participant_context& context) {
  return std::make_unique<replayer>(from, context);
}

} // namespace actorbus::demos
