#include <actorbus/transports/proxy_stream.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include <actorbus/protocol/utf8.hpp>
#include <actorbus/transports/layered_stream.hpp>
#include <actorbus/transports/proxy_header.hpp>

namespace actorbus::transports {

namespace {

using outcome = io_result::outcome;

class proxy_stream final : public layered_stream {
public:
  proxy_stream(std::unique_ptr<stream> below, std::shared_ptr<const proxy_rules> rules) noexcept
      : layered_stream(std::move(below)), rules_(std::move(rules)) {}

  io_result read(std::span<const iovec> into) override {
    if (!done_)
      if (auto header = read_header(); header.what != outcome::moved)
        return header;
    return held_.empty() ? below().read(into) : give_held(into);
  }

  io_result write(std::span<const iovec> from) override { return below().write(from); }

  std::string peer() const override { return peer_.empty() ? layered_stream::peer() : peer_; }

  std::shared_ptr<const peer_identity> identity() const override { return identity_; }

private:
  bool has_input() const noexcept override { return done_ && !held_.empty(); }
  void say_farewell() noexcept override {}

  // @returns moved: it is there
  io_result read_header() {
    if (!rules_->trusted.contains(below().peer()))
      return turn_away("it is no trusted proxy");
    for (;;) {
      std::array<std::uint8_t, 1024> block;
      iovec piece{block.data(), block.size()};
      auto result = below().read({&piece, 1});
      if (result.what == outcome::end)
        return turn_away("the proxy left in the middle of the header");
      if (result.what != outcome::moved)
        return result;
      held_.insert(held_.end(), block.begin(),
                   block.begin() + static_cast<std::ptrdiff_t>(result.bytes));
      auto header = read_proxy_header(held_);
      if (!header.fault.empty())
        return turn_away(header.fault);
      if (header.size == 0)
        continue;
      accept(header);
      return {.what = outcome::moved};
    }
  }

  void accept(proxy_header& header) {
    done_ = true;
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(header.size));
    if (held_.empty())
      held_ = {};
    peer_ = std::move(header.source);
    auto& name = header.common_name;
    if (rules_->subject_is_identity && !name.empty() && name.find('\0') == name.npos &&
        protocol::check_utf8(name) == protocol::errc::none)
      identity_ =
          std::make_shared<const peer_identity>(peer_identity{std::move(name), "certificate"});
  }

  io_result turn_away(std::string_view why) {
    auto text = "PROXY protocol: " + std::string{why};
    rules_->refusals->add(below().peer(), text);
    return fail(std::move(text));
  }

  // What came behind the header.
  io_result give_held(std::span<const iovec> into) {
    std::size_t given = 0;
    for (const auto& piece : into) {
      auto count = std::min(piece.iov_len, held_.size() - given);
      std::memcpy(piece.iov_base, held_.data() + given, count);
      given += count;
    }
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(given));
    if (held_.empty())
      held_ = {};
    return {.what = outcome::moved, .bytes = given};
  }

  std::shared_ptr<const proxy_rules> rules_;
  std::shared_ptr<const peer_identity> identity_;
  std::string peer_;
  std::vector<std::uint8_t> held_; ///< the header as far as it came, then what came behind it
  bool done_ = false;
};

} // namespace

std::unique_ptr<stream> make_proxy_stream(std::unique_ptr<stream> below,
                                          std::shared_ptr<const proxy_rules> rules) {
  return std::make_unique<proxy_stream>(std::move(below), std::move(rules));
}

} // namespace actorbus::transports
