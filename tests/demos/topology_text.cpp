#include "topology_text.hpp"

#include "topology/toml_file.hpp"

namespace actorbus::demos::test {

std::vector<std::string> mistakes_in(std::string_view text) {
  faults found;
  auto tables = parse_toml(text, found);
  if (found.empty())
    read_topology(tables, calendar, 1, found);
  std::vector<std::string> result;
  for (const auto& each : found)
    result.push_back(std::to_string(each.where.line) + ": " + each.what);
  return result;
}

} // namespace actorbus::demos::test
