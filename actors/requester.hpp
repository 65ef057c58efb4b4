#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <actorbus/actors/client.hpp>
#include <actorbus/actors/typed_message.hpp>

namespace actorbus {

struct requester_options {
  /// Answers come to a topic below this one; empty: below what the broker gave as response
  /// information, or else below "reply".
  std::string response_prefix{};
  protocol::qos quality = protocol::qos::at_least_once; ///< of requests and answers
  std::size_t outstanding_max = 10'000;                 ///< requests without an answer
  std::chrono::milliseconds timeout{30'000};            ///< where a request gives none
};

/// The name of the user property with which a responder says why there is no answer.
inline constexpr std::string_view refusal_property = "actorbus-refusal";

/// A value, or why there is none: the responder's words, or what became of the request.
template <class T>
using answer = protocol::expected<T, outcome>;

/// Asks questions by MQTT 5.0's request and response: a request is a message with a response topic
/// and correlation data, whoever is subscribed to its topic answers. One response subscription
/// serves all requests of the object, which needs to be made once a client. Thread-safe.
///
/// A request ends with the first answer to it, or fails: when nobody is subscribed to its topic
/// (which the broker tells at QoS 1 and 2), when the responder refuses, when its time is over, when
/// the client ends. What comes later, or was never asked for, is dropped and counted.
class requester {
public:
  /// @param by connected, and with MQTT 5.0; requests fail after it has ended
  explicit requester(const client& by, requester_options settings = {});

  /// Outstanding requests fail.
  ~requester();
  requester(requester&&) noexcept = default;
  requester& operator=(requester&&) = delete;

  /// Asks with a payload as it is.
  /// @param question topic, payload and properties; response topic and correlation data are added
  /// @param timeout  by the clock of the client's actor system; 0: that of the options
  operation<received> ask(outgoing_message question, std::chrono::milliseconds timeout = {});

  /// Asks with a value for a value.
  template <class Response, class Request, class E = msgpack_encoding>
    requires encodes<E, Request> && encodes<E, Response> operation<answer<Response>>
    request(std::string topic, const Request& question, std::chrono::milliseconds timeout = {},
            const E& encoding = {}) {
      using result = answer<Response>;
      auto message = encode_message({.topic = std::move(topic)}, question, encoding);
      if (!message)
        return operation<result>::finished(
            protocol::unexpected{unfit(std::move(message.error().text))});
      operation_promise<result> promise{actor()};
      auto pending = promise.get_operation();
      ask(std::move(*message), timeout).then([promise, encoding](received reply) {
        if (!reply) {
          promise(result{protocol::unexpected{reply.error()}});
          return;
        }
        auto value = decode_message<Response>(*reply, encoding);
        promise(value ? result{std::move(*value)}
                      : result{protocol::unexpected{unfit(value.error().text)}});
      });
      return pending;
    }

  std::size_t outstanding() const;
  std::uint64_t ignored() const; ///< answers that came late or that nobody had asked for

  /// Where answers come to; empty before the first request.
  std::string response_topic() const;

private:
  struct core;

  const caf::actor& actor() const noexcept;
  static outcome unfit(std::string text) {
    return {protocol::reason_code::payload_format_invalid, std::move(text)};
  }

  std::shared_ptr<core> core_;
};

} // namespace actorbus
