// What the application subscribes and unsubscribes.

#include <actorbus/actors/client_state.hpp>

#include <actorbus/protocol/encode.hpp>
#include <actorbus/protocol/topic.hpp>
#include <actorbus/protocol/utf8.hpp>

namespace actorbus {

using protocol::awaiting;
using protocol::errc;
using protocol::property_id;
using protocol::reason_code;

namespace {

// Packet identifiers.
constexpr std::size_t all_slots = 65'535;

errc fault_of_filter(std::string_view filter) noexcept {
  if (auto fault = protocol::check_topic_filter(filter); fault != errc::none)
    return fault;
  return protocol::check_utf8(filter);
}

} // namespace

void client_state::subscribe(const std::vector<subscribe_options>& filters,
                             const protocol::property_list& properties, completion done,
                             message_handler handler) {
  auto wanted = std::make_shared<client_subscription>();
  wanted->filters = filters;
  wanted->properties = properties;
  wanted->handler = std::move(handler);
  operation item;
  item.list = std::make_unique<list_request>();
  for (const auto& each : filters) {
    if (auto fault = fault_of_filter(each.filter); fault != errc::none)
      return tell(done, refused(fault, each.filter));
    item.list->filters.push_back(each.filter);
    wanted->manual_acknowledgement |= each.manual_acknowledgement;
  }
  if (filters.empty())
    return tell(done, {reason_code::protocol_error, "no filter to subscribe"});
  item.list->subscription = std::move(wanted);
  item.done = std::move(done);
  if (connected_)
    send_list(std::move(item));
  else
    lists_waiting_.push_back(std::move(item));
}

void client_state::unsubscribe(const std::vector<std::string>& filters, completion done) {
  for (const auto& each : filters)
    if (auto fault = fault_of_filter(each); fault != errc::none)
      return tell(done, refused(fault, each));
  if (filters.empty())
    return tell(done, {reason_code::protocol_error, "no filter to unsubscribe"});
  operation item;
  item.list = std::make_unique<list_request>();
  item.list->filters = filters;
  item.done = std::move(done);
  if (connected_)
    send_list(std::move(item));
  else
    lists_waiting_.push_back(std::move(item));
}

bool client_state::may_identify() const noexcept {
  return options_.version == protocol::protocol_version::v5 && broker_identifies_;
}

// [v5: 3.2.2.3.11 to 3.2.2.3.13]
std::optional<outcome> client_state::refusal_of(const list_request& list) const {
  if (!list.subscription)
    return std::nullopt;
  for (const auto& each : list.filters) {
    auto parts = protocol::split_share(each);
    if (parts.is_shared() && !broker_shares_)
      return refused(reason_code::shared_subscriptions_not_supported);
    if (!broker_wildcards_ && protocol::has_wildcard(parts.filter))
      return refused(reason_code::wildcard_subscriptions_not_supported);
  }
  return std::nullopt;
}

void client_state::send_list(operation item) {
  if (window_.size() >= all_slots)
    return tell(item.done, refused(reason_code::quota_exceeded));
  if (auto no = refusal_of(*item.list))
    return tell(item.done, std::move(*no));
  auto& list = *item.list;
  if (list.again) {
    for (const auto& each : list.subscription->filters)
      list.filters.push_back(each.filter);
  } else if (list.subscription) {
    for (const auto& other : subscriptions_.add(list.subscription, may_identify()))
      if (other->stands)
        send_again(other, true); // with its new identifier
  }
  auto state = list.subscription ? awaiting::suback : awaiting::unsuback;
  encode_list(window_.insert(state, std::move(item)));
}

void client_state::send_again(const client_subscription_ptr& what, bool without_retained) {
  operation item;
  item.list = std::make_unique<list_request>(list_request{what, {}, true, without_retained});
  send_list(std::move(item));
}

// Sends what `slot` waits for, unless the broker doesn't take so much [v5:MQTT-3.2.2-15].
void client_state::encode_list(window::slot& slot) {
  const auto& list = *slot.value.list;
  std::vector<std::uint8_t> raw;
  protocol::property_list properties;
  protocol::packet packet;
  if (list.subscription) {
    const auto& wanted = *list.subscription;
    for (const auto& each : wanted.filters) {
      auto retained =
          list.without_retained ? protocol::retain_handling::do_not_send : each.retain_handling;
      protocol::append_entry(raw,
                             protocol::subscription{each.filter, each.maximum_qos, each.no_local,
                                                    each.retain_as_published, retained},
                             options_.version);
    }
    properties = wanted.properties;
    if (wanted.identifier != 0 && !wanted.own_identifier && may_identify())
      properties.add(property_id::subscription_identifier, wanted.identifier);
    packet = protocol::subscribe{slot.packet_id, properties,
                                 protocol::entry_list<protocol::subscription>{raw}};
  } else {
    for (const auto& each : list.filters)
      protocol::append_entry(raw, each);
    packet = protocol::unsubscribe{slot.packet_id, {}, protocol::entry_list<std::string_view>{raw}};
  }
  if (protocol::encoded_size(packet, options_.version) > broker_packet_size_max_) {
    if (list.subscription)
      for (const auto& each : list.filters)
        subscriptions_.remove(each, list.subscription.get());
    finish(slot, refused(reason_code::packet_too_large));
  } else {
    to_broker.encode(packet, options_.version);
  }
}

} // namespace actorbus
