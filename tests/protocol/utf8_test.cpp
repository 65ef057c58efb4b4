#include <actorbus/protocol/utf8.hpp>

#include <string>

#include <catch2/catch.hpp>

#include "golden.hpp"

using namespace actorbus::protocol;

namespace {

errc check(const char* notation) {
  return check_utf8(as_text(bytes(notation)));
}

} // namespace

TEST_CASE("well-formed UTF-8 passes [v5:MQTT-1.5.4-1, v3:MQTT-1.5.3-1]") {
  for (const auto* text :
       {"", "'plain'", "'eight by'", "'more than eight bytes'", "01 (control character)", "7F",
        "C2 80 (first of two bytes)", "DF BF (last of two)", "E0 A0 80 (first of three)",
        "ED 9F BF (last before the surrogates)", "EE 80 80 (first behind them)", "EF BF BD",
        "EF BF BF (non-character U+FFFF)", "EF B7 90 (non-character U+FDD0)", "F0 90 80 80 (first of four)",
        "F4 8F BF BF (U+10FFFF)", "CE BA E1 BD B9 CF 83 CE BC CE B5 (kosme)", "'A' F0 AA 9B 94 (section 1.5.4)",
        "EF BB BF (U+FEFF stays, v5:MQTT-1.5.4-3)"}) {
    INFO(text);
    CHECK(check(text) == errc::none);
  }
}

TEST_CASE("ill-formed UTF-8 is refused [v5:MQTT-1.5.4-1, v3:MQTT-1.5.3-1]") {
  for (const auto* text : {"80 (lone continuation)",
                           "BF",
                           "80 BF 80",
                           "C3 (cut off)",
                           "E2 82",
                           "F0 9F 98",
                           "C3 '(' (continuation missing)",
                           "E2 '(' A1",
                           "E2 82 '('",
                           "F0 9F 98 '('",
                           "F0 '(' 8C BC",
                           "FE",
                           "FF",
                           "C0 AF (overlong slash)",
                           "E0 80 AF",
                           "F0 80 80 AF",
                           "F8 80 80 80 AF (five bytes)",
                           "FC 80 80 80 80 AF (six)",
                           "C1 BF (overlong U+7F)",
                           "E0 9F BF (overlong U+7FF)",
                           "F0 8F BF BF (overlong U+FFFF)",
                           "C0 80 (overlong U+0000)",
                           "E0 80 80",
                           "ED A0 80 (first surrogate)",
                           "ED AF BF",
                           "ED B0 80",
                           "ED BF BF (last)",
                           "ED A0 80 ED B0 80 (a pair)",
                           "F4 90 80 80 (U+110000)",
                           "F5 80 80 80",
                           "F7 BF BF BF",
                           "C3 C3 BC",
                           "'abcdefgh' FF",
                           "'abcdefg' C3",
                           "'abcdefgh' 'abcdefg' 80"}) {
    INFO(text);
    CHECK(check(text) == errc::utf8_ill_formed);
  }
}

TEST_CASE("U+0000 is refused wherever it stands [v5:MQTT-1.5.4-2, v3:MQTT-1.5.3-2]") {
  for (std::size_t size = 1; size < 40; ++size)
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      text[at] = '\0';
      INFO(size << " bytes, U+0000 at " << at);
      CHECK(check_utf8(text) == errc::utf8_null_character);
      CHECK(check_utf8_topic_name(text) == errc::utf8_null_character);
    }
}

TEST_CASE("every byte is judged alike at every place of a topic") {
  for (std::size_t size = 1; size < 20; ++size)
    for (std::size_t at = 0; at < size; ++at)
      for (unsigned byte = 0; byte < 256; ++byte) {
        std::string text(size, 'a');
        text[at] = static_cast<char>(byte);
        auto expected = byte == 0                    ? errc::utf8_null_character
                        : byte == '+' || byte == '#' ? errc::topic_wildcard
                        : byte >= 0x80               ? errc::utf8_ill_formed
                                                     : errc::none;
        if (check_utf8_topic_name(text) != expected)
          FAIL_CHECK("byte " << byte << " at " << at << " of " << size);
      }
}

TEST_CASE("every code point passes except U+0000 and the surrogates") {
  std::size_t refused = 0;
  for (std::uint32_t point = 0; point < 0x200000; ++point) {
    std::string text;
    auto tail = [&](unsigned shift) { text += static_cast<char>(0x80 | (point >> shift & 0x3F)); };
    if (point < 0x80) {
      text += static_cast<char>(point);
    } else if (point < 0x800) {
      text += static_cast<char>(0xC0 | point >> 6);
      tail(0);
    } else if (point < 0x10000) {
      text += static_cast<char>(0xE0 | point >> 12);
      tail(6);
      tail(0);
    } else {
      text += static_cast<char>(0xF0 | point >> 18);
      tail(12);
      tail(6);
      tail(0);
    }
    auto is_right = point != 0 && !(point >= 0xD800 && point < 0xE000) && point <= 0x10FFFF;
    if ((check_utf8(text) == errc::none) != is_right)
      FAIL_CHECK(point);
    refused += is_right ? 0 : 1;
  }
  CHECK(refused == 1 + 0x800 + 0xF0000);
}
