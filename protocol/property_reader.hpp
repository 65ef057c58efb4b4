#pragma once

#include <cstdint>

#include <actorbus/protocol/bytes.hpp>
#include <actorbus/protocol/errc.hpp>
#include <actorbus/protocol/property.hpp>
#include <actorbus/protocol/wire_reader.hpp>

namespace actorbus::protocol {

/// Reads properties one by one and checks each against the table: for those who check and
/// collect in one pass.
/// @errors property_unknown, property_misplaced, property_duplicate, truncated, utf8_…,
///         boolean_out_of_range, value_zero, topic_alias_zero [v5:MQTT-3.3.2-8],
///         topic_empty, topic_wildcard [v5:MQTT-3.3.2-14]
class property_reader {
public:
  /// @param raw the properties without their length; borrowed while this lives
  property_reader(byte_view raw, property_place place) noexcept : reader_(raw), place_(place) {}

  /// Reads the next property. @returns false at the end and after a fault: see `cause`
  bool next(property& out) noexcept;

  errc cause() const noexcept { return reader_.cause(); }

  /// Whether `id` was read so far.
  bool has(property_id id) const noexcept { return (seen_ >> static_cast<unsigned>(id) & 1u) != 0; }

private:
  wire_reader reader_;
  std::uint64_t seen_ = 0; ///< bit n: property with identifier n
  property_place place_;
};

} // namespace actorbus::protocol
