#include <actorbus/actors/topic_actor.hpp>

namespace actorbus {

void topic_actor::publish(or_fault<outgoing_message> message, const caf::mailbox_element& from) {
  reply_address to{from};
  caf::strong_actor_ptr self{ctrl()};
  if (!message) {
    to.fail(self, {protocol::reason_code::payload_format_invalid, message.error().text});
    return;
  }
  publish_request request{std::move(*message), {}};
  if (from.mid.is_request())
    request.done = [to = std::move(to), self = std::move(self)](outcome result) {
      if (result)
        to.send(self, std::move(result));
      else
        to.fail(self, result);
    };
  post(client_, std::move(request), context());
}

void reply_address::fail(const caf::strong_actor_ptr& from, const outcome& why) const {
  auto code = why.how == ending::timed_out ? caf::sec::request_timeout : caf::sec::runtime_error;
  auto text = why.text.empty() ? std::string{protocol::to_string(why.code)} : why.text;
  send(from, caf::make_error(code, std::move(text)));
}

void unsubscribe_after(const caf::actor& target, const caf::actor& client, std::string filter) {
  caf::actor_cast<caf::abstract_actor*>(target)->attach_functor(
      [weak = caf::actor_cast<caf::actor_addr>(client), filter = std::move(filter)] {
        if (auto by = caf::actor_cast<caf::actor>(weak))
          post(by, unsubscribe_filters{{filter}, {}}, nullptr);
      });
}

} // namespace actorbus
