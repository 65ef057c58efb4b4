#include <actorbus/transports/layered_stream.hpp>

#include <cerrno>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <actorbus/transports/io_thread.hpp>

namespace actorbus::transports {

using outcome = io_result::outcome;

void layered_stream::open(batch_actor& owner, stream::listener& listens) {
  owner_ = &owner;
  above_ = &listens;
  below_->open(owner, *this);
}

// -- waiting ---------------------------------------------------------------------------------------

void layered_stream::wait_readable() {
  wants_to_read_ = true;
  if (has_input())
    read_soon();
  else if (!std::exchange(asked_to_read_, true))
    below_->wait_readable();
}

void layered_stream::wait_writable() {
  wants_to_write_ = true;
  await_room();
}

void layered_stream::await_room() {
  if (!std::exchange(asked_to_write_, true))
    below_->wait_writable();
}

// Not at once: who waits expects to be called later, and others get their turn.
void layered_stream::read_soon() {
  if (std::exchange(soon_, true))
    return;
  auto& thread = static_cast<io_thread&>(*owner_->home());
  boost::asio::post(thread.context(), [this, keep = caf::strong_actor_ptr{owner_->ctrl()}] {
    soon_ = false;
    if (closed_ || std::exchange(wants_to_read_, false))
      above_->on_readable();
  });
}

// Once it is closed whoever is above has to hear of each answer: after the last one it may forget
// the stream, which then is gone when the call returns.
void layered_stream::on_readable() {
  asked_to_read_ = false;
  if (closed_ || std::exchange(wants_to_read_, false))
    above_->on_readable();
}

void layered_stream::on_writable() {
  asked_to_write_ = false;
  if (closed_) {
    above_->on_writable();
    return;
  }
  if (!flush()) {
    await_room();
    return;
  }
  if (ending_)
    below_->shut_down();
  if (std::exchange(wants_to_write_, false))
    above_->on_writable();
}

// -- writing ---------------------------------------------------------------------------------------

// @returns whether nothing waits any more; a broken stream takes everything
bool layered_stream::flush() {
  std::size_t sent = 0;
  while (sent < unsent_.size()) {
    iovec rest{unsent_.data() + sent, unsent_.size() - sent};
    auto result = below_->write({&rest, 1});
    if (result.what == outcome::would_block)
      break;
    sent = result.what == outcome::moved ? sent + result.bytes : unsent_.size();
  }
  if (sent == unsent_.size())
    unsent_ = {}; // an idle connection holds no buffer
  else
    unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(sent));
  return unsent_.empty();
}

io_result layered_stream::send(std::span<const std::uint8_t> from, std::size_t limit) {
  iovec piece{const_cast<std::uint8_t*>(from.data()), from.size()};
  return send({&piece, 1}, limit);
}

io_result layered_stream::send(std::span<const iovec> from, std::size_t limit) {
  std::size_t skip = 0; // bytes that are gone already
  std::size_t size = 0;
  for (const auto& piece : from)
    size += piece.iov_len;
  if (unsent_.empty() && size > 0) {
    auto result = below_->write(from);
    if (result.what == outcome::failed)
      return result;
    skip = result.what == outcome::moved ? result.bytes : 0;
  }
  if (skip == size)
    return {.what = outcome::moved, .bytes = size};
  if (unsent_.size() + size - skip > limit)
    return fail("the peer takes no answers");
  for (const auto& piece : from) {
    auto gone = std::min(skip, piece.iov_len);
    skip -= gone;
    const auto* bytes = static_cast<const std::uint8_t*>(piece.iov_base);
    unsent_.insert(unsent_.end(), bytes + gone, bytes + piece.iov_len);
  }
  await_room();
  return {.what = outcome::moved, .bytes = size};
}

void layered_stream::shut_down() noexcept {
  try {
    say_farewell();
  } catch (...) {
    // Memory is short: the peer sees the end without a word.
  }
  ending_ = true;
  if (unsent_.empty())
    below_->shut_down();
}

void layered_stream::close() noexcept {
  closed_ = true;
  unsent_.clear();
  below_->close();
}

// -- failures --------------------------------------------------------------------------------------

io_result layered_stream::fail(std::string why) {
  if (failure_.empty())
    failure_ = std::move(why);
  return {.what = outcome::failed, .bytes = 0, .error = EPROTO};
}

std::string layered_stream::explain(const io_result& failure) const {
  return failure_.empty() ? below_->explain(failure) : failure_;
}

} // namespace actorbus::transports
