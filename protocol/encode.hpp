#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <actorbus/protocol/packets.hpp>

namespace actorbus::protocol {

// Two steps, so that the caller decides where the bytes go: ask for the size, then write to at
// least as many bytes. Fields that a version lacks are left out; reason codes are translated
// for 3.1 and 3.1.1. An acknowledgement with success and no properties takes its short form.

/// Bytes that `encode` writes for `value`, fixed header included.
/// @pre the packet is at most `packet_size_bytes_max` bytes, strings at most 65 535
std::size_t encoded_size(const packet& value, protocol_version version) noexcept;
std::size_t encoded_size(const publish& value, protocol_version version) noexcept;

/// Writes `value` to `out`.
/// @param out room for `encoded_size(value, version)` bytes
/// @returns one past the last byte written
std::uint8_t* encode(const packet& value, protocol_version version, std::uint8_t* out) noexcept;
std::uint8_t* encode(const publish& value, protocol_version version, std::uint8_t* out) noexcept;

/// Writes all of `value` but its payload, for whoever writes the payload behind it.
/// @param out room for `encoded_size(value, version)` bytes, of which the payload's stay unwritten
/// @returns where the payload belongs
std::uint8_t* encode_head(const publish& value, protocol_version version,
                          std::uint8_t* out) noexcept;

/// Appends `value` to `out`.
void append(std::vector<std::uint8_t>& out, const packet& value, protocol_version version);

/// Builds the raw form of a SUBSCRIBE's lines, for `entry_list<subscription>`.
void append_entry(std::vector<std::uint8_t>& raw, const subscription& entry,
                  protocol_version version);
/// Builds the raw form of an UNSUBSCRIBE's lines, for `entry_list<std::string_view>`.
void append_entry(std::vector<std::uint8_t>& raw, std::string_view filter);

} // namespace actorbus::protocol
