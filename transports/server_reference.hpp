#pragma once

#include <string>
#include <string_view>

#include <actorbus/transports/transport_table.hpp>

namespace actorbus::transports {

/// Where a broker sends its client [v5: 4.11], as a URL: the first place of a Server Reference that
/// can be used. A place is a URL, or `host[:port]`, which is reached by the transport in use.
///
/// Whoever answers at the old address decides about the new one, so it has to be as safe: with TLS
/// where TLS was; and a network client stays on the network, where it opens no Unix socket, shared
/// memory or bus of this machine.
/// @param from      the URL of the broker that said so
/// @param reference its words: places with spaces between
/// @returns why there is none, in one line, that of the first place
or_error<std::string> resolve_reference(const transport_table& table, std::string_view from,
                                        std::string_view reference);

} // namespace actorbus::transports
