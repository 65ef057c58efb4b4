#include <actorbus/actors/session_ranking.hpp>

#include <algorithm>

namespace actorbus {

void session_ranking::begin(time_point now) {
  ++look_;
  auto passed = now - window_begin_;
  auto is_first = window_begin_ == time_point{};
  seconds_ = 0;
  if (!is_first && passed < window)
    return;
  if (!is_first)
    seconds_ = std::chrono::duration<double>{passed}.count();
  window_begin_ = now;
}

void session_ranking::add(const surveyed_session& session) {
  auto [found, is_new] = records_.try_emplace(session.subscriber_id);
  auto& record = found->second;
  if (is_new) {
    // What a new session did before it was first seen, it did in no time that is known.
    record.in_before = session.messages_in;
    record.out_before = session.messages_out;
  } else if (seconds_ > 0 && record.look != look_) {
    auto rate = [this](std::uint64_t now, std::uint64_t before) {
      return static_cast<double>(now - before) / seconds_;
    };
    record.rate = {rate(session.messages_in, record.in_before),
                   rate(session.messages_out, record.out_before)};
    record.in_before = session.messages_in;
    record.out_before = session.messages_out;
  }
  record.now = session;
  record.look = look_;
}

void session_ranking::end() {
  std::erase_if(records_, [this](const auto& each) { return each.second.look != look_; });
}

double session_ranking::key_of(const record& of, figures_order order) noexcept {
  switch (order) {
  case figures_order::queued: return static_cast<double>(of.now.stored);
  case figures_order::dropped: return static_cast<double>(of.now.dropped);
  case figures_order::rate: break;
  }
  return of.rate.in + of.rate.out;
}

std::vector<std::uint64_t> session_ranking::first(figures_order order, std::size_t most) const {
  struct candidate {
    double key;
    std::uint64_t id;
  };
  std::vector<candidate> all;
  all.reserve(records_.size());
  for (const auto& [id, each] : records_)
    all.push_back({key_of(each, order), id});
  most = std::min(most, all.size());
  auto end = all.begin() + static_cast<std::ptrdiff_t>(most);
  std::partial_sort(all.begin(), end, all.end(), [](const candidate& a, const candidate& b) {
    return a.key != b.key ? a.key > b.key : a.id < b.id; // the older one first
  });
  std::vector<std::uint64_t> result;
  result.reserve(most);
  for (auto each = all.begin(); each != end; ++each)
    result.push_back(each->id);
  return result;
}

session_ranking::rates session_ranking::rates_of(std::uint64_t subscriber_id) const {
  auto found = records_.find(subscriber_id);
  return found == records_.end() ? rates{} : found->second.rate;
}

void session_ranking::clear() {
  *this = {};
}

} // namespace actorbus
