#include <charconv>
#include <string>

#include "topology/topology.hpp"
#include "user_error.hpp"

namespace actorbus::demos {

namespace {

template <class T>
bool reads_as(std::string_view text, T& value) {
  auto end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && stop == end;
}

setting value_of(std::string_view text) {
  std::int64_t whole = 0;
  double real = 0;
  if (text == "true" || text == "false")
    return {text == "true", {}};
  if (reads_as(text, whole))
    return {whole, {}};
  if (reads_as(text, real))
    return {real, {}};
  return {std::string{text}, {}};
}

setting& entry_of(setting::table& table, std::string_view key, setting otherwise) {
  for (auto& entry : table)
    if (entry.key == key)
      return entry.content;
  table.push_back({std::string{key}, {}, std::move(otherwise)});
  return table.back().content;
}

} // namespace

void override_setting(setting::table& file, std::string_view assignment) {
  auto equals = assignment.find('=');
  auto key = assignment.substr(0, equals);
  auto dot = key.find('.');
  if (equals == assignment.npos || dot == key.npos || dot == 0 || dot + 1 == key.size())
    throw user_error{"--set " + std::string{assignment},
                     "must be SECTION.KEY=VALUE, as in limits.inflight_max=20"};
  auto& section = entry_of(file, key.substr(0, dot), {setting::table{}, {}});
  auto* table = std::get_if<setting::table>(&section.value);
  if (!table)
    throw user_error{"--set " + std::string{assignment},
                     "\"" + std::string{key.substr(0, dot)} + "\" has no keys to set"};
  entry_of(*table, key.substr(dot + 1), {}) = value_of(assignment.substr(equals + 1));
}

} // namespace actorbus::demos
