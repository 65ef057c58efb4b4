#include "bench_connection.hpp"

#include <algorithm>
#include <cerrno>
#include <stdexcept>

#include <poll.h>
#include <sys/socket.h>

#include <actorbus/protocol/decode.hpp>
#include <actorbus/protocol/encode.hpp>

namespace actorbus::demos {

namespace {

constexpr int answer_timeout_ms = 10'000;

/// Exchanges one request for one answer of type `Answer`, with the socket's readiness awaited.
template <class Answer>
Answer ask(bench_connection& client, bench_scratch& scratch, protocol::protocol_version version,
           std::string_view name) {
  auto complaint = "bench: the broker did not answer " + std::string(name);
  while (!client.flush()) {
    if (!wait_ready(client.fd.get(), POLLOUT, answer_timeout_ms))
      throw std::runtime_error(complaint);
  }
  for (;;) {
    if (!wait_ready(client.fd.get(), POLLIN, answer_timeout_ms))
      throw std::runtime_error(complaint);
    auto rest = client.read(scratch);
    protocol::packet packet;
    if (!take_packet(rest, version, packet)) {
      client.keep(rest);
      continue;
    }
    client.keep(rest);
    if (auto* answer = std::get_if<Answer>(&packet))
      return *answer; // its views point into `scratch`
    throw std::runtime_error(complaint + " but sent another packet");
  }
}

} // namespace

bool bench_connection::flush() {
  while (has_output()) {
    auto n = ::send(fd.get(), out.data() + written, out.size() - written, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0 && errno == EAGAIN)
      return false;
    if (n < 0)
      throw std::runtime_error(system_failure("bench: the broker closed a connection"));
    written += static_cast<std::size_t>(n);
  }
  out.clear();
  written = 0;
  return true;
}

protocol::byte_view bench_connection::read(bench_scratch& scratch) {
  std::copy(tail.begin(), tail.end(), scratch.begin());
  auto n = ::recv(fd.get(), scratch.data() + tail.size(), scratch.size() - tail.size(), 0);
  if (n == 0)
    throw std::runtime_error("bench: the broker closed a connection");
  if (n < 0 && errno != EAGAIN && errno != EINTR)
    throw std::runtime_error(system_failure("bench: the broker closed a connection"));
  return {scratch.data(), tail.size() + static_cast<std::size_t>(std::max<ssize_t>(n, 0))};
}

std::vector<std::uint8_t> bench_connect(const bench_options& options, std::uint32_t run,
                                        std::uint32_t number, std::uint16_t keep_alive_seconds) {
  auto client_id = "bench-" + std::to_string(run) + "-" + std::to_string(number);
  protocol::property_list properties;
  if (options.version == protocol::protocol_version::v5)
    properties.add(protocol::property_id::receive_maximum, 65'535);
  protocol::connect connect;
  connect.version = options.version;
  connect.client_id = client_id;
  connect.keep_alive_seconds = keep_alive_seconds;
  connect.properties = properties;
  std::vector<std::uint8_t> bytes;
  protocol::append(bytes, protocol::packet{connect}, options.version);
  return bytes;
}

bench_connection open_client(const bench_options& options, const bench_address& address,
                             std::uint32_t run, std::uint32_t number,
                             std::uint32_t& receive_maximum) {
  bench_connection client;
  client.fd = start_connect(address, number);
  if (!wait_ready(client.fd.get(), POLLOUT, answer_timeout_ms))
    throw std::runtime_error("bench: cannot connect to " + address.text + ": timed out");
  finish_connect(client.fd.get(), address);
  client.out = bench_connect(options, run, number, 0);
  bench_scratch scratch(65'536);
  auto connack = ask<protocol::connack>(client, scratch, options.version, "CONNECT");
  if (protocol::is_error(connack.code))
    throw std::runtime_error("bench: " + address.text + " refused the connection: " +
                             std::string(protocol::to_string(connack.code)));
  auto announced = connack.properties.number(protocol::property_id::receive_maximum);
  receive_maximum = announced.value_or(65'535);
  return client;
}

void subscribe_client(bench_connection& client, const bench_options& options,
                      const std::string& filter) {
  std::vector<std::uint8_t> entries;
  protocol::subscription line;
  line.filter = filter;
  line.maximum_qos = options.qos;
  protocol::append_entry(entries, line, options.version);
  protocol::subscribe subscribe;
  subscribe.packet_id = 1;
  subscribe.entries = protocol::entry_list<protocol::subscription>(entries);
  protocol::append(client.out, protocol::packet{subscribe}, options.version);
  bench_scratch scratch(65'536);
  auto suback = ask<protocol::suback>(client, scratch, options.version, "SUBSCRIBE");
  if (suback.codes.size() != 1 || suback.codes[0] != static_cast<std::uint8_t>(options.qos))
    throw std::runtime_error(
        "bench: the broker did not grant the subscription its quality of service");
}

bool take_packet(protocol::byte_view& rest, protocol::protocol_version version,
                 protocol::packet& packet) {
  auto frame = protocol::read_frame(rest, protocol::packet_size_bytes_max);
  if (!frame)
    throw std::runtime_error("bench: the broker sent no MQTT: " +
                             std::string(to_string(frame.error())));
  if (!frame->complete)
    return false;
  const auto& header = frame->header;
  auto body = rest.subspan(header.header_size, header.body_size);
  auto decoded = protocol::decode(header, body, version, protocol::sender::server);
  if (!decoded)
    throw std::runtime_error("bench: the broker sent a wrong packet: " +
                             std::string(to_string(decoded.error())));
  packet = *decoded;
  rest = rest.subspan(header.size());
  return true;
}

} // namespace actorbus::demos
