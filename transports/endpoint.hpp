#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <actorbus/protocol/expected.hpp>

namespace actorbus::transports {

/// What stands behind the `://` of a scheme.
enum class endpoint_form : std::uint8_t {
  host_port, ///< `[user[:password]@][host][:port]`
  web,       ///< the same, and a path
  path,      ///< an absolute path in the file system, or `@name`: one beside it
  name,      ///< a word
};

/// A URL taken apart: where to listen or to connect to.
struct endpoint {
  std::string scheme; ///< the transport's main one: "mqtt" for `tcp://…` too
  endpoint_form form{};
  std::string host;       ///< name or number, without brackets; empty: this machine
  std::uint16_t port = 0; ///< to listen on 0: any that is free
  std::string path;       ///< of the forms `web` and `path`
  std::string name;       ///< of the form `name`
  std::string user;       ///< for clients
  std::optional<std::string> password;
};

/// How the URLs of a scheme are read.
struct endpoint_rules {
  std::string_view scheme;
  endpoint_form form{};
  std::uint16_t default_port = 0;
  std::string_view default_path;
};

/// Splits off the scheme, in lower case. @returns an empty text if there is no `://`
std::string scheme_of(std::string_view url);

/// Takes a URL apart that has a scheme already looked up.
/// @returns the endpoint, or what is wrong in one line that names the URL
protocol::expected<endpoint, std::string> parse_endpoint(std::string_view url,
                                                         const endpoint_rules& rules);

/// The URL again, with the port and without user and password.
std::string to_string(const endpoint& of);

} // namespace actorbus::transports
