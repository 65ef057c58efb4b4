#include "clients/property_arguments.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "nearest_name.hpp"
#include "user_error.hpp"

namespace actorbus::demos {

namespace {

using protocol::property_id;
using protocol::property_place;
using protocol::wire_type;

struct command_row {
  std::string_view name;
  property_place place;
  protocol::property_list packet_properties::*list;
};

constexpr std::array commands{
    command_row{"connect", property_place::connect, &packet_properties::connect},
    command_row{"publish", property_place::publish, &packet_properties::publish},
    command_row{"subscribe", property_place::subscribe, &packet_properties::subscribe},
    command_row{"disconnect", property_place::disconnect, &packet_properties::disconnect},
    command_row{"will", property_place::will, &packet_properties::will},
};

const command_row& command_of(const std::string& name, const std::string& what) {
  std::vector<std::string_view> names;
  for (const auto& each : commands) {
    if (each.name == name)
      return each;
    names.push_back(each.name);
  }
  throw user_error{what,
                   "\"" + name + "\" is no command with properties" + suggestion(name, names)};
}

bool is_allowed(const protocol::property_rule& rule, property_place place) {
  return (rule.places >> static_cast<unsigned>(place) & 1) != 0;
}

// The standard's name with hyphens, as mosquitto's clients write it.
std::string flag_name(const protocol::property_rule& rule) {
  std::string name{rule.name};
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

const protocol::property_rule& rule_of(const std::string& name, const command_row& command,
                                       const std::string& what) {
  std::vector<std::string> allowed;
  for (std::uint32_t id = 1; id < 0x80; ++id) {
    const auto* rule = protocol::find_property(id);
    if (!rule)
      continue;
    auto here = is_allowed(*rule, command.place);
    if (flag_name(*rule) == name && here)
      return *rule;
    if (flag_name(*rule) == name)
      throw user_error{what, "not allowed in " + std::string{command.name}};
    if (here)
      allowed.push_back(flag_name(*rule));
  }
  std::vector<std::string_view> names{allowed.begin(), allowed.end()};
  throw user_error{what, "no such property" + suggestion(name, names)};
}

std::uint32_t largest_of(wire_type type) {
  switch (type) {
  case wire_type::byte: return 0xFF;
  case wire_type::two_byte_integer: return 0xFFFF;
  case wire_type::variable_byte_integer: return protocol::variable_byte_integer_max;
  default: return 0xFFFF'FFFF;
  }
}

std::uint32_t number_of(const std::string& text, const protocol::property_rule& rule,
                        const std::string& what) {
  using protocol::value_rule;
  std::uint64_t value = 0;
  auto end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, value);
  auto least = rule.rule == value_rule::not_zero || rule.rule == value_rule::topic_alias ? 1u : 0u;
  auto most = rule.rule == value_rule::zero_or_one ? 1 : largest_of(rule.type);
  if (error != std::errc{} || stop != end || value < least || value > most)
    throw user_error{what, '"' + text + "\" is no number from " + std::to_string(least) + " to " +
                               std::to_string(most)};
  return static_cast<std::uint32_t>(value);
}

// The client obeys these itself and writes them into its CONNECT.
bool set_option(client_options& options, property_id id, std::uint32_t number) {
  switch (id) {
  case property_id::session_expiry_interval: options.session_expiry_seconds = number; return true;
  case property_id::receive_maximum:
    options.receive_maximum = static_cast<std::uint16_t>(number);
    return true;
  case property_id::maximum_packet_size: options.packet_size_bytes_max = number; return true;
  case property_id::topic_alias_maximum:
    options.topic_alias_maximum = static_cast<std::uint16_t>(number);
    return true;
  default: return false;
  }
}

} // namespace

void add_property(const std::vector<std::string>& words, packet_properties& into,
                  client_options& options) {
  std::string what = "-D";
  for (const auto& word : words)
    what += ' ' + word;
  if (words.size() < 3)
    throw user_error{what, "needs a command, a property's name and its value"};
  const auto& command = command_of(words[0], what);
  const auto& rule = rule_of(words[1], command, what);
  auto& list = into.*command.list;
  auto is_pair = rule.type == wire_type::utf8_string_pair;
  if (words.size() != (is_pair ? 4u : 3u))
    throw user_error{what, is_pair ? "needs a name and a value" : "has one value"};
  for (const auto& word : words)
    if (word.size() > 65'535)
      throw user_error{"-D " + words[0] + ' ' + words[1], "longer than 65535 bytes"};
  auto is_repeatable = (rule.repeatable >> static_cast<unsigned>(command.place) & 1) != 0;
  for (const auto& given : list.view())
    if (given.id == rule.id && !is_repeatable)
      throw user_error{what, "given twice"};
  switch (rule.type) {
  case wire_type::utf8_string_pair: list.add_user(words[2], words[3]); break;
  case wire_type::utf8_string:
  case wire_type::binary_data: list.add(rule.id, words[2]); break;
  default: {
    auto number = number_of(words[2], rule, what);
    if (command.place == property_place::will && rule.id == property_id::will_delay_interval) {
      if (options.will)
        options.will->delay_seconds = number;
    } else if (command.place != property_place::connect || !set_option(options, rule.id, number)) {
      list.add(rule.id, number);
    }
  }
  }
}

} // namespace actorbus::demos
