#include <actorbus/actors/responder.hpp>

#include <actorbus/actors/client_requests.hpp>
#include <actorbus/protocol/utf8.hpp>

namespace actorbus {

using protocol::property_id;

open_request::open_request(actor_handle by, const incoming_message& question, protocol::qos quality)
    : by_(std::move(by)), question_(question), quality_(quality) {
  if (auto topic = question.properties.text(property_id::response_topic))
    response_topic_ = *topic;
}

void open_request::answer(outgoing_message reply) {
  if (!by_ || !wants_answer())
    return;
  reply.topic = response_topic_;
  reply.qos = quality_;
  if (auto data = question_.properties.text(property_id::correlation_data))
    reply.properties.add(property_id::correlation_data, *data);
  post(std::exchange(by_, {}), publish_request{std::move(reply), {}}, nullptr);
}

void open_request::refuse(std::string_view why) {
  constexpr std::size_t text_bytes_max = 4096;
  auto is_fit = why.size() <= text_bytes_max && protocol::check_utf8(why) == protocol::errc::none;
  outgoing_message reply;
  reply.properties.add_user(refusal_property, is_fit ? why : "refused");
  answer(std::move(reply));
}

operation<outcome> respond(client& by, std::string filter,
                           std::function<void(open_request)> handler,
                           const responder_options& settings) {
  if (!settings.share.empty())
    filter = "$share/" + settings.share + '/' + filter;
  // The handler belongs to the client's actor and must not keep it.
  auto answers =
      [handler = std::move(handler), quality = settings.quality,
       weak = caf::actor_cast<caf::actor_addr>(by.actor())](const incoming_message& question) {
        auto self = caf::actor_cast<caf::actor>(weak);
        if (!self)
          return;
        open_request request{std::move(self), question, quality};
        auto spare = request;
        try {
          handler(std::move(request));
        } catch (const std::exception& failure) {
          spare.refuse(failure.what());
        }
      };
  subscribe_options options{.filter = std::move(filter), .maximum_qos = settings.quality};
  return by.subscribe(std::move(options), std::move(answers));
}

} // namespace actorbus
