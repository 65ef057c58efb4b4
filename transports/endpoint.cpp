#include <actorbus/transports/endpoint.hpp>

#include <algorithm>
#include <charconv>

#include <actorbus/transports/hex_digit.hpp>

namespace actorbus::transports {

namespace {

using failure = protocol::unexpected<std::string>;

failure wrong(std::string_view url, std::string_view why) {
  return failure{std::string{url} + ": " + std::string{why}};
}

// Resolves %41 and the like, which passwords with '@' or ':' need.
std::optional<std::string> unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size() || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0)
      return std::nullopt;
    out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
    i += 2;
  }
  return out;
}

// Takes "user:password@" from the front of `authority`. @returns false for a broken escape
bool take_user(std::string_view& authority, endpoint& into) {
  auto at = authority.rfind('@');
  if (at == authority.npos)
    return true;
  auto both = authority.substr(0, at);
  authority.remove_prefix(at + 1);
  auto colon = both.find(':');
  auto user = unescape(both.substr(0, colon));
  if (!user)
    return false;
  into.user = std::move(*user);
  if (colon == both.npos)
    return true;
  into.password = unescape(both.substr(colon + 1));
  return into.password.has_value();
}

bool take_port(std::string_view text, endpoint& into) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into.port);
  return error == std::errc{} && end == text.data() + text.size();
}

protocol::expected<endpoint, std::string>
parse_authority(std::string_view url, std::string_view authority, endpoint result) {
  if (!take_user(authority, result))
    return wrong(url, "user and password: '%' must be followed by two hexadecimal digits");
  std::string_view port;
  bool has_port = false;
  if (!authority.empty() && authority.front() == '[') {
    auto end = authority.find(']');
    if (end == authority.npos)
      return wrong(url, "the address has no closing ']'");
    result.host = authority.substr(1, end - 1);
    authority.remove_prefix(end + 1);
    if (!authority.empty() && authority.front() != ':')
      return wrong(url, "only a port may follow ']'");
    has_port = !authority.empty();
    port = has_port ? authority.substr(1) : port;
  } else {
    auto colon = authority.find(':');
    if (colon != authority.rfind(':'))
      return wrong(url, "an IPv6 address must stand in brackets, as in mqtt://[::1]:1883");
    result.host = authority.substr(0, colon);
    has_port = colon != authority.npos;
    port = has_port ? authority.substr(colon + 1) : port;
  }
  if (has_port && !take_port(port, result))
    return wrong(url,
                 std::string{"'"}.append(port).append("' is no port: a number from 0 to 65535 is"));
  if (std::any_of(result.host.begin(), result.host.end(),
                  [](unsigned char c) { return c <= ' ' || c == 0x7F; }))
    return wrong(url, "the host's name has a blank in it");
  return result;
}

} // namespace

std::string scheme_of(std::string_view url) {
  auto end = url.find("://");
  if (end == url.npos)
    return {};
  std::string scheme{url.substr(0, end)};
  for (auto& c : scheme)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return scheme;
}

protocol::expected<endpoint, std::string> parse_endpoint(std::string_view url,
                                                         const endpoint_rules& rules) {
  auto rest = url.substr(url.find("://") + 3);
  endpoint result;
  result.scheme = rules.scheme;
  result.form = rules.form;
  result.port = rules.default_port;
  switch (rules.form) {
  case endpoint_form::path:
    if (rest.size() < 2 || (rest.front() != '/' && rest.front() != '@'))
      return wrong(url, "an absolute path is needed, as in " + result.scheme + ":///run/actorbus");
    result.path = rest;
    return result;
  case endpoint_form::name:
    if (rest.empty() || rest.find_first_of("/?#@: ") != rest.npos)
      return wrong(url, "a name is needed, as in " + result.scheme + "://home");
    result.name = rest;
    return result;
  case endpoint_form::host_port:
  case endpoint_form::web: break;
  }
  auto slash = rest.find('/');
  std::string_view path = slash == rest.npos ? std::string_view{} : rest.substr(slash);
  if (rules.form == endpoint_form::web)
    result.path = path.size() > 1 ? path : rules.default_path;
  else if (path.size() > 1)
    return wrong(url, "no path may follow the port");
  return parse_authority(url, rest.substr(0, slash), std::move(result));
}

std::string to_string(const endpoint& of) {
  auto text = of.scheme + "://";
  switch (of.form) {
  case endpoint_form::path: return text + of.path;
  case endpoint_form::name: return text + of.name;
  case endpoint_form::host_port:
  case endpoint_form::web: break;
  }
  bool brackets = of.host.find(':') != of.host.npos;
  text += brackets ? '[' + of.host + ']' : of.host;
  return text + ':' + std::to_string(of.port) + of.path;
}

} // namespace actorbus::transports
