#include <actorbus/actors/client_subscriptions.hpp>

#include <algorithm>

#include <actorbus/protocol/topic.hpp>

namespace actorbus {

using protocol::property_id;

namespace {

/// So many patterns are looked through for each message; those beyond are found by identifier.
constexpr std::size_t looked_through_max = 32;

bool is_pattern(std::string_view filter) noexcept {
  return protocol::has_wildcard(filter) || protocol::split_share(filter).is_shared();
}

bool any_shared(const client_subscription& what) noexcept {
  return std::any_of(what.filters.begin(), what.filters.end(), [](const auto& each) {
    return protocol::split_share(each.filter).is_shared();
  });
}

} // namespace

std::vector<client_subscription_ptr> client_subscriptions::add(const client_subscription_ptr& what,
                                                               bool may_identify) {
  for (const auto& each : what->filters)
    remove(each.filter);
  std::vector<client_subscription_ptr> again;
  if (auto own = what->properties.view().number(property_id::subscription_identifier)) {
    what->identifier = *own;
    what->own_identifier = true;
  } else if (may_identify) {
    auto overlaps = [&](const client_subscription& other) {
      for (const auto& a : what->filters)
        for (const auto& b : other.filters)
          if (protocol::overlap(protocol::split_share(a.filter).filter,
                                protocol::split_share(b.filter).filter))
            return true;
      return false;
    };
    auto needs_one = any_shared(*what) || patterns_.size() >= looked_through_max;
    for (const auto& other : all_) {
      if (!overlaps(*other))
        continue;
      needs_one = true;
      if (other->identifier == 0) {
        give_identifier(*other);
        again.push_back(other);
      }
    }
    if (needs_one)
      give_identifier(*what);
  }
  if (what->identifier != 0)
    by_identifier_[what->identifier] = what.get();
  for (const auto& each : what->filters) {
    if (is_pattern(each.filter))
      patterns_.push_back(
          {each.filter, std::string{protocol::split_share(each.filter).filter}, what.get()});
    else
      exact_[each.filter] = what.get();
  }
  all_.push_back(what);
  return again;
}

void client_subscriptions::give_identifier(client_subscription& to) {
  do {
    last_identifier_ = last_identifier_ % protocol::variable_byte_integer_max + 1;
  } while (by_identifier_.contains(last_identifier_));
  to.identifier = last_identifier_;
  by_identifier_[to.identifier] = &to;
}

void client_subscriptions::remove(std::string_view filter, const client_subscription* only) {
  auto has = [&](const subscribe_options& each) { return each.filter == filter; };
  auto holder = std::find_if(all_.begin(), all_.end(), [&](const auto& each) {
    return std::any_of(each->filters.begin(), each->filters.end(), has);
  });
  if (holder == all_.end() || (only && holder->get() != only))
    return;
  auto& filters = (*holder)->filters;
  std::erase_if(filters, has);
  if (auto found = exact_.find(filter); found != exact_.end())
    exact_.erase(found);
  std::erase_if(patterns_, [&](const pattern& each) { return each.filter == filter; });
  if (!filters.empty())
    return;
  auto known = by_identifier_.find((*holder)->identifier);
  if (known != by_identifier_.end() && known->second == holder->get())
    by_identifier_.erase(known);
  all_.erase(holder);
}

const std::vector<client_subscription*>&
client_subscriptions::find(std::string_view topic, protocol::properties_view properties) {
  found_.clear();
  auto note = [this](client_subscription* one) {
    if (std::find(found_.begin(), found_.end(), one) == found_.end())
      found_.push_back(one);
  };
  auto identified = false;
  for (const auto& each : properties) {
    if (each.id != property_id::subscription_identifier)
      continue;
    identified = true;
    if (auto known = by_identifier_.find(each.number); known != by_identifier_.end())
      note(known->second);
  }
  if (identified)
    return found_;
  if (auto known = exact_.find(topic); known != exact_.end())
    note(known->second);
  for (const auto& each : patterns_)
    if (protocol::matches(each.matched, topic))
      note(each.of);
  return found_;
}

} // namespace actorbus
