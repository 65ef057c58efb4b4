#include <actorbus/transports/tcp_connector.hpp>

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

namespace actorbus::transports {

namespace {

using boost::asio::ip::tcp;
using resolver = boost::asio::ip::basic_resolver<tcp, boost::asio::io_context::executor_type>;

/// Opens one connection: asks for the addresses, tries one after the other, hands the first that
/// answers to a `connection`, ends.
class tcp_dial final : public batch_actor, private timer_wheel::entry {
public:
  tcp_dial(caf::actor_config& config, io_thread& home, endpoint to, gate_ptr entrance,
           open_session request)
      : batch_actor(config, &home),
        to_(std::move(to)),
        gate_(std::move(entrance)),
        request_(std::move(request)) {}

private:
  io_thread& thread() const noexcept { return static_cast<io_thread&>(*home()); }

  void on_start() override {
    keep_ = caf::strong_actor_ptr{ctrl()};
    thread().set_deadline(*this, std::chrono::milliseconds{gate_->limits.connect_timeout_ms});
    auto host = to_.host.empty() ? std::string{"localhost"} : to_.host;
    resolver_.emplace(thread().context());
    resolver_->async_resolve(
        host, std::to_string(to_.port), resolver::numeric_service,
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
    keep_ = nullptr;
  }

  void on_deadline(bool hurried) override {
    auto keep = keep_;
    run_here([&] {
      if (hurried && gate_->closed)
        fail("no answer yet, and this side ends");
      else if (hurried)
        thread().set_deadline(*this, std::chrono::milliseconds{gate_->limits.connect_timeout_ms});
      else
        fail("no answer within " + std::to_string(gate_->limits.connect_timeout_ms / 1000) + " s");
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
    fail(std::strerror(error_));
  }

  void connected() {
    socklen_t size = sizeof error_;
    if (::getsockopt(socket_->native(), SOL_SOCKET, SO_ERROR, &error_, &size) != 0)
      error_ = errno;
    if (error_ != 0) {
      try_next();
      return;
    }
    home_system().spawn<connection>(thread(), make_socket_stream(socket_->release()), gate_,
                                    std::move(request_.channel), std::move(request_.connect));
    quit();
  }

  void fail(const std::string& why) {
    post(request_.channel.channel,
         close_channel{protocol::reason_code::server_unavailable,
                       "cannot connect to " + to_string(to_) + ": " + why},
         context());
    quit();
  }

  endpoint to_;
  gate_ptr gate_;
  open_session request_;
  std::optional<resolver> resolver_;
  std::vector<socket_address> addresses_;
  std::size_t tried_ = 0;
  int error_ = 0;
  std::unique_ptr<descriptor_watch> socket_;
  caf::strong_actor_ptr keep_; ///< nobody else knows this actor
};

class tcp_connector final : public batch_actor {
public:
  tcp_connector(caf::actor_config& config, io_threads& threads, endpoint to, gate_ptr entrance)
      : batch_actor(config, nullptr),
        threads_(threads),
        to_(std::move(to)),
        gate_(std::move(entrance)) {}

private:
  void on_exit() override { gate_->closed = true; }

  bool on_message(caf::mailbox_element& element) override {
    return match_message<open_session, close_channel>(element, [this](auto& message) {
      if constexpr (std::is_same_v<decltype(message), open_session&>)
        home_system().spawn<tcp_dial>(threads_.next(), to_, gate_, std::move(message));
      else
        quit();
    });
  }

  io_threads& threads_;
  endpoint to_;
  gate_ptr gate_;
};

} // namespace

or_error<caf::actor> connect_tcp(const endpoint& at, const transport_context& context) {
  if (at.port == 0)
    return protocol::unexpected{to_string(at) + ": port 0 can't be connected to"};
  auto entrance = std::make_shared<gate>();
  entrance->limits = context.limits;
  entrance->transport = "tcp";
  return context.system.spawn<tcp_connector>(context.threads, at, std::move(entrance));
}

} // namespace actorbus::transports
