#include "bus_network.hpp"

#include <caf/send.hpp>

#include <filesystem>
#include <stdexcept>

#include <stdlib.h>

namespace actorbus::conformance {

network_bus::network_bus(const std::string& url, const std::function<void(transports::transport_context&)>& adjust)
    : system_{config_}, threads_{system_, 1}, bus_{system_, {.limits = limits_of_next_bus(), .seed = 0}} {
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

temporary_folder::temporary_folder() : path_{std::filesystem::temp_directory_path() / "actorbus-XXXXXX"} {
  if (!::mkdtemp(path_.data()))
    throw std::runtime_error{"no temporary folder " + path_};
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

namespace {

class tcp_bus : public network_bus {
public:
  tcp_bus() : network_bus{"mqtt://127.0.0.1:0"} {}

  std::unique_ptr<wire> open_wire() override { return open_tcp_wire("127.0.0.1", port()); }
};

class unix_bus : private temporary_folder, public network_bus {
public:
  unix_bus() : network_bus{"unix://" + temporary_folder::path() + "/bus"} {}

  std::unique_ptr<wire> open_wire() override { return open_unix_wire(temporary_folder::path() + "/bus"); }
};

} // namespace

bus_factory tcp_channels() {
  return {"tcp", [] { return std::make_shared<tcp_bus>(); }};
}

bus_factory unix_channels() {
  return {"unix", [] { return std::make_shared<unix_bus>(); }};
}

} // namespace actorbus::conformance
