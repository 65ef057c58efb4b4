#include "topology/bridge_settings.hpp"

#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "topology/message_settings.hpp"
#include "topology/word_setting.hpp"
#include "url_fault.hpp"

namespace actorbus::demos {

namespace {

using protocol::protocol_version;

constexpr std::pair<std::string_view, bridge_direction> directions[] = {
    {"out", bridge_direction::out}, {"in", bridge_direction::in}, {"both", bridge_direction::both}};

using wanted_version = std::optional<protocol_version>;
constexpr std::pair<std::string_view, wanted_version> bridge_versions[] = {
    {"auto", std::nullopt},
    {"5", protocol_version::v5},
    {"3.1.1", protocol_version::v3_1_1},
    {"3.1", protocol_version::v3_1}};

constexpr std::pair<std::string_view, queue_overflow> overflows[] = {
    {"drop_newest", queue_overflow::drop_newest},
    {"drop_oldest", queue_overflow::drop_oldest},
    {"push_back", queue_overflow::push_back}};

bridge_topic read_topic(const setting& from, faults& found) {
  settings_reader reader{std::get<setting::table>(from.value), from.where, "bridge topic", found};
  bridge_topic result;
  auto mistakes = found.size();
  result.filter = reader.required_text("filter");
  result.direction = read_word<bridge_direction>(reader, "direction", result.direction, directions);
  if (reader.has("qos"))
    result.maximum_qos = read_qos(reader, "qos");
  result.local_prefix = reader.text("local_prefix").value_or("");
  result.remote_prefix = reader.text("remote_prefix").value_or("");
  result.rewrite = reader.text("rewrite").value_or("");
  result.on_demand = reader.flag("on_demand").value_or(result.on_demand);
  result.exclude = reader.texts("exclude").value_or(std::vector<std::string>{});
  if (found.size() == mistakes)
    for (const auto& fault : bridge_topics::check(result))
      reader.wrong(fault.key, fault.what);
  reader.finish();
  return result;
}

template <class T>
void read_integer(settings_reader& from, std::string_view key, T& into) {
  constexpr auto most = std::min<std::uint64_t>(std::numeric_limits<T>::max(),
                                                std::numeric_limits<std::int64_t>::max());
  if (auto value = from.integer(key, 0, static_cast<std::int64_t>(most)))
    into = static_cast<T>(*value);
}

void read_seconds(settings_reader& from, std::string_view key, std::chrono::milliseconds& into) {
  if (auto value = from.number(key, 0, 1e9))
    into = std::chrono::milliseconds{static_cast<std::int64_t>(*value * 1000)};
}

void read_flag(settings_reader& from, std::string_view key, bool& into) {
  into = from.flag(key).value_or(into);
}

void read_text(settings_reader& from, std::string_view key, std::string& into) {
  into = from.text(key).value_or(into);
}

void read_client(settings_reader& from, bridge_options& into) {
  into.version = read_word<wanted_version>(from, "version", into.version, bridge_versions);
  read_text(from, "client_id", into.client_id);
  into.user_name = from.text("user");
  into.password = from.text("password");
  read_integer(from, "keep_alive_s", into.keep_alive_seconds);
  read_flag(from, "clean_session", into.clean_session);
  read_integer(from, "session_expiry_s", into.session_expiry_seconds);
  read_flag(from, "try_private", into.try_private);
  read_text(from, "remote_state_topic", into.remote_state_topic);
  read_text(from, "remote_name", into.remote_name);
  read_flag(from, "trail", into.trail);
  read_integer(from, "hops_max", into.hops_max);
}

void read_limits(settings_reader& from, bridge_options& into) {
  read_integer(from, "queue_messages", into.queue.messages_max);
  read_integer(from, "queue_bytes", into.queue.bytes_max);
  into.queue.overflow =
      read_word<queue_overflow>(from, "queue_overflow", into.queue.overflow, overflows);
  read_integer(from, "inflight_max", into.inflight_max);
  read_integer(from, "packet_size_bytes_max", into.packet_size_bytes_max);
  read_integer(from, "demand_filters_max", into.demand_filters_max);
  read_seconds(from, "unsubscribe_after_s", into.unsubscribe_after);
  read_flag(from, "lazy", into.lazy);
  read_seconds(from, "idle_timeout_s", into.idle_timeout);
  read_seconds(from, "connect_timeout_s", into.connect_timeout);
  read_seconds(from, "retry_min_s", into.retry_min);
  read_seconds(from, "retry_max_s", into.retry_max);
  read_seconds(from, "return_s", into.return_interval);
  read_seconds(from, "report_s", into.report_interval);
}

void read_tls(settings_reader& from, transports::tls_client_options& into) {
  read_text(from, "ca_file", into.ca_file);
  read_text(from, "ca_path", into.ca_path);
  read_text(from, "cert_file", into.chain_file);
  read_text(from, "key_file", into.key_file);
  read_text(from, "psk", into.psk);
  read_text(from, "psk_identity", into.psk_identity);
  read_flag(from, "insecure", into.insecure);
  for (auto [key, other] : {std::pair{"cert_file", "key_file"}, std::pair{"key_file", "cert_file"},
                            std::pair{"psk", "psk_identity"}, std::pair{"psk_identity", "psk"}})
    if (from.has(key) && !from.has(other))
      from.wrong(key, fmt::format("needs \"{}\"", other));
}

} // namespace

bridge_settings read_bridge(settings_reader& from) {
  bridge_settings whole;
  auto& result = whole.bridge;
  auto mistakes = from.found().size();
  result.name = from.text("name").value_or("");
  result.addresses = from.texts("address").value_or(std::vector<std::string>{});
  for (const auto& url : result.addresses)
    if (auto why = url_fault(url, url_use::connect); !why.empty())
      from.wrong("address", why);
  read_client(from, result);
  read_limits(from, result);
  read_tls(from, whole.connector.tls);
  auto lines = from.tables("topic");
  auto own_mistakes = from.found().size() != mistakes;
  for (const auto* each : lines)
    result.topics.push_back(read_topic(*each, from.found()));
  if (own_mistakes)
    return whole;
  auto without_topics = result; // they have been looked at
  without_topics.topics.assign(lines.empty() ? 0 : 1, bridge_topic{.filter = "#"});
  for (const auto& fault : check(without_topics))
    from.wrong(fault.key, fault.what);
  return whole;
}

} // namespace actorbus::demos
