#pragma once

#include <cstdint>
#include <vector>

#include <actorbus/actors/messages.hpp>
#include <actorbus/actors/publication.hpp>
#include <actorbus/actors/router.hpp>

namespace actorbus {

/// Sorts the publications of one frame by receiver, so that each receiving session gets one
/// message with all that is for it. Neighbours with the same route are one run, whatever their
/// number; so a frame full of one topic costs one entry a receiver.
class fan_out {
public:
  /// Adds `count` publications of the batch, in order, from `index` on.
  /// @param to what the router found; stays valid until `finish` (the caller holds a guard)
  void add(const route* to, std::uint32_t index, std::uint32_t count, std::uint64_t publisher);

  /// The same for one shared subscription of that route alone, if it still has members.
  /// @param group `shared_group::id`
  void add_to_group(const route* to, std::uint32_t group, std::uint32_t index,
                    std::uint64_t publisher);

  /// Calls `send(subscriber&, deliver&&)` for each receiver and begins anew.
  template <class F>
  void finish(const publication_batch_ptr& batch, std::uint64_t publisher, F&& send) {
    close_run(publisher);
    for (auto& each : pending_) {
      each.message.batch = batch;
      send(*each.to, std::move(each.message));
    }
    reset();
  }

  /// Forgets everything that was added.
  void reset();

private:
  struct pending {
    subscriber* to = nullptr;
    deliver message;
  };

  void close_run(std::uint64_t publisher);
  void add_run(const receiver& to, std::uint32_t group, std::uint64_t publisher,
               std::uint32_t first, std::uint32_t count);
  pending& find(subscriber* to);
  std::size_t slot_of(const subscriber* to) const noexcept;
  const route* run_route_ = nullptr;
  std::uint32_t run_first_ = 0;
  std::uint32_t run_count_ = 0;
  std::vector<pending> pending_;     ///< in order of first use
  std::vector<std::uint32_t> slots_; ///< open addressing by subscriber: index + 1; 0: free
};

} // namespace actorbus
