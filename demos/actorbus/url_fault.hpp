#pragma once

#include <string>

namespace actorbus::demos {

enum class url_use { listen, connect };

/// What is wrong with a URL, in one line that names it; empty: nothing.
std::string url_fault(const std::string& url, url_use use);

} // namespace actorbus::demos
