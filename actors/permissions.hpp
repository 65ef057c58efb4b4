#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace actorbus {

/// What clients may publish and subscribe to, as topic filters. `%c` in a filter stands for the
/// client identifier, `%u` for the user name, as in mosquitto's patterns.
struct permissions {
  std::vector<std::string> publish;
  std::vector<std::string> subscribe;
};

using permissions_ptr = std::shared_ptr<const permissions>;

/// `pattern` with the names in place of `%c` and `%u`.
/// @returns nothing if a name that is asked for is empty or has '+', '#' or '/' in it
std::optional<std::string> fill_in_names(std::string_view pattern, std::string_view client_id,
                                         std::string_view user_name);

/// Whether every topic that `wanted` matches is matched by `permitted` too. Share names are not
/// looked at. @pre both are valid filters
bool covers(std::string_view permitted, std::string_view wanted) noexcept;

/// The permissions of one client, its names filled in. Several sets may apply at once, e.g. the
/// listener's and the user's: then each must allow. Without any set everything is allowed.
class access_rights {
public:
  access_rights() = default;

  /// A filter whose `%c` or `%u` would be filled with '+', '#' or '/' allows nothing: nobody gains
  /// rights by the choice of a name.
  access_rights(std::span<const permissions_ptr> sets, std::string_view client_id,
                std::string_view user_name);

  bool unlimited() const noexcept { return sets_.empty(); }

  /// @pre a valid topic name. Remembers answers: asking again costs a comparison or a hash
  bool may_publish(std::string_view topic);

  /// @pre a valid filter; `$share/NAME/` in front of it means nothing
  bool may_subscribe(std::string_view filter) const noexcept;

private:
  struct name_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const noexcept {
      return std::hash<std::string_view>{}(name);
    }
  };

  /// So many topics are remembered; then all are forgotten.
  static constexpr std::size_t remembered_max = 256;

  bool matches_publish(std::string_view topic) const noexcept;

  std::vector<permissions> sets_;
  std::unordered_map<std::string, bool, name_hash, std::equal_to<>> known_;
};

} // namespace actorbus
