#include "recording/recording_reader.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <sys/stat.h>

#include <fmt/format.h>

#include <actorbus/transports/system_failure.hpp>

namespace actorbus::demos {

protocol::expected<recording_reader, std::string> recording_reader::open(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file)
    return protocol::unexpected{transports::last_error_text()};
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) // it opens, but has no lines
    return protocol::unexpected{std::system_category().message(EISDIR)};
  return recording_reader{path, std::move(file)};
}

// A line that is too long is read to its end, and not kept.
bool recording_reader::next_line() {
  std::array<char, 16 * 1024> piece;
  line_.clear();
  too_long_ = false;
  for (auto first = true;; first = false) {
    file_.getline(piece.data(), piece.size());
    auto count = static_cast<std::size_t>(file_.gcount());
    if (file_.bad() || (count == 0 && first))
      return false;
    auto is_whole = !file_.fail();              // up to a line end, or to the file's
    if (is_whole && !file_.eof() && count != 0) // the line end was counted
      --count;
    too_long_ = too_long_ || line_.size() + count > line_bytes_max;
    if (!too_long_)
      line_.append(piece.data(), count);
    if (is_whole || file_.eof())
      break;
    file_.clear(); // the piece was full
  }
  ++number_;
  return true;
}

protocol::expected<std::optional<recorded_message>, std::string> recording_reader::next() {
  do {
    if (!next_line())
      return std::optional<recorded_message>{};
  } while (line_.find_first_not_of(" \t\r") == line_.npos && !too_long_);
  if (too_long_)
    return protocol::unexpected{
        fmt::format("{}:{}: longer than {} bytes", path_, number_, line_bytes_max)};
  auto parsed = parse_recorded(line_);
  if (!parsed)
    return protocol::unexpected{fmt::format("{}:{}: {}", path_, number_, parsed.error())};
  return std::optional<recorded_message>{std::move(*parsed)};
}

void recording_reader::rewind() {
  file_.clear();
  file_.seekg(0);
  number_ = 0;
}

} // namespace actorbus::demos
