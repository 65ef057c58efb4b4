#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <actorbus/transports/gate.hpp>

namespace actorbus::transports {

/// Where the layers of a listener's streams tell whom they turned away: it is counted, and said in
/// a line where somebody wants to read it.
class refusal_log {
public:
  /// @param report gets lines such as "mqtts://:8883: 10.0.0.7:4711: the client shows no
  ///               certificate"; called on I/O threads; may be empty
  refusal_log(std::shared_ptr<connection_counters> counters,
              std::function<void(const std::string&)> report)
      : counters_(std::move(counters)), report_(std::move(report)) {}

  /// Before the first connection: how lines call the listener.
  void listener(std::string url) { listener_ = std::move(url); }

  void add(const std::string& peer, const std::string& why) const {
    counters_->rejected.fetch_add(1, std::memory_order_relaxed);
    if (report_)
      report_(listener_ + ": " + peer + ": " + why);
  }

private:
  std::shared_ptr<connection_counters> counters_;
  std::function<void(const std::string&)> report_;
  std::string listener_;
};

} // namespace actorbus::transports
