#pragma once

#include <string>
#include <utility>

#include <actorbus/actors/client.hpp>
#include <actorbus/actors/typed_message.hpp>

// Values published and received by a client. The encoding is MessagePack unless another is given;
// its header is the user's to include (msgpack_encoding.hpp).

namespace actorbus {

/// Publishes a value. A value that can't be written is an outcome with `payload_format_invalid`.
/// @param head topic, QoS, retain flag and properties
template <class T, class E = msgpack_encoding>
  requires encodes<E, T> operation<outcome> publish(client& by, outgoing_message head,
                                                    const T& value, const E& encoding = {}) {
    auto message = encode_message(std::move(head), value, encoding);
    if (!message)
      return operation<outcome>::finished(
          {protocol::reason_code::payload_format_invalid, message.error().text});
    return by.publish(std::move(*message));
  }

template <class T, class E = msgpack_encoding>
  requires encodes<E, T> operation<outcome> publish(client& by, std::string topic, const T& value,
                                                    protocol::qos quality = {},
                                                    const E& encoding = {}) {
    return publish(by, outgoing_message{std::move(topic), {}, quality}, value, encoding);
  }

/// Subscribes to values.
/// @param handler  called on the client's actor with `T`, or with `T` and the `incoming_message`
/// @param on_fault called there for a message whose payload does not fit; if it is empty
///                 `client_events::on_fault` is told
template <class T, class E = msgpack_encoding, class Handler>
  requires encodes<E, T> operation<outcome> subscribe(client& by, subscribe_options filter,
                                                      Handler handler, fault_handler on_fault = {},
                                                      E encoding = {}) {
    return by.subscribe(std::move(filter), typed_handler<T>(std::move(handler), std::move(on_fault),
                                                            std::move(encoding)));
  }

template <class T, class E = msgpack_encoding, class Handler>
  requires encodes<E, T> operation<outcome> subscribe(client& by, std::string filter,
                                                      Handler handler, fault_handler on_fault = {},
                                                      E encoding = {}) {
    return subscribe<T>(by, subscribe_options{std::move(filter)}, std::move(handler),
                        std::move(on_fault), std::move(encoding));
  }

} // namespace actorbus
