#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <actorbus/transports/stream.hpp>

namespace actorbus::transports {

/// The base of streams that lie over another one and change the bytes on their way: TLS,
/// WebSocket, the PROXY protocol. Does the waiting for them: a layer may hold bytes that came in,
/// and bytes that the layer below didn't take yet.
class layered_stream : public stream, private stream::listener {
public:
  explicit layered_stream(std::unique_ptr<stream> below) noexcept : below_(std::move(below)) {}

  void open(batch_actor& owner, stream::listener& listens) override;
  void wait_readable() final;
  void wait_writable() final;
  bool waiting() const noexcept final { return soon_ || below_->waiting(); }
  void shut_down() noexcept final;
  void close() noexcept final;
  std::string peer() const override { return below_->peer(); }
  std::shared_ptr<const peer_identity> identity() const override { return below_->identity(); }
  std::string explain(const io_result& failure) const override;

protected:
  /// What a layer may hold for a peer that doesn't take it. More than a peer can make a layer
  /// answer while it reads.
  static constexpr std::size_t unsent_bytes_max = 256 * 1024;

  stream& below() noexcept { return *below_; }
  const stream& below() const noexcept { return *below_; }

  /// Whether a read may find something without the layer below.
  virtual bool has_input() const noexcept = 0;

  /// Writes the layer's own last words by `send`.
  virtual void say_farewell() noexcept = 0;

  /// Whether something waits for the layer below: it comes before all that is written later.
  bool has_unsent() const noexcept { return !unsent_.empty(); }

  /// Sends all of it, in its order; what the layer below doesn't take now is copied, and follows
  /// on its own. @returns moved, or failed: the stream is of no more use
  io_result send(std::span<const iovec> from, std::size_t limit = unsent_bytes_max);
  io_result send(std::span<const std::uint8_t> from, std::size_t limit = unsent_bytes_max);

  /// Remembers why the stream is of no more use. @returns the result to hand on
  io_result fail(std::string why);

private:
  void on_readable() final;
  void on_writable() final;
  void read_soon();
  void await_room();
  bool flush();

  std::unique_ptr<stream> below_;
  batch_actor* owner_ = nullptr;
  stream::listener* above_ = nullptr;
  std::vector<std::uint8_t> unsent_;
  std::string failure_;
  bool wants_to_read_ = false;  ///< the layer above waits
  bool wants_to_write_ = false; ///< the same
  bool asked_to_read_ = false;  ///< the layer below was asked
  bool asked_to_write_ = false; ///< the same
  bool soon_ = false;           ///< an answer that needs no layer below is on its way
  bool ending_ = false;         ///< the layer below is shut down as soon as all is sent
  bool closed_ = false;
};

} // namespace actorbus::transports
