#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <actorbus/actors/one_or_many.hpp>
#include <actorbus/actors/retire_list.hpp>

namespace actorbus {

struct tree_place;

/// The named places under a node of the subscription tree: a hash table by name. One writer; any
/// number of readers, which never wait. A single place takes no memory besides
/// the map's own.
///
/// Places never move within a table: a removed one leaves a mark that searches pass over. When
/// too few slots are free, or far too many, the writer publishes a new table.
class place_map {
public:
  place_map() = default;
  place_map(const place_map&) = delete;
  place_map& operator=(const place_map&) = delete;

  /// @param hash of `name`, as in the places
  /// @returns nullptr if there is none
  tree_place* find(std::string_view name, std::uint32_t hash) const noexcept;

  /// Calls `visit(tree_place&)` for each, in no order.
  template <class F>
  void for_each(F&& visit) const {
    auto found = content_.load();
    if (found.is_none())
      return;
    if (!found.is_many()) {
      visit(*found.one());
      return;
    }
    auto& places = *found.many();
    for (std::uint32_t i = 0; i < places.capacity; ++i)
      if (auto* place = places.slots()[i].load(std::memory_order_acquire); is_place(place))
        visit(*place);
  }

  bool empty() const noexcept { return content_.load_own().is_none(); }

  /// Adds a place. Constant time, amortised. Writer only. @pre none of its name is there
  void insert(tree_place& added, retire_list& retired);

  /// Writer only. @pre it is there
  void erase(const tree_place& removed, retire_list& retired);

  /// Frees its memory at once, for the tree's destructor.
  void destroy() noexcept;

private:
  struct table {
    std::uint32_t capacity; ///< a power of two
    std::uint32_t live;     ///< places; writer only
    std::uint32_t used;     ///< places and marks; writer only

    using slot = std::atomic<tree_place*>; ///< nullptr, `removed_mark` or a place
    static constexpr std::size_t header_bytes = 16;

    slot* slots() noexcept {
      return reinterpret_cast<slot*>(reinterpret_cast<char*>(this) + header_bytes);
    }
    std::size_t bytes() const noexcept { return header_bytes + capacity * sizeof(slot); }
  };

  /// Stands where a place was.
  static tree_place* removed_mark() noexcept;
  static bool is_place(const tree_place* slot) noexcept { return slot && slot != removed_mark(); }

  static table* make_table(std::uint32_t live);
  static void put(table& into, tree_place& added) noexcept;
  table& rebuild(table& old, std::uint32_t live, retire_list& retired);

  one_or_many<tree_place, table> content_;
};

} // namespace actorbus
