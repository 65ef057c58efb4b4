#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace actorbus::demos {

/// Where in a file something stands; both count from 1, 0: nowhere.
struct place {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// A mistake in a file.
struct fault {
  place where;
  std::string what;
};

using faults = std::vector<fault>;

/// A value of a topology file, whatever language the file is written in.
struct setting {
  struct entry;
  using list = std::vector<setting>;
  using table = std::vector<entry>; ///< in the order of the file

  std::variant<std::monostate, bool, std::int64_t, double, std::string, list, table> value;
  place where;
};

struct setting::entry {
  std::string key;
  place where; ///< of the key
  setting content;
};

} // namespace actorbus::demos
