#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <actorbus/protocol/expected.hpp>

namespace actorbus {

/// The client's part of one exchange of MQTT 5.0's enhanced authentication (4.12). One is made for
/// each CONNECT and for each re-authentication. Called on the client's actor; what it throws is why
/// it gives up.
class authentication_exchange {
public:
  virtual ~authentication_exchange() = default;

  /// The authentication method's name, the same for all exchanges of a client; not empty.
  virtual std::string_view method() const = 0;

  /// What is said first, unasked; empty: nothing.
  virtual std::string first() = 0;

  /// @param question the server's authentication data, any bytes
  /// @returns the answer to it, or in words why there is none: the client then ends
  virtual protocol::expected<std::string, std::string> answer(std::string_view question) = 0;

  /// The server lets the client in. @param data its last word; empty: none
  /// @returns nothing, or in words why the client doesn't trust this server: the client then ends
  virtual std::optional<std::string> distrust(std::string_view data) = 0;
};

/// Makes the exchanges of a client: `client_options::authentication`.
using authentication_method = std::function<std::unique_ptr<authentication_exchange>()>;

} // namespace actorbus
