#include "view/screen.hpp"

#include <algorithm>

#include <poll.h>
#include <termios.h>
#include <unistd.h>

namespace actorbus::demos {

namespace {

constexpr int patience_ms = 50;

} // namespace

// A pipe that says it is writable takes at least 4 KB.
void write_out(std::string_view text, int patience_ms) {
  while (!text.empty()) {
    pollfd ready{STDOUT_FILENO, POLLOUT, 0};
    if (::poll(&ready, 1, patience_ms) <= 0 || (ready.revents & POLLOUT) == 0)
      return;
    auto count = ::write(STDOUT_FILENO, text.data(), std::min<std::size_t>(text.size(), 4096));
    if (count <= 0)
      return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

/// The terminal's keyboard in a state of its own.
struct screen::keyboard {
  /// @returns null if standard input is no terminal
  static std::unique_ptr<keyboard> take() {
    auto result = std::make_unique<keyboard>();
    if (::tcgetattr(STDIN_FILENO, &result->before) != 0)
      return nullptr;
    auto changed = result->before;
    changed.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    changed.c_cc[VSUSP] = _POSIX_VDISABLE; // a shell in this state would be no use
    changed.c_cc[VMIN] = 0;
    changed.c_cc[VTIME] = 0;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &changed);
    return result;
  }

  void give_back() const {
    ::tcflush(STDIN_FILENO, TCIFLUSH);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before);
  }

  termios before{};
};

screen::screen() : keyboard_(keyboard::take()) {
  write_out("\x1b[?1049h\x1b[?25l", patience_ms); // the other screen, without a cursor
}

screen::~screen() {
  write_out("\x1b[?25h\x1b[?1049l", 10 * patience_ms);
  if (keyboard_)
    keyboard_->give_back();
}

// Written over what is there, from the top: nothing is erased that is painted again, so nothing
// flickers. Terminals that know the marks around it show it at once.
void screen::paint(const std::vector<std::string>& lines) {
  std::string text = "\x1b[?2026h\x1b[H";
  for (const auto& line : lines) {
    if (&line != &lines.front())
      text += "\r\n";
    text += line + "\x1b[K";
  }
  text += "\x1b[J\x1b[?2026l";
  write_out(text, patience_ms);
}

std::string screen::keys() {
  std::string result;
  char typed[64];
  pollfd ready{STDIN_FILENO, POLLIN, 0};
  if (keyboard_ && ::poll(&ready, 1, 0) > 0)
    if (auto count = ::read(STDIN_FILENO, typed, sizeof typed); count > 0)
      result.assign(typed, static_cast<std::size_t>(count));
  return result;
}

} // namespace actorbus::demos
