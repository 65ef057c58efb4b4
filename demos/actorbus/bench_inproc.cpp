#include "bench_inproc.hpp"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <future>
#include <stdexcept>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <fmt/format.h>

#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/messages.hpp>
#include <actorbus/actors/outbound_meter.hpp>
#include <actorbus/actors/system_config.hpp>
#include <actorbus/protocol/encode.hpp>

namespace actorbus::demos {

/// The consumer has taken so many messages: as many more may come.
struct bench_credit {
  std::uint64_t messages = 0;
};

/// Whom the producer sends to.
struct bench_target {
  caf::actor actor;
  std::uint32_t link = 0;
};

} // namespace actorbus::demos

ACTORBUS_LOCAL_MESSAGE(actorbus::demos::bench_credit)
ACTORBUS_LOCAL_MESSAGE(actorbus::demos::bench_target)

namespace actorbus::demos {

namespace {

constexpr std::string_view topic = "bench/0";

struct cost {
  double cpu_ns = 0;
  double wall_ns = 0;
};

double seconds_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Runs `body` and divides what it took by `messages`.
template <class Body>
cost measure(std::uint64_t messages, Body&& body) {
  auto wall = seconds_of(CLOCK_MONOTONIC);
  auto cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  body();
  auto each = 1e9 / static_cast<double>(messages);
  return {(seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu) * each,
          (seconds_of(CLOCK_MONOTONIC) - wall) * each};
}

/// `count` PUBLISH packets one behind the other.
frame make_packets(std::size_t count, std::size_t payload_bytes) {
  std::vector<std::uint8_t> payload(payload_bytes, 'x');
  protocol::publish packet;
  packet.topic = topic;
  packet.payload = payload;
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < count; ++i)
    protocol::append(bytes, packet, protocol::protocol_version::v3_1_1);
  frame result{buffer::make(bytes.size()), 0, static_cast<std::uint32_t>(bytes.size())};
  std::memcpy(result.bytes->data(), bytes.data(), bytes.size());
  return result;
}

frame make_frame(const protocol::packet& packet) {
  std::vector<std::uint8_t> bytes;
  protocol::append(bytes, packet, protocol::protocol_version::v3_1_1);
  frame result{buffer::make(bytes.size()), 0, static_cast<std::uint32_t>(bytes.size())};
  std::memcpy(result.bytes->data(), bytes.data(), bytes.size());
  return result;
}

/// Sends fresh frames as fast as the consumer takes them.
class producer {
public:
  producer(std::uint64_t count, std::size_t batch, std::size_t payload_bytes)
      : left_(count), batch_(batch), sample_(make_packets(batch, payload_bytes)) {}

  template <class Send>
  void go(std::uint64_t messages, Send&& send) {
    messages = std::min(messages, left_);
    left_ -= messages;
    for (; messages > 0; messages -= std::min<std::uint64_t>(batch_, messages)) {
      frame fresh{buffer::make(sample_.size), 0, sample_.size};
      std::memcpy(fresh.bytes->data(), sample_.bytes->data(), sample_.size);
      send(std::move(fresh));
    }
  }

private:
  std::uint64_t left_;
  std::size_t batch_;
  frame sample_;
};

/// Counts, gives credit back, and tells when all have come.
class consumer {
public:
  consumer(std::uint64_t count, std::uint64_t window, std::promise<void>& done)
      : count_(count), window_(window), done_(done) {}

  /// @returns how much credit to give back now
  std::uint64_t take(std::uint64_t messages) {
    auto before = got_ / window_;
    got_ += messages;
    if (got_ >= count_ && !std::exchange(told_, true))
      done_.set_value();
    return (got_ / window_ - before) * window_;
  }

private:
  std::uint64_t count_;
  std::uint64_t window_;
  std::promise<void>& done_;
  std::uint64_t got_ = 0;
  bool told_ = false;
};

/// An application's actor on the bus, as lean as one can be: frames in, frames out.
class bus_application : public batch_actor {
public:
  bus_application(caf::actor_config& config, caf::actor broker, std::string name)
      : batch_actor(config, nullptr), broker_(std::move(broker)), name_(std::move(name)) {}

protected:
  void on_start() override {
    protocol::connect packet;
    packet.version = protocol::protocol_version::v3_1_1;
    packet.client_id = name_;
    open_session request;
    request.channel.channel = this_actor();
    request.channel.transport = "memory";
    request.channel.peer = name_;
    request.channel.meter = meter_;
    request.connect = make_frame(packet);
    post(broker_, std::move(request), context());
  }

  caf::actor this_actor() { return caf::actor_cast<caf::actor>(ctrl()); }

  void send(frame packets) {
    packets.link = link_;
    post(session_, std::move(packets), context());
  }

  void opened(const session_opened& message) {
    session_ = message.session;
    link_ = message.link;
  }

  void taken(std::size_t bytes) {
    if (meter_->take(bytes))
      post(session_, outbound_drained{}, context());
  }

private:
  caf::actor broker_;
  std::string name_;
  std::shared_ptr<outbound_meter> meter_ = std::make_shared<outbound_meter>();
  caf::actor session_;
  std::uint32_t link_ = 0;
};

class bus_producer : public bus_application {
public:
  bus_producer(caf::actor_config& config, caf::actor broker, producer source,
               std::promise<void>& ready)
      : bus_application(config, std::move(broker), "producer"),
        source_(std::move(source)),
        ready_(ready) {}

protected:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<bench_credit, session_opened, frame, close_channel>(
        element, [this](auto& message) { on(message); });
  }

private:
  void on(bench_credit& message) {
    source_.go(message.messages, [this](frame&& packets) { send(std::move(packets)); });
  }
  void on(session_opened& message) {
    opened(message);
    ready_.set_value();
  }
  void on(frame& answer) { taken(answer.size); }
  void on(close_channel&) { quit(); }

  producer source_;
  std::promise<void>& ready_;
};

class bus_consumer : public bus_application {
public:
  bus_consumer(caf::actor_config& config, caf::actor broker, consumer sink,
               std::size_t packet_bytes, std::promise<void>& ready)
      : bus_application(config, std::move(broker), "consumer"),
        sink_(std::move(sink)),
        packet_bytes_(packet_bytes),
        ready_(ready) {}

protected:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<frame, bench_target, session_opened, close_channel>(
        element, [this](auto& message) { on(message); });
  }

private:
  void on(frame& packets) {
    taken(packets.size);
    auto type = packets.view()[0] >> 4;
    if (type == static_cast<int>(protocol::packet_type::connack)) {
      std::vector<std::uint8_t> raw;
      protocol::append_entry(raw, protocol::subscription{topic, {}, false, false, {}},
                             protocol::protocol_version::v3_1_1);
      send(make_frame(
          protocol::subscribe{1, {}, protocol::entry_list<protocol::subscription>{raw}}));
    } else if (type == static_cast<int>(protocol::packet_type::suback)) {
      ready_.set_value();
    } else if (auto credit = sink_.take(packets.size / packet_bytes_); credit > 0) {
      post(producer_, bench_credit{credit}, context());
    }
  }
  void on(bench_target& message) { producer_ = message.actor; }
  void on(session_opened& message) { opened(message); }
  void on(close_channel&) { quit(); }
  void on_exit() override { producer_ = {}; }

  consumer sink_;
  std::size_t packet_bytes_;
  std::promise<void>& ready_;
  caf::actor producer_;
};

/// Frames over the bus, `batch` messages each.
cost run_bus(const inproc_options& options, std::uint64_t count, std::size_t batch) {
  system_config config{options.threads};
  caf::actor_system system{config};
  bus local{system};
  auto window = std::max<std::uint64_t>(1'000, batch * 4);
  count = count / window * window;
  std::promise<void> may_send;
  std::promise<void> may_receive;
  std::promise<void> done;
  auto packet_bytes = make_packets(1, options.payload_bytes).size;
  auto to = system.spawn<bus_consumer>(local.broker(), consumer{count, window, done}, packet_bytes,
                                       may_receive);
  auto from = system.spawn<bus_producer>(local.broker(),
                                         producer{count, batch, options.payload_bytes}, may_send);
  post(to, bench_target{from, 0}, nullptr);
  may_send.get_future().wait();
  may_receive.get_future().wait();
  auto result = measure(count, [&] {
    post(from, bench_credit{2 * window}, nullptr);
    done.get_future().wait();
  });
  for (auto& each : {from, to})
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  return result;
}

/// The same frames over two hops of CAF's own event-based actors with plain behaviours.
cost run_plain(const inproc_options& options, std::uint64_t count) {
  system_config config{options.threads};
  caf::actor_system system{config};
  constexpr std::uint64_t window = 1'000;
  count = count / window * window;
  std::promise<void> done;
  auto to = system.spawn([&done, count](caf::event_based_actor* self) -> caf::behavior {
    auto sink = std::make_shared<consumer>(consumer{count, window, done});
    auto back = std::make_shared<caf::actor>();
    return {[back](bench_target& target) { *back = target.actor; },
            [self, sink, back](const frame&) {
              if (auto credit = sink->take(1); credit > 0)
                self->send(*back, bench_credit{credit});
            }};
  });
  auto relay = system.spawn([to](caf::event_based_actor* self) -> caf::behavior {
    return {[self, to](frame& packets) { self->send(to, std::move(packets)); }};
  });
  auto from = system.spawn([&options, relay, count](caf::event_based_actor* self) -> caf::behavior {
    auto source = std::make_shared<producer>(count, 1, options.payload_bytes);
    return {[self, relay, source](bench_credit& credit) {
      source->go(credit.messages,
                 [self, &relay](frame&& packets) { self->send(relay, std::move(packets)); });
    }};
  });
  caf::anon_send(to, bench_target{from, 0});
  auto result = measure(count, [&] {
    caf::anon_send(from, bench_credit{2 * window});
    done.get_future().wait();
  });
  for (auto& each : {from, relay, to})
    caf::anon_send_exit(each, caf::exit_reason::kill);
  return result;
}

cost middle(std::vector<cost> runs) {
  std::sort(runs.begin(), runs.end(),
            [](const cost& a, const cost& b) { return a.cpu_ns < b.cpu_ns; });
  return runs[runs.size() / 2];
}

} // namespace

std::string run_inproc(const inproc_options& options) {
  constexpr std::size_t batches[] = {1, 10, 100, 1000};
  std::vector<std::vector<cost>> runs(1 + std::size(batches));
  for (int run = 0; run < options.repeat; ++run) {
    runs[0].push_back(run_plain(options, options.count));
    for (std::size_t i = 0; i < std::size(batches); ++i)
      runs[i + 1].push_back(run_bus(options, options.count * (i + 1), batches[i]));
  }
  auto plain = middle(runs[0]);
  auto row = [&plain](std::string_view name, const cost& each) {
    return fmt::format("{:<44}{:>12.1f}{:>12.1f}{:>12.3f}\n", name, each.cpu_ns, each.wall_ns,
                       each.cpu_ns / plain.cpu_ns);
  };
  auto table = fmt::format("inproc, {} B payload, {} thread{}\n{:<44}{:>12}{:>12}{:>12}\n",
                           options.payload_bytes, options.threads, options.threads == 1 ? "" : "s",
                           "a message", "CPU ns", "wall ns", "ratio");
  table += row("plain CAF, two hops, a frame each", plain);
  for (std::size_t i = 0; i < std::size(batches); ++i)
    table += row(fmt::format("bus, three hops, {} in a frame", batches[i]), middle(runs[i + 1]));
  return table;
}

} // namespace actorbus::demos
