#include <actorbus/transports/server_reference.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace actorbus::transports {

namespace {

bool is_network(std::string_view scheme) noexcept {
  return scheme == "mqtt" || scheme == "ws" || scheme == "mqtts" || scheme == "wss";
}

bool has_tls(std::string_view scheme) noexcept {
  return scheme == "mqtts" || scheme == "wss";
}

/// Why nobody may be sent from one scheme to the other; nothing if they may.
std::optional<std::string> objection(std::string_view from, std::string_view to) {
  if (from == to)
    return std::nullopt;
  if (!is_network(from) || !is_network(to))
    return "a client is not sent from " + std::string{from} + ":// to " + std::string{to} + "://";
  if (has_tls(from) && !has_tls(to))
    return "a client that came by TLS is not sent to where there is none";
  return std::nullopt;
}

or_error<std::string> resolve_place(const transport_table& table, const endpoint& from,
                                    std::string_view place) {
  auto url = std::string{place};
  if (scheme_of(place).empty())
    url = from.scheme + "://" + url + (from.form == endpoint_form::web ? from.path : "");
  auto to = table.parse(url);
  if (!to)
    return protocol::unexpected{to.error()};
  if (auto why = objection(from.scheme, to->scheme))
    return protocol::unexpected{url + ": " + *why};
  return to_string(*to);
}

} // namespace

or_error<std::string> resolve_reference(const transport_table& table, std::string_view from,
                                        std::string_view reference) {
  auto at = table.parse(from);
  if (!at)
    return protocol::unexpected{at.error()};
  std::string first_fault = "the broker names no other server";
  auto is_first = true;
  while (!reference.empty()) {
    auto place = reference.substr(0, reference.find(' '));
    reference.remove_prefix(std::min(place.size() + 1, reference.size()));
    if (place.empty())
      continue;
    auto url = resolve_place(table, *at, place);
    if (url)
      return url;
    if (std::exchange(is_first, false))
      first_fault = url.error();
  }
  return protocol::unexpected{std::move(first_fault)};
}

} // namespace actorbus::transports
