#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/protocol/expected.hpp>

namespace actorbus {

/// A filter, and what becomes of the topics that match it: `plant/+/temp` to
/// `eu/{1}/temperature`. `{1}` is what the filter's first wildcard matched, and so on; a '#'
/// stands for all levels that are left, and where there are none the '/' before it goes too.
class topic_rewrite {
public:
  topic_rewrite() = default;

  /// @param filter what topics must match; a share name in front is not looked at
  /// @param target the new topic; empty: the old one
  /// @returns the rewrite, or what is wrong in words that name the culprit
  static protocol::expected<topic_rewrite, std::string> make(std::string_view filter,
                                                             std::string_view target);

  /// `filter` with its wildcards written as `{1}`, `{2}`, …
  static std::string target_of(std::string_view filter);

  const std::string& filter() const noexcept { return filter_; }
  bool is_identity() const noexcept { return identity_; }
  bool matches(std::string_view topic) const noexcept;

  /// Writes what becomes of `topic`. @pre `matches(topic)`
  /// @param out overwritten
  /// @returns false if nothing is left of it
  bool apply(std::string_view topic, std::string& out) const;

  /// The filter that matches all that `apply` makes, and as little else as a filter can.
  std::string image() const;

  /// The way back: its filter matches what `apply` makes, and its target is the old topic. There
  /// is none unless each wildcard stands in the target once, as a level of its own.
  std::optional<topic_rewrite> inverse() const;

private:
  struct part {
    std::string text;        ///< before the capture
    std::size_t capture = 0; ///< counts from 0; `none`: the text alone
  };
  static constexpr std::size_t none = SIZE_MAX;

  std::string filter_;
  std::string target_;
  std::vector<part> parts_;
  std::size_t wildcards_ = 0;
  bool identity_ = true;
};

} // namespace actorbus
