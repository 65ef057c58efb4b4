#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <actorbus/actors/client_events.hpp>
#include <actorbus/actors/client_options.hpp>
#include <actorbus/actors/encoding.hpp>

namespace actorbus {

/// Writes `value` into a message.
/// @param head topic, QoS, retain flag and properties; gets the payload, and the encoding's content
///             type and the mark of UTF-8 text where they aren't set already
/// @errors those of the encoding
template <class T, class E = msgpack_encoding>
  requires encodes<E, T> or_fault<outgoing_message>
  encode_message(outgoing_message head, const T& value, const E& encoding = {}) {
    using protocol::property_id;
    auto payload = encoding.encode(value);
    if (!payload)
      return protocol::unexpected{payload.error()};
    head.payload = std::move(*payload);
    auto given = head.properties.view();
    std::string_view type = E::content_type;
    auto needs_type = !type.empty() && !given.text(property_id::content_type);
    auto needs_mark = is_text_encoding<E> && !given.number(property_id::payload_format_indicator);
    if (needs_type)
      head.properties.add(property_id::content_type, type);
    if (needs_mark)
      head.properties.add(property_id::payload_format_indicator, 1);
    return head;
  }

/// Whether a message with these properties may be of this content type: it says so, or says
/// nothing, as before MQTT 5.0. Parameters behind a `;` don't count.
bool may_be(std::string_view content_type, protocol::properties_view properties);

/// Reads a message's payload as a `T`.
/// @errors another content type; those of the encoding
template <class T, class E = msgpack_encoding>
  requires encodes<E, T> or_fault<T> decode_message(const incoming_message& message,
                                                    const E& encoding = {}) {
    if (!may_be(E::content_type, message.properties))
      return protocol::unexpected{
          payload_fault{"another content type than " + std::string{E::content_type}}};
    return encoding.template decode<T>(message.payload);
  }

/// Told of a message whose payload does not fit; called where handlers are.
using fault_handler = std::function<void(const payload_fault&, const incoming_message&)>;

/// A handler of messages made of a handler of values.
/// @param handler  called with `T`, or with `T` and the message that it came in
/// @param on_fault called instead for a payload that does not fit. If it is empty `payload_error`
///                 is thrown, which the client hands to `client_events::on_fault`
template <class T, class E = msgpack_encoding, class Handler>
  requires encodes<E, T> std::function<void(const incoming_message&)>
  typed_handler(Handler handler, fault_handler on_fault = {}, E encoding = {}) {
    return [handler = std::move(handler), on_fault = std::move(on_fault),
            encoding = std::move(encoding)](const incoming_message& message) mutable {
      auto value = decode_message<T>(message, encoding);
      if (!value) {
        if (!on_fault)
          throw payload_error{value.error().text};
        on_fault(value.error(), message);
        return;
      }
      if constexpr (std::invocable<Handler&, T&&, const incoming_message&>)
        handler(std::move(*value), message);
      else
        handler(std::move(*value));
    };
  }

} // namespace actorbus
