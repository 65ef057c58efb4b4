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

/// Replaces frames by few that refer to no foreign buffer. Each byte is copied once, however often
/// frames come behind: what is there stays, and the last block has room for more.
/// @param own so many frames, from the first, came from an earlier call
/// @returns how many do now: all of them
std::size_t compact_frames(std::vector<frame>& frames, std::size_t own);

} // namespace actorbus::transports
