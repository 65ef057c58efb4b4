#include "clients/publish_flow.hpp"

#include <limits>
#include <mutex>

#include <fmt/format.h>

#include "user_error.hpp"

namespace actorbus::demos {

/// Written by the client's actor as messages are done, read by the main thread.
struct publish_flow::counts {
  std::atomic<std::uint64_t> messages{0}; ///< on their way
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<std::int64_t> wake_at{-1}; ///< the main thread waits for this many messages
  std::mutex mutex;
  std::string failure; ///< the first one
};

publish_flow::publish_flow(remote_client& remote, std::uint64_t in_flight_max)
    : remote_(remote), in_flight_max_(in_flight_max), counts_(std::make_shared<counts>()) {}

void publish_flow::publish(outgoing_message message) {
  if (counts_->messages >= in_flight_max_ || counts_->bytes >= bytes_max)
    wait_until_at_most(in_flight_max_ / 2);
  auto size = message.payload.size();
  counts_->messages += 1;
  counts_->bytes += size;
  publish_request request{std::move(message)};
  request.done = [counts = counts_, size, &caller = remote_.caller()](const outcome& result) {
    if (!result) {
      std::lock_guard guard{counts->mutex};
      if (counts->failure.empty())
        counts->failure = describe(result);
    }
    counts->bytes -= size;
    auto left = static_cast<std::int64_t>(counts->messages -= 1);
    if (left <= counts->wake_at)
      caller.call();
  };
  remote_.send(std::move(request));
}

void publish_flow::wait_until_at_most(std::uint64_t messages) {
  counts_->wake_at = static_cast<std::int64_t>(messages);
  auto goes_on = remote_.wait_for([&] {
    return counts_->messages <= messages && (messages == 0 || counts_->bytes <= bytes_max / 2);
  });
  counts_->wake_at = -1;
  if (!goes_on)
    throw exit_with{
        1, fmt::format("pub: interrupted with {} messages on their way", counts_->messages.load())};
  check();
}

void publish_flow::check() const {
  std::string failure;
  {
    std::lock_guard guard{counts_->mutex};
    failure = counts_->failure;
  }
  if (auto why = remote_.lost())
    throw exit_with{1, fmt::format("{}: connection lost: {}", remote_.plan().url, describe(*why))};
  if (!failure.empty())
    throw exit_with{1, fmt::format("{}: publishing failed: {}", remote_.plan().url, failure)};
}

} // namespace actorbus::demos
