#include "adversary.hpp"

#include <cstdlib>
#include <stdexcept>

namespace actorbus::conformance {

namespace {

class external_bus : public bus {
public:
  external_bus(std::string host, std::uint16_t port) : host_{std::move(host)}, port_{port} {}

  std::unique_ptr<wire> open_wire() override { return open_tcp_wire(host_, port_); }

private:
  std::string host_;
  std::uint16_t port_;
};

bus_factory external(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos)
    throw std::invalid_argument{"ACTORBUS_CONFORMANCE_URL: HOST:PORT expected, not " + address};
  auto host = address.substr(0, colon);
  const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1)));
  return {"external " + address, [=] { return std::make_shared<external_bus>(host, port); }};
}

} // namespace

namespace {

/// `PIECE_MAX[:SEED]`
void tear_all(std::vector<bus_factory>& channels, const std::string& text) {
  tearing how{.piece_max = std::stoul(text), .pauses = true};
  if (const auto colon = text.find(':'); colon != std::string::npos)
    how.seed = static_cast<unsigned>(std::stoul(text.substr(colon + 1)));
  for (auto& each : channels)
    each = each.name == "tcp" ? torn_tcp_channels(how) : torn(each, how);
}

} // namespace

limits& limits_of_next_bus() {
  static limits bounds;
  return bounds;
}

std::vector<bus_factory> all_channels() {
  if (const auto* address = std::getenv("ACTORBUS_CONFORMANCE_URL"))
    return {external(address)};
  return {memory_channels(), tcp_channels(),        unix_channels(), tls_channels(),
          web_channels(),    secure_web_channels(), shm_channels(),  string_channels()};
}

std::vector<bus_factory> chosen_channels() {
  auto channels = all_channels();
  if (const auto* name = std::getenv("ACTORBUS_CONFORMANCE_CHANNEL"))
    std::erase_if(channels, [=](const bus_factory& each) { return each.name != name; });
  if (const auto* how = std::getenv("ACTORBUS_CONFORMANCE_TEAR"))
    tear_all(channels, how);
  return channels;
}

} // namespace actorbus::conformance
