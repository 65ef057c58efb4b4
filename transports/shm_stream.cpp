#include <actorbus/transports/shm_stream.hpp>

#include <cassert>
#include <optional>
#include <utility>

#include <actorbus/transports/descriptor_watch.hpp>
#include <actorbus/transports/lookout.hpp>

namespace actorbus::transports {

namespace {

class shm_stream final : public stream, private lookout {
public:
  shm_stream(std::unique_ptr<shm_link> link, std::string peer,
             std::shared_ptr<const peer_identity> identity, std::shared_ptr<void> counted)
      : counted_(std::move(counted)),
        link_(std::move(link)),
        peer_(std::move(peer)),
        identity_(std::move(identity)) {}

  void open(batch_actor& owner, listener& listens) override {
    thread_ = static_cast<io_thread*>(owner.home());
    assert(thread_->on_thread());
    bell_.emplace(*thread_, link_->release_bell());
    owner_ = &owner;
    listener_ = &listens;
  }

  io_result read(std::span<const iovec> into) override { return link_->read(into); }
  io_result write(std::span<const iovec> from) override { return link_->write(from); }

  void wait_readable() override {
    wants_read_ = true;
    look_out();
  }

  void wait_writable() override {
    wants_write_ = true;
    look_out();
  }

  bool waiting() const noexcept override {
    return wants_read_ || wants_write_ || listed_ || listens_;
  }

  void shut_down() noexcept override { link_->shut_down(); }

  void close() noexcept override {
    if (!link_)
      return;
    if (bell_)
      bell_->close(); // what waits for it is answered by that
    link_.reset();
    counted_.reset();
  }

  std::string peer() const override { return peer_; }
  std::shared_ptr<const peer_identity> identity() const override { return identity_; }

private:
  // The bell is listened to all the while: it tells of a peer's end too, and costs nothing until
  // it rings.
  void look_out() {
    caf::strong_actor_ptr owner{owner_->ctrl()};
    if (!std::exchange(listens_, true))
      bell_->wait_readable(owner, [this] { rung(); });
    if (!std::exchange(listed_, true))
      thread_->look_out(*this, std::move(owner));
  }

  bool has_news() const noexcept override {
    return !link_ || (wants_read_ && link_->is_readable()) ||
           (wants_write_ && link_->is_writable());
  }

  void on_news() override {
    listed_ = false;
    tell();
  }

  bool arm() override {
    if (!link_)
      return false;
    if ((wants_read_ && !link_->sleep_until_readable()) ||
        (wants_write_ && !link_->sleep_until_writable())) {
      link_->stay_awake();
      return false;
    }
    listed_ = false;
    return true;
  }

  void rung() {
    listens_ = false;
    if (link_) {
      thread_->woken();
      link_->stay_awake();
      link_->hear();
    }
    tell();
  }

  // Each answer may end the owner, and the last one that is owed to it this stream.
  void tell() {
    if (!link_) {
      wants_read_ = wants_write_ = false;
      listener_->on_readable();
      return;
    }
    bool readable = wants_read_ && link_->is_readable();
    bool writable = wants_write_ && link_->is_writable();
    if ((wants_read_ && !readable) || (wants_write_ && !writable))
      look_out();
    if (writable) {
      wants_write_ = false;
      listener_->on_writable();
    }
    if (readable) {
      wants_read_ = false;
      listener_->on_readable();
    }
  }

  std::shared_ptr<void> counted_;
  std::unique_ptr<shm_link> link_;
  std::optional<descriptor_watch> bell_;
  std::string peer_;
  std::shared_ptr<const peer_identity> identity_;
  io_thread* thread_ = nullptr;
  batch_actor* owner_ = nullptr;
  listener* listener_ = nullptr;
  bool listed_ = false; ///< the thread looks
  bool wants_read_ = false;
  bool wants_write_ = false;
  bool listens_ = false; ///< to the bell
};

} // namespace

std::unique_ptr<stream> make_shm_stream(std::unique_ptr<shm_link> link, std::string peer,
                                        std::shared_ptr<const peer_identity> identity,
                                        std::shared_ptr<void> counted) {
  return std::make_unique<shm_stream>(std::move(link), std::move(peer), std::move(identity),
                                      std::move(counted));
}

} // namespace actorbus::transports
