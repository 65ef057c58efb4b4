// Filters and names against the plain reading of the standard: `matches` level by level.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <actorbus/protocol/topic.hpp>
#include <actorbus/protocol/utf8.hpp>

namespace {

using namespace actorbus::protocol;

/// Section 4.7 word by word.
bool matches_by_level(std::string_view filter, std::string_view name) {
  if (name.front() == '$' && (filter.front() == '+' || filter.front() == '#'))
    return false;
  topic_levels filter_levels{filter};
  topic_levels name_levels{name};
  std::string_view wanted;
  std::string_view level;
  while (filter_levels.next(wanted)) {
    if (wanted == "#")
      return true;
    if (!name_levels.next(level) || (wanted != "+" && wanted != level))
      return false;
  }
  return !name_levels.next(level);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input{reinterpret_cast<const char*>(data), size};
  auto middle = input.find('\n');
  if (middle == std::string_view::npos)
    return 0;
  auto filter = input.substr(0, middle);
  auto name = input.substr(middle + 1);
  auto is_plain = check_utf8(name) == errc::none && name.find_first_of("+#") == name.npos;
  if ((check_utf8_topic_name(name) == errc::none) != is_plain)
    std::abort();
  if (check_topic_filter(filter) != errc::none || check_topic_name(name) != errc::none)
    return 0;
  if (matches(filter, name) != matches_by_level(filter, name))
    std::abort();
  return 0;
}
