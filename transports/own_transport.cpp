#include <actorbus/transports/own_transport.hpp>

#include <exception>
#include <mutex>
#include <type_traits>
#include <utility>

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/messages.hpp>
#include <actorbus/transports/channel_stream.hpp>
#include <actorbus/transports/connection.hpp>
#include <actorbus/transports/io_threads.hpp>

namespace actorbus::transports {

namespace {

std::unique_ptr<stream> make_stream(std::unique_ptr<channel> link, const limits& bounds) {
  return make_channel_stream(std::move(link), channel_bytes_waiting + bounds.packet_size_bytes_max);
}

/// Where a listener's channels come in, on any thread.
class porch {
public:
  porch(gate_ptr entrance, const transport_context& context)
      : gate_(std::move(entrance)),
        system_(context.system),
        threads_(context.threads),
        broker_(context.broker) {}

  bool welcome(std::unique_ptr<channel> link) {
    std::lock_guard guard{mutex_};
    auto& counters = *gate_->counters;
    if (gate_->closed || gate_->is_full()) {
      counters.refused.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    counters.accepted.fetch_add(1, std::memory_order_relaxed);
    system_.spawn<connection>(threads_.next(), make_stream(std::move(link), gate_->limits), gate_,
                              broker_);
    return true;
  }

  void close() {
    std::lock_guard guard{mutex_};
    gate_->closed = true;
    broker_ = nullptr;
    threads_.hurry(); // for those who haven't sent their CONNECT
  }

private:
  std::mutex mutex_;
  gate_ptr gate_;
  caf::actor_system& system_;
  io_threads& threads_;
  caf::actor broker_;
};

/// Keeps a listener until it is told to end.
class listener_keeper final : public batch_actor {
public:
  listener_keeper(caf::actor_config& config, std::unique_ptr<listener> listens,
                  std::shared_ptr<porch> entrance)
      : batch_actor(config, nullptr), listener_(std::move(listens)), porch_(std::move(entrance)) {}

private:
  void on_start() override { keep_ = caf::strong_actor_ptr{ctrl()}; }

  bool on_message(caf::mailbox_element& element) override {
    return match_message<close_channel>(element, [this](close_channel&) { quit(); });
  }

  void on_exit() override {
    listener_->close();
    porch_->close();
    listener_.reset();
    keep_ = nullptr;
  }

  std::unique_ptr<listener> listener_;
  std::shared_ptr<porch> porch_;
  caf::strong_actor_ptr keep_;
};

/// Opens a channel for every `open_session` that it gets.
class connector_actor final : public batch_actor {
public:
  connector_actor(caf::actor_config& config, io_threads& threads, std::shared_ptr<connector> how,
                  endpoint to, gate_ptr entrance)
      : batch_actor(config, nullptr),
        threads_(threads),
        connector_(std::move(how)),
        to_(std::move(to)),
        gate_(std::move(entrance)) {}

private:
  void on_exit() override { gate_->closed = true; }

  bool on_message(caf::mailbox_element& element) override {
    return match_message<open_session, close_channel>(element, [this](auto& message) {
      if constexpr (std::is_same_v<decltype(message), open_session&>)
        dial(message);
      else
        quit();
    });
  }

  void dial(open_session& request) {
    try {
      auto link = connector_->connect(to_);
      home_system().spawn<connection>(threads_.next(), make_stream(std::move(link), gate_->limits),
                                      gate_, std::move(request.channel),
                                      std::move(request.connect));
    } catch (const std::exception& why) {
      post(request.channel.channel,
           close_channel{protocol::reason_code::server_unavailable,
                         "cannot connect to " + to_string(to_) + ": " + why.what(),
                         request.channel.attempt},
           context());
    }
  }

  io_threads& threads_;
  std::shared_ptr<connector> connector_;
  endpoint to_;
  gate_ptr gate_;
};

or_error<listening> listen_own(const own_transport& how, const endpoint& at,
                               const transport_context& context) {
  auto entrance = std::make_shared<porch>(make_entrance(at.scheme, context), context);
  listening result;
  result.local = how.local;
  try {
    auto listens = how.listens();
    auto bound = listens->listen(at, [entrance](std::unique_ptr<channel> link) {
      return entrance->welcome(std::move(link));
    });
    result.url = to_string(bound);
    result.listener =
        context.system.spawn<listener_keeper>(std::move(listens), std::move(entrance));
  } catch (const std::exception& why) {
    return protocol::unexpected{"cannot listen on " + to_string(at) + ": " + why.what()};
  }
  return result;
}

} // namespace

transport to_transport(own_transport what) {
  auto how = std::make_shared<const own_transport>(std::move(what));
  transport result{.schemes = how->schemes, .form = how->form, .default_port = how->default_port};
  if (how->listens)
    result.listen = [how](const endpoint& at, const transport_context& context) {
      return listen_own(*how, at, context);
    };
  if (how->connects)
    result.connect = [how](const endpoint& at,
                           const transport_context& context) -> or_error<caf::actor> {
      auto gate = make_exit(at.scheme, context);
      return context.system.spawn<connector_actor>(context.threads, how->connects, at,
                                                   std::move(gate));
    };
  return result;
}

} // namespace actorbus::transports
