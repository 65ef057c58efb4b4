#include "network.hpp"

#include "support/temporary_folder.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <actorbus/transports/inherited_sockets.hpp>

using namespace actorbus;
using namespace actorbus::transports;
using namespace actorbus::transports::testing;

namespace {

/// A socket as the service manager hands it over: blocking, listening.
int opened_before(const socket_address& address) {
  auto descriptor = ::socket(address.family(), SOCK_STREAM, 0);
  REQUIRE(::bind(descriptor, address.data(), address.size) == 0);
  REQUIRE(::listen(descriptor, 16) == 0);
  return descriptor;
}

socket_address any_port_of(const std::string& host) {
  auto found = resolve(host, 0, true);
  REQUIRE(found);
  return found->front();
}

} // namespace

TEST_CASE("a listener takes the socket that was opened for its address") {
  network at;
  auto descriptor = opened_before(any_port_of("127.0.0.1"));
  inherited_sockets inherited{{descriptor}};
  at.context.inherited = &inherited;
  auto port = local_address(descriptor).port();
  CHECK(at.listen("mqtt://127.0.0.1:" + std::to_string(port)) == port);
  CHECK(inherited.left().empty());
  auto peer = peer_socket::to(port);
  peer.write(connect_packet());
  post(at.broker.expect<open_session>().channel.channel, close_channel{}, nullptr);
  CHECK(peer.read_all().empty());
}

TEST_CASE("a listener at all addresses of IPv4 takes a socket of both families") {
  auto descriptor = opened_before(any_port_of("::"));
  inherited_sockets inherited{{descriptor}};
  auto wanted = any_port_of("0.0.0.0");
  reinterpret_cast<sockaddr_in&>(wanted.storage).sin_port = htons(local_address(descriptor).port());
  CHECK(inherited.take(wanted) == descriptor);
  CHECK_FALSE(inherited.take(wanted));
  ::close(descriptor);
}

TEST_CASE("a Unix socket that was opened before stays when the listener goes") {
  network at;
  test::temporary_folder folder;
  auto path = folder.path() + "/bus";
  inherited_sockets inherited{{opened_before(*unix_address(path))}};
  at.context.inherited = &inherited;
  at.listen("unix://" + path);
  auto peer = peer_socket::to(path);
  peer.write(connect_packet());
  post(at.broker.expect<open_session>().channel.channel, close_channel{}, nullptr);
  CHECK(peer.read_all().empty());
  at.stop_listening();
  at.broker.wait_for_end(at.listener);
  CHECK(::access(path.c_str(), F_OK) == 0);
}

TEST_CASE("sockets that no listener took are named") {
  auto descriptor = opened_before(any_port_of("127.0.0.1"));
  auto address = to_string(local_address(descriptor));
  inherited_sockets inherited{{descriptor}};
  CHECK(inherited.left() == std::vector<std::string>{address});
}
