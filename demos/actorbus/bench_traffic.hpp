#pragma once

#include <cstdint>
#include <vector>

#include "bench_broker.hpp"
#include "bench_publisher.hpp"
#include "bench_subscriber.hpp"

namespace actorbus::demos {

/// Publishers and subscribers of one run on one thread, around epoll.
class bench_traffic {
public:
  /// Connects and subscribes everyone.
  /// @throws std::runtime_error with a line for the user
  explicit bench_traffic(const bench_options& options);

  /// Publishes for `seconds`, or `count` messages a publisher if that ends sooner (0: no limit),
  /// and waits until everything is delivered and acknowledged. What stays away at QoS 0 for a
  /// second counts as lost.
  /// @throws std::runtime_error when nothing moves for ten seconds at QoS 1 or 2
  void run(double seconds, std::uint64_t count);

  /// The same for one message. @returns nanoseconds until its last subscriber had it
  std::uint64_t run_one();

  std::uint64_t sent() const noexcept;
  std::uint64_t delivered() const noexcept;
  /// How often a message should have been delivered so far.
  std::uint64_t expected() const noexcept;
  std::uint64_t repeated() const noexcept;
  std::uint64_t skipped() const noexcept;

private:
  struct range {
    std::uint32_t first;
    std::uint32_t count;
  };

  range subscribers_of(std::uint32_t publisher) const noexcept;
  bench_connection& connection(std::uint32_t index) noexcept;
  void round();
  void update_windows();
  void watch_output();
  void check_stall(std::uint32_t packets);
  void give_up();
  bool idle() const noexcept;
  std::uint64_t unfinished() const noexcept;

  bench_options options_;
  bench_fd epoll_;
  bench_scratch scratch_;
  std::vector<bench_subscriber> subscribers_;
  std::vector<bench_publisher> publishers_;
  std::vector<std::uint8_t> watches_output_; ///< per connection: subscribers, then publishers
  double moved_at_ = 0;                      ///< when a packet last came
};

/// Modes pair, fanout, fanin and latency: see run_bench.
bench_result run_traffic(const bench_options& options);

} // namespace actorbus::demos
