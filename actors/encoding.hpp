#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

#include <actorbus/protocol/expected.hpp>

namespace actorbus {

/// Why a payload is not what was expected, or a value could not be written: for logs, in words.
struct payload_fault {
  std::string text;
};

/// The same, thrown. A client's handler that throws it does not end the client: the message is
/// over, and `client_events::on_fault` is told if it is set.
class payload_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

template <class T>
using or_fault = protocol::expected<T, payload_fault>;

/// A way to write values of type `T` as payloads and to read them back. Whatever somebody else sends
/// comes to `decode`: it has limits for what it makes of it, and answers with a fault, not with an
/// exception. An encoding that has nothing to set is empty and default-constructible.
///
/// `content_type` goes with each message (MQTT 5.0) and is compared when one comes; empty: neither.
/// An encoding whose payloads are UTF-8 text has `static constexpr bool is_text = true` besides.
template <class E, class T>
concept encodes = requires(const E& encoding, const T& value, std::string_view payload) {
  { E::content_type } -> std::convertible_to<std::string_view>;
  { encoding.encode(value) } -> std::same_as<or_fault<std::string>>;
  { encoding.template decode<T>(payload) } -> std::same_as<or_fault<T>>;
};

/// Whether payloads of the encoding `E` are UTF-8 text.
template <class E>
inline constexpr bool is_text_encoding = requires {
  requires E::is_text;
};

/// Bytes as they are: `std::string` and vectors of bytes, of any content.
struct raw_encoding {
  static constexpr std::string_view content_type{};

  template <class T>
    requires std::same_as<T, std::string> || std::same_as<T, std::vector<std::uint8_t>> ||
        std::same_as<T, std::vector<std::byte>>
            or_fault<std::string> encode(const T& value)
  const { return std::string{reinterpret_cast<const char*>(value.data()), value.size()}; }

  template <class T>
    requires std::same_as<T, std::string> || std::same_as<T, std::vector<std::uint8_t>> ||
        std::same_as<T, std::vector<std::byte>>
            or_fault<T> decode(std::string_view payload)
  const {
    const auto* first = reinterpret_cast<const typename T::value_type*>(payload.data());
    return T(first, first + payload.size());
  }
};

/// UTF-8 text: strings as they are, numbers in digits and `bool` as `true` and `false`, whatever the
/// locale.
struct text_encoding {
  static constexpr std::string_view content_type = "text/plain";
  static constexpr bool is_text = true;

  /// @errors the string is not UTF-8
  or_fault<std::string> encode(const std::string& value) const;
  or_fault<std::string> encode(bool value) const;

  template <class T>
    requires std::is_arithmetic_v<T> or_fault<std::string> encode(T value)
  const {
    char digits[64];
    auto [end, failure] = std::to_chars(std::begin(digits), std::end(digits), value);
    return std::string(digits, end);
  }

  /// @errors not UTF-8; not a number, or one that `T` can't hold; anything behind it
  template <class T>
    requires std::same_as<T, std::string> || std::is_arithmetic_v<T> or_fault<T>
    decode(std::string_view payload)
  const {
    if constexpr (std::same_as<T, std::string>) {
      return decode_string(payload);
    } else if constexpr (std::same_as<T, bool>) {
      return decode_bool(payload);
    } else {
      T value{};
      auto [end, failure] = std::from_chars(payload.data(), payload.data() + payload.size(), value);
      if (failure == std::errc::result_out_of_range)
        return protocol::unexpected{payload_fault{"a number out of range"}};
      if (failure != std::errc{} || end != payload.data() + payload.size())
        return protocol::unexpected{payload_fault{"not a number"}};
      return value;
    }
  }

private:
  static or_fault<std::string> decode_string(std::string_view payload);
  static or_fault<bool> decode_bool(std::string_view payload);
};

/// MessagePack, in msgpack_encoding.hpp.
struct msgpack_encoding;

} // namespace actorbus
