#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include <sys/uio.h>

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/messages.hpp>

namespace actorbus::transports {

/// What became of a read or write that doesn't wait.
struct io_result {
  enum class outcome {
    moved,       ///< `bytes` of them, at least one
    would_block, ///< wait, then try again
    end,         ///< read only: the peer sends no more
    failed,      ///< the stream is broken; `error` says why
  };
  outcome what = outcome::would_block;
  std::size_t bytes = 0;
  int error = 0; ///< errno
};

/// A stream of bytes to a peer as a connection sees it: TCP, a Unix socket, TLS or WebSocket over
/// one of those. Belongs to one I/O thread; nothing here blocks.
class stream {
public:
  /// Whom a stream tells what it waited for.
  class listener {
  public:
    virtual void on_readable() = 0;
    virtual void on_writable() = 0;

  protected:
    ~listener() = default;
  };

  stream() = default;
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
  virtual ~stream() = default;

  /// Takes the stream into the care of the thread that this is called on. Called again on the same
  /// thread, while nothing is waited for, it gives the stream another owner.
  /// @param owner   kept alive while something is waited for
  /// @param listens part of `owner`
  virtual void open(batch_actor& owner, listener& listens) = 0;

  /// Goes through the handshakes that a client's stream begins with, step by step; `read` and
  /// `write` are for afterwards. A server's stream does the same on its own while it is read.
  /// @returns moved: done; would_block: `wait_readable`, then again; end or failed: no use
  virtual io_result establish() { return {.what = io_result::outcome::moved}; }

  virtual io_result read(std::span<const iovec> into) = 0;
  virtual io_result write(std::span<const iovec> from) = 0;

  /// Asks for one `on_readable` or `on_writable`, as soon as a read or write may do something; also
  /// when the stream is closed meanwhile. At most one of each is asked for at a time.
  virtual void wait_readable() = 0;
  virtual void wait_writable() = 0;

  /// Whether an answer to one of the two is still to come: the stream must live until then.
  virtual bool waiting() const noexcept = 0;

  /// Tells the peer that nothing more will come.
  virtual void shut_down() noexcept = 0;

  /// Gives the descriptor back. What was waited for is answered soon.
  virtual void close() noexcept = 0;

  /// The peer's address for logs, e.g. "127.0.0.1:4711".
  virtual std::string peer() const = 0;

  /// Who the peer is, where the stream itself can vouch for it. Asked when the first packet has
  /// come. @returns nullptr if it can't
  virtual std::shared_ptr<const peer_identity> identity() const { return nullptr; }

  /// Why the stream failed, in words.
  virtual std::string explain(const io_result& failure) const;
};

/// Puts something over a stream: TLS, WebSocket. A function that is empty leaves it as it is.
using stream_layers = std::function<std::unique_ptr<stream>(std::unique_ptr<stream>)>;

} // namespace actorbus::transports
