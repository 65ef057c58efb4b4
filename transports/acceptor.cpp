#include <actorbus/transports/acceptor.hpp>

#include <cerrno>
#include <new>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/messages.hpp>
#include <actorbus/transports/connection.hpp>
#include <actorbus/transports/descriptor_watch.hpp>
#include <actorbus/transports/io_threads.hpp>
#include <actorbus/transports/socket_stream.hpp>

namespace actorbus::transports {

namespace {

constexpr int accepts_per_turn = 64;
constexpr auto pause_without_descriptors = std::chrono::milliseconds{100};

class acceptor final : public batch_actor, private timer_wheel::entry {
public:
  acceptor(caf::actor_config& config, io_thread& home, io_threads& threads,
           std::vector<int> sockets, acceptor_options options, gate_ptr entrance, caf::actor broker)
      : batch_actor(config, &home),
        threads_(threads),
        unopened_(std::move(sockets)),
        options_(std::move(options)),
        gate_(std::move(entrance)),
        broker_(std::move(broker)) {}

  ~acceptor() override {
    for (auto socket : unopened_)
      ::close(socket);
  }

private:
  struct door {
    std::unique_ptr<descriptor_watch> socket;
    bool waiting = false;
  };

  io_thread& thread() const noexcept { return static_cast<io_thread&>(*home()); }

  void on_start() override {
    keep_ = caf::strong_actor_ptr{ctrl()};
    doors_.reserve(unopened_.size()); // waits point to them
    for (auto socket : std::exchange(unopened_, {}))
      doors_.push_back({std::make_unique<descriptor_watch>(thread(), socket)});
    for (auto& each : doors_)
      wait(each);
  }

  bool on_message(caf::mailbox_element& element) override {
    return match_message<close_channel>(element, [this](close_channel&) { quit(); });
  }

  void on_exit() override {
    thread().cancel_deadline(*this);
    for (auto& each : doors_) {
      each.socket->close();
      if (!each.waiting)
        each.socket.reset();
    }
    if (options_.on_closed)
      options_.on_closed();
    options_ = {};
    gate_->closed = true;
    threads_.hurry(); // for those who haven't sent their CONNECT
    broker_ = nullptr;
    keep_ = nullptr;
  }

  void wait(door& at) {
    at.waiting = true;
    at.socket->wait_readable(keep_, [this, &at] {
      at.waiting = false;
      if (gate_->closed)
        at.socket.reset();
      else
        run_here([this, &at] { accept_from(at); });
    });
  }

  void accept_from(door& at) {
    for (int i = 0; i < accepts_per_turn; ++i) {
      auto socket = ::accept4(at.socket->native(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (socket >= 0) {
        welcome(socket);
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        break;
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        // Whoever waits stays in the queue; asking again at once would only burn time.
        gate_->counters->starved.fetch_add(1, std::memory_order_relaxed);
        thread().set_deadline(*this, pause_without_descriptors);
        return;
      } // others concern that one connection
    }
    wait(at);
  }

  void welcome(int socket) {
    auto& counters = *gate_->counters;
    if (gate_->is_full()) {
      counters.refused.fetch_add(1, std::memory_order_relaxed);
      ::close(socket);
      return;
    }
    try {
      auto bytes = options_.open ? options_.open(socket) : make_socket_stream(socket);
      if (!bytes) {
        counters.refused.fetch_add(1, std::memory_order_relaxed);
        return;
      }
      counters.accepted.fetch_add(1, std::memory_order_relaxed);
      if (options_.layers)
        bytes = options_.layers(std::move(bytes));
      home_system().spawn<connection>(threads_.next(), std::move(bytes), gate_, broker_);
    } catch (const std::bad_alloc&) {
      counters.starved.fetch_add(1, std::memory_order_relaxed); // and the next one may have luck
    }
  }

  void on_deadline(bool) override {
    run_here([this] {
      for (auto& each : doors_)
        if (!each.waiting)
          wait(each);
    });
  }

  io_threads& threads_;
  std::vector<int> unopened_;
  std::vector<door> doors_;
  acceptor_options options_;
  gate_ptr gate_;
  caf::actor broker_;
  caf::strong_actor_ptr keep_; ///< listens until it is told to end, whoever knows it
};

} // namespace

caf::actor spawn_acceptor(std::vector<int> sockets, acceptor_options options,
                          const transport_context& context) {
  auto entrance = make_entrance(options.transport, context);
  return context.system.spawn<acceptor>(context.threads.next(), context.threads, std::move(sockets),
                                        std::move(options), std::move(entrance), context.broker);
}

} // namespace actorbus::transports
