#include <actorbus/transports/socket_stream.hpp>

#include <cassert>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <system_error>

#include <sys/socket.h>
#include <unistd.h>

#include <actorbus/transports/descriptor_watch.hpp>
#include <actorbus/transports/peer_credentials.hpp>
#include <actorbus/transports/socket_address.hpp>

namespace actorbus::transports {

namespace {

using outcome = io_result::outcome;

io_result broken_result() noexcept {
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
    return {.what = outcome::would_block};
  return {.what = outcome::failed, .error = errno};
}

class socket_stream final : public stream {
public:
  explicit socket_stream(int descriptor) noexcept : unopened_(descriptor) {}

  ~socket_stream() override {
    if (unopened_ >= 0)
      ::close(unopened_);
  }

  void open(batch_actor& owner, listener& listens) override {
    auto& thread = static_cast<io_thread&>(*owner.home());
    assert(thread.on_thread());
    if (!watch_)
      watch_.emplace(thread, std::exchange(unopened_, -1));
    owner_ = &owner;
    listener_ = &listens;
  }

  io_result read(std::span<const iovec> into) override {
    ssize_t count = 0;
    if (into.size() == 1) {
      count = ::recv(watch_->native(), into[0].iov_base, into[0].iov_len, 0);
    } else {
      msghdr message{};
      message.msg_iov = const_cast<iovec*>(into.data());
      message.msg_iovlen = into.size();
      count = ::recvmsg(watch_->native(), &message, 0);
    }
    if (count > 0)
      return {.what = outcome::moved, .bytes = static_cast<std::size_t>(count)};
    return count == 0 ? io_result{.what = outcome::end} : broken_result();
  }

  io_result write(std::span<const iovec> from) override {
    ssize_t count = 0;
    if (from.size() == 1) {
      count = ::send(watch_->native(), from[0].iov_base, from[0].iov_len, MSG_NOSIGNAL);
    } else {
      msghdr message{};
      message.msg_iov = const_cast<iovec*>(from.data());
      message.msg_iovlen = from.size();
      count = ::sendmsg(watch_->native(), &message, MSG_NOSIGNAL);
    }
    if (count >= 0)
      return {.what = outcome::moved, .bytes = static_cast<std::size_t>(count)};
    return broken_result();
  }

  void wait_readable() override {
    ++waits_;
    watch_->wait_readable(caf::strong_actor_ptr{owner_->ctrl()}, [this] {
      --waits_;
      listener_->on_readable();
    });
  }

  void wait_writable() override {
    ++waits_;
    watch_->wait_writable(caf::strong_actor_ptr{owner_->ctrl()}, [this] {
      --waits_;
      listener_->on_writable();
    });
  }

  bool waiting() const noexcept override { return waits_ > 0; }

  void shut_down() noexcept override { ::shutdown(watch_->native(), SHUT_WR); }

  void close() noexcept override {
    if (watch_)
      watch_->close();
  }

  std::string peer() const override {
    auto address = peer_address(watch_->native());
    if (address.family() != AF_UNIX)
      return to_string(address);
    auto peer = credentials_of(watch_->native());
    return peer ? to_string(*peer) : std::string{};
  }

  std::shared_ptr<const peer_identity> identity() const override {
    auto peer = credentials_of(watch_->native());
    if (!peer)
      return nullptr;
    return std::make_shared<const peer_identity>(peer_identity{user_name(peer->user), "uid"});
  }

private:
  mutable std::optional<descriptor_watch> watch_;
  batch_actor* owner_ = nullptr;
  listener* listener_ = nullptr;
  int unopened_;
  std::uint8_t waits_ = 0;
};

} // namespace

std::string stream::explain(const io_result& failure) const {
  return failure.what == outcome::end ? "closed by the server"
                                      : std::generic_category().message(failure.error);
}

std::unique_ptr<stream> make_socket_stream(int descriptor) {
  return std::make_unique<socket_stream>(descriptor);
}

} // namespace actorbus::transports
