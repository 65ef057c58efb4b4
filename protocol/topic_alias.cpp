#include <actorbus/protocol/topic_alias.hpp>

namespace actorbus::protocol {

errc inbound_aliases::resolve(std::uint16_t alias, std::string_view& topic) {
  if (alias == 0)
    return errc::topic_alias_zero;
  if (alias > maximum_)
    return errc::topic_alias_above_maximum;
  if (!topic.empty()) {
    topics_[alias].assign(topic);
    return errc::none;
  }
  auto found = topics_.find(alias);
  if (found == topics_.end())
    return errc::topic_alias_unknown;
  topic = found->second;
  return errc::none;
}

outbound_aliases::use outbound_aliases::assign(std::string_view topic) {
  if (maximum_ == 0)
    return {};
  if (auto found = aliases_.find(topic); found != aliases_.end())
    return {found->second, false};
  if (aliases_.size() >= maximum_)
    return {};
  auto alias = static_cast<std::uint16_t>(aliases_.size() + 1);
  aliases_.emplace(topic, alias);
  return {alias, true};
}

} // namespace actorbus::protocol
