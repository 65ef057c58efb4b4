// What the codec costs per packet: the packets of everyday traffic, and a read of 64 KB cut into
// packets. Run with --benchmark_repetitions=5 and take the median.

#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <actorbus/protocol/decode.hpp>
#include <actorbus/protocol/encode.hpp>
#include <actorbus/protocol/topic.hpp>
#include <actorbus/protocol/utf8.hpp>

namespace {

using namespace actorbus::protocol;

constexpr auto v3_1_1 = protocol_version::v3_1_1;
constexpr auto v5 = protocol_version::v5;

/// A message with a topic of 17 and a payload of 16 bytes.
publish typical(qos level = qos::at_most_once) {
  return {.qos = level,
          .topic = "sensors/42/values",
          .packet_id = static_cast<packet_id>(level == qos::at_most_once ? 0 : 77),
          .payload = as_bytes("0123456789abcdef")};
}

std::vector<std::uint8_t> encoded(const packet& value, protocol_version version) {
  std::vector<std::uint8_t> result;
  append(result, value, version);
  return result;
}

/// 64 KB of the same packet.
std::vector<std::uint8_t> one_read(const publish& value, protocol_version version) {
  std::vector<std::uint8_t> result;
  while (result.size() + encoded_size(value, version) <= 65'536)
    append(result, value, version);
  return result;
}

void frame(benchmark::State& state) {
  auto input = encoded(typical(), v3_1_1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(input.data());
    auto result = read_frame(input, 1'000'000);
    benchmark::DoNotOptimize(result);
  }
}

void decode_one(benchmark::State& state, const publish& value, protocol_version version) {
  auto input = encoded(value, version);
  auto header = read_frame(input, 1'000'000)->header;
  byte_view body{input.data() + header.header_size, header.body_size};
  publish out;
  for (auto _ : state) {
    benchmark::DoNotOptimize(header);
    auto cause = decode_publish(header, body, version, sender::client, out);
    benchmark::DoNotOptimize(cause);
    benchmark::DoNotOptimize(out);
  }
}

void decode_variant(benchmark::State& state, const packet& value, protocol_version version, sender from) {
  auto input = encoded(value, version);
  auto header = read_frame(input, 1'000'000)->header;
  byte_view body{input.data() + header.header_size, header.body_size};
  for (auto _ : state) {
    benchmark::DoNotOptimize(header);
    auto result = decode(header, body, version, from);
    benchmark::DoNotOptimize(result);
  }
}

void cut_and_decode(benchmark::State& state, const publish& value, protocol_version version) {
  auto input = one_read(value, version);
  std::int64_t packets = 0;
  publish out;
  for (auto _ : state) {
    byte_view rest{input};
    while (!rest.empty()) {
      auto result = read_frame(rest, 1'000'000);
      if (!result || !result->complete)
        break;
      const auto& header = result->header;
      auto body = rest.subspan(header.header_size, header.body_size);
      if (decode_publish(header, body, version, sender::client, out) != errc::none)
        break;
      benchmark::DoNotOptimize(out);
      rest = rest.subspan(header.size());
      ++packets;
    }
  }
  state.SetItemsProcessed(packets);
}

void encode_one(benchmark::State& state, const publish& value, protocol_version version) {
  auto copy = value;
  std::vector<std::uint8_t> room(encoded_size(value, version));
  for (auto _ : state) {
    benchmark::DoNotOptimize(copy);
    benchmark::DoNotOptimize(encode(copy, version, room.data()));
    benchmark::ClobberMemory();
  }
}

void size_of_one(benchmark::State& state) {
  auto copy = typical();
  for (auto _ : state) {
    benchmark::DoNotOptimize(copy);
    benchmark::DoNotOptimize(encoded_size(copy, v3_1_1));
  }
}

void utf8(benchmark::State& state) {
  std::string text(static_cast<std::size_t>(state.range(0)), 'a');
  for (auto _ : state) {
    benchmark::DoNotOptimize(text.data());
    benchmark::DoNotOptimize(check_utf8(text));
  }
}

void match(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(matches("sensors/+/values", "sensors/42/values"));
}

void filter(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(check_topic_filter("sensors/+/values/#"));
}

property_list some_properties() {
  return property_list{}
      .add(property_id::message_expiry_interval, 60)
      .add(property_id::content_type, "text/plain")
      .add_user("trace", "0123456789");
}

const property_list properties = some_properties();

publish with_properties() {
  auto result = typical();
  result.properties = properties;
  return result;
}

BENCHMARK(frame);
BENCHMARK_CAPTURE(decode_one, qos_0_v3_1_1, typical(), v3_1_1);
BENCHMARK_CAPTURE(decode_one, qos_1_v3_1_1, typical(qos::at_least_once), v3_1_1);
BENCHMARK_CAPTURE(decode_one, qos_0_v5, typical(), v5);
BENCHMARK_CAPTURE(decode_one, qos_0_v5_three_properties, with_properties(), v5);
BENCHMARK_CAPTURE(decode_variant, publish_v3_1_1, typical(), v3_1_1, sender::client);
BENCHMARK_CAPTURE(decode_variant, puback_v5, puback{.packet_id = 1}, v5, sender::client);
BENCHMARK_CAPTURE(cut_and_decode, qos_0_v3_1_1, typical(), v3_1_1);
BENCHMARK_CAPTURE(cut_and_decode, qos_0_v5, typical(), v5);
BENCHMARK_CAPTURE(encode_one, qos_0_v3_1_1, typical(), v3_1_1);
BENCHMARK_CAPTURE(encode_one, qos_1_v5, typical(qos::at_least_once), v5);
BENCHMARK_CAPTURE(encode_one, qos_0_v5_three_properties, with_properties(), v5);
BENCHMARK(size_of_one);
BENCHMARK(utf8)->Arg(16)->Arg(256);
BENCHMARK(match);
BENCHMARK(filter);

} // namespace

BENCHMARK_MAIN();
