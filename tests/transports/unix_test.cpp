#include "network.hpp"

#include "support/temporary_folder.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <actorbus/transports/peer_credentials.hpp>
#include <actorbus/transports/socket_address.hpp>

using namespace actorbus;
using namespace actorbus::transports;
using namespace actorbus::transports::testing;

namespace {

struct local_network : network {
  std::string path(const std::string& name = "bus") const { return folder.path() + '/' + name; }
  std::string url(const std::string& name = "bus") const { return "unix://" + path(name); }

  std::string failure_of(const std::string& where) {
    auto result = table.listen(where, context);
    REQUIRE_FALSE(result);
    return result.error();
  }

  bool exists(const std::string& name = "bus") const {
    struct stat found {};
    return ::lstat(path(name).c_str(), &found) == 0;
  }

  /// Ends the listener and waits until it is gone.
  void end() {
    stop_listening();
    broker.wait_for_end(listener);
  }

  test::temporary_folder folder;
};

std::string own_name() {
  const auto* entry = ::getpwuid(::geteuid());
  return entry ? entry->pw_name : std::to_string(::geteuid());
}

} // namespace

TEST_CASE("who comes through a Unix socket is known by the kernel's word") {
  local_network at;
  at.listen(at.url());
  CHECK(at.bound.url == at.url());
  CHECK(at.bound.local);
  auto peer = peer_socket::to(at.path());
  peer.write(connect_packet());
  auto request = at.broker.expect<open_session>();
  CHECK(request.channel.transport == "unix");
  CHECK(request.channel.peer == own_name() + " (process " + std::to_string(::getpid()) + ')');
  REQUIRE(request.channel.identity);
  CHECK(request.channel.identity->name == own_name());
  CHECK(request.channel.identity->source == "uid");
  post(request.channel.channel, close_channel{}, nullptr);
  CHECK(peer.read_all().empty());
  at.stop_listening();
}

TEST_CASE("nobody vouches for who comes over TCP") {
  network at;
  auto peer = peer_socket::to(at.listen());
  peer.write(connect_packet());
  auto request = at.broker.expect<open_session>();
  CHECK_FALSE(request.channel.identity);
  post(request.channel.channel, close_channel{}, nullptr);
  CHECK(peer.read_all().empty());
  at.stop_listening();
}

TEST_CASE("a client reaches a broker through a Unix socket and comes back") {
  local_network at;
  at.listen(at.url());
  auto connector = at.table.connect(at.url(), at.context);
  REQUIRE(connector);
  for (int round = 0; round < 2; ++round) {
    post(*connector, opening(at.client, connect_packet()), nullptr);
    auto request = at.broker.expect<open_session>();
    CHECK(to_bytes(request.connect) == connect_packet());
    auto opened = at.client.expect<session_opened>();
    post(request.channel.channel, close_channel{}, nullptr);
    CHECK(at.client.expect<close_channel>().text == "closed by the server");
  }
  at.stop_listening();
}

TEST_CASE("a socket's file goes with its listener") {
  local_network at;
  at.listen(at.url());
  CHECK(at.exists());
  at.end();
  CHECK_FALSE(at.exists());
}

TEST_CASE("a socket's file that belongs to another program by now stays") {
  local_network at;
  at.listen(at.url());
  REQUIRE(::unlink(at.path().c_str()) == 0);
  std::ofstream{at.path()} << "not ours";
  at.end();
  CHECK(at.exists());
}

TEST_CASE("a socket that a dead program left is replaced") {
  local_network at;
  {
    auto left = ::socket(AF_UNIX, SOCK_STREAM, 0);
    auto address = unix_address(at.path());
    REQUIRE(::bind(left, address->data(), address->size) == 0);
    REQUIRE(::listen(left, 1) == 0);
    ::close(left);
  }
  REQUIRE(at.exists());
  at.listen(at.url());
  auto peer = peer_socket::to(at.path());
  peer.write(connect_packet());
  post(at.broker.expect<open_session>().channel.channel, close_channel{}, nullptr);
  CHECK(peer.read_all().empty());
  at.stop_listening();
}

TEST_CASE("a socket that somebody listens on is not replaced") {
  local_network at;
  at.listen(at.url());
  CHECK(at.failure_of(at.url()) == "cannot listen on " + at.url() + ": the socket is in use by another program");
  auto peer = peer_socket::to(at.path());
  peer.write(connect_packet());
  post(at.broker.expect<open_session>().channel.channel, close_channel{}, nullptr);
  at.stop_listening();
}

TEST_CASE("a file that is no socket is not replaced") {
  local_network at;
  std::ofstream{at.path()} << "precious";
  CHECK(at.failure_of(at.url()) ==
        "cannot listen on " + at.url() + ": there is a file of that name, and it is no socket");
  std::string content;
  std::ifstream{at.path()} >> content;
  CHECK(content == "precious");
}

TEST_CASE("what is wrong with a Unix socket's path is told") {
  local_network at;
  CHECK(at.failure_of(at.url("absent/bus")) ==
        "cannot listen on " + at.url("absent/bus") + ": its folder can't be opened: No such file or directory");
  auto too_long = "unix:///" + std::string(107, 'x');
  CHECK(at.failure_of(too_long) == "cannot listen on " + too_long + ": the path is too long: 107 bytes are the most");
  CHECK(at.table.connect(too_long, at.context).error() == too_long + ": the path is too long: 107 bytes are the most");
}

TEST_CASE("mode, owner and group of a socket's file are set before anybody can connect") {
  local_network at;
  at.context.listener.socket_file.mode = 0620;
  at.context.listener.socket_file.owner = own_name();
  if (const auto* group = ::getgrgid(::getegid()))
    at.context.listener.socket_file.group = group->gr_name;
  at.listen(at.url());
  struct stat found {};
  REQUIRE(::lstat(at.path().c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0620);
  CHECK(found.st_uid == ::geteuid());
  CHECK(found.st_gid == ::getegid());
  at.stop_listening();
}

TEST_CASE("a user or group that there is not leaves no socket behind") {
  local_network at;
  SECTION("user") {
    at.context.listener.socket_file.owner = "nobody-of-this-name";
    CHECK(at.failure_of(at.url()) ==
          "cannot listen on " + at.url() + ": there is no user \"nobody-of-this-name\" on this machine");
  }
  SECTION("group") {
    at.context.listener.socket_file.group = "no-such-group";
    CHECK(at.failure_of(at.url()) ==
          "cannot listen on " + at.url() + ": there is no group \"no-such-group\" on this machine");
  }
  CHECK_FALSE(at.exists());
}

TEST_CASE("a name that begins with @ needs no file") {
  local_network at;
  auto name = "@actorbus-test-" + std::to_string(::getpid());
  at.listen("unix://" + name);
  CHECK(at.bound.url == "unix://" + name);
  auto connector = at.table.connect("unix://" + name, at.context);
  REQUIRE(connector);
  post(*connector, opening(at.client, connect_packet()), nullptr);
  auto request = at.broker.expect<open_session>();
  at.client.expect<session_opened>();
  CHECK(at.failure_of("unix://" + name) ==
        "cannot listen on unix://" + name + ": the socket is in use by another program");
  post(request.channel.channel, close_channel{}, nullptr);
  at.client.expect<close_channel>();
  at.stop_listening();
}

TEST_CASE("a Unix socket that nobody listens on is told with the reason") {
  local_network at;
  auto connector = at.table.connect(at.url(), at.context);
  REQUIRE(connector);
  post(*connector, opening(at.client, connect_packet()), nullptr);
  CHECK(at.client.expect<close_channel>().text == "cannot connect to " + at.url() + ": No such file or directory");
}

TEST_CASE("a user without a name is known by the number") {
  CHECK(user_name(3'999'999'999) == "3999999999");
  CHECK(user_name(0) == "root");
}
