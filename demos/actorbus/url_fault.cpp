#include "url_fault.hpp"

#include <actorbus/transports/transport_table.hpp>

namespace actorbus::demos {

std::string url_fault(const std::string& url, url_use use) {
  transports::transport_table table;
  auto at = table.parse(url);
  if (!at)
    return at.error();
  if (use == url_use::listen && at->scheme == "mem")
    return url + ": who meets in memory needs no listener; leave it out";
  const auto* found = table.find(at->scheme);
  auto is_there = use == url_use::listen ? found->listen != nullptr : found->connect != nullptr;
  return is_there ? "" : url + ": the transport \"" + at->scheme + "\" is not in this version";
}

} // namespace actorbus::demos
