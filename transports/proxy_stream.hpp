#pragma once

#include <memory>

#include <actorbus/transports/address_list.hpp>
#include <actorbus/transports/refusal_log.hpp>
#include <actorbus/transports/stream.hpp>

namespace actorbus::transports {

/// What the connections of a listener behind proxies have in common.
struct proxy_rules {
  address_list trusted;
  bool subject_is_identity = false;
  std::shared_ptr<const refusal_log> refusals;
};

/// A server's stream that begins with the PROXY protocol's header: takes the peer's address from
/// it, and the identity where the rules want that. A connection of somebody who isn't trusted, or
/// without a header, is of no use.
std::unique_ptr<stream> make_proxy_stream(std::unique_ptr<stream> below,
                                          std::shared_ptr<const proxy_rules> rules);

} // namespace actorbus::transports
