#pragma once

#include <string>

#include <actorbus/actors/client_authentication.hpp>

namespace actorbus {

/// A client's user name and password by SCRAM-SHA-256, so that the password itself is never sent,
/// and a server that doesn't know it is found out:
///
///     bus.connect({.authentication = scram_authentication("ann", "secret")});
///
/// Answering takes as long as the server's iterations want, some milliseconds as a rule.
authentication_method scram_authentication(std::string user, std::string password);

} // namespace actorbus
