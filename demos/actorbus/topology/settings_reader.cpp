#include "topology/settings_reader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "nearest_name.hpp"

namespace actorbus::demos {

std::optional<double> number_of(const setting& from) {
  if (const auto* whole = std::get_if<std::int64_t>(&from.value))
    return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&from.value))
    return *real;
  return std::nullopt;
}

settings_reader::settings_reader(const setting::table& table, place where, std::string name,
                                 faults& found)
    : table_(table), where_(where), name_(std::move(name)), found_(found) {}

const setting* settings_reader::find(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end())
    known_.emplace_back(key);
  for (const auto& entry : table_)
    if (entry.key == key)
      return &entry.content;
  return nullptr;
}

place settings_reader::where(std::string_view key) const {
  for (const auto& entry : table_)
    if (entry.key == key)
      return entry.where;
  return where_;
}

void settings_reader::wrong(std::string_view key, const std::string& why) {
  found_.push_back({where(key), fmt::format("{}: {}: {}", name_, key, why)});
}

void settings_reader::wrong(const std::string& why) {
  found_.push_back({where_, fmt::format("{}: {}", name_, why)});
}

void settings_reader::wrong_type(std::string_view key, std::string_view expected) {
  wrong(key, fmt::format("must be {}", expected));
}

std::optional<std::string> settings_reader::text(std::string_view key) {
  const auto* found = find(key);
  if (!found)
    return std::nullopt;
  if (const auto* value = std::get_if<std::string>(&found->value))
    return *value;
  wrong_type(key, "a text in quotes");
  return std::nullopt;
}

std::optional<bool> settings_reader::flag(std::string_view key) {
  const auto* found = find(key);
  if (!found)
    return std::nullopt;
  if (const auto* value = std::get_if<bool>(&found->value))
    return *value;
  wrong_type(key, "true or false");
  return std::nullopt;
}

std::optional<std::int64_t> settings_reader::integer(std::string_view key, std::int64_t minimum,
                                                     std::int64_t maximum) {
  const auto* found = find(key);
  if (!found)
    return std::nullopt;
  const auto* value = std::get_if<std::int64_t>(&found->value);
  if (!value)
    wrong_type(key, "a whole number");
  else if (*value < minimum || *value > maximum)
    wrong(key, fmt::format("{} is out of range: {} to {}", *value, minimum, maximum));
  else
    return *value;
  return std::nullopt;
}

std::optional<double> settings_reader::number(std::string_view key, double minimum,
                                              double maximum) {
  const auto* found = find(key);
  if (!found)
    return std::nullopt;
  auto value = number_of(*found);
  if (!value)
    wrong_type(key, "a number");
  else if (is_within(key, *value, minimum, maximum))
    return value;
  return std::nullopt;
}

std::optional<number_range> settings_reader::range(std::string_view key, double minimum,
                                                   double maximum) {
  const auto* found = find(key);
  if (!found)
    return std::nullopt;
  number_range result;
  const auto* items = std::get_if<setting::list>(&found->value);
  auto first = items && items->size() == 2 ? number_of(items->front()) : number_of(*found);
  auto last = items && items->size() == 2 ? number_of(items->back()) : first;
  if (!first || !last)
    wrong_type(key, "a number, or two in brackets: at least and at most");
  else if (*first > *last)
    wrong(key, fmt::format("{} is greater than {}", *first, *last));
  else if (is_within(key, *first, minimum, maximum) && is_within(key, *last, minimum, maximum))
    return number_range{*first, *last};
  return std::nullopt;
}

bool settings_reader::is_within(std::string_view key, double value, double minimum,
                                double maximum) {
  auto result = value >= minimum && value <= maximum; // false for what is no number
  if (!result)
    wrong(key, fmt::format("{} is out of range: {} to {}", value, minimum, maximum));
  return result;
}

std::optional<std::vector<std::string>> settings_reader::texts(std::string_view key) {
  const auto* found = find(key);
  if (!found)
    return std::nullopt;
  if (const auto* single = std::get_if<std::string>(&found->value))
    return std::vector{*single};
  std::vector<std::string> result;
  if (const auto* items = std::get_if<setting::list>(&found->value))
    for (const auto& item : *items)
      if (const auto* value = std::get_if<std::string>(&item.value))
        result.push_back(*value);
  const auto* items = std::get_if<setting::list>(&found->value);
  if (items && result.size() == items->size())
    return result;
  wrong_type(key, "a text in quotes, or a list of them");
  return std::nullopt;
}

const setting::list* settings_reader::list(std::string_view key) {
  const auto* found = find(key);
  if (!found)
    return nullptr;
  if (const auto* items = std::get_if<setting::list>(&found->value))
    return items;
  wrong_type(key, "a list in brackets");
  return nullptr;
}

std::string settings_reader::required_text(std::string_view key) {
  if (!has(key))
    wrong(fmt::format("\"{}\" is missing", key));
  return text(key).value_or("");
}

const setting::table* settings_reader::table(std::string_view key) {
  const auto* found = find(key);
  if (!found)
    return nullptr;
  if (const auto* value = std::get_if<setting::table>(&found->value))
    return value;
  wrong_type(key, fmt::format("a table, as in [{}]", key));
  return nullptr;
}

std::vector<const setting*> settings_reader::tables(std::string_view key) {
  std::vector<const setting*> result;
  const auto* found = find(key);
  if (!found)
    return result;
  const auto* items = std::get_if<setting::list>(&found->value);
  if (items)
    for (const auto& item : *items)
      if (std::holds_alternative<setting::table>(item.value))
        result.push_back(&item);
  if (!items || result.size() != items->size())
    wrong_type(key, fmt::format("tables, each headed by [[{}]]", key));
  return result;
}

std::vector<const setting*> settings_reader::table_or_tables(std::string_view key) {
  const auto* found = find(key);
  if (found && std::holds_alternative<setting::table>(found->value))
    return {found};
  return tables(key);
}

void settings_reader::finish() {
  std::vector<std::string_view> names{known_.begin(), known_.end()};
  for (const auto& entry : table_)
    if (std::find(known_.begin(), known_.end(), entry.key) == known_.end())
      found_.push_back({entry.where, fmt::format("{}: unknown key \"{}\"{}", name_, entry.key,
                                                 suggestion(entry.key, names))});
}

} // namespace actorbus::demos
