#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace actorbus::demos {

/// Standard output as a log, or as a screen whose last lines are painted in place.
class terminal {
public:
  terminal();

  /// Whether a person looks at it; otherwise nothing is painted.
  bool is_screen() const noexcept { return is_screen_; }
  std::size_t columns() const noexcept;
  std::size_t rows() const noexcept;

  /// Shows lines that stay, above the picture.
  void print(const std::vector<std::string>& lines);

  /// Replaces the picture. @pre `is_screen()`
  void paint(std::vector<std::string> picture);

private:
  void show(const std::vector<std::string>& lines);

  bool is_screen_;
  std::size_t painted_ = 0; ///< lines of the picture on the screen
  std::vector<std::string> picture_;
};

} // namespace actorbus::demos
