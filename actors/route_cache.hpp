#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/actors/route.hpp>
#include <actorbus/actors/write_versions.hpp>

namespace actorbus {

/// A route with what tells whether it still holds.
struct cached_route {
  std::uint64_t router = 0; ///< identifier of the router it comes from; never used again
  std::uint64_t stamp = 0;  ///< of `write_versions`, read before the tree was
  topic_stripe stripe = 0;  ///< of the topic
  std::string topic;
  route value;
  std::unique_ptr<cached_route> next; ///< in the list of replaced ones

  /// Whether it is for `wanted`, as things stand or stood.
  bool is_for(std::uint64_t wanted_router, std::string_view wanted) const noexcept {
    return router == wanted_router && topic == wanted;
  }
  bool is_current(const write_versions& versions) const noexcept {
    return stamp == versions.stamp(stripe);
  }
};

/// What this thread has looked up lately: at most 8192 routes and about 8 MB, in sets of four.
/// Routes that are replaced live on until the thread's last `routing_guard` ends, since callers
/// may still use them. What a route points to is only touched under a guard that found it current.
class route_cache {
public:
  static route_cache& of_this_thread() noexcept;

  /// @returns nullptr unless a current route is there
  const route* find(std::uint64_t router, const write_versions& versions,
                    std::string_view topic) noexcept {
    if (last_ && last_->is_for(router, topic) && last_->is_current(versions))
      return &last_->value;
    return find_in_sets(router, versions, topic);
  }

  /// Keeps a route, in place of the one for the same topic and perhaps of others.
  const route* insert(std::unique_ptr<cached_route> added);

  /// Frees what was replaced. Called when the thread's last guard ends.
  void release_replaced() noexcept {
    if (replaced_)
      free_replaced();
  }

  route_cache() = default;
  ~route_cache();
  route_cache(const route_cache&) = delete;
  route_cache& operator=(const route_cache&) = delete;

private:
  static constexpr std::size_t sets = 2048;
  static constexpr std::size_t ways = 4;
  static constexpr std::size_t bytes_max = 8 * 1024 * 1024;

  struct set {
    std::array<std::uint32_t, ways> tags{};
    std::array<std::unique_ptr<cached_route>, ways> routes; ///< youngest first
  };

  const route* find_in_sets(std::uint64_t router, const write_versions& versions,
                            std::string_view topic) noexcept;
  void replace(std::unique_ptr<cached_route> old) noexcept;
  void free_replaced() noexcept;

  cached_route* last_ = nullptr;           ///< what was found last
  std::vector<set> sets_;                  ///< made when first needed
  std::unique_ptr<cached_route> replaced_; ///< a list
  std::size_t bytes_ = 0;                  ///< of all that are in the sets
};

} // namespace actorbus
