#pragma once

// Includes msgpack-c, which costs more to compile than the rest: for those who use it.

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include <msgpack.hpp>

#include <actorbus/actors/encoding.hpp>

namespace actorbus {

/// What `msgpack_encoding` makes of a payload at most. A few bytes can announce millions of elements;
/// they are counted before anything is allocated.
struct msgpack_limits {
  std::size_t payload_bytes_max = 16 * 1024 * 1024; ///< larger ones are refused unread
  std::size_t elements_max = 1'000'000;             ///< of all arrays and maps together
  std::size_t depth_max = 32;                       ///< of arrays and maps inside each other
};

/// Looks whether `payload` is one MessagePack value within `limits`, without allocating for it.
or_fault<void> check_msgpack(std::string_view payload, const msgpack_limits& limits);

/// MessagePack, by msgpack-c: the standard library's types, and every type with `MSGPACK_DEFINE`,
/// `MSGPACK_DEFINE_MAP` or an adaptor of its own.
struct msgpack_encoding {
  static constexpr std::string_view content_type = "application/msgpack";

  msgpack_limits limits{};

  /// @errors what an adaptor of the user's throws
  template <class T>
  or_fault<std::string> encode(const T& value) const {
    struct appender {
      std::string bytes;
      void write(const char* data, std::size_t size) { bytes.append(data, size); }
    } out;
    try {
      msgpack::pack(out, value);
    } catch (const std::exception& failure) {
      return protocol::unexpected{payload_fault{failure.what()}};
    }
    return std::move(out.bytes);
  }

  /// @errors not MessagePack, cut short, bytes behind it, beyond a limit; a value of another type
  template <class T>
  or_fault<T> decode(std::string_view payload) const {
    if (auto fits = check_msgpack(payload, limits); !fits)
      return protocol::unexpected{fits.error()};
    try {
      auto object = msgpack::unpack(payload.data(), payload.size());
      return object->template as<T>();
    } catch (const msgpack::type_error&) {
      return protocol::unexpected{payload_fault{"MessagePack of another type"}};
    } catch (const std::exception& failure) {
      return protocol::unexpected{payload_fault{failure.what()}};
    }
  }
};

} // namespace actorbus
