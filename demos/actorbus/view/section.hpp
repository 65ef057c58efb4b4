#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace actorbus::demos {

/// A part of a picture in the terminal.
struct section {
  std::string head; ///< above the rows; empty: none
  std::vector<std::string> rows;
  std::size_t left_off = 0; ///< rows that were not even made
};

/// How many of `rows` each one gets that wants so many: no one more than it wants, and the small
/// ones first, so that one long list doesn't push the others out.
std::vector<std::size_t> share_rows(std::size_t rows, std::span<const std::size_t> wanted);

/// Sections below each other, a blank line between, in a window. Those without rows are left out;
/// rows without room are counted in the last line of their section.
/// @returns at most `rows` lines of at most `columns` - 1 characters: one that reaches the edge
///          would wrap
std::vector<std::string> stack(std::span<const section> sections, std::size_t rows,
                               std::size_t columns);

} // namespace actorbus::demos
