#include "view/section.hpp"

#include <catch2/catch.hpp>

#include "printable_text.hpp"
#include "view/number_text.hpp"

using namespace actorbus::demos;

namespace {

using lines = std::vector<std::string>;
using sizes = std::vector<std::size_t>;

} // namespace

TEST_CASE("rows are shared so that a long list leaves room for the short ones") {
  CHECK(share_rows(10, sizes{2, 3}) == sizes{2, 3});
  CHECK(share_rows(10, sizes{2, 100}) == sizes{2, 8});
  CHECK(share_rows(5, sizes{100, 100}) == sizes{3, 2});
  CHECK(share_rows(0, sizes{1, 1}) == sizes{0, 0});
  CHECK(share_rows(3, sizes{}).empty());
}

TEST_CASE("sections stand below each other, and those without rows are left out") {
  const std::vector<section> parts{{"", {"first"}}, {"none", {}}, {"numbers", {"1", "2"}}};
  CHECK(stack(parts, 24, 80) == lines{"first", "", "numbers", "1", "2"});
}

TEST_CASE("what has no room is counted") {
  const std::vector<section> parts{{"", {"first"}}, {"numbers", {"1", "2", "3", "4"}, 10}};
  CHECK(stack(parts, 24, 80) == lines{"first", "", "numbers", "1", "2", "3", "4", "… and 10 more"});
  CHECK(stack(parts, 6, 80) == lines{"first", "", "numbers", "1", "2", "… and 12 more"});
  CHECK(stack(parts, 4, 80) == lines{"first", "", "numbers", "… and 14 more"});
}

TEST_CASE("a picture never exceeds its window, however small that is") {
  const std::vector<section> parts{
      {"", {std::string(300, 'x')}}, {"a", lines(30, "ünïcode\x1b[0m")}, {"b", lines(3, std::string(90, 'y')), 5}};
  for (std::size_t rows = 0; rows < 50; ++rows)
    for (std::size_t columns = 1; columns < 120; columns += 7) {
      const auto picture = stack(parts, rows, columns);
      CHECK(picture.size() <= rows);
      for (const auto& line : picture) {
        CHECK(width_of(line) <= std::max<std::size_t>(1, columns - 1));
        CHECK(line.find('\x1b') == std::string::npos);
      }
    }
}

TEST_CASE("numbers are short") {
  CHECK(count_text(0) == "0");
  CHECK(count_text(999) == "999");
  CHECK(count_text(1'000) == "1.00k");
  CHECK(count_text(12'345) == "12.3k");
  CHECK(count_text(999'400) == "999k");
  CHECK(count_text(999'600) == "1.00M");
  CHECK(count_text(4'560'000'000.0) == "4.56G");
  CHECK(rate_text(0.04) == "0.0");
  CHECK(rate_text(99.94) == "99.9");
  CHECK(rate_text(99.96) == "100");
  CHECK(time_text(std::chrono::seconds{3'723}) == "01:02:03");
  CHECK(time_text(std::chrono::hours{50}) == "2d 02:00:00");
}
