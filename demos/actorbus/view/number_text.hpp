#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace actorbus::demos {

/// "12.3" below a hundred, "12345" above.
std::string rate_text(double a_second);

/// "999", "12.3k", "4.56M": at most five characters up to the billions.
std::string count_text(double count);

/// "01:02:03", with days in front from the first on.
std::string time_text(std::chrono::seconds since);

} // namespace actorbus::demos
