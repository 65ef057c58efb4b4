#pragma once

#include "notation.hpp"

#include <span>
#include <string>

namespace actorbus::test {

/// Puts packets into words for comparison, in their order, with "; " between:
/// `CONNACK 00`, `CONNACK 00 present`, `PUBLISH t 'payload' q1 #7 dup retain {02=60 0b=5 23=1}`, `PUBACK #7 10`,
/// `SUBACK #1 00 87`, `DISCONNECT 8e`, `AUTH 18 method 'data'`. A PUBLISH shows message expiry (02), subscription identifiers (0b) and topic
/// alias (23), a reason code of success is left out where it may be. Of
/// what only clients send the name alone: `CONNECT`, `SUBSCRIBE`, `UNSUBSCRIBE`, `PINGREQ`.
std::string describe(std::span<const std::uint8_t> packets, conformance::version v);

} // namespace actorbus::test
