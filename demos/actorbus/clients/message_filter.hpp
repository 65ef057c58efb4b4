#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <actorbus/actors/client_events.hpp>

namespace actorbus::demos {

/// Which messages `sub` shows, and when it has enough.
class message_filter {
public:
  struct options {
    std::vector<std::string> without; ///< filters of topics to leave out (-T)
    bool no_retained = false;         ///< -R
    bool retained_only = false;       ///< ends at the first message that isn't
    std::uint64_t count = 0;          ///< -C; 0: any number
    double percentage = 100;          ///< --random-filter
    std::uint64_t seed = 1;
  };

  explicit message_filter(options what) : options_(std::move(what)), random_(options_.seed) {}

  /// Whether to show `message`.
  bool take(const incoming_message& message);

  /// No more messages are wanted.
  bool has_enough() const noexcept { return has_enough_; }

private:
  options options_;
  std::uint64_t random_;
  std::uint64_t taken_ = 0;
  bool has_enough_ = false;
};

} // namespace actorbus::demos
