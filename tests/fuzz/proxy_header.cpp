// What proxies write before a connection: more bytes never change what the first ones meant, and nothing outside the
// header is counted to it.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <actorbus/transports/proxy_header.hpp>

namespace {

using namespace actorbus::transports;

bool is_same(const proxy_header& a, const proxy_header& b) {
  return a.size == b.size && a.source == b.source && a.common_name == b.common_name;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto whole = read_proxy_header({data, size});
  if (whole.size > size || (whole.fault.empty() && whole.size > proxy_header_bytes_max))
    std::abort();
  if (whole.fault.empty() && whole.size == 0 && size >= proxy_header_bytes_max)
    std::abort(); // it would wait for ever
  for (std::size_t first = 0; first < size; first += 1 + first / 8) {
    auto part = read_proxy_header({data, first});
    if (!part.fault.empty()) { // what is no header stays none
      if (whole.fault.empty())
        std::abort();
    } else if (part.size != 0 && !is_same(part, whole))
      std::abort();
    else if (part.size == 0 && whole.fault.empty() && whole.size != 0 && first >= whole.size)
      std::abort();
  }
  return 0;
}
