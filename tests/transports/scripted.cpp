#include "scripted.hpp"

#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <actorbus/transports/socket_address.hpp>

namespace actorbus::transports::testing {

namespace {

caf::actor_system_config& two_workers(caf::actor_system_config& config) {
  config.set("scheduler.max-threads", 2);
  config.set("work-stealing.moderate-poll-attempts", 0);
  return config;
}

} // namespace

system_under_test::system_under_test(std::size_t count)
    : system(two_workers(config_)), threads_(std::make_unique<io_threads>(system, count)) {}

system_under_test::~system_under_test() {
  system.await_all_actors_done();
  threads_->stop();
}

scripted_actor::any_message scripted_actor::next(std::chrono::milliseconds within) {
  any_message result;
  auto keep = [&](auto& message) { result = std::move(message); };
  self_->receive([&](frame& m) { keep(m); }, [&](open_session& m) { keep(m); }, [&](session_opened& m) { keep(m); },
                 [&](close_channel& m) { keep(m); }, [&](channel_closed& m) { keep(m); },
                 [&](outbound_drained& m) { keep(m); }, [&](caf::down_msg& m) { keep(m); },
                 caf::after(within) >> [] {});
  return result;
}

bytes scripted_actor::expect_bytes(std::size_t count) {
  bytes all;
  while (all.size() < count) {
    auto more = to_bytes(expect<frame>());
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

void scripted_actor::wait_for_end(const caf::actor& of) {
  self_->monitor(of);
  while (!std::holds_alternative<caf::down_msg>(next()))
    ;
}

peer_socket::peer_socket(int descriptor) : descriptor_(descriptor) {
  timeval limit{patience.count(), 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

peer_socket peer_socket::to(std::uint16_t port) {
  peer_socket result{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(result.descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  return result;
}

peer_socket peer_socket::to(const std::string& path) {
  peer_socket result{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  auto address = unix_address(path);
  REQUIRE(address);
  REQUIRE(::connect(result.descriptor_, address->data(), address->size) == 0);
  return result;
}

void peer_socket::write(std::span<const std::uint8_t> what) {
  while (!what.empty()) {
    auto count = ::send(descriptor_, what.data(), what.size(), MSG_NOSIGNAL);
    REQUIRE(count > 0);
    what = what.subspan(static_cast<std::size_t>(count));
  }
}

bytes peer_socket::read(std::size_t count) {
  bytes result(count);
  auto got = ::recv(descriptor_, result.data(), count, MSG_WAITALL);
  REQUIRE(got >= 0);
  result.resize(static_cast<std::size_t>(got));
  return result;
}

bytes peer_socket::read_all() {
  bytes result;
  std::uint8_t block[4096];
  for (;;) {
    auto got = ::recv(descriptor_, block, sizeof block, 0);
    REQUIRE(got >= 0);
    if (got == 0)
      return result;
    result.insert(result.end(), block, block + got);
  }
}

void peer_socket::end() {
  ::shutdown(descriptor_, SHUT_WR);
}

void peer_socket::close() {
  if (descriptor_ >= 0)
    ::close(std::exchange(descriptor_, -1));
}

void peer_socket::reset() {
  linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

listening_peer::listening_peer() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::listen(descriptor_, 16) == 0);
  REQUIRE(::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
}

peer_socket listening_peer::accept() {
  auto accepted = ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
  REQUIRE(accepted >= 0);
  return peer_socket{accepted};
}

void listening_peer::close() {
  if (descriptor_ >= 0)
    ::close(std::exchange(descriptor_, -1));
}

std::pair<int, int> socket_pair() {
  int both[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both) == 0);
  int on = 1;
  REQUIRE(::ioctl(both[0], FIONBIO, &on) == 0);
  return {both[0], both[1]};
}

gate_ptr make_gate(const limits& bounds) {
  auto result = std::make_shared<gate>();
  result->limits = bounds;
  result->transport = "test";
  return result;
}

bytes connect_packet() {
  return {0x10, 0x0D, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 1, 'x'};
}

bytes publish_packet(std::size_t payload_size, std::uint8_t seed) {
  bytes result{0x30};
  auto rest = payload_size + 3;
  do {
    result.push_back(static_cast<std::uint8_t>(rest % 128 + (rest >= 128 ? 128 : 0)));
    rest /= 128;
  } while (rest > 0);
  result.insert(result.end(), {0, 1, 't'});
  for (std::size_t i = 0; i < payload_size; ++i)
    result.push_back(static_cast<std::uint8_t>(i + seed));
  return result;
}

frame make_frame(std::span<const std::uint8_t> content, credit_account_ptr payer) {
  auto block = buffer::make(content.size(), std::move(payer));
  std::memcpy(block->data(), content.data(), content.size());
  return {std::move(block), 0, static_cast<std::uint32_t>(content.size())};
}

bytes to_bytes(const frame& from) {
  auto view = from.view();
  return {view.begin(), view.end()};
}

std::uint16_t port_of(std::string_view url) {
  return static_cast<std::uint16_t>(std::stoi(std::string{url.substr(url.rfind(':') + 1)}));
}

} // namespace actorbus::transports::testing
