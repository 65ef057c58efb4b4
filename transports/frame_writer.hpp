#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <actorbus/actors/buffer.hpp>
#include <actorbus/transports/stream.hpp>

namespace actorbus::transports {

/// Writes frames with as few system calls as can be: small neighbours are joined in one block,
/// large ones are passed by reference, all of it in one call.
/// @param frames first to write first; what was written is removed
/// @param block  `block_size` bytes to join small frames in
/// @returns as the last write; `bytes` counts all of them
io_result write_frames(stream& out, std::vector<frame>& frames, std::uint8_t* block,
                       std::size_t block_size);

/// Replaces all frames by one that refers to no foreign buffer.
void compact_frames(std::vector<frame>& frames);

} // namespace actorbus::transports
