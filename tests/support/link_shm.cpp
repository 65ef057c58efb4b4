#include "channels.hpp"

#include <actorbus/transports/shm_rendezvous.hpp>

#include <array>
#include <stdexcept>

#include <poll.h>

namespace actorbus::conformance {

namespace {

using outcome = transports::io_result::outcome;

/// A client's end of shared memory that waits where the product's would sleep.
class shm_wire : public wire {
public:
  explicit shm_wire(std::unique_ptr<transports::shm_link> link) : link_{std::move(link)} {}

  void write(std::span<const std::uint8_t> data) override {
    while (link_ && !data.empty()) {
      const iovec piece{const_cast<std::uint8_t*>(data.data()), data.size()};
      const auto done = link_->write({&piece, 1});
      if (done.what == outcome::moved)
        data = data.subspan(done.bytes);
      else if (done.what != outcome::would_block || (link_->sleep_until_writable() && !wait(patience)))
        return;
    }
  }

  arrival read(std::chrono::milliseconds timeout) override {
    byte_vector buffer(65536);
    const iovec piece{buffer.data(), buffer.size()};
    while (link_) {
      const auto done = link_->read({&piece, 1});
      if (done.what == outcome::moved) {
        buffer.resize(done.bytes);
        return {std::move(buffer), false};
      }
      if (done.what != outcome::would_block)
        break;
      if (link_->sleep_until_readable() && !wait(timeout))
        return {};
    }
    return {{}, true};
  }

  void close() override { link_.reset(); }

private:
  /// @returns whether the peer rang
  bool wait(std::chrono::milliseconds timeout) {
    pollfd bell{link_->bell(), POLLIN, 0};
    if (::poll(&bell, 1, static_cast<int>(timeout.count())) <= 0)
      return false;
    link_->hear();
    return true;
  }

  std::unique_ptr<transports::shm_link> link_;
};

} // namespace

std::unique_ptr<wire> open_shm_wire(const std::string& name) {
  auto link = transports::open_shm_link(name, static_cast<int>(patience.count()));
  if (!link)
    throw std::runtime_error{"shm://" + name + ": " + link.error()};
  return std::make_unique<shm_wire>(std::move(*link));
}

} // namespace actorbus::conformance
