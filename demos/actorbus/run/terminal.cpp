#include "run/terminal.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace actorbus::demos {

namespace {

bool can_paint() {
  const auto* kind = std::getenv("TERM"); // NOLINT(concurrency-mt-unsafe): nobody sets it
  return ::isatty(STDOUT_FILENO) != 0 && kind && std::string_view{kind} != "dumb";
}

winsize size_of_window() noexcept {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20 || size.ws_row < 5)
    return {24, 80, 0, 0};
  return size;
}

} // namespace

terminal::terminal() : is_screen_(can_paint()) {}

std::size_t terminal::columns() const noexcept {
  return size_of_window().ws_col;
}

std::size_t terminal::rows() const noexcept {
  return size_of_window().ws_row;
}

void terminal::print(const std::vector<std::string>& lines) {
  auto text = erase_picture();
  for (const auto& line : lines)
    text += line + '\n';
  for (const auto& line : picture_)
    text += line + '\n';
  painted_ = picture_.size();
  write(text);
}

void terminal::paint(std::vector<std::string> picture) {
  auto text = erase_picture();
  for (const auto& line : picture)
    text += line + '\n';
  painted_ = picture.size();
  picture_ = std::move(picture);
  write(text);
}

std::string terminal::erase_picture() {
  return painted_ == 0 ? "" : fmt::format("\x1b[{}A\r\x1b[J", painted_);
}

// Writes what the other side takes at once and drops the rest: a reader that has stopped must not
// stop the bus. A pipe that says it is writable takes at least 4 KB.
void terminal::write(std::string_view text) {
  while (!text.empty()) {
    pollfd ready{STDOUT_FILENO, POLLOUT, 0};
    if (::poll(&ready, 1, 0) <= 0 || (ready.revents & POLLOUT) == 0)
      return;
    auto count = ::write(STDOUT_FILENO, text.data(), std::min<std::size_t>(text.size(), 4096));
    if (count <= 0)
      return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

} // namespace actorbus::demos
