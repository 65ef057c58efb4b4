#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <actorbus/actors/one_or_many.hpp>
#include <actorbus/actors/retire_list.hpp>
#include <actorbus/actors/subscription.hpp>

namespace actorbus {

struct tree_place;

/// A subscription in the tree.
struct tree_subscription {
  subscriber* to;
  tree_place* place;                  ///< where it hangs
  std::atomic<std::uint32_t> options; ///< `pack_options`
  std::uint32_t index;                ///< its place in the list; writer only
};

/// What routing needs of a subscription's options, in one word that readers see change at once.
/// @pre the identifier is a valid one, which takes 28 bits [v5: 3.8.2.1.2]
std::uint32_t pack_options(const subscription_options& options) noexcept;

/// Retain handling is not kept: it matters while subscribing only.
subscription_options unpack_options(std::uint32_t packed) noexcept;

/// The subscriptions of one filter. One writer; any number of readers, which never wait. One
/// subscription, the usual case, takes the list's own word and no memory besides.
///
/// The list is dense: a removed subscription's slot is filled by the last one. Subscriptions move
/// towards the front only, and readers go from the back to the front, so that a reader may meet
/// one that moves meanwhile twice, but never misses it.
class subscription_list {
public:
  subscription_list() = default;
  subscription_list(const subscription_list&) = delete;
  subscription_list& operator=(const subscription_list&) = delete;

  /// Calls `visit(const tree_subscription&)` for each; the same one twice if the writer removes
  /// meanwhile. Readers hold a guard.
  template <class F>
  void for_each(F&& visit) const {
    auto found = content_.load();
    if (found.is_none())
      return;
    if (!found.is_many()) {
      visit(std::as_const(*found.one()));
      return;
    }
    auto& items = *found.many();
    for (auto i = items.count.load(std::memory_order_acquire); i-- > 0;)
      visit(std::as_const(*items.slots()[i].load(std::memory_order_acquire)));
  }

  bool empty() const noexcept { return content_.load_own().is_none(); }

  /// Writer only. Constant time, amortised.
  void add(tree_subscription& added, retire_list& retired);
  void remove(tree_subscription& removed, retire_list& retired);

  /// Frees its memory at once, for the tree's destructor.
  void destroy() noexcept;

private:
  struct block {
    std::uint32_t capacity;
    std::atomic<std::uint32_t> count;

    using slot = std::atomic<tree_subscription*>;
    slot* slots() noexcept { return reinterpret_cast<slot*>(this + 1); }
    std::size_t bytes() const noexcept { return sizeof(block) + capacity * sizeof(slot); }
  };

  static block* make_block(std::uint32_t capacity);
  block& resize(block& old, std::uint32_t capacity, retire_list& retired);

  one_or_many<tree_subscription, block> content_;
};

} // namespace actorbus
