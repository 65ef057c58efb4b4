#include <actorbus/protocol/utf8.hpp>

#include <cstdint>

#include <actorbus/protocol/text_scan.hpp>

namespace actorbus::protocol {

namespace {

constexpr bool is_continuation(std::uint8_t byte) noexcept {
  return (byte & 0xC0) == 0x80;
}

/// The length of the sequence at the front, 0 if it is ill-formed: table 3-7 of the Unicode
/// standard, which leaves out overlong forms, surrogates and what lies above U+10FFFF.
std::size_t sequence_length(const std::uint8_t* at, std::size_t left) noexcept {
  auto lead = at[0];
  if (lead < 0x80)
    return 1;
  if (lead < 0xC2 || lead > 0xF4)
    return 0;
  std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (left < length)
    return 0;
  std::uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  std::uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (at[1] < low || at[1] > high)
    return 0;
  for (std::size_t i = 2; i < length; ++i)
    if (!is_continuation(at[i]))
      return 0;
  return length;
}

} // namespace

errc check_utf8(std::string_view text) noexcept {
  const auto* at = reinterpret_cast<const std::uint8_t*>(text.data());
  if (is_plain_text(at, text.size()))
    return errc::none;
  const auto* end = at + text.size();
  while (at != end) {
    auto left = static_cast<std::size_t>(end - at);
    if (left >= 8 && is_plain_text(load_word(at))) {
      at += 8;
      continue;
    }
    auto length = sequence_length(at, left);
    if (length == 0)
      return errc::utf8_ill_formed;
    if (*at == 0)
      return errc::utf8_null_character;
    at += length;
  }
  return errc::none;
}

errc check_utf8_topic_name(std::string_view name) noexcept {
  if (is_plain_topic(reinterpret_cast<const std::uint8_t*>(name.data()), name.size()))
    return errc::none;
  auto cause = check_utf8(name);
  if (cause != errc::none)
    return cause;
  return name.find_first_of("+#") == std::string_view::npos ? errc::none : errc::topic_wildcard;
}

bool is_utf8_payload(std::string_view payload) noexcept {
  for (;;) {
    auto end = payload.find('\0');
    if (check_utf8(payload.substr(0, end)) != errc::none)
      return false;
    if (end == payload.npos)
      return true;
    payload.remove_prefix(end + 1);
  }
}

} // namespace actorbus::protocol
