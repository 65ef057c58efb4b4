#include "bus_many.hpp"

#include "link_channel.hpp"

#include "../../demos/string_phone.hpp"

#include <actorbus/transports/acceptor.hpp>
#include <actorbus/transports/owned_descriptor.hpp>
#include <actorbus/transports/socket_address.hpp>
#include <actorbus/transports/socket_stream.hpp>

#include <caf/send.hpp>

#include <atomic>
#include <stdexcept>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace actorbus::conformance {

many_channel_bus::many_channel_bus(std::size_t io_threads, const actorbus::limits& bounds)
    : system_{config_},
      threads_{system_, io_threads},
      bus_{system_, {.limits = bounds, .seed = 0, .authenticator = known_method_.authenticator()}} {}

many_channel_bus::~many_channel_bus() {
  for (const auto& each : listeners_)
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
}

transports::transport_context many_channel_bus::context() {
  return {
      .system = system_, .threads = threads_, .limits = bus_.limits(), .broker = bus_.broker(), .counters = counters_};
}

std::string many_channel_bus::listen(const std::string& url) {
  auto bound = table_.listen(url, context());
  if (!bound)
    throw std::runtime_error{bound.error()};
  listeners_.push_back(bound->listener);
  return bound->url;
}

void many_channel_bus::add_memory() {
  ways_.push_back({"memory", [this] { return open_memory_wire(system_, bus_.broker()); }});
}

void many_channel_bus::add_tcp() {
  const auto url = listen("mqtt://127.0.0.1:0");
  const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  ways_.push_back({"tcp", [port] { return open_tcp_wire("127.0.0.1", port); }});
}

void many_channel_bus::add_shm() {
  const auto name = unused_shm_name();
  listen("shm://" + name);
  ways_.push_back({"shm", [name] { return open_shm_wire(name); }});
}

void many_channel_bus::add_torn_tcp(tearing how) {
  transports::owned_descriptor made{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(made.get(), reinterpret_cast<sockaddr*>(&any), sizeof any) != 0 || ::listen(made.get(), 64) != 0)
    throw std::runtime_error{"no port is free"};
  const auto port = transports::local_address(made.get()).port();
  auto open = [how](int socket) mutable {
    ++how.seed;
    return tear(transports::make_socket_stream(socket), how);
  };
  listeners_.push_back(transports::spawn_acceptor({made.release()}, {.transport = "tcp", .open = open}, context()));
  ways_.push_back({"torn tcp", [port] { return open_tcp_wire("127.0.0.1", port); }});
}

void many_channel_bus::add_string() {
  auto names = std::make_shared<string_phone::directory>();
  table_.add(string_phone::make_transport(names));
  listen("string://test");
  auto calls = std::make_shared<string_phone::caller>(names);
  auto to = *table_.parse("string://test");
  ways_.push_back({"string", [=] { return std::make_unique<channel_wire>(calls->connect(to)); }});
}

const many_channel_bus::way& many_channel_bus::operator[](const std::string& name) const {
  for (const auto& each : ways_)
    if (each.name == name)
      return each;
  throw std::invalid_argument{"no such way to the bus: " + name};
}

std::string unused_shm_name() {
  static std::atomic<unsigned> count{0};
  return "test-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

bus_factory shm_channels() {
  return {"shm", [] {
            auto result = std::make_shared<many_channel_bus>(1, limits_of_next_bus());
            result->add_shm();
            return result;
          }};
}

bus_factory string_channels() {
  return {"string", [] {
            auto result = std::make_shared<many_channel_bus>(1, limits_of_next_bus());
            result->add_string();
            return result;
          }};
}

} // namespace actorbus::conformance
