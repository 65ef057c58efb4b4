#pragma once

#include <string>

#include <openssl/types.h>

namespace actorbus::transports {

/// What OpenSSL's queue of errors says, in words; empties it.
std::string take_tls_error();

/// Why a handshake or a stream failed, in words that name the side at fault; empties the queue.
std::string take_tls_error(const SSL& of);

} // namespace actorbus::transports
