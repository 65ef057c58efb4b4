#pragma once

#include <cstddef>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include <actorbus/actors/subscription_list.hpp>

namespace actorbus {

/// The subscriptions of one session, by their place in the tree: what the writer needs to replace
/// one, to remove one, and to remove all without a search. Eight bytes a subscription and some
/// free slots: a hash table with linear probing.
class subscription_set {
public:
  /// @returns nullptr if the session has none there
  tree_subscription* find(const tree_place* place) const noexcept;

  /// @pre none is there at its place
  void insert(tree_subscription* added);

  /// @pre it is there
  void erase(const tree_subscription* removed) noexcept;

  std::size_t size() const noexcept { return count_; }

  template <class F>
  void for_each(F&& visit) const {
    for_some(count_, visit);
  }

  /// As many as `most`, in no order.
  template <class F>
  void for_some(std::size_t most, F&& visit) const {
    for (auto each = slots_.begin(); most > 0 && each != slots_.end(); ++each)
      if (*each) {
        visit(**each);
        --most;
      }
  }

private:
  std::size_t slot_of(const tree_place* place) const noexcept;
  void grow();

  std::vector<tree_subscription*> slots_; ///< as many as a power of two, not full
  std::size_t count_ = 0;
};

/// All sessions that have subscriptions, with them. Keeps the sessions alive.
class subscriber_index {
public:
  struct record {
    std::shared_ptr<subscriber> who;
    subscription_set subscriptions;
  };

  /// The record of `who`, made if it is missing.
  record& make(const std::shared_ptr<subscriber>& who) {
    auto& found = records_[who.get()];
    if (!found.who)
      found.who = who;
    return found;
  }

  /// @returns nullptr if it has no subscriptions
  record* find(const subscriber& who) noexcept {
    auto found = records_.find(&who);
    return found == records_.end() ? nullptr : &found->second;
  }

  /// Removes the record of `who`. @returns what kept the session alive; @pre it is there
  std::shared_ptr<subscriber> erase(const subscriber& who) {
    auto found = records_.find(&who);
    auto last = std::move(found->second.who);
    records_.erase(found);
    return last;
  }

  template <class F>
  void for_each(F&& visit) const {
    for (const auto& [who, each] : records_)
      visit(each);
  }

private:
  std::unordered_map<const subscriber*, record> records_;
};

} // namespace actorbus
