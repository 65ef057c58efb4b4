#pragma once

#include <concepts>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <actorbus/actors/client.hpp>
#include <actorbus/actors/requester.hpp>
#include <actorbus/actors/typed_message.hpp>

namespace actorbus {

struct responder_options {
  /// Responders of the same share take turns: each request goes to one of them. Empty: every
  /// responder gets each request, and the first answer counts.
  std::string share{};
  protocol::qos quality = protocol::qos::at_least_once; ///< of requests and answers
};

/// A request that waits for its answer: may be kept, moved to other threads, and answered once at
/// any time. One that is dropped is never answered, and the requester's time runs out.
class open_request {
public:
  /// @param by the client's actor, which sends the answer
  open_request(actor_handle by, const incoming_message& question, protocol::qos quality);

  const incoming_message& question() const noexcept { return question_; }

  /// Whether somebody waits: a message without a response topic is no request.
  bool wants_answer() const noexcept { return !response_topic_.empty(); }

  /// @param reply payload and properties; topic and correlation data are added
  void answer(outgoing_message reply);

  template <class T, class E = msgpack_encoding>
    requires encodes<E, T>
  void answer_with(const T& value, const E& encoding = {}) {
    auto message = encode_message({}, value, encoding);
    if (message)
      answer(std::move(*message));
    else
      refuse(message.error().text);
  }

  /// Tells the requester why there is no answer, as the user property `refusal_property` of an
  /// empty message.
  void refuse(std::string_view why);

private:
  actor_handle by_;
  incoming_message question_;
  std::string response_topic_;
  protocol::qos quality_;
};

/// Subscribes to requests.
/// @param handler called on the client's actor, must not block; it may keep the request and answer
///                later. What it throws is the refusal
operation<outcome> respond(client& by, std::string filter,
                           std::function<void(open_request)> handler,
                           const responder_options& settings = {});

/// What a responder's function returns that has no answer: the reason, for the requester.
using refused = protocol::unexpected<std::string>;

/// Answers requests with a function of values: `handler(Request)` returns the answer, or an
/// `expected<Response, std::string>` with the reason why there is none. What it throws, and a request
/// whose payload does not fit, is a refusal.
template <class Request, class E = msgpack_encoding, class Handler>
  requires encodes<E, Request> && std::invocable<Handler&, Request&&> operation<outcome>
  respond_with(client& by, std::string filter, Handler handler,
               const responder_options& settings = {}, E encoding = {}) {
    auto answer = [handler = std::move(handler),
                   encoding = std::move(encoding)](open_request request) mutable {
      auto question = decode_message<Request>(request.question(), encoding);
      if (!question) {
        request.refuse(question.error().text);
        return;
      }
      try {
        auto result = handler(std::move(*question));
        if constexpr (requires { result.error(); }) {
          if (result)
            request.answer_with(*result, encoding);
          else
            request.refuse(result.error());
        } else {
          request.answer_with(result, encoding);
        }
      } catch (const std::exception& failure) {
        request.refuse(failure.what());
      }
    };
    return respond(by, std::move(filter), std::move(answer), settings);
  }

} // namespace actorbus
