#include "bus_network.hpp"

#include "certificates.hpp"
#include "temporary_folder.hpp"

#include <caf/send.hpp>

#include <stdexcept>

namespace actorbus::conformance {

network_bus::network_bus(const std::string& url, const std::function<void(transports::transport_context&)>& adjust)
    : system_{config_},
      threads_{system_, 1},
      bus_{system_, {.limits = limits_of_next_bus(), .seed = 0, .authenticator = known_method_.authenticator()}} {
  transports::transport_context context{system_, threads_, bus_.limits(), bus_.broker()};
  if (adjust)
    adjust(context);
  auto bound = transports::transport_table{}.listen(url, context);
  if (!bound)
    throw std::runtime_error{bound.error()};
  listener_ = bound->listener;
  url_ = bound->url;
}

network_bus::~network_bus() {
  caf::anon_send_exit(listener_, caf::exit_reason::user_shutdown);
}

std::uint16_t network_bus::port() const {
  return static_cast<std::uint16_t>(std::stoi(url_.substr(url_.find(':', url_.find("://") + 3) + 1)));
}

namespace {

class tcp_bus : public network_bus {
public:
  tcp_bus() : network_bus{"mqtt://127.0.0.1:0"} {}

  std::unique_ptr<wire> open_wire() override { return open_tcp_wire("127.0.0.1", port()); }
};

class unix_bus : private test::temporary_folder, public network_bus {
public:
  unix_bus() : network_bus{"unix://" + temporary_folder::path() + "/bus"} {}

  std::unique_ptr<wire> open_wire() override { return open_unix_wire(temporary_folder::path() + "/bus"); }
};

/// One certificate for all test cases of a program: making keys takes time.
void show_certificate(transports::transport_context& context) {
  static const auto authority = [] {
    auto result = std::make_unique<test::certificate_authority>();
    result->issue("server", {"localhost", "localhost"});
    return result;
  }();
  context.listener.tls.certificates = {{authority->certificate("server"), authority->key("server")}};
}

class tls_bus : public network_bus {
public:
  tls_bus() : network_bus{"mqtts://127.0.0.1:0", show_certificate} {}

  std::unique_ptr<wire> open_wire() override { return open_tls_wire("127.0.0.1", port()); }
};

class web_bus : public network_bus {
public:
  web_bus() : network_bus{"ws://127.0.0.1:0"} {}

  std::unique_ptr<wire> open_wire() override { return open_web_wire(open_tcp_wire("127.0.0.1", port())); }
};

class secure_web_bus : public network_bus {
public:
  secure_web_bus() : network_bus{"wss://127.0.0.1:0", show_certificate} {}

  std::unique_ptr<wire> open_wire() override { return open_web_wire(open_tls_wire("127.0.0.1", port())); }
};

} // namespace

bus_factory tls_channels() {
  return {"tls", [] { return std::make_shared<tls_bus>(); }};
}

bus_factory web_channels() {
  return {"ws", [] { return std::make_shared<web_bus>(); }};
}

bus_factory secure_web_channels() {
  return {"wss", [] { return std::make_shared<secure_web_bus>(); }};
}

bus_factory tcp_channels() {
  return {"tcp", [] { return std::make_shared<tcp_bus>(); }};
}

bus_factory unix_channels() {
  return {"unix", [] { return std::make_shared<unix_bus>(); }};
}

} // namespace actorbus::conformance
