#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace actorbus::demos {

/// The whole window, painted again and again. Keys count at once and are not shown; Ctrl-C stays a
/// signal. What was in the window before is there again afterwards.
class screen {
public:
  screen();
  ~screen();
  screen(const screen&) = delete;
  screen& operator=(const screen&) = delete;

  /// Shows these lines and nothing else, in one go. @pre they fit in the window
  void paint(const std::vector<std::string>& lines);

  /// What was typed since the last call.
  std::string keys();

private:
  struct keyboard;

  std::unique_ptr<keyboard> keyboard_; ///< null: none
};

/// Writes what standard output takes soon and drops the rest: a reader that has stopped must not
/// stop the program.
void write_out(std::string_view text, int patience_ms);

} // namespace actorbus::demos
