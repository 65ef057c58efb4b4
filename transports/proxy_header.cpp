#include <actorbus/transports/proxy_header.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include <arpa/inet.h>

namespace actorbus::transports {

namespace {

constexpr std::string_view signature_1 = "PROXY ";
constexpr std::size_t bytes_max_1 = 107;

constexpr std::array<std::uint8_t, 12> signature_2{0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D,
                                                   0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
constexpr std::size_t fixed_bytes_2 = 16;
constexpr std::uint8_t type_ssl = 0x20;
constexpr std::uint8_t type_ssl_common_name = 0x22;
constexpr std::uint8_t client_used_ssl = 0x01;
constexpr std::uint8_t client_showed_certificate = 0x02; ///< on this connection

proxy_header wrong(std::string_view why) {
  proxy_header result;
  result.fault = why;
  return result;
}

bool begins_alike(std::span<const std::uint8_t> bytes, std::span<const std::uint8_t> with) {
  auto size = std::min(bytes.size(), with.size());
  return std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size), with.begin());
}

// -- version 1: a line of text -------------------------------------------------------------------

bool is_address(int family, const std::string& text) {
  in6_addr ignored{};
  return ::inet_pton(family, text.c_str(), &ignored) == 1;
}

bool is_port(const std::string& text) {
  std::uint16_t port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() &&
         (text.size() == 1 || text.front() != '0');
}

proxy_header read_line(std::string_view bytes) {
  auto end = bytes.find("\r\n");
  if (end == bytes.npos)
    return bytes.size() >= bytes_max_1 ? wrong("a line without an end") : proxy_header{};
  proxy_header result;
  result.size = end + 2;
  if (result.size > bytes_max_1)
    return wrong("a line that is too long");
  std::vector<std::string> words;
  for (auto rest = bytes.substr(0, end);;) {
    auto blank = rest.find(' ');
    words.emplace_back(rest.substr(0, blank));
    if (blank == rest.npos)
      break;
    rest.remove_prefix(blank + 1);
  }
  if (words.size() >= 2 && words[1] == "UNKNOWN")
    return result;
  if (words.size() != 6 || (words[1] != "TCP4" && words[1] != "TCP6"))
    return wrong("a line that is none of the PROXY protocol");
  bool is_v4 = words[1] == "TCP4";
  auto family = is_v4 ? AF_INET : AF_INET6;
  if (!is_address(family, words[2]) || !is_address(family, words[3]) || !is_port(words[4]) ||
      !is_port(words[5]))
    return wrong("a line with an address that is none");
  result.source = (is_v4 ? words[2] : '[' + words[2] + ']') + ':' + words[4];
  return result;
}

// -- version 2: binary ---------------------------------------------------------------------------

std::size_t number(std::span<const std::uint8_t> at) {
  return static_cast<std::size_t>(at[0] << 8 | at[1]);
}

std::string address_text(int family, std::span<const std::uint8_t> address, std::size_t port) {
  char text[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(family, address.data(), text, sizeof text);
  auto host = family == AF_INET ? std::string{text} : '[' + std::string{text} + ']';
  return host + ':' + std::to_string(port);
}

// Calls `with(type, value)` for each of them. @returns false if they don't fit
template <class F>
bool for_each_value(std::span<const std::uint8_t> values, F with) {
  while (!values.empty()) {
    if (values.size() < 3)
      return false;
    auto size = number(values.subspan(1));
    if (values.size() < 3 + size)
      return false;
    with(values[0], values.subspan(3, size));
    values = values.subspan(3 + size);
  }
  return true;
}

// client (1 byte), verify (4 bytes, 0: verified), then values.
bool read_ssl(std::span<const std::uint8_t> ssl, proxy_header& into) {
  if (ssl.size() < 5)
    return false;
  constexpr auto both = client_used_ssl | client_showed_certificate;
  bool verified = (ssl[0] & both) == both && std::all_of(ssl.begin() + 1, ssl.begin() + 5,
                                                         [](auto byte) { return byte == 0; });
  return for_each_value(ssl.subspan(5), [&](std::uint8_t type, auto value) {
    if (type == type_ssl_common_name && verified)
      into.common_name.assign(value.begin(), value.end());
  });
}

proxy_header read_binary(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < fixed_bytes_2)
    return {};
  auto version = bytes[12] >> 4;
  auto command = bytes[12] & 0x0F;
  auto family = bytes[13] >> 4;
  auto protocol = bytes[13] & 0x0F;
  auto size = number(bytes.subspan(14));
  proxy_header result;
  if (version != 2 || command > 1 || family > 3 || protocol > 2)
    return wrong("a version, command or family that there is not");
  if (fixed_bytes_2 + size > proxy_header_bytes_max)
    return wrong("a header that is too large");
  if (bytes.size() < fixed_bytes_2 + size)
    return {};
  result.size = fixed_bytes_2 + size;
  if (command == 0) // LOCAL: the proxy looks whether we are there
    return result;
  auto rest = bytes.subspan(fixed_bytes_2, size);
  static constexpr std::array<std::size_t, 4> address_bytes{0, 12, 36, 216};
  auto addresses = address_bytes[family];
  if (rest.size() < addresses)
    return wrong("a header that is too short for its addresses");
  if (protocol == 1 && family == 1)
    result.source = address_text(AF_INET, rest, number(rest.subspan(8)));
  else if (protocol == 1 && family == 2)
    result.source = address_text(AF_INET6, rest, number(rest.subspan(32)));
  bool whole = true;
  bool fits = for_each_value(rest.subspan(addresses), [&](std::uint8_t type, auto value) {
    if (type == type_ssl)
      whole = read_ssl(value, result) && whole;
  });
  return fits && whole ? result : wrong("a header with values that don't fit");
}

} // namespace

proxy_header read_proxy_header(std::span<const std::uint8_t> bytes) {
  std::span front{reinterpret_cast<const std::uint8_t*>(signature_1.data()), signature_1.size()};
  if (begins_alike(bytes, front))
    return bytes.size() < front.size()
               ? proxy_header{}
               : read_line({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (begins_alike(bytes, signature_2))
    return read_binary(bytes);
  return wrong("no header of the PROXY protocol");
}

} // namespace actorbus::transports
