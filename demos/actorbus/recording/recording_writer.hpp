#pragma once

#include <cstdint>
#include <string>

#include <actorbus/protocol/expected.hpp>

namespace actorbus::demos {

/// Appends to a file, a good piece at a time: nobody waits for the disk with each message.
class recording_writer {
public:
  static constexpr std::size_t piece_bytes = 64 * 1024;

  /// @param append to what is there; otherwise it is replaced
  /// @returns a writer, or why the file can't be opened
  static protocol::expected<recording_writer, std::string> open(const std::string& path,
                                                                bool append);

  recording_writer(recording_writer&& other) noexcept;
  recording_writer& operator=(recording_writer&&) = delete;
  ~recording_writer(); ///< writes what is left; what can't be written then is lost

  /// Bytes in the file, with those that have yet to be written.
  std::uint64_t size_bytes() const noexcept { return written_ + waiting_.size(); }

  /// Where to append what is to be written.
  std::string& waiting() noexcept { return waiting_; }

  /// @param all even if it is not a piece yet
  /// @returns why it can't be written, as a full disk; empty: nothing is wrong
  std::string flush(bool all);

private:
  recording_writer(int file, std::uint64_t size) noexcept : file_(file), written_(size) {}

  int file_;
  std::uint64_t written_;
  std::string waiting_;
};

} // namespace actorbus::demos
