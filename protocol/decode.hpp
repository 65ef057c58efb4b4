#pragma once

#include <actorbus/protocol/bytes.hpp>
#include <actorbus/protocol/errc.hpp>
#include <actorbus/protocol/expected.hpp>
#include <actorbus/protocol/frame.hpp>
#include <actorbus/protocol/packets.hpp>

namespace actorbus::protocol {

/// Decodes the body of one control packet. Allocates nothing: the result's views point into
/// `body` and are valid as long as it is.
/// @param header what `read_frame` found in front of `body`
/// @param body   exactly `header.body_size` bytes
/// @param version of the connection; a CONNECT brings its own and ignores this
/// @param from   who wrote the packet; one that the other side alone may write is refused
/// @errors every cause in errc.hpp that belongs to bytes; `to_reason_code` tells the reason
expected<packet, errc> decode(const frame_header& header, byte_view body, protocol_version version,
                              sender from) noexcept;

/// The PUBLISH alone, into the caller's value: the path that carries the traffic. Checks the
/// topic name (UTF-8, no wildcards), the flags, the packet identifier and every property.
/// An empty topic passes in 5.0 when there is an alias.
/// @param out overwritten; unspecified after a failure
/// @returns errc::none or the cause
errc decode_publish(const frame_header& header, byte_view body, protocol_version version,
                    sender from, publish& out) noexcept;

} // namespace actorbus::protocol
