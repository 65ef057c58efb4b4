#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <actorbus/protocol/bytes.hpp>
#include <actorbus/protocol/errc.hpp>
#include <actorbus/protocol/types.hpp>

namespace actorbus::protocol {

/// Identifiers of MQTT 5.0's properties, section 2.2.2.2.
enum class property_id : std::uint8_t {
  payload_format_indicator = 0x01,
  message_expiry_interval = 0x02,
  content_type = 0x03,
  response_topic = 0x08,
  correlation_data = 0x09,
  subscription_identifier = 0x0B,
  session_expiry_interval = 0x11,
  assigned_client_identifier = 0x12,
  server_keep_alive = 0x13,
  authentication_method = 0x15,
  authentication_data = 0x16,
  request_problem_information = 0x17,
  will_delay_interval = 0x18,
  request_response_information = 0x19,
  response_information = 0x1A,
  server_reference = 0x1C,
  reason_string = 0x1F,
  receive_maximum = 0x21,
  topic_alias_maximum = 0x22,
  topic_alias = 0x23,
  maximum_qos = 0x24,
  retain_available = 0x25,
  user_property = 0x26,
  maximum_packet_size = 0x27,
  wildcard_subscription_available = 0x28,
  subscription_identifier_available = 0x29,
  shared_subscription_available = 0x2A,
};

/// How a property's value lies on the wire.
enum class wire_type : std::uint8_t {
  byte,
  two_byte_integer,
  four_byte_integer,
  variable_byte_integer,
  utf8_string,
  utf8_string_pair,
  binary_data,
};

/// The places that have properties: a packet, or the will inside CONNECT.
enum class property_place : std::uint8_t {
  connect,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  disconnect,
  auth,
  will,
};

/// What a property's value must obey besides its wire type.
enum class value_rule : std::uint8_t {
  any,
  zero_or_one,
  not_zero,
  topic_alias, ///< not zero, with a reason code of its own
  topic_name,  ///< not empty, no wildcards
};

/// One row of the property table.
struct property_rule {
  property_id id;
  std::string_view name; ///< e.g. "message expiry interval"
  wire_type type;
  value_rule rule;
  std::uint16_t places;     ///< bit n: allowed in property_place n
  std::uint16_t repeatable; ///< bit n: more than once in property_place n
};

/// The table's row for `id`, nullptr for an identifier that does not exist.
const property_rule* find_property(std::uint32_t id) noexcept;

std::string_view to_string(property_id id) noexcept;

/// One property of a packet. Which member counts follows from the table's wire type.
struct property {
  property_id id{};
  std::uint32_t number = 0; ///< byte, two-byte, four-byte and variable byte integers
  std::string_view text;    ///< UTF-8 string, binary data (as bytes), name of a pair
  std::string_view value;   ///< value of a pair
};

/// A packet's properties as they lie on the wire, without their length, already checked:
/// iterating cannot fail. Handed on unchanged and in order, nothing is added.
class properties_view {
public:
  class iterator {
  public:
    using value_type = property;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;

    iterator() = default;
    explicit iterator(byte_view rest) noexcept;
    const property& operator*() const noexcept { return current_; }
    const property* operator->() const noexcept { return &current_; }
    iterator& operator++() noexcept;
    iterator operator++(int) noexcept {
      auto old = *this;
      ++*this;
      return old;
    }
    bool operator==(const iterator& other) const noexcept { return position_ == other.position_; }

  private:
    const std::uint8_t* position_ = nullptr; ///< first byte of `current_`; end: one past the last
    const std::uint8_t* next_ = nullptr;
    const std::uint8_t* end_ = nullptr;
    property current_;
  };

  properties_view() = default;

  /// @param raw bytes that `check_properties`, a decoder or a `property_list` vouch for
  explicit properties_view(byte_view raw) noexcept : raw_(raw) {}

  byte_view raw() const noexcept { return raw_; }
  bool empty() const noexcept { return raw_.empty(); }

  iterator begin() const noexcept { return iterator{raw_}; }
  iterator end() const noexcept { return iterator{raw_.subspan(raw_.size())}; }

  /// The first integer property `id`, if it is there. Linear in the number of properties.
  std::optional<std::uint32_t> number(property_id id) const noexcept;

  /// The first string or binary property `id`, if it is there.
  std::optional<std::string_view> text(property_id id) const noexcept;

private:
  byte_view raw_;
};

/// Checks `raw` (without its length) against the table: known identifiers, allowed at `place`,
/// no duplicates, values in range, valid UTF-8, no bytes left over.
/// @errors those of `property_reader`, authentication_data_without_method [v5: 3.1.2.11.10],
///         authentication_method_missing (in an AUTH that says anything) [v5: 3.15.2.2.2]
errc check_properties(byte_view raw, property_place place) noexcept;

/// Properties that one writes: owns their encoded bytes.
class property_list {
public:
  property_list() = default;
  explicit property_list(properties_view copy) : raw_(copy.raw().begin(), copy.raw().end()) {}

  /// Appends an integer property. @pre the table gives `id` an integer type
  property_list& add(property_id id, std::uint32_t number);
  /// Appends a string or binary property. @pre at most 65 535 bytes
  property_list& add(property_id id, std::string_view text);
  /// Appends a user property.
  property_list& add_user(std::string_view name, std::string_view value);
  /// Appends one property of another packet unchanged.
  property_list& add(const property& copy);

  void clear() noexcept { raw_.clear(); }
  bool empty() const noexcept { return raw_.empty(); }
  properties_view view() const noexcept { return properties_view{raw_}; }
  operator properties_view() const noexcept { return view(); }
  bool operator==(const property_list&) const = default;

private:
  std::vector<std::uint8_t> raw_;
};

} // namespace actorbus::protocol
