#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/house_publisher.hpp>
#include <actorbus/actors/messages.hpp>
#include <actorbus/actors/session_ranking.hpp>

namespace actorbus {

/// Tells how the bus and its sessions do: those who ask, and, as `$SYS/broker/figures/ORDER`, once a
/// second while somebody subscribes to exactly that. Does nothing while nobody wants to know.
///
/// A round goes through all sessions by their counters, some thousands a turn of the broker, chooses
/// the first few, has these describe themselves, and answers all who have asked before it began.
class figures_board : public batch_actor {
public:
  /// @param publishes else it only answers
  figures_board(caf::actor_config& config, bus_context_ptr bus, caf::actor broker, bool publishes);

  const char* name() const override { return "actorbus.figures_board"; }

protected:
  void on_start() override { began_ = now(); }
  bool on_message(caf::mailbox_element& element) override;
  void on_exit() override;

private:
  enum class phase : std::uint8_t { idle, surveying, describing };

  /// Between two rounds for subscribers.
  static constexpr std::chrono::milliseconds interval{1'000};
  /// How long sessions may take to describe themselves: one that ends meanwhile never does.
  static constexpr std::chrono::milliseconds patience{500};
  /// After so long without a question what rates are made of is forgotten.
  static constexpr std::chrono::milliseconds memory{10'000};
  static constexpr std::size_t left_max = 1'000;

  void on(actorbus::ask_figures& question);
  void on(figures_wanted&);
  void on(sessions_surveyed& found);
  void on(sessions_asked& answer);
  void on(session_described& answer);
  void on(alarm&);

  void begin_round();
  void choose();
  void end_round();
  void keep_left(std::uint64_t subscriber_id, session_figures figures);
  bus_figures answer_to(const actorbus::ask_figures& question);
  void publish(const bus_figures& figures);
  void set_alarm_in(std::chrono::milliseconds delay);
  void update_total_rates();
  caf::actor self() { return caf::actor_cast<caf::actor>(ctrl()); }

  bus_context_ptr bus_;
  caf::actor broker_;
  house_publisher voice_;
  bool publishes_;
  time_point began_{};

  phase phase_ = phase::idle;
  std::uint32_t round_ = 0;
  bool watched_ = false; ///< somebody subscribes to figures, as far as was seen last
  bool wanted_ = false;  ///< somebody has subscribed since
  bool has_rates_ = false;
  time_point alarm_at_{};
  session_ranking ranking_;
  std::vector<actorbus::ask_figures> waiting_; ///< for the next round
  std::vector<actorbus::ask_figures> asked_;   ///< of this round; without an asker: to be published
  std::uint32_t heard_ = 0;                    ///< `sessions_surveyed::heard`
  std::vector<listener_figures> listeners_;
  std::unordered_map<std::uint64_t, session_figures> described_;
  std::optional<std::size_t> expected_; ///< sessions that were asked

  traffic_figures totals_before_; ///< at `totals_at_`
  time_point totals_at_{};
  session_ranking::rates total_rates_; ///< messages
  session_ranking::rates byte_rates_;

  std::unordered_map<std::uint64_t, session_figures> left_; ///< by subscriber id
  std::deque<std::uint64_t> left_order_;                    ///< the oldest first
};

} // namespace actorbus
