// What the broker knows of its sessions, for those who want to see it.

#include <actorbus/actors/broker.hpp>

#include <algorithm>

#include <actorbus/actors/session_counters.hpp>
#include <actorbus/protocol/topic.hpp>

namespace actorbus {

namespace {

/// Sessions that one turn of the broker looks at, and places of its table: a millisecond or so.
constexpr std::size_t sessions_a_turn = 4'096;
constexpr std::size_t places_a_turn = 65'536;

surveyed_session look_at(const subscriber& who) {
  const auto& counters = *who.counters;
  auto read = [](const session_counters::counter& from) {
    return from.load(std::memory_order_relaxed);
  };
  return {who.id, read(counters.messages_in), read(counters.messages_out), read(counters.dropped),
          read(counters.stored)};
}

void count_connection(std::vector<listener_figures>& of,
                      const std::shared_ptr<const listener_policy>& listener, bool is_connected) {
  auto known = std::find_if(of.begin(), of.end(),
                            [&](const auto& each) { return each.listener == listener; });
  if (known == of.end())
    known = of.insert(of.end(), listener_figures{listener, 0});
  known->connected += is_connected ? 1 : 0;
}

} // namespace

void broker::on(survey_sessions& message) {
  sessions_surveyed answer;
  answer.places = sessions_.bucket_count();
  auto place = message.places == answer.places ? message.from : 0;
  answer.is_first = place == 0;
  if (answer.is_first)
    for (auto order : figures_orders)
      if (hears_figures(order))
        answer.heard |= 1U << static_cast<unsigned>(order);
  auto end = std::min(answer.places, place + places_a_turn);
  for (; place < end && answer.sessions.size() < sessions_a_turn; ++place)
    for (auto each = sessions_.cbegin(place); each != sessions_.cend(place); ++each) {
      const auto& session = each->second;
      answer.sessions.push_back(look_at(*session.who));
      if (session.listener)
        count_connection(answer.listeners, session.listener,
                         session.who->online.load(std::memory_order_relaxed));
    }
  answer.next = place < answer.places ? place : 0;
  post(message.board, std::move(answer), context());
}

// Whoever subscribes to all of $SYS, as monitors do, gets figures while others want them, and is
// no reason to make any.
bool broker::hears_figures(figures_order order) const {
  std::string below{figures_topic};
  const auto& table = bus_->subscriptions;
  return table.is_heard(below + std::string{to_string(order)}) || table.is_heard(below + '+') ||
         table.is_heard(below + '#');
}

void broker::tell_of_subscription(std::string_view filter) {
  if (bus_->figures && filter.starts_with(figures_topic))
    post(bus_->figures, figures_wanted{}, context());
}

void broker::on(ask_sessions& message) {
  sessions_asked answer{message.round, 0};
  for (auto id : message.subscriber_ids) {
    const auto* session = find(id);
    if (!session)
      continue;
    const auto& table = bus_->subscriptions;
    post(session->who->actor,
         describe_session{message.board, message.round, table.size(*session->who),
                          table.filters(*session->who, session_figures::filters_max)},
         context());
    ++answer.count;
  }
  post(message.board, answer, context());
}

} // namespace actorbus
