#include "notation.hpp"

#include <cctype>
#include <stdexcept>

namespace actorbus::conformance {

namespace {

[[noreturn]] void refuse(std::string_view text, std::size_t at, const char* why) {
  throw std::invalid_argument{"notation: " + std::string{why} + " at character " + std::to_string(at) +
                              " of: " + std::string{text}};
}

int digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/// A recursive-descent reader: one call of `sequence` per bracket.
class reader {
public:
  reader(std::string_view text, version v) : text_{text}, version_{v} {}

  byte_pattern whole() {
    auto result = sequence();
    if (at_ != text_.size())
      refuse(text_, at_, "a bracket closes that was not opened");
    return result;
  }

private:
  byte_pattern sequence() {
    byte_pattern result;
    for (;;) {
      skip_blanks_and_comments();
      if (at_ == text_.size() || std::string_view{"]>}"}.find(text_[at_]) != std::string_view::npos)
        return result;
      const auto one = element();
      const auto times = repetitions();
      for (std::size_t i = 0; i < times; ++i)
        result.insert(result.end(), one.begin(), one.end());
    }
  }

  byte_pattern element() {
    const char c = text_[at_];
    if (c == '[' || c == '<' || c == '{')
      return bracket();
    if (c == '~') {
      ++at_;
      return version_ == version::v5 ? byte_pattern{0} : byte_pattern{};
    }
    if (c == '\'')
      return quoted();
    if (c == 's' && at_ + 1 < text_.size() && text_[at_ + 1] == '\'') {
      ++at_;
      return with_two_byte_length(quoted());
    }
    if (text_.substr(at_, 2) == "??") {
      at_ += 2;
      return {any_byte};
    }
    return {hex_byte()};
  }

  byte_pattern bracket() {
    const auto opened = at_;
    const char opening = text_[at_++];
    const char closing = opening == '[' ? ']' : opening == '<' ? '>' : '}';
    auto inside = sequence();
    if (at_ == text_.size() || text_[at_] != closing)
      refuse(text_, opened, "a bracket is not closed");
    ++at_;
    return opening == '{' ? inside : opening == '<' ? with_two_byte_length(inside) : with_variable_length(inside);
  }

  byte_pattern quoted() {
    const auto opened = at_++;
    byte_pattern result;
    while (at_ < text_.size() && text_[at_] != '\'') {
      char c = text_[at_++];
      if (c == '\\' && at_ < text_.size()) {
        c = text_[at_++];
        if (c == 'x') {
          result.push_back(hex_byte());
          continue;
        }
      }
      result.push_back(static_cast<std::uint8_t>(c));
    }
    if (at_ == text_.size())
      refuse(text_, opened, "a quotation is not closed");
    ++at_;
    return result;
  }

  std::int16_t hex_byte() {
    if (at_ + 1 >= text_.size() || digit(text_[at_]) < 0 || digit(text_[at_ + 1]) < 0)
      refuse(text_, at_, "two hexadecimal digits expected");
    const auto value = digit(text_[at_]) * 16 + digit(text_[at_ + 1]);
    at_ += 2;
    return static_cast<std::int16_t>(value);
  }

  std::size_t repetitions() {
    if (at_ == text_.size() || text_[at_] != '*')
      return 1;
    std::size_t times = 0;
    const auto star = at_++;
    while (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])) != 0)
      times = times * 10 + static_cast<std::size_t>(text_[at_++] - '0');
    if (at_ == star + 1)
      refuse(text_, star, "a number expected after the star");
    return times;
  }

  void skip_blanks_and_comments() {
    while (at_ < text_.size()) {
      if (text_[at_] == '(') {
        const auto opened = at_;
        at_ = text_.find(')', at_);
        if (at_ == std::string_view::npos)
          refuse(text_, opened, "a comment is not closed");
        ++at_;
      } else if (std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
        ++at_;
      } else {
        return;
      }
    }
  }

  byte_pattern with_two_byte_length(const byte_pattern& inside) const {
    if (inside.size() > 65535)
      refuse(text_, at_, "more than 65,535 bytes have no two-byte length");
    byte_pattern result{static_cast<std::int16_t>(inside.size() >> 8), static_cast<std::int16_t>(inside.size() & 0xff)};
    result.insert(result.end(), inside.begin(), inside.end());
    return result;
  }

  static byte_pattern with_variable_length(const byte_pattern& inside) {
    byte_pattern result;
    auto rest = inside.size();
    do {
      result.push_back(static_cast<std::int16_t>((rest % 128) | (rest >= 128 ? 0x80 : 0)));
      rest /= 128;
    } while (rest > 0);
    result.insert(result.end(), inside.begin(), inside.end());
    return result;
  }

  std::string_view text_;
  version version_;
  std::size_t at_ = 0;
};

void append_hex(std::string& out, std::int16_t value) {
  if (!out.empty())
    out += ' ';
  if (value == any_byte) {
    out += "??";
    return;
  }
  out += "0123456789abcdef"[value >> 4];
  out += "0123456789abcdef"[value & 0xf];
}

} // namespace

byte_pattern parse_notation(std::string_view text, version v) {
  return reader{text, v}.whole();
}

byte_vector exact(const byte_pattern& pattern) {
  byte_vector result;
  result.reserve(pattern.size());
  for (const auto value : pattern) {
    if (value == any_byte)
      throw std::invalid_argument{"notation: ?? in bytes that are to be sent"};
    result.push_back(static_cast<std::uint8_t>(value));
  }
  return result;
}

std::string to_hex(std::span<const std::uint8_t> input) {
  std::string result;
  for (const auto value : input)
    append_hex(result, value);
  return result;
}

std::string to_hex(const byte_pattern& input) {
  std::string result;
  for (const auto value : input)
    append_hex(result, value);
  return result;
}

std::string fill_in(std::string_view text, std::span<const std::string> arguments) {
  std::string result;
  std::size_t next = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) != "{}") {
      result += text[i];
      continue;
    }
    if (next == arguments.size())
      refuse(text, i, "no argument left for {}");
    result += arguments[next++];
    ++i;
  }
  if (next != arguments.size())
    refuse(text, text.size(), "more arguments than {}");
  return result;
}

} // namespace actorbus::conformance
