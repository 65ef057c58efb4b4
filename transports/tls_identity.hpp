#pragma once

#include <memory>

#include <openssl/types.h>

#include <actorbus/actors/messages.hpp>

namespace actorbus::transports {

/// Who is at the other end of a server's connection whose handshake is done: what a certificate
/// that holds is made out to, or the name of a pre-shared key.
/// @param whole_subject "CN=anna,O=home" instead of "anna"
/// @returns nullptr if there is neither, or the name is no UTF-8 text
std::shared_ptr<const peer_identity> identity_of(const SSL& of, bool whole_subject);

} // namespace actorbus::transports
