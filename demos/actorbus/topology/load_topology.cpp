#include "topology/load_topology.hpp"

#include <random>

#include "topology/toml_file.hpp"
#include "user_error.hpp"

namespace actorbus::demos {

namespace {

std::uint64_t random_seed() {
  std::random_device source;
  auto high = static_cast<std::uint64_t>(source() & 0x7FFF'FFFF); // a TOML number can hold it
  return high << 32 | (source() | 1);
}

} // namespace

topology load_topology(const std::string& file, const std::vector<std::string>& assignments,
                       const participant_kinds& kinds) {
  return load_topology_text(file.empty() ? "" : read_text_file(file), file, assignments, kinds);
}

topology load_topology_text(std::string_view text, const std::string& name,
                            const std::vector<std::string>& assignments,
                            const participant_kinds& kinds) {
  faults found;
  auto tables = parse_toml(text, found);
  topology result;
  if (found.empty()) {
    for (const auto& each : assignments)
      override_setting(tables, each);
    wall_clock calendar{std::chrono::steady_clock::now(), std::chrono::system_clock::now()};
    result = read_topology(tables, calendar, random_seed(), found, kinds);
  }
  std::string lines;
  for (const auto& each : found) {
    if (!lines.empty())
      lines += "\nactorbus: ";
    if (each.where.line != 0)
      lines += name + ':' + std::to_string(each.where.line) + ':' +
               std::to_string(each.where.column) + ": ";
    lines += each.what;
  }
  if (!lines.empty())
    throw user_error{lines};
  return result;
}

} // namespace actorbus::demos
