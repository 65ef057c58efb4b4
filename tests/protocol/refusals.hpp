#pragma once

#include <vector>

#include "golden.hpp"

namespace actorbus::protocol {

/// Bytes that must be refused, for one cause and with one reason code.
struct refusal {
  std::string says; ///< what is wrong, with the statement or section
  protocol_version version;
  sender from;
  byte_vector encoded;
  errc cause;
  reason_code code;
};

/// Checks each: refused, with this cause and this reason code.
void check_refusals(const std::vector<refusal>& table);

} // namespace actorbus::protocol
