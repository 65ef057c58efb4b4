#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace actorbus::transports {

/// Longest header that is accepted, bytes: version 1 has at most 107, version 2 may have much more
/// to tell.
inline constexpr std::size_t proxy_header_bytes_max = 4096;

/// What a proxy tells of a connection, version 1 or 2 of the PROXY protocol.
struct proxy_header {
  std::size_t size = 0;    ///< of the header; 0: more bytes are needed
  std::string source;      ///< "10.0.0.7:4711"; empty: the proxy speaks for itself
  std::string common_name; ///< of the client's certificate, if the proxy has verified it
  std::string_view fault;  ///< why these bytes are no header; empty: they may be
};

/// Reads the header at the front of a connection.
proxy_header read_proxy_header(std::span<const std::uint8_t> bytes);

} // namespace actorbus::transports
