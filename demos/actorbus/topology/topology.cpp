#include "topology/topology.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include <fmt/format.h>

#include <actorbus/protocol/topic.hpp>
#include <actorbus/transports/endpoint.hpp>

#include "limit_table.hpp"
#include "nearest_name.hpp"
#include "topology/bridge_settings.hpp"
#include "topology/message_settings.hpp"
#include "topology/participant_kinds.hpp"
#include "topology/random_source.hpp"
#include "topology/settings_reader.hpp"
#include "topology/transport_settings.hpp"
#include "url_fault.hpp"

namespace actorbus::demos {

namespace {

constexpr auto any_integer = std::numeric_limits<std::int64_t>::max();

/// Reads `[key]`, if it is there.
template <class F>
void read_section(settings_reader& file, std::string_view key, F read) {
  const auto* table = file.table(key);
  if (!table)
    return;
  settings_reader section{*table, file.where(key), fmt::format("[{}]", key), file.found()};
  read(section);
  section.finish();
}

void read_limits(settings_reader& section, limits& into) {
  for (const auto& rule : limit_rules())
    if (auto value = section.integer(rule.name, -any_integer, any_integer))
      if (auto why = set_limit(into, rule.name, *value); !why.empty())
        section.wrong(rule.name, why);
}

// What clients may do; where one of the two is named, the other allows nothing unless it is too.
permissions_ptr read_permissions(settings_reader& from) {
  auto publish = from.texts("publish");
  auto subscribe = from.texts("subscribe");
  if (!publish && !subscribe)
    return nullptr;
  auto result =
      std::make_shared<permissions>(permissions{publish.value_or(std::vector<std::string>{}),
                                                subscribe.value_or(std::vector<std::string>{})});
  auto check = [&](std::string_view key, const std::vector<std::string>& filters) {
    for (const auto& filter : filters)
      if (auto fault = protocol::check_topic_filter(filter); fault != protocol::errc::none)
        from.wrong(key, fmt::format("\"{}\": {}", filter, protocol::to_string(fault)));
  };
  check("publish", result->publish);
  check("subscribe", result->subscribe);
  return result;
}

void read_auth(settings_reader& section, auth_settings& into) {
  into.password_file = section.text("password_file").value_or("");
  into.server_reference = section.text("server_reference").value_or("");
  into.server_moved = section.flag("server_moved").value_or(false);
  into.response_information = section.text("response_information");
}

// The bus's limits with those changed that the listener names.
std::shared_ptr<const limits> read_own_limits(settings_reader& from, const limits& of_bus) {
  const auto* table = from.table("limits");
  if (!table)
    return nullptr;
  auto result = std::make_shared<limits>(of_bus);
  settings_reader section{*table, from.where("limits"), "[listener.limits]", from.found()};
  for (const auto& rule : limit_rules())
    if (rule.of_whole_bus && section.has(rule.name))
      section.wrong(rule.name, "is of the whole bus: it belongs to [limits]");
  read_limits(section, *result);
  section.finish();
  return result;
}

listener_settings read_listener(settings_reader& from, const limits& of_bus) {
  listener_settings result;
  result.url = from.required_text("url");
  result.allow_anonymous = from.flag("allow_anonymous");
  result.identity_is_user = from.flag("identity_is_user").value_or(false);
  result.password_file = from.text("password_file").value_or("");
  result.allowed = read_permissions(from);
  result.own_limits = read_own_limits(from, of_bus);
  if (auto why = url_fault(result.url, url_use::listen); !why.empty() && from.has("url"))
    from.wrong("url", why);
  result.transport = read_transport_options(from, transports::scheme_of(result.url));
  return result;
}

std::optional<will_options> read_will(settings_reader& from) {
  const auto* table = from.table("will");
  if (!table)
    return std::nullopt;
  settings_reader will{*table, from.where("will"), "will", from.found()};
  will_options result;
  result.message.topic = will.required_text("topic");
  if (auto fault = protocol::check_topic_name(result.message.topic);
      fault != protocol::errc::none && will.has("topic"))
    will.wrong("topic", std::string{protocol::to_string(fault)});
  result.message.payload = will.text("payload").value_or("");
  result.message.qos = read_qos(will, "qos");
  result.message.retain = will.flag("retain").value_or(false);
  result.message.properties = read_properties(will, {}, false);
  result.delay_seconds = static_cast<std::uint32_t>(
      will.integer("delay_s", 0, std::numeric_limits<std::uint32_t>::max()).value_or(0));
  will.finish();
  return result;
}

/// The text behind `key`; empty if there is none.
std::string_view text_of(const setting::table& table, std::string_view key) {
  for (const auto& entry : table)
    if (const auto* text = std::get_if<std::string>(&entry.content.value); text && entry.key == key)
      return *text;
  return {};
}

/// What faults call a table: its kind and its name.
std::string titled(std::string title, const setting::table& table) {
  if (auto name = text_of(table, "name"); !name.empty())
    title += fmt::format(" \"{}\"", name);
  return title;
}

void read_session(settings_reader& from, participant_settings& into) {
  if (auto seconds = from.integer("session_expiry_s", 0, std::numeric_limits<std::uint32_t>::max()))
    into.client.session_expiry_seconds = static_cast<std::uint32_t>(*seconds);
  into.client.clean_start = into.client.session_expiry_seconds == 0;
  if (auto most = from.integer("receive_maximum", 1, 65'535))
    into.client.receive_maximum = static_cast<std::uint16_t>(*most);
  if (auto most = from.integer("inbox_messages_max", 1, 1'000'000))
    into.inbox_messages_max = static_cast<std::size_t>(*most);
  into.failures = read_failures(from);
}

void read_role(settings_reader& from, const std::function<participant_kind::reader>& kind,
               participant_context context, const setting::table& table,
               participant_settings& into) {
  into.role = kind(from, context);
  into.failure_seed = derived_seed(context.seed, "failure");
  // Each life has its own chance, or it would repeat the one before.
  into.revive = [read = kind, context = std::move(context), table](std::uint32_t life) {
    auto again = context;
    again.life = life;
    again.seed = derived_seed(context.seed, std::to_string(life));
    faults none; // they were found when it was made first
    settings_reader reader{table, {}, context.name, none};
    return read(reader, again);
  };
}

participant_settings read_participant(const setting& from, const wall_clock& calendar,
                                      std::uint64_t seed, faults& found,
                                      const participant_kinds& kinds) {
  const auto& table = std::get<setting::table>(from.value);
  settings_reader reader{table, from.where, titled("participant", table), found};
  participant_settings result;
  auto mistakes = found.size();
  result.name = reader.required_text("name");
  if (result.name.empty() && found.size() == mistakes)
    reader.wrong("name", "must not be empty");
  result.client.client_id = result.name;
  result.client.will = read_will(reader);
  read_session(reader, result);
  auto wanted = reader.required_text("kind");
  result.kind = wanted;
  result.topic = text_of(table, "topic");
  if (const auto* kind = kinds.find(wanted)) {
    read_role(reader, *kind, {result.name, derived_seed(seed, result.name), calendar}, table,
              result);
    reader.finish();
  } else if (!wanted.empty()) {
    reader.wrong("kind",
                 fmt::format("no kind \"{}\"{}", wanted, suggestion(wanted, kinds.names())));
  }
  return result;
}

view_settings read_view(settings_reader& section) {
  view_settings result;
  if (auto filters = section.texts("filter"))
    result.filters = std::move(*filters);
  for (const auto& filter : result.filters)
    if (auto fault = protocol::check_topic_filter(filter); fault != protocol::errc::none)
      section.wrong("filter", fmt::format("\"{}\": {}", filter, protocol::to_string(fault)));
  if (auto seconds = section.number("interval_s", 0.1, 3600))
    result.interval = std::chrono::milliseconds{static_cast<std::int64_t>(*seconds * 1000)};
  if (auto rows = section.integer("rows", 1, 1000))
    result.rows = static_cast<std::uint32_t>(*rows);
  return result;
}

} // namespace

topology read_topology(const setting::table& file, const wall_clock& calendar, std::uint64_t seed,
                       faults& found, const participant_kinds& kinds) {
  topology result;
  settings_reader reader{file, {}, "topology", found};
  result.seed = seed;
  read_section(reader, "bus", [&](settings_reader& section) {
    if (auto value = section.integer("seed", 1, any_integer))
      result.seed = static_cast<std::uint64_t>(*value);
  });
  read_section(reader, "io", [&](settings_reader& section) {
    if (auto value = section.integer("threads", 1, 256))
      result.io_threads = static_cast<std::uint32_t>(*value);
  });
  read_section(reader, "status", [&](settings_reader& section) {
    if (auto value = section.integer("interval_s", 0, 86'400))
      result.status_interval_seconds = static_cast<std::uint32_t>(*value);
  });
  read_section(reader, "auth", [&](settings_reader& section) { read_auth(section, result.auth); });
  read_section(reader, "limits",
               [&](settings_reader& section) { read_limits(section, result.limits); });
  read_section(reader, "view", [&](settings_reader& section) { result.view = read_view(section); });
  std::set<std::string> urls;
  for (const auto* each : reader.tables("listener")) {
    settings_reader listener{std::get<setting::table>(each->value), each->where, "listener", found};
    result.listeners.push_back(read_listener(listener, result.limits));
    listener.finish();
    const auto& url = result.listeners.back().url;
    auto has_any_port = url.ends_with(":0") || url.find(":0/") != url.npos;
    if (!url.empty() && !has_any_port && !urls.insert(url).second)
      found.push_back({each->where, fmt::format("listener \"{}\": there is one already", url)});
  }
  std::set<std::string> bridges;
  for (const auto* each : reader.tables("bridge")) {
    const auto& table = std::get<setting::table>(each->value);
    settings_reader bridge{table, each->where, titled("bridge", table), found};
    result.bridges.push_back(read_bridge(bridge));
    bridge.finish();
    const auto& name = result.bridges.back().bridge.name;
    if (!name.empty() && !bridges.insert(name).second)
      found.push_back({each->where, fmt::format("bridge \"{}\": there is one already", name)});
  }
  std::set<std::string> names;
  for (const auto* each : reader.tables("participant")) {
    result.participants.push_back(read_participant(*each, calendar, result.seed, found, kinds));
    const auto& name = result.participants.back().name;
    if (!name.empty() && !names.insert(name).second)
      found.push_back({each->where, fmt::format("participant \"{}\": there is one already", name)});
  }
  reader.finish();
  std::stable_sort(found.begin(), found.end(),
                   [](const fault& a, const fault& b) { return a.where.line < b.where.line; });
  return result;
}

} // namespace actorbus::demos
