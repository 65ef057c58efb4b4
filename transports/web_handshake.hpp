#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <actorbus/transports/address_list.hpp>
#include <actorbus/transports/transport_options.hpp>

namespace actorbus::transports {

/// Largest accepted head of a request or an answer, bytes.
inline constexpr std::size_t web_head_bytes_max = 8 * 1024;

/// Where the head at the front of `bytes` ends; npos: not yet.
std::size_t end_of_web_head(std::string_view bytes) noexcept;

/// What a server answers to a request's head.
struct web_answer {
  std::string response;  ///< to be sent
  bool upgraded = false; ///< from now on it is a WebSocket
  bool deflates = false; ///< … with permessage-deflate
  std::string refusal;   ///< why it was turned away; empty: it wasn't
  std::string forwarded; ///< X-Forwarded-For, as it came; empty: none
};

/// Judges the head of a request: MQTT's handshake, a page, or neither.
/// @param paths where MQTT is
web_answer answer_web_request(std::string_view head, const web_server_options& options,
                              const std::vector<std::string>& paths);

/// The answer to what is no request that could be judged, e.g. 431 for one that is too large.
web_answer refuse_web_request(unsigned status, std::string_view why);

/// The last address of X-Forwarded-For that is no trusted proxy's: the client's, as far as it can
/// be believed. @returns empty if there is none
std::string forwarded_peer(std::string_view header, const address_list& trusted);

/// A client's handshake.
struct web_request {
  std::string text;
  std::string accept; ///< what a server must prove that it has read it with
};

/// @param key 16 bytes that nobody can guess, in base 64
web_request make_web_request(std::string_view host, std::string_view path, std::string_view key,
                             const web_client_options& options);

/// What a client makes of the server's answer.
struct web_verdict {
  std::string why;       ///< it is no use; empty: the WebSocket is open
  bool deflates = false; ///< … with permessage-deflate
};

/// @param deflate whether permessage-deflate was offered
web_verdict check_web_answer(std::string_view head, std::string_view accept, bool deflate);

/// 16 random bytes in base 64.
std::string make_web_key();

/// What proves that a key was read (RFC 6455, 4.2.2).
std::string web_accept_of(std::string_view key);

} // namespace actorbus::transports
