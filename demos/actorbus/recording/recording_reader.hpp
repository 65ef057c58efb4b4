#pragma once

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>

#include "recording/recorded_message.hpp"

namespace actorbus::demos {

/// Reads a recording from its beginning, a piece at a time. Empty lines don't count.
class recording_reader {
public:
  static constexpr std::size_t line_bytes_max = 32 * 1024 * 1024;

  /// @returns a reader, or why the file can't be opened
  static protocol::expected<recording_reader, std::string> open(const std::string& path);

  /// The next message; nothing: the end.
  /// @errors what is wrong with a line, "FILE:LINE: WHY"; the next call goes on behind it
  protocol::expected<std::optional<recorded_message>, std::string> next();

  /// Begins anew.
  void rewind();

private:
  recording_reader(std::string path, std::ifstream file)
      : path_(std::move(path)), file_(std::move(file)) {}

  bool next_line();

  std::string path_;
  std::ifstream file_;
  std::string line_;
  std::uint64_t number_ = 0; ///< of the line
  bool too_long_ = false;    ///< the line is
};

} // namespace actorbus::demos
