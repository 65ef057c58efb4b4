#include <actorbus/transports/connector.hpp>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/messages.hpp>
#include <actorbus/transports/connection.hpp>
#include <actorbus/transports/descriptor_watch.hpp>
#include <actorbus/transports/io_threads.hpp>
#include <actorbus/transports/socket_address.hpp>
#include <actorbus/transports/socket_stream.hpp>
#include <actorbus/transports/system_failure.hpp>

namespace actorbus::transports {

namespace {

using boost::asio::ip::tcp;
using resolver = boost::asio::ip::basic_resolver<tcp, boost::asio::io_context::executor_type>;

/// What a connector's dials have in common.
struct destination {
  endpoint to;
  gate_ptr entrance;
  stream_layers layers;
};

using destination_ptr = std::shared_ptr<const destination>;

/// Opens one connection: asks for the addresses, tries one after the other, goes through the
/// handshakes of what lies over the first socket that answers, hands all that to a `connection`,
/// ends.
class dial final : public batch_actor, private stream::listener, private timer_wheel::entry {
public:
  dial(caf::actor_config& config, io_thread& home, destination_ptr where, open_session request)
      : batch_actor(config, &home), where_(std::move(where)), request_(std::move(request)) {}

private:
  io_thread& thread() const noexcept { return static_cast<io_thread&>(*home()); }

  void on_start() override {
    keep_ = caf::strong_actor_ptr{ctrl()};
    set_deadline();
    if (to().form == endpoint_form::path) {
      addresses_.push_back(*unix_address(to().path));
      try_next();
    } else {
      resolve_host();
    }
  }

  void resolve_host() {
    auto host = to().host.empty() ? std::string{"localhost"} : to().host;
    resolver_.emplace(thread().context());
    resolver_->async_resolve(
        host, std::to_string(to().port), resolver::numeric_service,
        [this, keep = keep_](const boost::system::error_code& error, resolver::results_type found) {
          run_here([&] {
            if (error) {
              fail(error.message());
              return;
            }
            for (const auto& each : found) {
              auto& address = addresses_.emplace_back();
              address.size = static_cast<socklen_t>(each.endpoint().size());
              std::memcpy(&address.storage, each.endpoint().data(), address.size);
            }
            try_next();
          });
        });
  }

  bool on_message(caf::mailbox_element& element) override {
    return match_message<close_channel>(element, [this](close_channel&) { quit(); });
  }

  void on_exit() override {
    thread().cancel_deadline(*this);
    resolver_.reset();
    socket_.reset();
    request_ = {};
    ended_ = true;
    if (stream_) {
      stream_->close();
      forget_stream();
    }
    keep_ = nullptr;
  }

  // It must live until the last wait is answered, and not longer: the thread may end then.
  void forget_stream() {
    if (!stream_->waiting())
      stream_.reset();
  }

  void on_deadline(bool hurried) override {
    auto keep = keep_;
    run_here([&] {
      if (hurried && where_->entrance->closed)
        fail("no answer yet, and this side ends");
      else if (hurried)
        set_deadline();
      else
        fail("no answer within " + std::to_string(bounds().connect_timeout_ms / 1000) + " s");
    });
  }

  void try_next() {
    socket_.reset();
    for (; tried_ < addresses_.size(); ++tried_) {
      const auto& address = addresses_[tried_];
      auto socket = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      if (socket < 0) {
        error_ = errno;
        continue;
      }
      int on = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (::connect(socket, address.data(), address.size) != 0 && errno != EINPROGRESS) {
        error_ = errno;
        ::close(socket);
        continue;
      }
      ++tried_;
      socket_ = std::make_unique<descriptor_watch>(thread(), socket);
      socket_->wait_writable(keep_, [this] { run_here([this] { connected(); }); });
      return;
    }
    fail(error_text(error_));
  }

  void connected() {
    socklen_t size = sizeof error_;
    if (::getsockopt(socket_->native(), SOL_SOCKET, SO_ERROR, &error_, &size) != 0)
      error_ = errno;
    if (error_ != 0) {
      try_next();
      return;
    }
    stream_ = make_socket_stream(socket_->release());
    if (!where_->layers) {
      hand_over();
      return;
    }
    stream_ = where_->layers(std::move(stream_));
    stream_->open(*this, *this);
    establish();
  }

  void establish() {
    auto result = stream_->establish();
    switch (result.what) {
    case io_result::outcome::moved: hand_over(); break;
    case io_result::outcome::would_block: stream_->wait_readable(); break;
    case io_result::outcome::end:
    case io_result::outcome::failed: fail(stream_->explain(result)); break;
    }
  }

  void on_readable() override {
    if (ended_)
      forget_stream();
    else
      run_here([this] { establish(); });
  }

  void on_writable() override { on_readable(); }

  void hand_over() {
    home_system().spawn<connection>(thread(), std::move(stream_), where_->entrance,
                                    std::move(request_.channel), std::move(request_.connect));
    quit();
  }

  void fail(const std::string& why) {
    post(request_.channel.channel,
         close_channel{protocol::reason_code::server_unavailable,
                       "cannot connect to " + to_string(to()) + ": " + why,
                       request_.channel.attempt},
         context());
    quit();
  }

  const endpoint& to() const noexcept { return where_->to; }
  const limits& bounds() const noexcept { return where_->entrance->limits; }
  void set_deadline() {
    thread().set_deadline(*this, std::chrono::milliseconds{bounds().connect_timeout_ms});
  }

  destination_ptr where_;
  open_session request_;
  std::optional<resolver> resolver_;
  std::vector<socket_address> addresses_;
  std::size_t tried_ = 0;
  int error_ = 0;
  std::unique_ptr<descriptor_watch> socket_; ///< until it is connected
  std::unique_ptr<stream> stream_;           ///< from then on
  bool ended_ = false;
  caf::strong_actor_ptr keep_; ///< nobody else knows this actor
};

class dialing_connector final : public batch_actor {
public:
  dialing_connector(caf::actor_config& config, io_threads& threads, destination_ptr where)
      : batch_actor(config, nullptr), threads_(threads), where_(std::move(where)) {}

private:
  void on_exit() override { where_->entrance->closed = true; }

  bool on_message(caf::mailbox_element& element) override {
    return match_message<open_session, close_channel>(element, [this](auto& message) {
      if constexpr (std::is_same_v<decltype(message), open_session&>)
        home_system().spawn<dial>(threads_.next(), where_, std::move(message));
      else
        quit();
    });
  }

  io_threads& threads_;
  destination_ptr where_;
};

} // namespace

caf::actor spawn_connector(const endpoint& to, std::string transport,
                           const transport_context& context, stream_layers layers) {
  return context.system.spawn<dialing_connector>(
      context.threads, std::make_shared<const destination>(destination{
                           to, make_exit(std::move(transport), context), std::move(layers)}));
}

} // namespace actorbus::transports
