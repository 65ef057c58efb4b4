#include <actorbus/protocol/client_id.hpp>

namespace actorbus::protocol {

errc check_client_id(const connect& value) noexcept {
  if (!value.client_id.empty() || value.version == protocol_version::v5)
    return errc::none;
  if (value.version == protocol_version::v3_1_1 && value.clean_start)
    return errc::none;
  return errc::client_id_empty;
}

} // namespace actorbus::protocol
