#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace actorbus::protocol {

// Almost every topic is plain ASCII. These look at eight bytes at a time and answer "nothing
// special here" or "look closer"; the exact rules are in utf8.cpp and topic.cpp.

inline std::uint64_t load_word(const std::uint8_t* at) noexcept {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// The same byte eight times.
constexpr std::uint64_t every_byte(std::uint8_t value) noexcept {
  return std::uint64_t{value} * 0x0101010101010101u;
}

/// Eight bytes between 0x01 and 0x7F. Adding 0x7F carries into a byte's top bit unless the byte
/// is 0, and no further while all of them are below 0x80.
constexpr bool is_plain_text(std::uint64_t word) noexcept {
  auto top = every_byte(0x80);
  return ((word + every_byte(0x7F)) & ~word & top) == top;
}

/// Eight bytes between 0x01 and 0x7F without '+' and '#', which differ in one bit only.
constexpr bool is_plain_topic(std::uint64_t word) noexcept {
  auto top = every_byte(0x80);
  auto without_wildcard = (word | every_byte(0x08)) ^ every_byte('+');
  return ((word + every_byte(0x7F)) & (without_wildcard + every_byte(0x7F)) & ~word & top) == top;
}

/// Whether all of `size` bytes at `at` are plain by `is_plain`, which takes a word; fewer than
/// eight are filled up with slashes. Reads no byte outside.
template <class IsPlain>
inline bool every_word(const std::uint8_t* at, std::size_t size, IsPlain is_plain) noexcept {
  if (size >= 8) {
    const auto* last = at + size - 8;
    for (; at < last; at += 8)
      if (!is_plain(load_word(at)))
        return false;
    return is_plain(load_word(last)); // overlaps the one before
  }
  std::uint64_t word = every_byte('/');
  if (size >= 4) {
    std::uint32_t front = 0;
    std::uint32_t back = 0;
    std::memcpy(&front, at, 4);
    std::memcpy(&back, at + size - 4, 4);
    word = std::uint64_t{front} << 32 | back;
  } else {
    for (std::size_t i = 0; i < size; ++i)
      word = word << 8 | at[i];
  }
  return is_plain(word);
}

/// ASCII without U+0000: a string that needs no closer look.
inline bool is_plain_text(const std::uint8_t* at, std::size_t size) noexcept {
  return every_word(at, size, [](std::uint64_t word) { return is_plain_text(word); });
}

/// ASCII without U+0000 and wildcards: a topic name that needs no closer look.
inline bool is_plain_topic(const std::uint8_t* at, std::size_t size) noexcept {
  return every_word(at, size, [](std::uint64_t word) { return is_plain_topic(word); });
}

} // namespace actorbus::protocol
