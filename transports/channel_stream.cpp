#include <actorbus/transports/channel_stream.hpp>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <actorbus/transports/io_thread.hpp>

namespace actorbus::transports {

namespace {

using outcome = io_result::outcome;

/// What the connection's thread and the channel's share. Never calls the channel, so a channel may
/// hold locks of its own while it calls this.
class port final : public channel_events, public std::enable_shared_from_this<port> {
public:
  explicit port(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // -- any thread ---------------------------------------------------------------------------------

  bool received(protocol::byte_view bytes) override {
    std::lock_guard guard{mutex_};
    if (ended_ || !thread_)
      return true; // nobody will ask it to go on
    inbound_.insert(inbound_.end(), bytes.begin(), bytes.end());
    if (waiting() > bytes_max_) {
      overrun_ = ended_ = true;
      inbound_.clear();
      taken_ = 0;
    }
    notify();
    held_back_ = waiting() > channel_bytes_waiting;
    return !held_back_;
  }

  void sent() override {
    std::lock_guard guard{mutex_};
    sending_ = false;
    notify();
  }

  void closed() override {
    std::lock_guard guard{mutex_};
    ended_ = true;
    notify();
  }

  // -- the connection's thread --------------------------------------------------------------------

  void open(io_thread& thread, batch_actor& owner, stream::listener& listens) {
    std::lock_guard guard{mutex_};
    thread_ = &thread;
    owner_ = &owner;
    listens_ = &listens;
  }

  /// The channel's end is this side's.
  void end() {
    std::lock_guard guard{mutex_};
    ended_ = true;
    notify();
  }

  /// What is waited for is answered, nothing else is taken.
  void detach() {
    std::lock_guard guard{mutex_};
    ended_ = detached_ = true;
    inbound_ = {};
    taken_ = 0;
    notify();
    thread_ = nullptr;
  }

  /// Nobody is left to be told anything.
  void forget() {
    std::lock_guard guard{mutex_};
    thread_ = nullptr;
  }

  /// @param resumes whether the channel shall go on
  io_result read(std::span<const iovec> into, bool& resumes) {
    std::lock_guard guard{mutex_};
    std::size_t count = 0;
    for (const auto& piece : into) {
      auto size = std::min(piece.iov_len, waiting());
      if (size == 0)
        break;
      std::memcpy(piece.iov_base, inbound_.data() + taken_, size);
      taken_ += size;
      count += size;
    }
    if (waiting() == 0) {
      inbound_.clear();
      taken_ = 0;
    }
    resumes = held_back_ && waiting() <= channel_bytes_waiting / 2;
    held_back_ = held_back_ && !resumes;
    if (count > 0)
      return {.what = outcome::moved, .bytes = count};
    if (overrun_)
      return {.what = outcome::failed, .error = ENOBUFS};
    return {.what = ended_ ? outcome::end : outcome::would_block};
  }

  /// @returns whether the channel may be given something
  bool begin_sending() {
    std::lock_guard guard{mutex_};
    return !std::exchange(sending_, true);
  }

  bool ended() {
    std::lock_guard guard{mutex_};
    return ended_;
  }

  void wait(bool& for_what) {
    std::lock_guard guard{mutex_};
    for_what = true;
    if (!keep_)
      keep_ = caf::strong_actor_ptr{owner_->ctrl()};
    notify();
  }

  bool is_waiting() {
    std::lock_guard guard{mutex_};
    return wants_read || wants_write || told_;
  }

  bool wants_read = false;
  bool wants_write = false;

private:
  std::size_t waiting() const noexcept { return inbound_.size() - taken_; }
  bool readable() const noexcept { return wants_read && (ended_ || waiting() > 0); }
  bool writable() const noexcept { return wants_write && (ended_ || !sending_); }

  // Brings the news to the connection's thread, if there are any that it waits for.
  void notify() {
    if (told_ || !thread_ || !(readable() || writable()))
      return;
    told_ = true;
    boost::asio::post(thread_->context(), [self = shared_from_this()] { self->tell(); });
  }

  // Each answer may end the owner, and the last one that is owed to it its stream.
  void tell() {
    std::unique_lock guard{mutex_};
    auto keep = keep_;
    told_ = false;
    bool reads = readable() || detached_;
    if (writable() && !detached_) {
      wants_write = false;
      guard.unlock();
      listens_->on_writable();
      guard.lock();
    }
    if (reads) {
      wants_read = false;
      wants_write = wants_write && !detached_;
      guard.unlock();
      listens_->on_readable();
      guard.lock();
    }
    if (!wants_read && !wants_write && !told_)
      keep_ = nullptr;
    guard.unlock();
  }

  std::mutex mutex_;
  std::size_t bytes_max_;
  std::vector<std::uint8_t> inbound_;
  std::size_t taken_ = 0; ///< of `inbound_`, by the connection
  io_thread* thread_ = nullptr;
  batch_actor* owner_ = nullptr;
  stream::listener* listens_ = nullptr;
  caf::strong_actor_ptr keep_; ///< the owner, while it waits
  bool told_ = false;          ///< the thread is on its way
  bool sending_ = false;       ///< the channel has something that it hasn't sent
  bool held_back_ = false;     ///< the channel waits
  bool overrun_ = false;
  bool ended_ = false;
  bool detached_ = false;
};

class channel_stream final : public stream {
public:
  channel_stream(std::unique_ptr<channel> link, std::size_t bytes_max)
      : link_(std::move(link)), port_(std::make_shared<port>(bytes_max)) {}

  ~channel_stream() override {
    port_->forget();
    close_link();
  }

  void open(batch_actor& owner, listener& listens) override {
    auto& thread = static_cast<io_thread&>(*owner.home());
    assert(thread.on_thread());
    port_->open(thread, owner, listens);
    opened_ = true;
    link_->open(port_);
  }

  io_result read(std::span<const iovec> into) override {
    bool resumes = false;
    auto result = port_->read(into, resumes);
    if (resumes && opened_)
      link_->resume();
    return result;
  }

  // All of it or nothing: packets are never torn.
  io_result write(std::span<const iovec> from) override {
    if (port_->ended())
      return {.what = outcome::failed, .error = EPIPE};
    if (!port_->begin_sending())
      return {.what = outcome::would_block};
    protocol::byte_view packets;
    std::vector<std::uint8_t> joined;
    if (from.size() == 1) {
      packets = {static_cast<const std::uint8_t*>(from[0].iov_base), from[0].iov_len};
    } else {
      for (const auto& piece : from) {
        const auto* bytes = static_cast<const std::uint8_t*>(piece.iov_base);
        joined.insert(joined.end(), bytes, bytes + piece.iov_len);
      }
      packets = joined;
    }
    if (link_->send(packets))
      port_->sent();
    return {.what = outcome::moved, .bytes = packets.size()};
  }

  void wait_readable() override { port_->wait(port_->wants_read); }
  void wait_writable() override { port_->wait(port_->wants_write); }
  bool waiting() const noexcept override { return port_->is_waiting(); }

  // A channel has one end for both directions, and its close lets go out what it has.
  void shut_down() noexcept override {
    close_link();
    port_->end();
  }

  void close() noexcept override {
    port_->detach();
    close_link();
  }

  std::string peer() const override { return link_->peer(); }
  std::shared_ptr<const peer_identity> identity() const override { return link_->identity(); }

private:
  void close_link() noexcept {
    if (std::exchange(opened_, false))
      link_->close();
  }

  std::unique_ptr<channel> link_;
  std::shared_ptr<port> port_;
  bool opened_ = false;
};

} // namespace

std::unique_ptr<stream> make_channel_stream(std::unique_ptr<channel> link,
                                            std::size_t bytes_waiting_max) {
  return std::make_unique<channel_stream>(std::move(link), bytes_waiting_max);
}

} // namespace actorbus::transports
