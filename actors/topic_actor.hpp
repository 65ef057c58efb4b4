#pragma once

// Actors and topics: publish to a topic as if it were an actor, and let an actor have what comes to
// a topic. For those who know CAF. Types that travel between actors need ACTORBUS_LOCAL_MESSAGE or a
// type identifier of CAF's.

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <caf/event_based_actor.hpp>

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/client_requests.hpp>
#include <actorbus/actors/requester.hpp>
#include <actorbus/actors/responder.hpp>
#include <actorbus/actors/typed.hpp>

namespace actorbus {

/// What actors that stand for topics have in common: they end with the client that they use.
class topic_actor : public batch_actor {
public:
  const char* name() const override { return "actorbus.topic"; }

protected:
  topic_actor(caf::actor_config& config, caf::actor client)
      : batch_actor(config, nullptr), client_(std::move(client)) {}

  void on_start() override { monitor(client_); }
  void on_down(caf::down_msg&) override { quit(); }
  void on_exit() override { client_ = {}; }

  /// Publishes, and answers CAF's `request`, if `from` is one, with the outcome or an error.
  void publish(or_fault<outgoing_message> message, const caf::mailbox_element& from);

private:
  caf::actor client_;
};

/// The address of the answer to a message that came by CAF's `request`.
class reply_address {
public:
  explicit reply_address(const caf::mailbox_element& request)
      : to_(request.mid.is_request() ? request.sender : nullptr), id_(request.mid.response_id()) {}

  template <class T>
  void send(const caf::strong_actor_ptr& from, T value) const {
    if (to_)
      to_->get()->enqueue(caf::make_mailbox_element(from, id_, {}, std::move(value)), nullptr);
  }

  /// As an error of CAF's, `sec::runtime_error` or `sec::request_timeout`, with the words.
  void fail(const caf::strong_actor_ptr& from, const outcome& why) const;

private:
  caf::strong_actor_ptr to_;
  caf::message_id id_;
};

/// See `topic_of`.
template <class T, class E>
class publishing_actor final : public topic_actor {
public:
  publishing_actor(caf::actor_config& config, caf::actor client, outgoing_message head, E encoding)
      : topic_actor(config, std::move(client)),
        head_(std::move(head)),
        encoding_(std::move(encoding)) {}

protected:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<T>(element, [&](const T& value) {
      publish(encode_message(head_, value, encoding_), element);
    });
  }

private:
  const outgoing_message head_;
  const E encoding_;
};

/// An actor that stands for a topic: every `T` that is sent to it is published. CAF's `request` is
/// answered by an `outcome` when the publish is over, or by an error. Ends with the client.
/// @param head topic, QoS, retain flag and properties
template <class T, class E = msgpack_encoding>
  requires encodes<E, T> caf::actor topic_of(const client& by, outgoing_message head,
                                             E encoding = {}) {
    return by.actor().home_system().spawn<publishing_actor<T, E>, caf::hidden>(
        by.actor(), std::move(head), std::move(encoding));
  }

/// See `service_of`.
template <class Request, class Response, class E>
class requesting_actor final : public topic_actor {
public:
  requesting_actor(caf::actor_config& config, caf::actor client, std::shared_ptr<requester> by,
                   std::string topic, std::chrono::milliseconds timeout, E encoding)
      : topic_actor(config, std::move(client)),
        by_(std::move(by)),
        topic_(std::move(topic)),
        timeout_(timeout),
        encoding_(std::move(encoding)) {}

protected:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<Request>(element, [&](const Request& question) {
      by_->template request<Response>(topic_, question, timeout_, encoding_)
          .then([to = reply_address{element},
                 from = caf::strong_actor_ptr{ctrl()}](answer<Response> reply) {
            if (reply)
              to.send(from, std::move(*reply));
            else
              to.fail(from, reply.error());
          });
    });
  }
  void on_exit() override {
    by_.reset();
    topic_actor::on_exit();
  }

private:
  std::shared_ptr<requester> by_;
  const std::string topic_;
  const std::chrono::milliseconds timeout_;
  const E encoding_;
};

/// An actor that stands for whoever answers to a topic:
///
///     self->request(squares, infinite, 7).then([](int answer) { … }, [](caf::error& why) { … });
///
/// A refusal, a time-out and the like are errors of CAF's. Ends with the client.
/// @param client  the one that `by` was made of
/// @param timeout of each request; CAF's own is besides, so that one may be `infinite`
template <class Request, class Response, class E = msgpack_encoding>
  requires encodes<E, Request> && encodes<E, Response> caf::actor
  service_of(const client& client, std::shared_ptr<requester> by, std::string topic,
             std::chrono::milliseconds timeout = {}, E encoding = {}) {
    return client.actor().home_system().spawn<requesting_actor<Request, Response, E>, caf::hidden>(
        client.actor(), std::move(by), std::move(topic), timeout, std::move(encoding));
  }

/// Has `unsubscribe` done at `client` when `target` ends. Keeps neither alive.
void unsubscribe_after(const caf::actor& target, const caf::actor& client, std::string filter);

/// Lets an actor have what comes to a filter: each payload as an ordinary message of type `T`. The
/// actor needs to know nothing of the bus. It isn't kept alive; the subscription ends with it.
/// @param on_fault as for `subscribe`
template <class T, class E = msgpack_encoding>
  requires encodes<E, T> operation<outcome> attach(client& by, subscribe_options filter,
                                                   const caf::actor& target,
                                                   fault_handler on_fault = {}, E encoding = {}) {
    unsubscribe_after(target, by.actor(), filter.filter);
    auto hand_over = [weak = caf::actor_cast<caf::actor_addr>(target)](T value) {
      if (auto to = caf::actor_cast<caf::actor>(weak))
        post(to, std::move(value), nullptr);
    };
    return subscribe<T>(by, std::move(filter), std::move(hand_over), std::move(on_fault),
                        std::move(encoding));
  }

/// See `respond_with_actor`: asks the actor for each request, and passes its answer on.
template <class Request, class Response, class E>
class answering_actor final : public caf::event_based_actor {
public:
  answering_actor(caf::actor_config& config, const caf::actor& client, caf::actor target,
                  std::chrono::milliseconds timeout, E encoding)
      : caf::event_based_actor(config),
        target_(std::move(target)),
        timeout_(timeout),
        encoding_(std::move(encoding)) {
    set_down_handler([this](const caf::down_msg&) { quit(); });
    monitor(client);
    monitor(target_);
  }

  const char* name() const override { return "actorbus.responder"; }

  caf::behavior make_behavior() override {
    return {[this](const open_request& request) { ask(request); }};
  }

  void on_exit() override { target_ = {}; }

private:
  void ask(const open_request& incoming) {
    auto request = std::make_shared<open_request>(incoming);
    auto question = decode_message<Request>(request->question(), encoding_);
    if (!question) {
      request->refuse(question.error().text);
      return;
    }
    this->request(target_, timeout_, std::move(*question))
        .then([this, request](Response& answer) { request->answer_with(answer, encoding_); },
              [this, request](caf::error& why) { request->refuse(system().render(why)); });
  }

  caf::actor target_;
  const std::chrono::milliseconds timeout_;
  const E encoding_;
};

/// Lets an actor answer the requests to a filter: it is asked by CAF's `request` with each value, and
/// needs to know nothing of the bus. An error is a refusal.
/// @param target  kept until the client or it ends
/// @param timeout how long the actor may take
template <class Request, class Response, class E = msgpack_encoding>
  requires encodes<E, Request> && encodes<E, Response> operation<outcome>
  respond_with_actor(client& by, std::string filter, const caf::actor& target,
                     std::chrono::milliseconds timeout, const responder_options& settings = {},
                     E encoding = {}) {
    auto answering =
        by.actor().home_system().spawn<answering_actor<Request, Response, E>, caf::hidden>(
            by.actor(), target, timeout, std::move(encoding));
    return respond(
        by, std::move(filter),
        [answering](open_request request) { post(answering, std::move(request), nullptr); },
        settings);
  }

} // namespace actorbus

ACTORBUS_LOCAL_MESSAGE(actorbus::open_request)
