#include <actorbus/actors/bridge_topics.hpp>

#include <algorithm>
#include <utility>

#include <actorbus/protocol/topic.hpp>

namespace actorbus {

namespace {

using made = protocol::expected<topic_rewrite, std::string>;

/// A prefix goes behind the share name.
std::string prefixed(std::string_view filter, const std::string& prefix) {
  auto [share, inner] = protocol::split_share(filter);
  return share.empty() ? prefix + std::string{filter}
                       : "$share/" + std::string{share} + '/' + prefix + std::string{inner};
}

/// The rewrite of a line from the side where its filter lies to the other.
made forward(const bridge_topic& line) {
  auto is_in = line.direction == bridge_direction::in;
  const auto& from = is_in ? line.remote_prefix : line.local_prefix;
  const auto& to = is_in ? line.local_prefix : line.remote_prefix;
  auto inner = protocol::split_share(line.filter).filter;
  auto target = line.rewrite.empty() ? topic_rewrite::target_of(inner) : line.rewrite;
  return topic_rewrite::make(prefixed(line.filter, from), to + target);
}

} // namespace

std::vector<bridge_fault> bridge_topics::check(const bridge_topic& line) {
  std::vector<bridge_fault> result;
  auto quoted = [](std::string_view text) { return '"' + std::string{text} + '"'; };
  if (auto fault = protocol::check_topic_filter(line.filter); fault != protocol::errc::none)
    return {{"filter", quoted(line.filter) + ": " + std::string{protocol::to_string(fault)}}};
  for (auto [key, prefix] : {std::pair{"local_prefix", &line.local_prefix},
                             std::pair{"remote_prefix", &line.remote_prefix}})
    if (prefix->find_first_of("+#{}") != std::string::npos)
      result.push_back({key, quoted(*prefix) + ": a prefix has no wildcards and braces"});
  if (!result.empty())
    return result;
  auto there = forward(line);
  if (!there)
    result.push_back({line.rewrite.empty() ? "filter" : "rewrite", there.error()});
  else if (line.direction == bridge_direction::both && !there->inverse())
    result.push_back({"rewrite", quoted(line.rewrite) + ": can't be read backwards; for both "
                                                        "directions each wildcard stands in it "
                                                        "once, as a level of its own"});
  for (const auto& each : line.exclude)
    if (auto fault = protocol::check_topic_filter(each); fault != protocol::errc::none)
      result.push_back({"exclude", quoted(each) + ": " + std::string{protocol::to_string(fault)}});
  if (line.on_demand && line.direction == bridge_direction::out)
    result.push_back({"on_demand", "is for what comes in: the local side is asked anyway"});
  if (line.direction == bridge_direction::both && protocol::split_share(line.filter).is_shared())
    result.push_back({"filter", quoted(line.filter) + ": a share goes one way only"});
  return result;
}

bridge_topics bridge_topics::make(const std::vector<bridge_topic>& lines, bridge_direction from) {
  bridge_topics result;
  for (const auto& each : lines) {
    if (each.direction != from && each.direction != bridge_direction::both)
      continue;
    auto rewrite = std::move(*forward(each));
    // The filter of a line for both directions lies on the local side.
    auto backwards = each.direction == bridge_direction::both && from == bridge_direction::in;
    line made;
    const auto& prefix = from == bridge_direction::in ? each.remote_prefix : each.local_prefix;
    for (const auto& excluded : each.exclude)
      (backwards ? made.exclude_there : made.exclude_here)
          .push_back((backwards ? each.local_prefix : prefix) + excluded);
    if (backwards) {
      made.rewrite = *rewrite.inverse();
      made.subscription = made.rewrite.filter();
    } else {
      made.subscription = prefixed(each.filter, prefix);
      made.rewrite = std::move(rewrite);
    }
    made.maximum_qos = each.maximum_qos;
    made.on_demand = each.on_demand;
    if (auto back = made.rewrite.inverse())
      result.inverses_.push_back(std::move(*back));
    result.lines_.push_back(std::move(made));
  }
  return result;
}

const bridge_topics::line* bridge_topics::map(std::string_view topic, std::string& out) const {
  auto in = [](const std::vector<std::string>& filters, std::string_view name) {
    return std::any_of(filters.begin(), filters.end(),
                       [&](const std::string& filter) { return protocol::matches(filter, name); });
  };
  for (const auto& each : lines_)
    if (each.rewrite.matches(topic) && !in(each.exclude_here, topic) &&
        each.rewrite.apply(topic, out) && !in(each.exclude_there, out))
      return &each;
  return nullptr;
}

bool bridge_topics::way_back(std::string_view topic, std::string& out) const {
  for (const auto& each : inverses_)
    if (each.matches(topic))
      return each.apply(topic, out);
  return false;
}

} // namespace actorbus
