#include <actorbus/transports/shm_link.hpp>

#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include <actorbus/transports/system_failure.hpp>

namespace actorbus::transports {

namespace {

using outcome = io_result::outcome;
using failure = protocol::unexpected<std::string>;
using direction = shm_region::direction;

// What a bell says.
constexpr std::uint8_t look = 1;
constexpr std::uint8_t nothing_more = 2;

struct pipe_ends {
  owned_descriptor read;
  owned_descriptor write;
};

bool open_pipe(pipe_ends& into) noexcept {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    return false;
  into = {owned_descriptor{ends[0]}, owned_descriptor{ends[1]}};
  return true;
}

// A pipe's end that never makes us wait. The peer holds the other end, or is to hold it.
bool is_bell(const owned_descriptor& end, int access) noexcept {
  struct stat about {};
  if (!end || ::fstat(end.get(), &about) != 0 || !S_ISFIFO(about.st_mode))
    return false;
  auto flags = ::fcntl(end.get(), F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) == access &&
         ::fcntl(end.get(), F_SETFL, flags | O_NONBLOCK) == 0;
}

// The same pipe as a file of its own, so that the client can't make ours a waiting one.
owned_descriptor open_again(const owned_descriptor& read_end) {
  auto path = "/proc/self/fd/" + std::to_string(read_end.get());
  return owned_descriptor{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
}

} // namespace

protocol::expected<std::unique_ptr<shm_link>, std::string> shm_link::make(std::size_t ring_bytes,
                                                                          client_parts& other_end) {
  auto size = to_ring_bytes(ring_bytes);
  pipe_ends to_us;
  pipe_ends to_peer;
  if (!open_pipe(to_us) || !open_pipe(to_peer))
    return system_failure("cannot make a pipe");
  owned_descriptor our_ear{::fcntl(to_peer.read.get(), F_DUPFD_CLOEXEC, 0)};
  other_end.peer_ear = open_again(to_us.read);
  if (!our_ear || !other_end.peer_ear)
    return system_failure("cannot open a pipe twice");
  auto memory = shm_region::make(size, other_end.memory);
  if (!memory)
    return failure{memory.error()};
  other_end.bell = std::move(to_peer.read);
  other_end.peer_bell = std::move(to_us.write);
  other_end.ring_bytes = static_cast<std::uint32_t>(size);
  return std::unique_ptr<shm_link>{new shm_link{std::move(*memory), true, std::move(to_us.read),
                                                std::move(to_peer.write), std::move(our_ear)}};
}

protocol::expected<std::unique_ptr<shm_link>, std::string> shm_link::join(client_parts parts) {
  if (!is_bell(parts.bell, O_RDONLY) || !is_bell(parts.peer_bell, O_WRONLY) ||
      !is_bell(parts.peer_ear, O_RDONLY))
    return failure{"the peer's bells are no pipes"};
  auto memory = shm_region::map(parts.memory, parts.ring_bytes);
  if (!memory)
    return failure{memory.error()};
  return std::unique_ptr<shm_link>{new shm_link{std::move(*memory), false, std::move(parts.bell),
                                                std::move(parts.peer_bell),
                                                std::move(parts.peer_ear)}};
}

shm_link::shm_link(shm_region memory, bool is_server, owned_descriptor bell,
                   owned_descriptor peer_bell, owned_descriptor peer_ear) noexcept
    : memory_(std::move(memory)),
      in_(memory_.control(is_server ? direction::to_server : direction::to_client),
          memory_.bytes(is_server ? direction::to_server : direction::to_client),
          memory_.ring_bytes()),
      out_(memory_.control(is_server ? direction::to_client : direction::to_server),
           memory_.bytes(is_server ? direction::to_client : direction::to_server),
           memory_.ring_bytes()),
      owned_bell_(std::move(bell)),
      bell_(owned_bell_.get()),
      peer_bell_(std::move(peer_bell)),
      peer_ear_(std::move(peer_ear)) {}

io_result shm_link::read(std::span<const iovec> into) {
  auto count = in_.read(into);
  if (!count)
    return {.what = outcome::failed, .error = EPROTO};
  if (*count == 0)
    return {.what = ended_ ? outcome::end : outcome::would_block};
  if (in_.must_wake_writer())
    ring(look);
  return {.what = outcome::moved, .bytes = *count};
}

io_result shm_link::write(std::span<const iovec> from) {
  if (gone_)
    return {.what = outcome::failed, .error = EPIPE};
  auto count = out_.write(from);
  if (!count)
    return {.what = outcome::failed, .error = EPROTO};
  if (*count == 0)
    return {.what = outcome::would_block};
  if (out_.must_wake_reader())
    ring(look);
  return {.what = outcome::moved, .bytes = *count};
}

void shm_link::stay_awake() noexcept {
  in_.stay_awake();
  out_.stay_awake();
}

// A bell that is full rings already.
void shm_link::ring(std::uint8_t what) noexcept {
  if (peer_bell_ && ::write(peer_bell_.get(), &what, 1) < 0 && what == nothing_more)
    peer_bell_.close(); // a peer that hears nothing hears this
}

// What was written before the end lies in the ring: it is read first.
void shm_link::hear() noexcept {
  std::array<std::uint8_t, 64> rung{};
  auto count = ::read(bell_, rung.data(), rung.size());
  if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
    gone_ = ended_ = true;
  for (ssize_t i = 0; i < count; ++i)
    ended_ = ended_ || rung[static_cast<std::size_t>(i)] == nothing_more;
}

void shm_link::shut_down() noexcept {
  ring(nothing_more);
}

} // namespace actorbus::transports
