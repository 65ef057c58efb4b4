#include <actorbus/transports/web_handshake.hpp>

#include <algorithm>
#include <array>
#include <optional>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include <openssl/evp.h>
#include <openssl/rand.h>

namespace actorbus::transports {

namespace {

namespace http = boost::beast::http;

constexpr std::size_t key_characters = 24;

template <bool IsRequest>
using head_parser = http::parser<IsRequest, http::empty_body>;

// Beast's parser takes apart what no two programs agree on.
template <bool IsRequest>
bool parse(head_parser<IsRequest>& parser, std::string_view head) {
  boost::system::error_code error;
  parser.header_limit(web_head_bytes_max);
  parser.skip(true); // no body is waited for
  parser.put(boost::asio::buffer(head.data(), head.size()), error);
  return !error && parser.is_header_done();
}

std::string text_of(boost::beast::string_view from) {
  return {from.data(), from.size()};
}

template <class Head>
bool has_token(const Head& head, http::field name, std::string_view token) {
  return http::token_list{head[name]}.exists({token.data(), token.size()});
}

std::string base64(const std::uint8_t* from, std::size_t size) {
  std::string result(4 * ((size + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(result.data()), from, static_cast<int>(size));
  return result;
}

std::string response_of(unsigned status, std::string_view more_headers, std::string_view type,
                        std::string_view body) {
  auto reason = http::obsolete_reason(static_cast<http::status>(status));
  return "HTTP/1.1 " + std::to_string(status) + ' ' + text_of(reason) +
         "\r\nConnection: close\r\nContent-Type: " + std::string{type} +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string{more_headers} +
         "\r\n" + std::string{body};
}

web_answer refuse(unsigned status, std::string_view why, std::string_view more_headers = {}) {
  web_answer result;
  result.refusal = why;
  result.response =
      response_of(status, more_headers, "text/plain; charset=utf-8", std::string{why} + '\n');
  return result;
}

web_answer show(const web_page& page) {
  web_answer result;
  result.response = response_of(200, "Cache-Control: no-store\r\n", page.content_type, page.body);
  return result;
}

// The one to answer with [v3:MQTT-6.0.0-4]; older clients ask for the one of their time.
std::optional<std::string> choose_protocol(boost::beast::string_view offered) {
  for (const auto* name : {"mqtt", "mqttv3.1"})
    if (http::token_list{offered}.exists(name))
      return name;
  return std::nullopt;
}

bool is_allowed(const std::string& origin, const std::vector<std::string>& origins) {
  return origins.empty() || origin.empty() ||
         std::find(origins.begin(), origins.end(), origin) != origins.end();
}

// Nobody keeps anything from one message to the next: so an idle connection needs no memory for it.
constexpr std::string_view deflate_terms =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

// Each part by itself: Beast's list hands one extension's parameters on to the next one that has
// none. (A quoted comma makes parts that suit nobody.)
std::vector<boost::beast::string_view> parts_of(boost::beast::string_view list) {
  std::vector<boost::beast::string_view> result;
  while (!list.empty()) {
    auto part = list.substr(0, list.find(','));
    result.push_back(part);
    list.remove_prefix(std::min(part.size() + 1, list.size()));
  }
  return result;
}

template <class F>
bool is_deflate(boost::beast::string_view part, F&& suits) {
  http::ext_list parsed{part};
  auto first = parsed.begin();
  return first != parsed.end() && boost::beast::iequals(first->first, "permessage-deflate") &&
         std::all_of(first->second.begin(), first->second.end(), suits);
}

// Whether one of the offered extensions is one that we can keep to.
bool can_deflate(boost::beast::string_view offered) {
  auto parts = parts_of(offered);
  return std::any_of(parts.begin(), parts.end(), [](const auto& part) {
    return is_deflate(part, [](const auto& parameter) {
      return parameter.first == "server_no_context_takeover" ||
             parameter.first == "client_no_context_takeover" ||
             parameter.first == "client_max_window_bits" ||
             (parameter.first == "server_max_window_bits" && parameter.second == "15");
    });
  });
}

// Whether a server's answer is to our offer: its own messages stand alone.
bool has_agreed_to_deflate(boost::beast::string_view answered) {
  auto stands_alone = false;
  auto parts = parts_of(answered);
  return parts.size() == 1 &&
         is_deflate(parts.front(),
                    [&](const auto& parameter) {
                      stands_alone |= parameter.first == "server_no_context_takeover";
                      return parameter.first == "server_no_context_takeover" ||
                             parameter.first == "client_no_context_takeover" ||
                             parameter.first == "server_max_window_bits";
                    }) &&
         stands_alone;
}

web_answer upgrade(const http::request_header<>& request, const web_server_options& options) {
  if (!has_token(request, http::field::upgrade, "websocket") ||
      !has_token(request, http::field::connection, "upgrade"))
    return refuse(426, "MQTT over WebSocket is here; nothing to look at", "Upgrade: websocket\r\n");
  if (request[http::field::sec_websocket_version] != "13")
    return refuse(426, "the version of WebSocket must be 13", "Sec-WebSocket-Version: 13\r\n");
  auto key = text_of(request[http::field::sec_websocket_key]);
  if (key.size() != key_characters)
    return refuse(400, "the handshake's key must be 16 bytes in base 64");
  if (auto origin = text_of(request[http::field::origin]); !is_allowed(origin, options.origins))
    return refuse(403, "pages of " + origin + " may not connect");
  auto protocol = choose_protocol(request[http::field::sec_websocket_protocol]);
  if (!protocol)
    return refuse(400, "the sub-protocol mqtt must be offered");
  web_answer result;
  result.upgraded = true;
  result.deflates = options.deflate && can_deflate(request[http::field::sec_websocket_extensions]);
  // Extensions that are not mentioned are not agreed on.
  result.response = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
                    "Upgrade\r\nSec-WebSocket-Accept: " +
                    web_accept_of(key) + "\r\nSec-WebSocket-Protocol: " + *protocol + "\r\n";
  if (result.deflates)
    result.response += "Sec-WebSocket-Extensions: " + std::string{deflate_terms} + "\r\n";
  result.response += "\r\n";
  return result;
}

} // namespace

std::size_t end_of_web_head(std::string_view bytes) noexcept {
  auto at = bytes.find("\r\n\r\n");
  return at == bytes.npos ? at : at + 4;
}

std::string web_accept_of(std::string_view key) {
  auto text = std::string{key} + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<std::uint8_t, 20> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  return base64(digest.data(), digest.size());
}

std::string make_web_key() {
  std::array<std::uint8_t, 16> bytes{};
  RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  return base64(bytes.data(), bytes.size());
}

// -- server ----------------------------------------------------------------------------------------

web_answer refuse_web_request(unsigned status, std::string_view why) {
  return refuse(status, why);
}

web_answer answer_web_request(std::string_view head, const web_server_options& options,
                              const std::vector<std::string>& paths) {
  head_parser<true> parser;
  if (!parse(parser, head))
    return refuse(400, "not HTTP");
  const auto& request = parser.get();
  auto target = text_of(request.target());
  auto path = target.substr(0, target.find('?'));
  web_answer result;
  auto page = options.pages.find(path);
  if (request.method() != http::verb::get)
    result = refuse(405, "only GET is understood", "Allow: GET\r\n");
  else if (std::find(paths.begin(), paths.end(), path) != paths.end())
    result =
        request.version() == 11 ? upgrade(request, options) : refuse(505, "HTTP/1.1 is needed");
  else if (page != options.pages.end())
    result = show(page->second());
  else if (path == "/health")
    result = show({.body = "ok\n"});
  else
    result = refuse(404, "there is nothing at this path");
  // Each proxy adds to the line or adds a line: together they are the way that the request came.
  auto [line, end] = request.equal_range("X-Forwarded-For");
  for (; line != end; ++line)
    result.forwarded += (result.forwarded.empty() ? "" : ", ") + text_of(line->value());
  return result;
}

std::string forwarded_peer(std::string_view header, const address_list& trusted) {
  while (!header.empty()) {
    auto comma = header.rfind(',');
    auto last = comma == header.npos ? header : header.substr(comma + 1);
    header = comma == header.npos ? std::string_view{} : header.substr(0, comma);
    while (last.starts_with(' '))
      last.remove_prefix(1);
    while (last.ends_with(' '))
      last.remove_suffix(1);
    auto address = parse_host_address(last);
    if (!address)
      return {};
    if (!trusted.contains(*address))
      return std::string{last};
  }
  return {};
}

// -- client ----------------------------------------------------------------------------------------

web_request make_web_request(std::string_view host, std::string_view path, std::string_view key,
                             const web_client_options& options) {
  web_request result;
  result.text =
      "GET " + std::string{path} + " HTTP/1.1\r\nHost: " + std::string{host} +
      "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + std::string{key} +
      "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n";
  if (options.deflate)
    result.text += "Sec-WebSocket-Extensions: " + std::string{deflate_terms} + "\r\n";
  for (const auto& [name, value] : options.headers)
    result.text += name + ": " + value + "\r\n";
  result.text += "\r\n";
  result.accept = web_accept_of(key);
  return result;
}

web_verdict check_web_answer(std::string_view head, std::string_view accept, bool deflate) {
  head_parser<false> parser;
  if (!parse(parser, head))
    return {"the server speaks no HTTP"};
  const auto& answer = parser.get();
  if (answer.result_int() != 101)
    return {"the server answers " + std::to_string(answer.result_int()) + ' ' +
            text_of(answer.reason())};
  if (!has_token(answer, http::field::upgrade, "websocket") ||
      !has_token(answer, http::field::connection, "upgrade") ||
      text_of(answer[http::field::sec_websocket_accept]) != accept)
    return {"the server's answer to the handshake of WebSocket is not right"};
  if (answer[http::field::sec_websocket_protocol] != "mqtt")
    return {"the server does not choose the sub-protocol mqtt"};
  auto extensions = answer[http::field::sec_websocket_extensions];
  if (extensions.empty())
    return {};
  if (!deflate || !has_agreed_to_deflate(extensions))
    return {"the server wants an extension that it wasn't offered"};
  return {.why = {}, .deflates = true};
}

} // namespace actorbus::transports
