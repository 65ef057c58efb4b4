#include "run/terminal.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "view/screen.hpp"
#include "view/window.hpp"

namespace actorbus::demos {

terminal::terminal() : is_screen_(actorbus::demos::is_screen()) {}

std::size_t terminal::columns() const noexcept {
  return size_of_window().columns;
}

std::size_t terminal::rows() const noexcept {
  return size_of_window().rows;
}

void terminal::print(const std::vector<std::string>& lines) {
  show(lines);
}

void terminal::paint(std::vector<std::string> picture) {
  auto room = std::max<std::size_t>(rows(), 2) - 1; // the cursor stands below
  picture.resize(std::min(picture.size(), room));
  picture_ = std::move(picture);
  show({});
}

// Written over the last picture in one go: what is painted again doesn't flicker.
void terminal::show(const std::vector<std::string>& lines) {
  auto text = painted_ == 0 ? std::string{} : fmt::format("\x1b[{}A\r", painted_);
  const auto* line_end = painted_ == 0 ? "\n" : "\x1b[K\n";
  for (const auto* part : {&lines, &std::as_const(picture_)})
    for (const auto& line : *part)
      text += line + line_end;
  if (painted_ != 0)
    text += "\x1b[J";
  painted_ = picture_.size();
  write_out(text, 0);
}

} // namespace actorbus::demos
