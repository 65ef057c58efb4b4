#pragma once

#include <memory>
#include <string>

#include <actorbus/transports/shm_link.hpp>
#include <actorbus/transports/stream.hpp>

namespace actorbus::transports {

/// The stream of one end of a shared-memory link. The thread looks at the memory while it is awake,
/// and is rung for when it sleeps.
/// @param peer     for logs
/// @param identity who the peer is, if the system has said
/// @param counted  held as long as the memory is
std::unique_ptr<stream> make_shm_stream(std::unique_ptr<shm_link> link, std::string peer,
                                        std::shared_ptr<const peer_identity> identity,
                                        std::shared_ptr<void> counted = nullptr);

} // namespace actorbus::transports
