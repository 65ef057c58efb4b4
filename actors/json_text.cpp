#include <actorbus/actors/json_text.hpp>

namespace actorbus {

std::string json_text(std::string_view text, std::size_t bytes_max) {
  constexpr std::string_view digits = "0123456789abcdef";
  auto is_cut = text.size() > bytes_max;
  if (is_cut) {
    auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
    while (bytes_max > 0 && continues(text[bytes_max]))
      --bytes_max;
    text = text.substr(0, bytes_max);
  }
  std::string result = "\"";
  for (char c : text) {
    auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (code < 0x20) {
      result += "\\u00";
      result += digits[code >> 4];
      result += digits[code & 15];
    } else {
      result += c;
    }
  }
  if (is_cut)
    result += "…";
  return result + '"';
}

} // namespace actorbus
