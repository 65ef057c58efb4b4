#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <actorbus/actors/retire_list.hpp>

namespace actorbus {

struct tree_place;

/// The named places under a node of the subscription tree: a hash table by name. One writer; any
/// number of readers, which never wait. A single place takes the map's own word and no memory
/// besides.
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
    auto word = word_.load(std::memory_order_acquire);
    if (!is_table(word)) {
      if (word != 0)
        visit(*to_place(word));
      return;
    }
    auto& content = *to_table(word);
    for (std::uint32_t i = 0; i < content.capacity; ++i)
      if (auto slot = content.slots()[i].load(std::memory_order_acquire); slot > removed_mark)
        visit(*to_place(slot));
  }

  bool empty() const noexcept { return word_.load(std::memory_order_relaxed) == 0; }

  /// Adds a place. Constant time, amortised. Writer only. @pre none of its name is there
  void insert(tree_place& added, retire_list& retired);

  /// Writer only. @pre it is there
  void erase(const tree_place& removed, retire_list& retired);

  /// Frees its memory at once, for the tree's destructor.
  void destroy() noexcept;

private:
  static constexpr std::uintptr_t removed_mark = 1;

  struct table {
    std::uint32_t capacity; ///< a power of two
    std::uint32_t live;     ///< places; writer only
    std::uint32_t used;     ///< places and marks; writer only

    using slot = std::atomic<std::uintptr_t>; ///< 0, `removed_mark` or a place
    static constexpr std::size_t header_bytes = 16;

    slot* slots() noexcept {
      return reinterpret_cast<slot*>(reinterpret_cast<char*>(this) + header_bytes);
    }
    std::size_t bytes() const noexcept { return header_bytes + capacity * sizeof(slot); }
  };

  // The word is 0, the only place's address, or a table's address with the lowest bit set.
  static bool is_table(std::uintptr_t word) noexcept { return (word & 1) != 0; }
  static tree_place* to_place(std::uintptr_t word) noexcept {
    return reinterpret_cast<tree_place*>(word);
  }
  static table* to_table(std::uintptr_t word) noexcept {
    return reinterpret_cast<table*>(word & ~std::uintptr_t{1});
  }

  static table* make_table(std::uint32_t live);
  static void put(table& into, tree_place& added) noexcept;
  table& rebuild(table& old, std::uint32_t live, retire_list& retired);

  std::atomic<std::uintptr_t> word_{0};
};

} // namespace actorbus
