#include "adversary.hpp"

#include "bus_many.hpp"

#include <algorithm>
#include <array>
#include <random>

namespace actorbus::conformance {

namespace {

using transports::io_result;

class torn_wire : public wire {
public:
  torn_wire(std::unique_ptr<wire> whole, tearing how) : whole_{std::move(whole)}, how_{how}, random_{how.seed} {}

  void write(std::span<const std::uint8_t> data) override {
    while (!data.empty()) {
      const auto size = std::min<std::size_t>(data.size(), 1 + random_() % how_.piece_max);
      whole_->write(data.first(size));
      data = data.subspan(size);
    }
  }
  arrival read(std::chrono::milliseconds timeout) override { return whole_->read(timeout); }
  void close() override { whole_->close(); }

private:
  std::unique_ptr<wire> whole_;
  tearing how_;
  std::minstd_rand random_;
};

class torn_bus : public bus {
public:
  torn_bus(std::shared_ptr<bus> whole, tearing how) : whole_{std::move(whole)}, how_{how} {}

  std::unique_ptr<wire> open_wire() override {
    ++how_.seed;
    return tear(whole_->open_wire(), how_);
  }
  bool advance(std::chrono::milliseconds time) override { return whole_->advance(time); }
  bool carries_whole_packets_only() const override { return whole_->carries_whole_packets_only(); }

private:
  std::shared_ptr<bus> whole_;
  tearing how_;
};

class torn_stream final : public transports::stream {
public:
  torn_stream(std::unique_ptr<stream> whole, tearing how) : whole_{std::move(whole)}, how_{how}, random_{how.seed} {}

  void open(batch_actor& owner, listener& listens) override { whole_->open(owner, listens); }

  io_result read(std::span<const iovec> into) override { return pauses() ? io_result{} : whole_->read(piece(into)); }
  io_result write(std::span<const iovec> from) override { return pauses() ? io_result{} : whole_->write(piece(from)); }

  void wait_readable() override { whole_->wait_readable(); }
  void wait_writable() override { whole_->wait_writable(); }
  bool waiting() const noexcept override { return whole_->waiting(); }
  void shut_down() noexcept override { whole_->shut_down(); }
  void close() noexcept override { whole_->close(); }
  std::string peer() const override { return whole_->peer(); }
  std::shared_ptr<const peer_identity> identity() const override { return whole_->identity(); }

private:
  bool pauses() { return how_.pauses && random_() % 3 == 0; }

  /// The front of the first piece that isn't empty.
  std::span<const iovec> piece(std::span<const iovec> of) {
    for (const auto& each : of)
      if (each.iov_len > 0) {
        piece_ = {each.iov_base, std::min<std::size_t>(each.iov_len, 1 + random_() % how_.piece_max)};
        return {&piece_, 1};
      }
    return of;
  }

  std::unique_ptr<stream> whole_;
  tearing how_;
  std::minstd_rand random_;
  iovec piece_{};
};

} // namespace

std::unique_ptr<wire> tear(std::unique_ptr<wire> whole, tearing how) {
  return std::make_unique<torn_wire>(std::move(whole), how);
}

std::unique_ptr<transports::stream> tear(std::unique_ptr<transports::stream> whole, tearing how) {
  return std::make_unique<torn_stream>(std::move(whole), how);
}

bus_factory torn(const bus_factory& channel, tearing how) {
  return {channel.name + " torn into " + std::to_string(how.piece_max) + " with seed " + std::to_string(how.seed),
          [=] { return std::make_shared<torn_bus>(channel.open(), how); }};
}

bus_factory torn_tcp_channels(tearing how) {
  const bus_factory broken_inside{"tcp", [=] {
                                    auto result = std::make_shared<many_channel_bus>(1, limits_of_next_bus());
                                    result->add_torn_tcp(how);
                                    return result;
                                  }};
  return torn(broken_inside, how);
}

} // namespace actorbus::conformance
