#include <actorbus/transports/tls_stream.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <actorbus/transports/layered_stream.hpp>
#include <actorbus/transports/tls_error.hpp>
#include <actorbus/transports/tls_identity.hpp>

namespace actorbus::transports {

namespace {

using outcome = io_result::outcome;

constexpr std::size_t record_bytes_max = 16 * 1024;
// Records that go out by one system call, and so what a peer that reads nothing makes us hold.
constexpr std::size_t sealed_bytes_max = 32 * 1024;
constexpr std::size_t tls_input_bytes = 64 * 1024;

/// Memory that all TLS streams of a thread use in turn, each for the length of a call.
struct tls_workplace {
  std::unique_ptr<std::uint8_t[]> input{new std::uint8_t[tls_input_bytes]};
  std::unique_ptr<std::uint8_t[]> record{new std::uint8_t[record_bytes_max]}; ///< to join pieces in
  std::vector<std::uint8_t> sealed; ///< what OpenSSL wants sent
};

tls_workplace& tls_memory() {
  thread_local tls_workplace mine;
  return mine;
}

class tls_stream final : public layered_stream {
public:
  tls_stream(std::unique_ptr<stream> below, tls_connection connection)
      : layered_stream(std::move(below)), connection_(std::move(connection)) {
    auto* bytes = BIO_new(method());
    if (!bytes)
      throw std::bad_alloc{};
    BIO_set_data(bytes, this);
    BIO_set_init(bytes, 1);
    SSL_set_bio(ssl(), bytes, bytes); // owned by it
  }

  // A connection that was cut leaves its session as good as one that was closed: MQTT's packets
  // tell themselves where they end.
  ~tls_stream() override {
    if (!failed_ && SSL_is_init_finished(ssl()) != 0)
      SSL_set_shutdown(ssl(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }

  /// Makes it a server's.
  void serve(std::shared_ptr<const tls_server> rules, std::shared_ptr<const refusal_log> log) {
    rules_ = std::move(rules);
    refusals_ = std::move(log);
  }

  io_result establish() override {
    if (auto lower = below().establish(); lower.what != outcome::moved)
      return lower;
    for (;;) {
      auto code = use([this] { return SSL_do_handshake(ssl()); });
      if (code == 1)
        return finish_use({.what = outcome::moved});
      if (SSL_get_error(ssl(), code) != SSL_ERROR_WANT_READ)
        return broken();
      if (auto more = take_more(tls_input_bytes); more.what != outcome::moved)
        return finish_use(more);
    }
  }

  io_result read(std::span<const iovec> into) override {
    std::size_t room = 0;
    for (const auto& piece : into)
      room += piece.iov_len;
    for (;;) {
      auto opened = open_records(into);
      if (opened.what != outcome::would_block)
        return finish_use(opened);
      // Not more than can be handed on: what is opened is smaller than what was sealed.
      if (auto more = take_more(room); more.what != outcome::moved)
        return finish_use(more);
    }
  }

  io_result write(std::span<const iovec> from) override {
    std::size_t taken = 0;
    std::size_t piece = 0;
    std::size_t offset = 0;
    while (piece < from.size() && !has_unsent()) {
      auto next = next_record(from, piece, offset);
      std::size_t sealed = 0;
      auto code = use([&] { return SSL_write_ex(ssl(), next.data(), next.size(), &sealed); });
      if (code != 1)
        return broken();
      taken += sealed;
      if (tls_memory().sealed.size() >= sealed_bytes_max || piece == from.size())
        if (auto sent = send_sealed(); sent.what == outcome::failed)
          return sent;
    }
    return taken > 0 ? io_result{.what = outcome::moved, .bytes = taken} : io_result{};
  }

  std::shared_ptr<const peer_identity> identity() const override {
    auto own = rules_ ? identity_of(*connection_.ssl, rules_->whole_subject()) : nullptr;
    return own ? own : layered_stream::identity();
  }

private:
  SSL* ssl() const noexcept { return connection_.ssl.get(); }

  bool has_input() const noexcept override { return !kept_.empty() || SSL_pending(ssl()) > 0; }

  void say_farewell() noexcept override {
    if (SSL_is_init_finished(ssl()) == 0 || failed_)
      return;
    use([this] { return SSL_shutdown(ssl()); });
    ERR_clear_error();
    send_sealed();
  }

  // Calls OpenSSL with an empty queue of errors, as it expects.
  template <class F>
  static int use(F what) {
    ERR_clear_error();
    return what();
  }

  // -- in ----------------------------------------------------------------------------------------

  // Fills `into` with what the input holds. @returns would_block: there is no whole record in it
  io_result open_records(std::span<const iovec> into) {
    std::size_t total = 0;
    for (const auto& piece : into) {
      std::size_t filled = 0;
      while (filled < piece.iov_len) {
        std::size_t count = 0;
        auto code = use([&] {
          return SSL_read_ex(ssl(), static_cast<std::uint8_t*>(piece.iov_base) + filled,
                             piece.iov_len - filled, &count);
        });
        if (code != 1)
          return total > 0 ? io_result{.what = outcome::moved, .bytes = total} : refused(code);
        filled += count;
        total += count;
      }
    }
    return {.what = outcome::moved, .bytes = total};
  }

  io_result refused(int code) {
    switch (SSL_get_error(ssl(), code)) {
    case SSL_ERROR_WANT_READ: return {.what = outcome::would_block};
    case SSL_ERROR_ZERO_RETURN: return {.what = outcome::end};
    default: return broken();
    }
  }

  // Reads once from below what OpenSSL then finds as its input.
  io_result take_more(std::size_t room) {
    if (!kept_.empty() && input_.empty()) { // from a call before
      holding_.swap(kept_);
      kept_.clear();
      input_ = holding_;
      return {.what = outcome::moved, .bytes = input_.size()};
    }
    if (auto sent = send_sealed(); sent.what == outcome::failed)
      return sent;
    iovec piece{tls_memory().input.get(), std::clamp<std::size_t>(room, 1, tls_input_bytes)};
    auto result = below().read({&piece, 1});
    if (result.what == outcome::moved) {
      input_ = {tls_memory().input.get(), result.bytes};
      if (!std::exchange(spoken_to_, true) && !looks_like_tls(input_[0]))
        return turn_away(rules_ ? "the client speaks no TLS" : "the server speaks no TLS");
    } else if (result.what == outcome::end && SSL_is_init_finished(ssl()) == 0) {
      return turn_away(rules_ ? "the client left in the middle of the handshake of TLS"
                              : "the server left in the middle of the handshake of TLS");
    }
    return result;
  }

  // A record of the kinds that a handshake may begin with: an alert or a handshake's.
  static bool looks_like_tls(std::uint8_t first) noexcept { return first == 0x15 || first == 0x16; }

  // The thread's memory is somebody else's from now on: what is left of the input is kept.
  io_result finish_use(io_result result) {
    if (input_.empty())
      holding_ = {};
    else
      kept_.assign(input_.begin(), input_.end());
    input_ = {};
    if (auto sent = send_sealed(); sent.what == outcome::failed)
      return sent;
    return result;
  }

  // -- out ---------------------------------------------------------------------------------------

  // The next record's worth of bytes: as they lie if they lie together, else joined.
  std::span<const std::uint8_t> next_record(std::span<const iovec> from, std::size_t& piece,
                                            std::size_t& offset) {
    auto* begin = static_cast<const std::uint8_t*>(from[piece].iov_base) + offset;
    auto left = from[piece].iov_len - offset;
    if (left >= record_bytes_max || piece + 1 == from.size()) {
      auto size = std::min(left, record_bytes_max);
      offset += size;
      if (offset == from[piece].iov_len) {
        ++piece;
        offset = 0;
      }
      return {begin, size};
    }
    auto* record = tls_memory().record.get();
    std::size_t size = 0;
    while (piece < from.size() && size < record_bytes_max) {
      auto count = std::min(from[piece].iov_len - offset, record_bytes_max - size);
      std::memcpy(record + size, static_cast<const std::uint8_t*>(from[piece].iov_base) + offset,
                  count);
      size += count;
      offset += count;
      if (offset == from[piece].iov_len) {
        ++piece;
        offset = 0;
      }
    }
    return {record, size};
  }

  io_result send_sealed() {
    auto& sealed = tls_memory().sealed;
    if (sealed.empty())
      return {.what = outcome::moved};
    auto result = send(std::span<const std::uint8_t>{sealed});
    sealed.clear();
    return result;
  }

  // -- failures ------------------------------------------------------------------------------------

  // OpenSSL gave up. Its alert, if it has one, still goes out.
  io_result broken() { return turn_away(take_tls_error(*ssl())); }

  io_result turn_away(const std::string& why) {
    if (!std::exchange(failed_, true)) {
      if (refusals_ && SSL_is_init_finished(ssl()) == 0)
        refusals_->add(peer(), why);
      send_sealed();
    }
    tls_memory().sealed.clear();
    input_ = {};
    return fail(why);
  }

  // -- what OpenSSL reads from and writes to -------------------------------------------------------

  static const BIO_METHOD* method() {
    static const BIO_METHOD* made = [] {
      auto* result = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "actorbus stream");
      BIO_meth_set_read_ex(result, give);
      BIO_meth_set_write_ex(result, take);
      BIO_meth_set_ctrl(result, control);
      return result;
    }();
    return made;
  }

  static int give(BIO* bio, char* into, std::size_t room, std::size_t* count) {
    auto& input = static_cast<tls_stream*>(BIO_get_data(bio))->input_;
    BIO_clear_retry_flags(bio);
    *count = std::min(room, input.size());
    if (*count == 0) {
      BIO_set_retry_read(bio);
      return 0;
    }
    std::memcpy(into, input.data(), *count);
    input = input.subspan(*count);
    return 1;
  }

  static int take(BIO* bio, const char* from, std::size_t size, std::size_t* count) {
    BIO_clear_retry_flags(bio);
    auto& sealed = tls_memory().sealed;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(from);
    sealed.insert(sealed.end(), bytes, bytes + size);
    *count = size;
    return 1;
  }

  static long control(BIO*, int what, long, void*) { return what == BIO_CTRL_FLUSH ? 1 : 0; }

  tls_connection connection_;
  std::shared_ptr<const tls_server> rules_; ///< of a server only
  std::shared_ptr<const refusal_log> refusals_;
  std::span<const std::uint8_t> input_; ///< sealed bytes; in the thread's memory or `holding_`
  std::vector<std::uint8_t> kept_;      ///< the same between two calls; as a rule there are none
  std::vector<std::uint8_t> holding_;
  bool spoken_to_ = false; ///< something came
  bool failed_ = false;
};

} // namespace

std::unique_ptr<stream> make_tls_server_stream(std::unique_ptr<stream> below,
                                               std::shared_ptr<const tls_server> rules,
                                               std::shared_ptr<const refusal_log> refusals) {
  auto result = std::make_unique<tls_stream>(std::move(below), rules->accept());
  result->serve(std::move(rules), std::move(refusals));
  return result;
}

std::unique_ptr<stream> make_tls_client_stream(std::unique_ptr<stream> below,
                                               std::shared_ptr<tls_client> rules) {
  return std::make_unique<tls_stream>(std::move(below), rules->connect());
}

} // namespace actorbus::transports
