#include <actorbus/transports/shm_connector.hpp>

#include <cerrno>
#include <memory>
#include <system_error>
#include <type_traits>
#include <utility>

#include <sys/socket.h>

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/messages.hpp>
#include <actorbus/transports/connection.hpp>
#include <actorbus/transports/descriptor_watch.hpp>
#include <actorbus/transports/io_threads.hpp>
#include <actorbus/transports/owned_descriptor.hpp>
#include <actorbus/transports/shm_rendezvous.hpp>
#include <actorbus/transports/shm_stream.hpp>

namespace actorbus::transports {

namespace {

/// Opens one link: connects, waits for the server's memory, hands it to a `connection`, ends.
class shm_dial final : public batch_actor, private timer_wheel::entry {
public:
  shm_dial(caf::actor_config& config, io_thread& home, endpoint to, gate_ptr entrance,
           open_session request)
      : batch_actor(config, &home),
        to_(std::move(to)),
        gate_(std::move(entrance)),
        request_(std::move(request)) {}

private:
  io_thread& thread() const noexcept { return static_cast<io_thread&>(*home()); }

  void on_start() override {
    auto address = shm_address(to_.name);
    owned_descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!socket || ::connect(socket.get(), address.data(), address.size) != 0) {
      fail(explain(errno));
      return;
    }
    set_deadline();
    socket_ = std::make_unique<descriptor_watch>(thread(), socket.release());
    waiting_ = true;
    socket_->wait_readable(caf::strong_actor_ptr{ctrl()}, [this] {
      waiting_ = false;
      run_here([this] { answered(); });
    });
  }

  static std::string explain(int error) {
    switch (error) {
    case ECONNREFUSED: return "no program of this machine has taken the name";
    case EAGAIN: return "too many clients are waiting there";
    default: return std::system_category().message(error);
    }
  }

  bool on_message(caf::mailbox_element& element) override {
    return match_message<close_channel>(element, [this](close_channel&) { quit(); });
  }

  void on_exit() override {
    thread().cancel_deadline(*this);
    if (socket_ && waiting_)
      socket_->close(); // its answer keeps this actor until then
    else
      socket_.reset();
    request_ = {};
  }

  void set_deadline() {
    thread().set_deadline(*this, std::chrono::milliseconds{gate_->limits.connect_timeout_ms});
  }

  void on_deadline(bool hurried) override {
    caf::strong_actor_ptr keep{ctrl()};
    run_here([&] {
      if (!hurried)
        fail("no answer within " + std::to_string(gate_->limits.connect_timeout_ms / 1000) + " s");
      else if (gate_->closed)
        fail("no answer yet, and this side ends");
      else
        set_deadline();
    });
  }

  void answered() {
    auto link = take_shm_welcome(socket_->native());
    if (!link) {
      fail(link.error());
      return;
    }
    home_system().spawn<connection>(
        thread(), make_shm_stream(std::move(*link), to_string(to_), nullptr), gate_,
        std::move(request_.channel), std::move(request_.connect));
    quit();
  }

  void fail(const std::string& why) {
    post(request_.channel.channel,
         close_channel{protocol::reason_code::server_unavailable,
                       "cannot connect to " + to_string(to_) + ": " + why,
                       request_.channel.attempt},
         context());
    quit();
  }

  endpoint to_;
  gate_ptr gate_;
  open_session request_;
  std::unique_ptr<descriptor_watch> socket_;
  bool waiting_ = false;
};

class shm_connector final : public batch_actor {
public:
  shm_connector(caf::actor_config& config, io_threads& threads, endpoint to, gate_ptr entrance)
      : batch_actor(config, nullptr),
        threads_(threads),
        to_(std::move(to)),
        gate_(std::move(entrance)) {}

private:
  void on_exit() override { gate_->closed = true; }

  bool on_message(caf::mailbox_element& element) override {
    return match_message<open_session, close_channel>(element, [this](auto& message) {
      if constexpr (std::is_same_v<decltype(message), open_session&>)
        home_system().spawn<shm_dial>(threads_.next(), to_, gate_, std::move(message));
      else
        quit();
    });
  }

  io_threads& threads_;
  endpoint to_;
  gate_ptr gate_;
};

} // namespace

or_error<caf::actor> connect_shm(const endpoint& at, const transport_context& context) {
  if (shm_address(at.name).size == 0)
    return protocol::unexpected{to_string(at) + ": the name is too long: 80 bytes are the most"};
  return context.system.spawn<shm_connector>(context.threads, at, make_exit("shm", context));
}

} // namespace actorbus::transports
