#include "topology/toml_file.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <toml++/toml.h>

#include <actorbus/transports/system_failure.hpp>

#include "user_error.hpp"

namespace actorbus::demos {

namespace {

place place_of(const toml::source_region& region) {
  return {region.begin.line, region.begin.column};
}

setting convert(const toml::node& node);

setting::table convert_table(const toml::table& from) {
  setting::table result;
  for (const auto& [key, node] : from)
    result.push_back({std::string{key.str()}, place_of(key.source()), convert(node)});
  // toml++ sorts by name; mistakes are told in the order of the file.
  std::stable_sort(result.begin(), result.end(), [](const auto& a, const auto& b) {
    return std::pair{a.where.line, a.where.column} < std::pair{b.where.line, b.where.column};
  });
  return result;
}

setting convert(const toml::node& node) {
  setting result{{}, place_of(node.source())};
  node.visit([&](const auto& value) {
    if constexpr (toml::is_table<decltype(value)>) {
      result.value = convert_table(value);
    } else if constexpr (toml::is_array<decltype(value)>) {
      setting::list items;
      for (const auto& item : value)
        items.push_back(convert(item));
      result.value = std::move(items);
    } else if constexpr (toml::is_boolean<decltype(value)>) {
      result.value = value.get();
    } else if constexpr (toml::is_integer<decltype(value)>) {
      result.value = value.get();
    } else if constexpr (toml::is_floating_point<decltype(value)>) {
      result.value = value.get();
    } else if constexpr (toml::is_string<decltype(value)>) {
      result.value = value.get();
    } else { // dates and times have no use here: they stay without a value
      result.value = std::monostate{};
    }
  });
  return result;
}

} // namespace

setting::table parse_toml(std::string_view text, faults& found) {
  try {
    return convert_table(toml::parse(text));
  } catch (const toml::parse_error& problem) {
    found.push_back({place_of(problem.source()), std::string{problem.description()}});
    return {};
  }
}

std::string read_text_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  if (!file || !(text << file.rdbuf()))
    throw user_error{path, transports::last_error_text()};
  return std::move(text).str();
}

} // namespace actorbus::demos
