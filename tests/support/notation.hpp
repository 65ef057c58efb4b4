#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The byte notation in which the conformance tests write packets down from the standard.
///
/// | written        | means |
/// |----------------|-------|
/// | `20 02 0001`   | bytes in hexadecimal |
/// | `??`           | any one byte (only in what is expected) |
/// | `'text'`       | the bytes of the text; `\'`, `\\` and `\x7f` are escapes |
/// | `s'text'`      | the same with its length in two bytes before it: MQTT's string |
/// | `< … >`        | what is inside with its length in two bytes before it: MQTT's binary data |
/// | `[ … ]`        | what is inside with its length as a variable byte integer before it |
/// | `~`            | an empty property list: `00` in MQTT 5, nothing before |
/// | `{ … }*1000`   | what is inside, so many times; a single byte, text or bracket needs no braces |
/// | `(comment)`    | nothing |
/// | `{}`           | the next argument: text as it is, a number in hexadecimal at the width of its type |
namespace actorbus::conformance {

enum class version : std::uint8_t { v31 = 3, v311 = 4, v5 = 5 };

using byte_vector = std::vector<std::uint8_t>;

/// Bytes to compare with; `any_byte` stands where the standard leaves the choice to the sender.
using byte_pattern = std::vector<std::int16_t>;
constexpr std::int16_t any_byte = -1;

/// Reads the notation.
/// @throws std::invalid_argument where the text is not in the notation, naming the place
byte_pattern parse_notation(std::string_view text, version v);

/// @throws std::invalid_argument when the pattern leaves a byte open
byte_vector exact(const byte_pattern& pattern);

/// `10 02 4d 51`, the text in which differences are reported.
std::string to_hex(std::span<const std::uint8_t> input);
std::string to_hex(const byte_pattern& input);

inline std::string notation_argument(std::string_view text) {
  return std::string{text};
}

/// Whole numbers say their width by their type, so `int` is refused.
template <class T>
  requires(std::same_as<T, std::uint8_t> || std::same_as<T, std::uint16_t> || std::same_as<T, std::uint32_t>)
std::string notation_argument(T number) {
  std::string result;
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 4; shift >= 0; shift -= 4)
    result += "0123456789abcdef"[(number >> shift) & 0xf];
  return result;
}

/// Puts the arguments in the place of each `{}`.
std::string fill_in(std::string_view text, std::span<const std::string> arguments);

template <class... Ts>
std::string notation(std::string_view text, const Ts&... arguments) {
  const std::vector<std::string> list{notation_argument(arguments)...};
  return fill_in(text, list);
}

/// The bytes of a packet that reads the same in every version.
template <class... Ts>
byte_vector bytes(std::string_view text, const Ts&... arguments) {
  return exact(parse_notation(notation(text, arguments...), version::v5));
}

} // namespace actorbus::conformance
