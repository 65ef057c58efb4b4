#pragma once

#include <functional>
#include <memory>
#include <string>

#include <actorbus/actors/messages.hpp>
#include <actorbus/protocol/bytes.hpp>
#include <actorbus/transports/endpoint.hpp>

namespace actorbus::transports {

// A transport of one's own, without sockets and without knowing how the bus runs: these three, and
// `own_transport.hpp` gives them a URL scheme. Where bytes come from a descriptor that can be
// waited for, a `stream` is nearer to the metal.

/// What a channel tells the bus. Any thread may call any of it, at any time; after the channel was
/// closed nothing happens.
class channel_events {
public:
  virtual ~channel_events() = default;

  /// Bytes have come: whole packets, or any pieces of them, in their order. Copied.
  /// @returns false if the bus has enough: let the peer wait until `channel::resume`. A little more
  ///          is taken, whoever doesn't stop is closed
  virtual bool received(protocol::byte_view bytes) = 0;

  /// What `channel::send` took last has left, and it takes more.
  virtual void sent() = 0;

  /// The link is gone; what was received before still counts.
  virtual void closed() = 0;
};

/// One link to one peer, made by its user. The bus calls it on one thread, and it must not block
/// there; it may have threads of its own.
class channel {
public:
  channel() = default;
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;
  virtual ~channel() = default;

  /// Comes first, once: what happens from now on is told to `bus`. A link that can't be opened is
  /// `closed`.
  virtual void open(std::shared_ptr<channel_events> bus) = 0;

  /// Takes one or more whole packets, all of them.
  /// @param packets valid during the call
  /// @returns whether it takes more at once; if not, it calls `channel_events::sent` later
  virtual bool send(protocol::byte_view packets) = 0;

  /// The bus reads on, after `received` has returned false.
  virtual void resume() {}

  /// Comes last, once: what `send` took goes out, then the link ends.
  virtual void close() noexcept = 0;

  /// The peer's address, for logs.
  virtual std::string peer() const { return "?"; }

  /// Who the peer is, where the transport can vouch for it; asked when the first packet has come.
  virtual std::shared_ptr<const peer_identity> identity() const { return nullptr; }
};

/// Opens channels to where a URL points.
class connector {
public:
  virtual ~connector() = default;

  /// Doesn't wait for the peer: that is for the channel. Called by several threads, one at a time.
  /// @throws std::exception with the reason in words, if that is clear already
  virtual std::unique_ptr<channel> connect(const endpoint& to) = 0;
};

/// Waits for others to open channels to it.
class listener {
public:
  /// Any thread, until `close` has returned. @returns false if the channel was turned away
  using accept = std::function<bool(std::unique_ptr<channel>)>;

  virtual ~listener() = default;

  /// Comes first, once. @returns the endpoint with all that was chosen, for the URL to be told
  /// @throws std::exception with the reason in words, if nobody can be listened to there
  virtual endpoint listen(const endpoint& at, accept welcome) = 0;

  /// Comes last, once; channels that were accepted stay.
  virtual void close() noexcept = 0;
};

} // namespace actorbus::transports
