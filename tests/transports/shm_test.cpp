#include "scripted.hpp"

#include "support/bus_many.hpp"

#include <actorbus/transports/peer_credentials.hpp>
#include <actorbus/transports/shm_rendezvous.hpp>
#include <actorbus/transports/transport_table.hpp>

#include <array>
#include <random>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace actorbus;
using namespace actorbus::transports;
using namespace actorbus::transports::testing;

namespace {

/// A listener on a name of its own; the test is broker, session and client.
struct meeting {
  explicit meeting(const limits& bounds = {}) : machine(2) {
    context.limits = bounds;
    listen();
  }
  ~meeting() { stop(); }

  void listen() {
    auto result = table.listen(url, context);
    if (!result)
      FAIL(result.error());
    listener = result->listener;
    CHECK(result->local);
    CHECK(result->url == url);
  }

  void stop() {
    if (!listener)
      return;
    post(listener, close_channel{}, nullptr);
    broker.wait_for_end(listener);
    listener = {};
  }

  std::unique_ptr<shm_link> join() {
    auto link = open_shm_link(name, 20'000);
    if (!link)
      FAIL(link.error());
    return std::move(*link);
  }

  /// A link on which the session `session` has been opened.
  std::unique_ptr<shm_link> open_link() {
    auto link = join();
    write(*link, connect_packet());
    auto request = broker.expect<open_session>();
    info = request.channel;
    post(request.channel.channel, session_opened{session.handle(), protocol::protocol_version::v3_1_1, 7}, nullptr);
    return link;
  }

  static void write(shm_link& to, bytes what) {
    const iovec piece{what.data(), what.size()};
    REQUIRE(to.write({&piece, 1}).bytes == what.size());
  }

  /// Exactly so many bytes.
  static bytes read(shm_link& from, std::size_t count) {
    bytes result(count);
    for (std::size_t got = 0; got < count;) {
      const iovec piece{result.data() + got, count - got};
      auto done = from.read({&piece, 1});
      got += done.bytes;
      if (done.what != io_result::outcome::moved && from.sleep_until_readable())
        wait(from);
    }
    return result;
  }

  static void wait(shm_link& at) {
    pollfd bell{at.bell(), POLLIN, 0};
    REQUIRE(::poll(&bell, 1, static_cast<int>(std::chrono::milliseconds{patience}.count())) == 1);
    at.hear();
  }

  std::string name = conformance::unused_shm_name();
  std::string url = "shm://" + name;
  system_under_test machine;
  scripted_actor broker{machine.system};
  scripted_actor session{machine.system};
  scripted_actor client{machine.system};
  transport_table table;
  transport_context context{.system = machine.system, .threads = machine.threads, .broker = broker.handle()};
  caf::actor listener;
  channel_info info;
};

/// A client that takes its memory as it comes and writes there what it likes.
class hostile_peer {
public:
  // Where the positions lie, by docs/shared_memory.md.
  static constexpr std::size_t written_to_server = 0;
  static constexpr std::size_t taken_to_client = 512 + 128;

  explicit hostile_peer(const std::string& name) {
    auto address = shm_address(name);
    const owned_descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    REQUIRE(::connect(socket.get(), address.data(), address.size) == 0);
    bytes words(16);
    alignas(cmsghdr) std::array<char, CMSG_SPACE(4 * sizeof(int))> control{};
    iovec piece{words.data(), words.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    REQUIRE(::recvmsg(socket.get(), &message, MSG_CMSG_CLOEXEC) == 16);
    std::array<int, 4> given{};
    std::memcpy(given.data(), CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof given);
    for (std::size_t i = 0; i < 4; ++i)
      descriptors_[i] = owned_descriptor{given[i]};
    struct stat about {};
    REQUIRE(::fstat(given[0], &about) == 0);
    size_ = static_cast<std::size_t>(about.st_size);
    memory_ = static_cast<std::uint8_t*>(::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, given[0], 0));
    REQUIRE(memory_ != MAP_FAILED);
  }
  ~hostile_peer() { ::munmap(memory_, size_); }

  std::uint64_t& position(std::size_t at) { return *reinterpret_cast<std::uint64_t*>(memory_ + at); }

  void write_connect() {
    auto packet = connect_packet();
    std::memcpy(memory_ + 4096, packet.data(), packet.size());
    position(written_to_server) = packet.size();
    ring();
  }

  void ring() {
    const std::uint8_t look = 1;
    static_cast<void>(::write(descriptors_[2].get(), &look, 1)); // full: it rings
  }

  void end() { descriptors_[2].close(); }

  void scribble(std::minstd_rand& random) {
    for (std::size_t at = 0; at < 1024; at += 64)
      position(at) = random() % 4 ? random() % 300'000 : (std::uint64_t{random()} << 40) + random();
    for (int i = 0; i < 1000; ++i)
      memory_[4096 + random() % (size_ - 4096)] = static_cast<std::uint8_t>(random());
  }

private:
  std::array<owned_descriptor, 4> descriptors_;
  std::uint8_t* memory_ = nullptr;
  std::size_t size_ = 0;
};

open_session opening(scripted_actor& client) {
  open_session request;
  request.channel.channel = client.handle();
  request.connect = make_frame(connect_packet());
  return request;
}

} // namespace

TEST_CASE("shared memory carries frames both ways") {
  meeting at;
  auto link = at.open_link();
  CHECK(at.info.transport == "shm");
  at.write(*link, publish_packet(3));
  auto incoming = at.session.expect<frame>();
  CHECK(to_bytes(incoming) == publish_packet(3));
  CHECK(incoming.link == 7);
  post(at.info.channel, make_frame(publish_packet(5)), nullptr);
  CHECK(at.read(*link, publish_packet(5).size()) == publish_packet(5));
  link.reset();
  CHECK(at.session.expect<channel_closed>().link == 7);
}

TEST_CASE("the kernel vouches for a peer in shared memory") {
  meeting at;
  auto link = at.open_link();
  REQUIRE(at.info.identity);
  CHECK(at.info.identity->source == "uid");
  CHECK(at.info.identity->name == user_name(::getuid()));
  CHECK(at.info.peer.find(std::to_string(::getpid())) != std::string::npos);
}

TEST_CASE("frames larger than the ring pass through it") {
  limits bounds;
  bounds.shared_memory_ring_bytes = 4096;
  meeting at{bounds};
  auto link = at.open_link();
  auto large = publish_packet(300'000);
  std::thread reader{[&] {
    auto got = at.session.expect_bytes(large.size());
    CHECK((got == large));
  }};
  for (std::size_t sent = 0; sent < large.size();) {
    const iovec piece{large.data() + sent, large.size() - sent};
    sent += link->write({&piece, 1}).bytes;
    if (sent < large.size() && link->sleep_until_writable())
      meeting::wait(*link);
  }
  reader.join();
  post(at.info.channel, make_frame(large), nullptr);
  CHECK((at.read(*link, large.size()) == large));
}

TEST_CASE("a client reaches a listener through shared memory, and comes back when it likes") {
  meeting at;
  auto gateway = at.table.connect(at.url, at.context);
  REQUIRE(gateway);
  for (int time = 0; time < 3; ++time) {
    post(*gateway, opening(at.client), nullptr);
    auto opened = at.client.expect<session_opened>();
    auto request = at.broker.expect<open_session>();
    CHECK(to_bytes(request.connect) == connect_packet());
    post(request.channel.channel, session_opened{at.session.handle(), protocol::protocol_version::v3_1_1, 1}, nullptr);
    post(opened.session, make_frame(publish_packet(4)), nullptr);
    CHECK(to_bytes(at.session.expect<frame>()) == publish_packet(4));
    post(request.channel.channel, make_frame(publish_packet(6)), nullptr);
    CHECK(to_bytes(at.client.expect<frame>()) == publish_packet(6));
    post(opened.session, channel_closed{}, nullptr);
    at.session.expect<channel_closed>();
    at.client.wait_for_end(opened.session);
  }
  post(*gateway, close_channel{}, nullptr);
}

TEST_CASE("a name that nobody has taken is told to the client in words") {
  system_under_test machine;
  scripted_actor client{machine.system};
  auto gateway =
      transport_table{}.connect("shm://nobody-has-this", {.system = machine.system, .threads = machine.threads});
  REQUIRE(gateway);
  post(*gateway, opening(client), nullptr);
  CHECK(client.expect<close_channel>().text ==
        "cannot connect to shm://nobody-has-this: no program of this machine has taken the name");
  post(*gateway, close_channel{}, nullptr);
}

TEST_CASE("a name can be taken once, and again when it is free") {
  meeting at;
  auto second = at.table.listen(at.url, at.context);
  REQUIRE_FALSE(second);
  CHECK(second.error() == "cannot listen on " + at.url + ": the name is in use by another program; choose another one");
  at.stop();
  at.listen();
}

TEST_CASE("a name that is too long is refused") {
  meeting at;
  auto url = "shm://" + std::string(81, 'x');
  auto why = url + ": the name is too long: 80 bytes are the most";
  CHECK(at.table.listen(url, at.context).error() == why);
  CHECK(at.table.connect(url, at.context).error() == why);
  auto longest = at.table.listen("shm://" + std::string(80, 'x'), at.context);
  REQUIRE(longest);
  post(longest->listener, close_channel{}, nullptr);
}

TEST_CASE("no more links than allowed, and the place of one that ends is free again") {
  limits bounds;
  bounds.shared_memory_links_max = 2;
  meeting at{bounds};
  auto first = at.open_link();
  auto bridge = at.info.channel;
  auto second = at.open_link();
  auto third = open_shm_link(at.name, 20'000);
  REQUIRE_FALSE(third);
  CHECK(third.error() == "the server turned this client away");
  first.reset();
  at.session.expect<channel_closed>();
  at.broker.wait_for_end(bridge);
  auto fourth = at.open_link();
  CHECK(at.context.counters->refused == 1);
}

TEST_CASE("who writes positions that can't be ends alone") {
  meeting at;
  auto victim = at.open_link();
  auto bridge = at.info.channel;
  hostile_peer other{at.name};
  other.write_connect();
  auto request = at.broker.expect<open_session>();
  post(request.channel.channel, session_opened{at.session.handle(), protocol::protocol_version::v3_1_1, 8}, nullptr);
  const auto lie = GENERATE(as<std::uint64_t>{}, 0, 14, ~0ULL, 1ULL << 40);
  SECTION("about what it wrote") {
    other.position(hostile_peer::written_to_server) = lie;
    other.ring();
  }
  SECTION("about what it read") {
    other.position(hostile_peer::taken_to_client) = lie == 0 ? 1 : lie;
    post(request.channel.channel, make_frame(publish_packet(1)), nullptr);
    other.end(); // its bridge goes on reading
  }
  CHECK(at.session.expect<channel_closed>().link == 8);
  post(bridge, make_frame(publish_packet(1)), nullptr);
  CHECK(at.read(*victim, publish_packet(1).size()) == publish_packet(1));
}

TEST_CASE("whatever is written into shared memory, the others go on") {
  meeting at;
  auto victim = at.open_link();
  auto bridge = at.info.channel;
  std::minstd_rand random{GENERATE(1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u)};
  for (int time = 0; time < 20; ++time) {
    hostile_peer other{at.name};
    if (random() % 2) {
      other.write_connect();
      auto request = at.broker.expect<open_session>();
      post(request.channel.channel, session_opened{at.client.handle(), protocol::protocol_version::v3_1_1, 8}, nullptr);
      post(request.channel.channel, make_frame(publish_packet(random() % 5000)), nullptr);
    }
    for (int round = 0; round < 20; ++round) {
      other.scribble(random);
      other.ring();
    }
  }
  post(bridge, make_frame(publish_packet(1)), nullptr);
  CHECK(at.read(*victim, publish_packet(1).size()) == publish_packet(1));
  meeting::write(*victim, publish_packet(2));
  CHECK(to_bytes(at.session.expect<frame>()) == publish_packet(2));
}

TEST_CASE("a thousand links that come and go leave nothing behind") {
  meeting at;
  auto count = [] {
    std::size_t total = 0;
    for (int each = 0; each < 4096; ++each)
      total += ::fcntl(each, F_GETFD) >= 0;
    return total;
  };
  std::size_t before = 0;
  for (int i = 0; i < 1000; ++i) {
    auto link = at.open_link();
    if (i % 3 == 0)
      at.write(*link, publish_packet(3));
    auto bridge = at.info.channel;
    link.reset();
    if (i % 3 == 0)
      at.session.expect<frame>();
    at.session.expect<channel_closed>();
    at.session.wait_for_end(bridge);
    if (i == 10)
      before = count();
  }
  CHECK(count() <= before + 1);
  CHECK(at.context.counters->open == 0);
}
