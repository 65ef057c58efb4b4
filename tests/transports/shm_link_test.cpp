#include "scripted.hpp"

#include <actorbus/transports/shm_rendezvous.hpp>

#include <array>
#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

using namespace actorbus::transports;
using namespace actorbus::transports::testing;

namespace {

using outcome = io_result::outcome;
using link_ptr = std::unique_ptr<shm_link>;

constexpr std::size_t ring_bytes = 4096;

/// Both ends of a link in one process, met over a socket.
struct both_ends {
  both_ends() {
    auto [ours, theirs] = socket_pair();
    const owned_descriptor first{ours}, second{theirs};
    server = std::move(*welcome_shm_client(first.get(), ring_bytes));
    client = std::move(*take_shm_welcome(second.get()));
  }
  link_ptr server, client;
};

io_result write(shm_link& into, bytes what) {
  const iovec piece{what.data(), what.size()};
  return into.write({&piece, 1});
}

/// @returns what a read gave, and what became of it
std::pair<bytes, outcome> read(shm_link& from) {
  bytes result(2 * ring_bytes);
  const iovec piece{result.data(), result.size()};
  auto done = from.read({&piece, 1});
  result.resize(done.bytes);
  return {result, done.what};
}

bool rings(const shm_link& at) {
  pollfd bell{at.bell(), POLLIN, 0};
  return ::poll(&bell, 1, 0) == 1;
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

owned_descriptor memory(std::size_t size, int seals) {
  owned_descriptor result{::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
  REQUIRE(::ftruncate(result.get(), static_cast<off_t>(size)) == 0);
  REQUIRE(::fcntl(result.get(), F_ADD_SEALS, seals) == 0);
  return result;
}

shm_link::client_parts good_parts() {
  shm_link::client_parts result;
  REQUIRE(shm_link::make(ring_bytes, result));
  return result;
}

/// Sends these words with these descriptors, as a server would.
void send_welcome(int socket, const bytes& words, const std::vector<int>& descriptors) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(8 * sizeof(int))> control{};
  iovec piece{const_cast<std::uint8_t*>(words.data()), words.size()};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
    auto* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
    std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size() * sizeof(int));
  }
  REQUIRE(::sendmsg(socket, &message, 0) == static_cast<ssize_t>(words.size()));
}

/// "actorbus", the version, the size of a ring.
bytes welcome_words(std::uint32_t version, std::uint32_t size) {
  bytes result{'a', 'c', 't', 'o', 'r', 'b', 'u', 's'};
  result.resize(16);
  std::memcpy(result.data() + 8, &version, 4);
  std::memcpy(result.data() + 12, &size, 4);
  return result;
}

} // namespace

TEST_CASE("two ends of a link carry bytes both ways") {
  both_ends at;
  CHECK(read(*at.client) == std::pair{bytes{}, outcome::would_block});
  CHECK(write(*at.server, {1, 2, 3}).bytes == 3);
  CHECK(write(*at.client, {4, 5}).bytes == 2);
  CHECK(read(*at.client) == std::pair{bytes{1, 2, 3}, outcome::moved});
  CHECK(read(*at.server) == std::pair{bytes{4, 5}, outcome::moved});
}

TEST_CASE("a bell rings for who sleeps, and for nobody else") {
  both_ends at;
  write(*at.server, {1});
  CHECK_FALSE(rings(*at.client));
  CHECK_FALSE(at.client->sleep_until_readable());
  read(*at.client);
  CHECK(at.client->sleep_until_readable());
  write(*at.server, {2});
  CHECK(rings(*at.client));
  at.client->hear();
  CHECK_FALSE(rings(*at.client));
  CHECK(read(*at.client).first == bytes{2});
}

TEST_CASE("who waits for room is rung when half of it is free") {
  both_ends at;
  CHECK(write(*at.server, bytes(5000)).bytes == ring_bytes);
  CHECK(write(*at.server, {1}).what == outcome::would_block);
  CHECK(at.server->sleep_until_writable());
  CHECK(read(*at.client).first.size() == ring_bytes);
  CHECK(rings(*at.server));
  CHECK(at.server->is_writable());
}

TEST_CASE("what was written before the end is read before the end") {
  both_ends at;
  write(*at.server, {1, 2});
  SECTION("of a link that goes away") {
    at.server.reset();
    CHECK(rings(*at.client)); // though it did not sleep
    at.client->hear();
    CHECK(at.client->peer_gone());
    CHECK(write(*at.client, {9}).what == outcome::failed);
  }
  SECTION("of one direction") {
    at.server->shut_down();
    at.client->hear();
    CHECK_FALSE(at.client->peer_gone());
    CHECK(write(*at.client, {9}).what == outcome::moved);
    CHECK(read(*at.server).first == bytes{9});
  }
  CHECK(read(*at.client) == std::pair{bytes{1, 2}, outcome::moved});
  CHECK(read(*at.client) == std::pair{bytes{}, outcome::end});
}

TEST_CASE("ringing for the dead raises no signal") {
  both_ends at;
  CHECK(at.client->sleep_until_readable());
  at.client.reset();
  CHECK(write(*at.server, {1}).what == outcome::moved); // it has not heard yet
  at.server->shut_down();
  at.server->hear();
  CHECK(at.server->peer_gone());
}

TEST_CASE("a link costs three descriptors and no memory that it doesn't use") {
  auto before = open_descriptors();
  shm_link::client_parts parts;
  auto made = shm_link::make(1024 * 1024, parts);
  REQUIRE(made);
  struct stat about {};
  REQUIRE(::fstat(parts.memory.get(), &about) == 0);
  CHECK(about.st_size == 4096 + 2 * 1024 * 1024);
  CHECK(about.st_blocks * 512 == 4096);
  write(**made, {1, 2, 3});
  REQUIRE(::fstat(parts.memory.get(), &about) == 0);
  CHECK(about.st_blocks * 512 == 2 * 4096);
  parts = {};
  CHECK(open_descriptors() == before + 3);
  made->reset();
  CHECK(open_descriptors() == before);
}

TEST_CASE("a client takes nothing that could fail under it") {
  auto before = open_descriptors();
  {
    auto parts = good_parts();
    constexpr int all_seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    std::string why;
    SECTION("memory that may shrink") {
      parts.memory = memory(4096 + 2 * ring_bytes, F_SEAL_GROW);
      why = "the peer's memory is not sealed";
    }
    SECTION("memory whose seals may change") {
      parts.memory = memory(4096 + 2 * ring_bytes, F_SEAL_GROW | F_SEAL_SHRINK);
      why = "the peer's memory is not sealed";
    }
    SECTION("memory that is too small") {
      parts.memory = memory(4096 + ring_bytes, all_seals);
      why = "the peer's memory has another size than it says";
    }
    SECTION("a file of another kind") {
      parts.memory = owned_descriptor{::open("/dev/zero", O_RDWR | O_CLOEXEC)};
      why = "the peer's memory is not sealed";
    }
    SECTION("rings of a size that is no power of two") {
      parts.ring_bytes = 5000;
      why = "the peer's rings have an impossible size";
    }
    SECTION("rings without end") {
      parts.ring_bytes = 0x8000'0000;
      why = "the peer's rings have an impossible size";
    }
    SECTION("rings of nothing") {
      parts.ring_bytes = 0;
      why = "the peer's rings have an impossible size";
    }
    SECTION("a bell that is a file") {
      parts.bell = owned_descriptor{::open("/dev/zero", O_RDWR | O_CLOEXEC)};
      why = "the peer's bells are no pipes";
    }
    SECTION("bells the wrong way round") {
      std::swap(parts.bell, parts.peer_bell);
      why = "the peer's bells are no pipes";
    }
    SECTION("no bell") {
      parts.peer_bell.close();
      why = "the peer's bells are no pipes";
    }
    auto joined = shm_link::join(std::move(parts));
    REQUIRE_FALSE(joined);
    CHECK(joined.error() == why);
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("a welcome that is none is refused, and its descriptors are closed") {
  auto before = open_descriptors();
  {
    auto [ours, theirs] = socket_pair();
    owned_descriptor server{ours};
    const owned_descriptor client{theirs};
    auto parts = good_parts();
    const std::vector<int> four{parts.memory.get(), parts.bell.get(), parts.peer_bell.get(), parts.peer_ear.get()};
    std::string why;
    SECTION("an end") {
      server.close();
      why = "the server turned this client away";
    }
    SECTION("words of another program") {
      send_welcome(server.get(), bytes(16, '?'), four);
      why = "who listens there is no actorbus";
    }
    SECTION("half of the words") {
      send_welcome(server.get(), {'a', 'c', 't', 'o', 'r'}, four);
      why = "who listens there is no actorbus";
    }
    SECTION("another version") {
      send_welcome(server.get(), welcome_words(2, ring_bytes), four);
      why = "the server speaks version 2 of the shared memory's welcome, this program 1";
    }
    SECTION("no descriptors") {
      send_welcome(server.get(), welcome_words(1, ring_bytes), {});
      why = "the server's descriptors did not arrive";
    }
    SECTION("too few descriptors") {
      send_welcome(server.get(), welcome_words(1, ring_bytes), {four[0], four[1], four[2]});
      why = "the server's descriptors did not arrive";
    }
    SECTION("too many descriptors") {
      send_welcome(server.get(), welcome_words(1, ring_bytes), {four[0], four[1], four[2], four[3], four[0]});
      why = "the server's descriptors did not arrive";
    }
    auto joined = take_shm_welcome(client.get());
    REQUIRE_FALSE(joined);
    CHECK(joined.error() == why);
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("a peer that makes its bells waiting ones stops nobody") {
  auto [ours, theirs] = socket_pair();
  const owned_descriptor first{ours}, second{theirs};
  auto server = std::move(*welcome_shm_client(first.get(), ring_bytes));
  auto client = std::move(*take_shm_welcome(second.get()));
  // All that the client has been given, as far as it is a pipe.
  for (int each = 0; each < 1024; ++each) {
    struct stat about {};
    if (each != server->bell() && ::fstat(each, &about) == 0 && S_ISFIFO(about.st_mode) && each > 2)
      if (auto flags = ::fcntl(each, F_GETFL); (flags & O_ACCMODE) == O_RDONLY)
        ::fcntl(each, F_SETFL, flags & ~O_NONBLOCK);
  }
  server->hear(); // nothing has rung
  CHECK_FALSE(server->peer_gone());
}
