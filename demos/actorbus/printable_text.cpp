#include "printable_text.hpp"

namespace actorbus::demos {

namespace {

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// Bytes of the well-formed character at the front, 0: there is none that may be shown.
std::size_t character_at(std::string_view text) {
  auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80)
    return first >= 0x20 && first != 0x7F ? 1 : 0;
  std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (size == 0 || size > text.size() || first > 0xF4)
    return 0;
  for (std::size_t i = 1; i < size; ++i)
    if (!continues(text[i]))
      return 0;
  auto is_c1_control = first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0;
  return is_c1_control ? 0 : size;
}

} // namespace

std::string printable_text(std::string_view text, std::size_t width) {
  std::string result;
  std::size_t columns = 0;
  std::size_t last = 0; // where the last column begins
  while (!text.empty()) {
    if (columns == width) {
      result.resize(last);
      return result + "…";
    }
    last = result.size();
    ++columns;
    if (auto size = character_at(text)) {
      result += text.substr(0, size);
      text.remove_prefix(size);
    } else {
      result += '.';
      text.remove_prefix(1);
    }
  }
  return result;
}

std::size_t width_of(std::string_view text) noexcept {
  std::size_t result = 0;
  for (auto c : text)
    result += continues(c) ? 0 : 1;
  return result;
}

std::string column(std::string_view text, std::size_t width) {
  auto result = printable_text(text, width);
  result.append(width - width_of(result), ' ');
  return result;
}

} // namespace actorbus::demos
