#include <actorbus/transports/web_stream.hpp>

#include <utility>

#include <actorbus/transports/web_handshake.hpp>
#include <actorbus/transports/web_socket.hpp>

namespace actorbus::transports {

namespace {

using outcome = io_result::outcome;

constexpr std::size_t page_bytes_max = 1024 * 1024;

class web_server_stream final : public web_socket {
public:
  web_server_stream(std::unique_ptr<stream> below, std::shared_ptr<const web_server> rules) noexcept
      : web_socket(std::move(below), true, rules->frame_bytes_max), rules_(std::move(rules)) {}

  io_result read(std::span<const iovec> into) override {
    if (is_open())
      return web_socket::read(into);
    if (answered_)
      return discard(into);
    if (auto result = read_head(); result.what != outcome::moved)
      return result;
    return answer(into);
  }

  std::string peer() const override { return forwarded_.empty() ? web_socket::peer() : forwarded_; }

private:
  io_result answer(std::span<const iovec> into) {
    auto result = head_too_large() ? refuse_web_request(431, "the request's head is too large")
                                   : answer_web_request(head(), rules_->options, rules_->paths);
    if (!rules_->trusted.empty() && rules_->trusted.contains(below().peer()))
      forwarded_ = forwarded_peer(result.forwarded, rules_->trusted);
    send(std::span{reinterpret_cast<const std::uint8_t*>(result.response.data()),
                   result.response.size()},
         page_bytes_max + web_head_bytes_max);
    if (!result.refusal.empty())
      rules_->refusals->add(peer(), "HTTP: " + result.refusal);
    if (result.upgraded) {
      begin(behind_head(), result.deflates);
      drop_head();
      return web_socket::read(into);
    }
    drop_head();
    answered_ = true;
    shut_down(); // once all of it is written
    return discard(into);
  }

  // Unread, what still comes would turn the end of our answer into a reset.
  io_result discard(std::span<const iovec> into) {
    auto result = below().read(into);
    return result.what == outcome::moved ? io_result{} : result;
  }

  std::shared_ptr<const web_server> rules_;
  std::string forwarded_;
  bool answered_ = false; ///< with a page or a refusal: no packet will come
};

class web_client_stream final : public web_socket {
public:
  web_client_stream(std::unique_ptr<stream> below, std::shared_ptr<const web_client> rules) noexcept
      : web_socket(std::move(below), false, rules->frame_bytes_max), rules_(std::move(rules)) {}

  io_result establish() override {
    if (accept_.empty()) {
      if (auto lower = below().establish(); lower.what != outcome::moved)
        return lower;
      auto request = make_web_request(rules_->host, rules_->path, make_web_key(), rules_->options);
      accept_ = std::move(request.accept);
      send(std::span{reinterpret_cast<const std::uint8_t*>(request.text.data()),
                     request.text.size()});
    }
    auto result = read_head();
    if (result.what == outcome::end)
      return fail("the server left in the middle of the handshake of WebSocket");
    if (result.what != outcome::moved)
      return result;
    if (head_too_large())
      return fail("the head of the server's answer is too large");
    auto verdict = check_web_answer(head(), accept_, rules_->options.deflate);
    if (!verdict.why.empty())
      return fail(std::move(verdict.why));
    begin(behind_head(), verdict.deflates);
    drop_head();
    return {.what = outcome::moved};
  }

private:
  std::shared_ptr<const web_client> rules_;
  std::string accept_; ///< what the server must prove; empty: nothing was sent yet
};

} // namespace

std::unique_ptr<stream> make_web_server_stream(std::unique_ptr<stream> below,
                                               std::shared_ptr<const web_server> rules) {
  return std::make_unique<web_server_stream>(std::move(below), std::move(rules));
}

std::unique_ptr<stream> make_web_client_stream(std::unique_ptr<stream> below,
                                               std::shared_ptr<const web_client> rules) {
  return std::make_unique<web_client_stream>(std::move(below), std::move(rules));
}

} // namespace actorbus::transports
