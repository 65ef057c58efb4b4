// Heads of requests and answers: a request is answered with HTTP whatever it is, only one that proves what the standard
// demands is upgraded, and our own request passes our own server.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <actorbus/transports/address_list.hpp>
#include <actorbus/transports/web_handshake.hpp>

namespace {

using namespace actorbus::transports;

void check_request(std::string_view head) {
  web_server_options options;
  options.origins = {"https://page.example"};
  options.deflate = head.size() % 2 == 0;
  auto answer = answer_web_request(head, options, {"/mqtt"});
  if (!answer.response.starts_with("HTTP/1.1 ") || end_of_web_head(answer.response) == std::string_view::npos)
    std::abort();
  if (answer.upgraded && (!answer.response.starts_with("HTTP/1.1 101 ") || !answer.refusal.empty()))
    std::abort();
  if (answer.upgraded && !head.starts_with("GET /mqtt"))
    std::abort();
  // Nothing that came is printed as a header of ours.
  if (answer.response.find("injected:") < end_of_web_head(answer.response))
    std::abort();
  auto trusted = address_list::parse({"10.0.0.0/8", "127.0.0.1"});
  forwarded_peer(answer.forwarded, *trusted);
  forwarded_peer(head, *trusted);
}

void check_answer(std::string_view head) {
  constexpr std::string_view accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="; // RFC 6455, 1.3
  for (auto deflate : {false, true})
    if (check_web_answer(head, accept, deflate).why.empty() && head.find(accept) == std::string_view::npos)
      std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input{reinterpret_cast<const char*>(data), size};
  auto end = end_of_web_head(input);
  if (end != std::string_view::npos && end > size)
    std::abort();
  check_request(input);
  check_request(input.substr(0, end));
  check_answer(input);
  return 0;
}
