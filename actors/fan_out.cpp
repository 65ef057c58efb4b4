#include <actorbus/actors/fan_out.hpp>

namespace actorbus {

namespace {

/// So few receivers are looked through one by one.
constexpr std::size_t linear_search_max = 4;

} // namespace

void fan_out::add(const route* to, std::uint32_t index, std::uint32_t count,
                  std::uint64_t publisher) {
  auto is_shared = !to->groups.empty();
  if (to == run_route_ && run_first_ + run_count_ == index && !is_shared) {
    run_count_ += count;
    return;
  }
  auto step = is_shared ? 1 : count; // with a shared subscription each message takes its own turn
  for (auto end = index + count; index != end; index += step) {
    close_run(publisher);
    run_route_ = to;
    run_first_ = index;
    run_count_ = step;
  }
}

void fan_out::close_run(std::uint64_t publisher) {
  if (run_count_ == 0)
    return;
  for (const auto& each : run_route_->receivers)
    add_run(each, 0, publisher, run_first_, run_count_);
  for (const auto& group : run_route_->groups)
    if (const auto* chosen = group->choose())
      add_run(*chosen, group->id, publisher, run_first_, run_count_);
  run_count_ = 0;
  run_route_ = nullptr;
}

void fan_out::add_to_group(const route* to, std::uint32_t group, std::uint32_t index,
                           std::uint64_t publisher) {
  close_run(publisher);
  for (const auto& each : to->groups)
    if (each->id == group)
      if (const auto* chosen = each->choose())
        add_run(*chosen, group, publisher, index, 1);
}

void fan_out::add_run(const receiver& to, std::uint32_t group, std::uint64_t publisher,
                      std::uint32_t first, std::uint32_t count) {
  auto is_local = to.to->id == publisher;
  if (is_local && !to.local_match)
    return;
  auto& message = find(to.to).message;
  delivery_range range;
  range.first = first;
  range.count = count;
  range.group = group;
  range.maximum_qos = is_local ? to.local_maximum_qos : to.maximum_qos;
  range.retain_as_published = is_local ? to.local_retain_as_published : to.retain_as_published;
  const auto& identifiers = is_local ? to.local_identifiers : to.identifiers;
  range.identifiers_first = static_cast<std::uint32_t>(message.identifiers.size());
  range.identifiers_count = static_cast<std::uint32_t>(identifiers.size());
  message.identifiers.insert(message.identifiers.end(), identifiers.begin(), identifiers.end());

  if (message.first.count == 0) {
    message.first = range;
    return;
  }
  auto& last = message.more.empty() ? message.first : message.more.back();
  if (last.first + last.count == first && last.group == group &&
      last.maximum_qos == range.maximum_qos &&
      last.retain_as_published == range.retain_as_published && last.identifiers_count == 0 &&
      range.identifiers_count == 0)
    last.count += count;
  else
    message.more.push_back(range);
}

fan_out::pending& fan_out::find(subscriber* to) {
  if (pending_.size() <= linear_search_max) {
    for (auto& each : pending_)
      if (each.to == to)
        return each;
    pending_.push_back({to, {}});
    return pending_.back();
  }
  if (pending_.size() * 2 >= slots_.size()) {
    slots_.assign(slots_.empty() ? 32 : slots_.size() * 2, 0);
    for (std::size_t i = 0; i < pending_.size(); ++i)
      slots_[slot_of(pending_[i].to)] = static_cast<std::uint32_t>(i + 1);
  }
  auto place = slot_of(to);
  if (slots_[place] == 0) {
    pending_.push_back({to, {}});
    slots_[place] = static_cast<std::uint32_t>(pending_.size());
  }
  return pending_[slots_[place] - 1];
}

// Where `to` is, or where it belongs.
std::size_t fan_out::slot_of(const subscriber* to) const noexcept {
  auto mask = slots_.size() - 1;
  auto place = (reinterpret_cast<std::uintptr_t>(to) >> 5) * 0x9E3779B97F4A7C15u >> 32 & mask;
  while (slots_[place] != 0 && pending_[slots_[place] - 1].to != to)
    place = (place + 1) & mask;
  return place;
}

void fan_out::reset() {
  pending_.clear();
  slots_.clear();
  run_route_ = nullptr;
  run_count_ = 0;
}

} // namespace actorbus
