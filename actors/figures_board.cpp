#include <actorbus/actors/figures_board.hpp>

#include <algorithm>
#include <utility>

namespace actorbus {

namespace {

std::uint64_t read(const statistics::counter& from) noexcept {
  return from.load(std::memory_order_relaxed);
}

traffic_figures totals_of(const statistics& counters) noexcept {
  return {read(counters.publishes_received), read(counters.publishes_sent),
          read(counters.bytes_received), read(counters.bytes_sent),
          read(counters.publishes_dropped)};
}

} // namespace

figures_board::figures_board(caf::actor_config& config, bus_context_ptr bus, caf::actor broker,
                             bool publishes)
    : batch_actor(config, nullptr),
      bus_(std::move(bus)),
      broker_(broker),
      voice_(bus_, std::move(broker)),
      publishes_(publishes) {}

bool figures_board::on_message(caf::mailbox_element& element) {
  return match_message<actorbus::ask_figures, figures_wanted, sessions_surveyed, sessions_asked,
                       session_described, alarm>(element, [this](auto& message) { on(message); });
}

void figures_board::on(actorbus::ask_figures& question) {
  waiting_.push_back(std::move(question));
  if (phase_ == phase::idle)
    begin_round();
}

void figures_board::on(figures_wanted&) {
  if (!publishes_)
    return;
  if (phase_ == phase::idle && !watched_)
    begin_round();
  else
    wanted_ = true; // a round that has begun may have looked before
}

void figures_board::begin_round() {
  phase_ = phase::surveying;
  ++round_;
  asked_ = std::exchange(waiting_, {});
  described_.clear();
  expected_.reset();
  ranking_.begin(now());
  post(broker_, survey_sessions{self()}, context());
}

void figures_board::on(sessions_surveyed& found) {
  if (found.is_first) {
    heard_ = found.heard;
    listeners_.clear();
  }
  for (const auto& each : found.sessions)
    ranking_.add(each);
  for (auto& each : found.listeners) {
    auto known = std::find_if(listeners_.begin(), listeners_.end(),
                              [&](const auto& other) { return other.listener == each.listener; });
    if (known == listeners_.end())
      listeners_.push_back(std::move(each));
    else
      known->connected += each.connected;
  }
  if (found.next != 0) {
    post(broker_, survey_sessions{self(), found.next, found.places}, context());
    return;
  }
  ranking_.end();
  update_total_rates();
  choose();
}

void figures_board::update_total_rates() {
  auto seconds = std::chrono::duration<double>{now() - totals_at_}.count();
  if (totals_at_ != time_point{} && seconds < 0.9)
    return;
  auto totals = totals_of(bus_->counters);
  if (totals_at_ != time_point{}) {
    auto rate = [&](std::uint64_t now, std::uint64_t before) {
      return static_cast<double>(now - before) / seconds;
    };
    total_rates_ = {rate(totals.messages_in, totals_before_.messages_in),
                    rate(totals.messages_out, totals_before_.messages_out)};
    byte_rates_ = {rate(totals.bytes_in, totals_before_.bytes_in),
                   rate(totals.bytes_out, totals_before_.bytes_out)};
    has_rates_ = true;
  }
  totals_before_ = totals;
  totals_at_ = now();
}

// Who is to be described. Subscribers get figures once there are rates: from the second look on.
void figures_board::choose() {
  phase_ = phase::describing;
  watched_ = publishes_ && heard_ != 0;
  if (watched_ && has_rates_)
    for (auto order : figures_orders)
      if ((heard_ >> static_cast<unsigned>(order) & 1U) != 0)
        asked_.push_back({nullptr, order, bus_->bounds.figures_clients_max});
  ask_sessions question{self(), round_, {}};
  auto& ids = question.subscriber_ids;
  for (const auto& each : asked_) {
    auto some = ranking_.first(each.order, each.clients_max);
    ids.insert(ids.end(), some.begin(), some.end());
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  if (ids.empty()) {
    end_round();
    return;
  }
  post(broker_, std::move(question), context());
  set_alarm_in(patience);
}

void figures_board::on(sessions_asked& answer) {
  if (phase_ != phase::describing || answer.round != round_)
    return;
  expected_ = answer.count;
  if (described_.size() >= *expected_)
    end_round();
}

void figures_board::on(session_described& answer) {
  if (answer.round == 0) {
    keep_left(answer.subscriber_id, std::move(answer.figures));
    return;
  }
  if (phase_ != phase::describing || answer.round != round_)
    return;
  described_[answer.subscriber_id] = std::move(answer.figures);
  if (expected_ && described_.size() >= *expected_)
    end_round();
}

void figures_board::keep_left(std::uint64_t subscriber_id, session_figures figures) {
  if (left_.insert_or_assign(subscriber_id, std::move(figures)).second)
    left_order_.push_back(subscriber_id);
  if (left_order_.size() > left_max) {
    left_.erase(left_order_.front());
    left_order_.pop_front();
  }
}

bus_figures figures_board::answer_to(const actorbus::ask_figures& question) {
  const auto& counters = bus_->counters;
  bus_figures result;
  result.order = question.order;
  result.uptime = std::chrono::duration_cast<std::chrono::milliseconds>(now() - began_);
  result.totals = totals_of(counters);
  result.in_per_second = total_rates_.in;
  result.out_per_second = total_rates_.out;
  result.bytes_in_per_second = byte_rates_.in;
  result.bytes_out_per_second = byte_rates_.out;
  result.sessions = read(counters.clients_total);
  result.connected = read(counters.clients_connected);
  result.subscriptions = read(counters.subscriptions);
  result.retained_messages = read(counters.retained_messages);
  result.stored_messages = bus_->outbound->queued_messages.load(std::memory_order_relaxed);
  result.stored_bytes = bus_->outbound->queued_bytes.load(std::memory_order_relaxed);
  result.listeners = listeners_;
  for (auto id : ranking_.first(question.order, question.clients_max)) {
    auto found = described_.find(id);
    if (found == described_.end())
      continue;
    auto rates = ranking_.rates_of(id);
    auto& client = result.clients.emplace_back(found->second);
    client.in_per_second = rates.in;
    client.out_per_second = rates.out;
    if (auto left = left_.find(id); left != left_.end() && !client.connected) {
      client.transport = left->second.transport; // the way that it came, the last time
      client.peer = left->second.peer;
      client.listener = left->second.listener;
    }
  }
  for (auto id : left_order_)
    if (!described_.contains(id))
      result.left.push_back(left_.at(id));
  return result;
}

void figures_board::end_round() {
  for (const auto& each : asked_) {
    auto figures = answer_to(each);
    if (each.asker)
      post(each.asker, std::move(figures), context());
    else
      publish(figures);
  }
  asked_.clear();
  described_.clear();
  phase_ = phase::idle;
  watched_ = std::exchange(wanted_, false) || watched_;
  if (!waiting_.empty())
    begin_round();
  else
    set_alarm_in(watched_ ? interval : memory);
}

void figures_board::publish(const bus_figures& figures) {
  auto topic = std::string{figures_topic} + std::string{to_string(figures.order)};
  voice_.publish(topic, to_json(figures), false, now(), context());
}

void figures_board::on(alarm&) {
  if (now() < alarm_at_)
    return; // one that was replaced
  if (phase_ == phase::describing) {
    end_round();
  } else if (phase_ == phase::idle && watched_) {
    begin_round();
  } else if (phase_ == phase::idle) {
    ranking_.clear();
    has_rates_ = false;
    totals_at_ = {};
  }
}

void figures_board::set_alarm_in(std::chrono::milliseconds delay) {
  alarm_at_ = now() + delay;
  post(bus_->timekeeper, set_alarm{self(), alarm_at_}, context());
}

void figures_board::on_exit() {
  post(bus_->timekeeper, cancel_alarm{id()}, context());
  waiting_.clear();
  asked_.clear();
  listeners_.clear();
  voice_.close();
  broker_ = {};
  bus_.reset();
}

} // namespace actorbus
