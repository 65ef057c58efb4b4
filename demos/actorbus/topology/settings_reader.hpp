#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topology/number_range.hpp"
#include "topology/setting.hpp"

namespace actorbus::demos {

/// A whole or real number. @returns nothing for all else
std::optional<double> number_of(const setting& from);

/// Reads one table of a file. Whoever asks for a key makes it known; `finish` finds fault with the
/// keys that nobody asked for. Collects all mistakes and goes on with defaults.
class settings_reader {
public:
  /// @param name how mistakes call the table, e.g. `participant "kitchen"`
  settings_reader(const setting::table& table, place where, std::string name, faults& found);

  std::optional<std::string> text(std::string_view key);
  std::optional<bool> flag(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t minimum,
                                      std::int64_t maximum);
  /// Takes integers as well.
  std::optional<double> number(std::string_view key, double minimum, double maximum);
  /// A number, or a list of two: at least and at most.
  std::optional<number_range> range(std::string_view key, double minimum, double maximum);
  std::optional<std::vector<std::string>> texts(std::string_view key);

  /// The list behind `key`; nullptr if there is none.
  const setting::list* list(std::string_view key);

  /// A text that must be there. @returns an empty one after a mistake
  std::string required_text(std::string_view key);

  /// The table behind `key`; nullptr if there is none.
  const setting::table* table(std::string_view key);
  /// The tables of an array of tables, `[[key]]`.
  std::vector<const setting*> tables(std::string_view key);
  /// The same, where a single table may stand for a list of one.
  std::vector<const setting*> table_or_tables(std::string_view key);

  bool has(std::string_view key) { return find(key) != nullptr; }

  /// Adds a mistake that was found with the value of `key`.
  void wrong(std::string_view key, const std::string& why);
  /// Adds a mistake of the table as a whole.
  void wrong(const std::string& why);

  /// Where `key` stands, or else the table.
  place where(std::string_view key) const;

  /// Finds fault with all keys that were not asked for.
  void finish();

  faults& found() noexcept { return found_; }
  const std::string& name() const noexcept { return name_; }

private:
  const setting* find(std::string_view key);
  void wrong_type(std::string_view key, std::string_view expected);
  bool is_within(std::string_view key, double value, double minimum, double maximum);

  const setting::table& table_;
  place where_;
  std::string name_;
  faults& found_;
  std::vector<std::string> known_;
};

} // namespace actorbus::demos
