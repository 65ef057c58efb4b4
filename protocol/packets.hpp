#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <variant>

#include <actorbus/protocol/bytes.hpp>
#include <actorbus/protocol/property.hpp>
#include <actorbus/protocol/reason_code.hpp>
#include <actorbus/protocol/types.hpp>

namespace actorbus::protocol {

// The fifteen control packets as values. They own nothing: strings, payloads, properties and
// lists are views into the bytes that were decoded, or into what the caller encodes from, and
// live as long as those. Where 3.1.1 lacks a field of 5.0 it keeps its default.

/// The message that the server publishes when a connection is lost.
struct will {
  std::string_view topic;
  byte_view payload;
  protocol::qos qos{};
  bool retain = false;
  properties_view properties;
};

struct connect {
  protocol_version version = protocol_version::v5;
  bool clean_start = true;              ///< "clean session" in 3.1.1
  std::uint16_t keep_alive_seconds = 0; ///< 0: never times out
  std::string_view client_id;
  std::optional<protocol::will> will;
  std::optional<std::string_view> user_name;
  std::optional<byte_view> password;
  properties_view properties;
  bool bridge = false; ///< bit 7 of the level byte: mosquitto's bridge mark (3.x)
};

struct connack {
  bool session_present = false;
  reason_code code{}; ///< return codes of 3.1.1 are translated
  properties_view properties;
};

struct publish {
  bool dup = false;
  protocol::qos qos{};
  bool retain = false;
  std::string_view topic;            ///< may be empty in 5.0, with an alias
  protocol::packet_id packet_id = 0; ///< 0 at QoS 0
  properties_view properties;
  byte_view payload;
  // Found while the properties were checked, so that nobody looks for them again.
  std::uint16_t topic_alias = 0; ///< 0: none
  bool has_message_expiry = false;
  std::uint32_t message_expiry_interval_seconds = 0;
};

/// PUBACK, PUBREC, PUBREL and PUBCOMP differ in their type only.
template <packet_type Type>
struct acknowledgement {
  protocol::packet_id packet_id = 0;
  reason_code code{};
  properties_view properties;
};

using puback = acknowledgement<packet_type::puback>;
using pubrec = acknowledgement<packet_type::pubrec>;
using pubrel = acknowledgement<packet_type::pubrel>;
using pubcomp = acknowledgement<packet_type::pubcomp>;

/// One line of a SUBSCRIBE.
struct subscription {
  std::string_view filter;
  qos maximum_qos{};
  bool no_local = false;
  bool retain_as_published = false;
  protocol::retain_handling retain_handling{};
};

/// Reads the line at the front of `raw`. @pre checked before, not empty
/// @returns the bytes that it takes
std::size_t read_entry(byte_view raw, subscription& out) noexcept;
std::size_t read_entry(byte_view raw, std::string_view& out) noexcept;

/// The lines of a SUBSCRIBE or UNSUBSCRIBE as they lie on the wire, already checked: iterating
/// cannot fail. `Entry` is `subscription` or `std::string_view`.
template <class Entry>
class entry_list {
public:
  class iterator {
  public:
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;

    iterator() = default;
    explicit iterator(byte_view rest) noexcept : rest_(rest) { read(); }
    const Entry& operator*() const noexcept { return current_; }
    const Entry* operator->() const noexcept { return &current_; }
    iterator& operator++() noexcept {
      rest_ = rest_.subspan(size_);
      read();
      return *this;
    }
    iterator operator++(int) noexcept {
      auto old = *this;
      ++*this;
      return old;
    }
    bool operator==(const iterator& other) const noexcept {
      return rest_.data() == other.rest_.data();
    }

  private:
    void read() noexcept { size_ = rest_.empty() ? 0 : read_entry(rest_, current_); }

    byte_view rest_;
    std::size_t size_ = 0;
    Entry current_{};
  };

  entry_list() = default;
  explicit entry_list(byte_view raw) noexcept : raw_(raw) {}

  byte_view raw() const noexcept { return raw_; }
  iterator begin() const noexcept { return iterator{raw_}; }
  iterator end() const noexcept { return iterator{raw_.subspan(raw_.size())}; }

private:
  byte_view raw_;
};

struct subscribe {
  protocol::packet_id packet_id = 0;
  properties_view properties;
  entry_list<subscription> entries; ///< never empty after decoding
};

struct suback {
  protocol::packet_id packet_id = 0;
  properties_view properties;
  byte_view codes; ///< one reason code an entry; 3.1.1: 0, 1, 2 or 0x80
};

struct unsubscribe {
  protocol::packet_id packet_id = 0;
  properties_view properties;
  entry_list<std::string_view> entries; ///< topic filters; never empty after decoding
};

struct unsuback {
  protocol::packet_id packet_id = 0;
  properties_view properties;
  byte_view codes; ///< empty in 3.1.1
};

struct pingreq {};
struct pingresp {};

struct disconnect {
  reason_code code{};
  properties_view properties;
};

struct auth {
  reason_code code{};
  properties_view properties;
};

using packet = std::variant<connect, connack, publish, puback, pubrec, pubrel, pubcomp, subscribe,
                            suback, unsubscribe, unsuback, pingreq, pingresp, disconnect, auth>;

/// The type of the packet that `value` holds.
packet_type type_of(const packet& value) noexcept;

} // namespace actorbus::protocol
