#include <actorbus/transports/address_list.hpp>

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

namespace actorbus::transports {

std::optional<host_address> parse_host_address(std::string_view text) {
  std::string host{text};
  if (host.starts_with('[')) {
    auto end = host.find(']');
    if (end == host.npos)
      return std::nullopt;
    host = host.substr(1, end - 1);
  } else if (std::count(host.begin(), host.end(), ':') == 1) {
    host = host.substr(0, host.find(':'));
  }
  host = host.substr(0, host.find('%')); // a zone says which network card, not who
  host_address result{};
  if (::inet_pton(AF_INET6, host.c_str(), result.data()) == 1)
    return result;
  result[10] = result[11] = 0xFF;
  if (::inet_pton(AF_INET, host.c_str(), result.data() + 12) == 1)
    return result;
  return std::nullopt;
}

protocol::expected<address_list, std::string>
address_list::parse(const std::vector<std::string>& texts) {
  address_list result;
  for (const auto& text : texts) {
    auto slash = text.find('/');
    auto address = parse_host_address(text.substr(0, slash));
    network entry;
    if (address)
      entry.address = *address;
    if (address && slash != text.npos) {
      bool is_v4 = text.find(':') == text.npos;
      auto begin = text.data() + slash + 1;
      auto end = text.data() + text.size();
      auto [stop, error] = std::from_chars(begin, end, entry.bits);
      if (error != std::errc{} || stop != end || entry.bits > (is_v4 ? 32u : 128u))
        address.reset();
      entry.bits += is_v4 ? 96 : 0;
    }
    if (!address)
      return protocol::unexpected{"\"" + text +
                                  "\" is no address or network, as 10.0.0.1 or 10.0.0.0/8 are"};
    result.networks_.push_back(entry);
  }
  return result;
}

bool address_list::contains(const host_address& address) const noexcept {
  return std::any_of(networks_.begin(), networks_.end(), [&](const network& in) {
    auto whole = in.bits / 8;
    if (!std::equal(address.begin(), address.begin() + whole, in.address.begin()))
      return false;
    auto rest = in.bits % 8;
    return rest == 0 || ((address[whole] ^ in.address[whole]) >> (8 - rest)) == 0;
  });
}

bool address_list::contains(std::string_view peer) const {
  auto address = parse_host_address(peer);
  return address && contains(*address);
}

} // namespace actorbus::transports
