#pragma once

#include <memory>
#include <string>
#include <vector>

#include <actorbus/transports/address_list.hpp>
#include <actorbus/transports/refusal_log.hpp>
#include <actorbus/transports/stream.hpp>
#include <actorbus/transports/transport_options.hpp>

namespace actorbus::transports {

/// What the web streams of a listener have in common.
struct web_server {
  web_server_options options;
  std::vector<std::string> paths; ///< where MQTT is
  address_list trusted;
  std::uint64_t frame_bytes_max = 0;
  std::shared_ptr<const refusal_log> refusals;
};

/// What those of a connector have in common.
struct web_client {
  web_client_options options;
  std::string host; ///< with the port, where it isn't the usual one
  std::string path;
  std::uint64_t frame_bytes_max = 0;
};

/// WebSocket over `below`, the server's side: reads the request, answers it, and carries MQTT if
/// it was a handshake. Pages are shown by the way.
std::unique_ptr<stream> make_web_server_stream(std::unique_ptr<stream> below,
                                               std::shared_ptr<const web_server> rules);

/// The client's side: `establish` is its handshake.
std::unique_ptr<stream> make_web_client_stream(std::unique_ptr<stream> below,
                                               std::shared_ptr<const web_client> rules);

} // namespace actorbus::transports
