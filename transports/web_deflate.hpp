#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace actorbus::transports {

/// Unpacks one message of a WebSocket that agreed on permessage-deflate (RFC 7692) without context
/// takeover: there is one of these while a message is on its way, and none while a connection is
/// idle. As much is unpacked as there is room for, so a message that grows a thousandfold takes no
/// more memory than another.
class web_inflater {
public:
  web_inflater();
  ~web_inflater();

  /// Packed bytes of the message, in their order; they are copied.
  void put(std::span<const std::uint8_t> packed);

  /// They were the last ones.
  void finish();

  /// Unpacks. @returns bytes written; less than there is room for: `put` more, or it is `done`
  std::size_t take(std::span<std::uint8_t> into);

  bool done() const noexcept { return finished_ && !has_more(); }

  /// Whether `take` may find something without more input.
  bool has_more() const noexcept { return !failed_ && (full_ || at_ < packed_.size()); }

  /// The bytes are not what they should be: nothing more will come.
  bool failed() const noexcept { return failed_; }

private:
  struct machine;

  std::unique_ptr<machine> machine_;
  std::vector<std::uint8_t> packed_;
  std::size_t at_ = 0;
  bool full_ = false; ///< the last `take` filled its room
  bool finished_ = false;
  bool failed_ = false;
};

/// Packs one whole message, by memory that all connections of a thread use in turn.
/// @returns bytes written; 0: it would not be smaller than `from`
std::size_t deflate_web_message(std::span<const std::uint8_t> from, std::span<std::uint8_t> into);

} // namespace actorbus::transports
