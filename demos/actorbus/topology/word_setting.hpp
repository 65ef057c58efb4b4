#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "nearest_name.hpp"
#include "topology/settings_reader.hpp"

namespace actorbus::demos {

/// Reads a word out of a few. @returns `otherwise` if it is missing or wrong
template <class T>
T read_word(settings_reader& from, std::string_view key, T otherwise,
            std::span<const std::pair<std::string_view, T>> words) {
  auto wanted = from.text(key);
  if (!wanted)
    return otherwise;
  std::vector<std::string_view> names;
  for (const auto& [name, value] : words) {
    if (name == *wanted)
      return value;
    names.push_back(name);
  }
  std::string all;
  for (auto name : names)
    all += fmt::format("{}\"{}\"", all.empty() ? "" : ", ", name);
  from.wrong(key, fmt::format("\"{}\" is none of {}{}", *wanted, all, suggestion(*wanted, names)));
  return otherwise;
}

} // namespace actorbus::demos
