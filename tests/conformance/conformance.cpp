#include "conformance.hpp"

#include <iostream>
#include <thread>

namespace actorbus::conformance {

namespace {

constexpr int will_flag = 0x04;
constexpr int will_retain_flag = 0x20;
constexpr int clean_flag = 0x02;

const char* protocol_name(version v) {
  return v == version::v31 ? "MQIsdp" : "MQTT";
}

/// Escapes what the notation reads otherwise.
std::string as_text(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\')
      result += '\\';
    result += c;
  }
  return result + "'";
}

bus_factory next_channel() {
  const auto channels = chosen_channels();
  if (channels.empty())
    FAIL("no channel is registered in tests/support/channels.cpp, or none of the name in ACTORBUS_CONFORMANCE_CHANNEL");
  const auto which = GENERATE_COPY(range(std::size_t{0}, channels.size()));
  return channels[which];
}

} // namespace

byte_vector connect_packet(version v, const opening& o) {
  int flags = 0;
  if (v == version::v5 ? o.clean : o.clean && o.expiry == 0)
    flags |= clean_flag;
  if (!o.will.empty())
    flags |= will_flag | o.will_qos << 3 | (o.will_retain ? will_retain_flag : 0);
  std::string properties;
  if (v == version::v5) {
    if (o.expiry != 0)
      properties = notation("11 {} ", o.expiry);
    properties = "[ " + properties + o.properties + " ]";
  }
  const auto text = notation("10 [ s'{}' {} {} {} {} s{} {} ]", protocol_name(v), static_cast<std::uint8_t>(v),
                             static_cast<std::uint8_t>(flags), o.keep_alive, properties, as_text(o.id), o.will);
  return exact(parse_notation(text, v));
}

client::client(std::unique_ptr<wire> w, version v, const opening& o) : link{std::move(w), v}, id_{o.id} {
  send(connect_packet(v, o));
  connack_ = receive(packet_type::connack);
  INFO("CONNACK: " << to_hex(connack_.raw));
  REQUIRE(static_cast<int>(connack_.reason()) == 0);
}

void client::publish(const message& m) {
  const auto first = static_cast<std::uint8_t>(0x30 | m.qos << 1 | (m.retain ? 1 : 0));
  const auto id = next_packet_id();
  const auto properties = protocol() == version::v5 ? "[ " + m.properties + " ]" : std::string{};
  send("{} [ s{} {} {} {} ]", first, as_text(m.topic), m.qos > 0 ? notation("{}", id) : "", properties,
       as_text(m.payload));
  if (m.qos == 0)
    return;
  const auto answer = receive_ahead(m.qos == 1 ? packet_type::puback : packet_type::pubrec);
  INFO("acknowledgement: " << to_hex(answer.raw));
  REQUIRE(answer.id == id);
  REQUIRE(static_cast<int>(answer.reason()) < 0x80);
  if (m.qos == 1)
    return;
  send("62 02 {}", id);
  const auto complete = receive_ahead(packet_type::pubcomp);
  REQUIRE(complete.id == id);
  REQUIRE(static_cast<int>(complete.reason()) == 0);
}

void client::subscribe(const std::string& filter, int options, const std::string& properties) {
  const auto id = next_packet_id();
  send("82 [ {} {} s{} {} ]", id, protocol() == version::v5 ? "[ " + properties + " ]" : std::string{}, as_text(filter),
       static_cast<std::uint8_t>(options));
  const auto answer = receive_ahead(packet_type::suback);
  INFO("SUBACK: " << to_hex(answer.raw));
  REQUIRE(answer.id == id);
  REQUIRE(answer.reasons == std::vector<std::uint8_t>{static_cast<std::uint8_t>(options & 3)});
}

void client::unsubscribe(const std::string& filter) {
  const auto id = next_packet_id();
  send("a2 [ {} ~ s{} ]", id, as_text(filter));
  const auto answer = receive_ahead(packet_type::unsuback);
  REQUIRE(answer.id == id);
}

void client::acknowledge(const packet& received) {
  if (received.qos() == 1)
    send("40 02 {}", received.id);
  if (received.qos() != 2)
    return;
  send("50 02 {}", received.id);
  const auto release = receive_ahead(packet_type::pubrel);
  REQUIRE(release.id == received.id);
  send("70 02 {}", received.id);
}

packet client::receive_message() {
  auto result = receive(packet_type::publish);
  acknowledge(result);
  return result;
}

packet client::receive_message_ahead() {
  auto result = receive_ahead(packet_type::publish);
  acknowledge(result);
  return result;
}

packet client::expect_message(const message& m) {
  auto got = receive_message();
  INFO("received: " << to_hex(got.raw));
  CHECK(got.topic == m.topic);
  CHECK(got.payload == m.payload);
  CHECK(got.qos() == m.qos);
  CHECK(got.retain() == m.retain);
  CHECK_FALSE(got.dup());
  return got;
}

void client::disconnect() {
  send("e0 00");
  expect_closed();
}

std::vector<std::string> user_properties(const packet& p) {
  std::vector<std::string> result;
  for (const auto& one : p.properties)
    if (one.id == property_id::user_property)
      result.push_back(one.text() + "=" + one.second_text());
  return result;
}

on_every_channel::on_every_channel() : on_every_channel{next_channel()} {}

on_every_channel::on_every_channel(const bus_factory& channel)
    : channel_{channel},
      where_{Catch::MessageBuilder("INFO", CATCH_INTERNAL_LINEINFO, Catch::ResultWas::Info)
             << "channel: " << channel.name},
      bus_{channel.open()} {}

in_every_version::in_every_version()
    : v{GENERATE(version::v31, version::v311, version::v5)},
      which_{Catch::MessageBuilder("INFO", CATCH_INTERNAL_LINEINFO, Catch::ResultWas::Info)
             << (v == version::v31    ? "MQTT 3.1"
                 : v == version::v311 ? "MQTT 3.1.1"
                                      : "MQTT 5.0")} {}

void on_every_channel::limit(const limits& bounds) {
  bus_.reset();
  limits_of_next_bus() = bounds;
  bus_ = channel_.open();
  limits_of_next_bus() = {};
}

bool in_every_version::spares_seconds() {
  if (time_is_virtual() || v == version::v5 || (v == version::v311 && channel_name() == "tcp"))
    return false;
  SUCCEED("shown in another version");
  return true;
}

client on_every_channel::connect(version v, opening o) {
  if (o.id.empty())
    o.id = unique("c");
  return {bus_->open_wire(), v, o};
}

std::string on_every_channel::unique(const std::string& stem) {
  static const auto run = std::chrono::system_clock::now().time_since_epoch().count() / 1'000'000 % 100'000'000;
  static int count = 0;
  return stem + std::to_string(run) + "x" + std::to_string(++count);
}

void on_every_channel::let_pass(std::chrono::milliseconds time) {
  if (!bus_->advance(time))
    std::this_thread::sleep_for(time);
}

TEST_CASE("the channels that there are", "[.]") {
  for (const auto& each : all_channels())
    std::cout << "channel: " << each.name << '\n';
}

} // namespace actorbus::conformance
