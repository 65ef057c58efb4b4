#include "bench_report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace actorbus::demos {

namespace {

/// A number in few characters: 0.043, 12.3, 98.1k, 4.10M; "-" for nothing measured.
std::string brief(double value) {
  char text[32];
  if (!(value > 0))
    return "-";
  if (value >= 1e6)
    std::snprintf(text, sizeof text, "%.3gM", value / 1e6);
  else if (value >= 1e4)
    std::snprintf(text, sizeof text, "%.4gk", value / 1e3);
  else
    std::snprintf(text, sizeof text, value >= 1000 ? "%.0f" : "%.3g", value);
  return text;
}

struct bench_column {
  const char* name;
  double (*value)(const bench_result&);
  bool counts = false; ///< nothing is a figure too; else it means "not measured"
};

std::string cell(const bench_column& column, const bench_result& result) {
  auto value = column.value(result);
  return column.counts && value == 0 ? "0" : brief(value);
}

double microseconds(std::uint64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1000;
}

double broker_microseconds(const bench_result& result) {
  auto rate = result.per_broker_cpu_second();
  return rate > 0 ? 1e6 / rate : 0;
}

double system_share(const bench_result& result) {
  auto all = result.broker_cpu_seconds.value_or(0);
  return all > 0 ? 100 * result.broker_system_cpu_seconds.value_or(0) / all : 0;
}

double rss_megabytes(const bench_result& result) {
  return static_cast<double>(result.broker_rss_bytes) / 1e6;
}

std::vector<bench_column> columns_of(bench_mode mode) {
  bench_column rate{"per s", [](const bench_result& r) { return r.rate(); }};
  bench_column per_cpu{"per CPU s",
                       [](const bench_result& r) { return r.per_broker_cpu_second(); }};
  bench_column cost{"broker us", broker_microseconds};
  bench_column system{"kernel %", system_share};
  bench_column generator{"bench us",
                         [](const bench_result& r) { return r.generator_microseconds(); }};
  bench_column rss{"RSS MB", rss_megabytes};
  if (mode == bench_mode::latency)
    return {{"p50 us", [](const bench_result& r) { return microseconds(r.latency.p50); }},
            {"p99 us", [](const bench_result& r) { return microseconds(r.latency.p99); }},
            {"p99.9 us", [](const bench_result& r) { return microseconds(r.latency.p999); }},
            {"max us", [](const bench_result& r) { return microseconds(r.latency.max); }},
            cost};
  if (mode == bench_mode::conn)
    return {rate,
            per_cpu,
            cost,
            generator,
            {"bytes each", [](const bench_result& r) { return r.bytes_per_connection; }},
            {"idle CPU %", [](const bench_result& r) { return 100 * r.idle_cpu_share; }, true},
            rss};
  return {rate,
          per_cpu,
          cost,
          system,
          generator,
          rss,
          {"lost", [](const bench_result& r) { return static_cast<double>(r.lost); }, true}};
}

std::string padded(const std::string& text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + '"';
}

std::string exact(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string exact(std::optional<double> value) {
  return value ? exact(*value) : "null";
}

std::string json_of(const bench_contender& contender) {
  const auto& r = contender.result;
  auto cpu = r.broker_cpu_seconds;
  auto measured = [&](double value) { return cpu ? exact(value) : std::string("null"); };
  return "{\"url\":" + quoted(contender.url) + ",\"runs\":" + std::to_string(contender.runs) +
         ",\"failure\":" + (r.failure.empty() ? "null" : quoted(r.failure)) +
         ",\"wall_seconds\":" + exact(r.wall_seconds) + ",\"sent\":" + std::to_string(r.sent) +
         ",\"delivered\":" + std::to_string(r.delivered) + ",\"lost\":" + std::to_string(r.lost) +
         ",\"repeated\":" + std::to_string(r.repeated) + ",\"per_second\":" + exact(r.rate()) +
         ",\"per_broker_cpu_second\":" + measured(r.per_broker_cpu_second()) +
         ",\"broker_cpu_seconds\":" + exact(cpu) +
         ",\"broker_system_cpu_seconds\":" + exact(r.broker_system_cpu_seconds) +
         ",\"broker_rss_bytes\":" + measured(static_cast<double>(r.broker_rss_bytes)) +
         ",\"generator_cpu_seconds\":" + exact(r.generator_cpu_seconds) +
         ",\"connections\":" + std::to_string(r.connections) +
         ",\"bytes_per_connection\":" + measured(r.bytes_per_connection) +
         ",\"idle_cpu_share\":" + measured(r.idle_cpu_share) +
         ",\"latency_ns\":{\"p50\":" + std::to_string(r.latency.p50) +
         ",\"p99\":" + std::to_string(r.latency.p99) +
         ",\"p999\":" + std::to_string(r.latency.p999) +
         ",\"max\":" + std::to_string(r.latency.max) + "}}";
}

} // namespace

double key_figure(const bench_options& options, const bench_result& result) {
  if (options.mode == bench_mode::latency)
    return result.latency.p50 > 0 ? 1e9 / static_cast<double>(result.latency.p50) : 0;
  if (options.mode == bench_mode::conn && result.bytes_per_connection > 0)
    return 1 / result.bytes_per_connection;
  return result.broker_cpu_seconds ? result.per_broker_cpu_second() : result.rate();
}

bench_result middle_of(const bench_options& options, std::vector<bench_result> results) {
  auto failed =
      std::find_if(results.begin(), results.end(), [](auto& r) { return !r.failure.empty(); });
  if (failed != results.end())
    return *failed;
  auto middle = results.begin() + static_cast<std::ptrdiff_t>(results.size() / 2);
  std::nth_element(results.begin(), middle, results.end(), [&](auto& left, auto& right) {
    return key_figure(options, left) < key_figure(options, right);
  });
  return *middle;
}

std::string describe(const bench_options& options) {
  auto n = std::to_string(options.clients);
  auto version = ", MQTT " + std::string(protocol::to_string(options.version));
  auto head = std::string(to_string(options.mode)) + " ";
  switch (options.mode) {
  case bench_mode::pair: head += n + "→" + n; break;
  case bench_mode::fanout: head += "1→" + n; break;
  case bench_mode::fanin: head += n + "→1"; break;
  case bench_mode::conn: return head + n + " connections" + version;
  case bench_mode::latency: head += "1→1"; break;
  }
  auto writes = options.full_writes
                    ? "64 KB writes"
                    : std::to_string(options.batch) +
                          (options.batch == 1 ? " message" : " messages") + " a write";
  return head + ", QoS " + std::to_string(static_cast<int>(options.qos)) + ", " +
         std::to_string(options.payload_bytes) + " B, " + writes + ", window " +
         std::to_string(options.window) + (options.spin ? ", spinning" : "") + version;
}

std::string text_report(const bench_options& options,
                        const std::vector<bench_contender>& contenders) {
  auto columns = columns_of(options.mode);
  std::size_t width = 8;
  for (const auto& contender : contenders)
    width = std::max(width, contender.url.size());
  auto text = describe(options) + "\n" + std::string(width, ' ');
  for (const auto& column : columns)
    text += padded(column.name, 12);
  text += "\n";
  for (const auto& contender : contenders) {
    text += contender.url + std::string(width - contender.url.size(), ' ');
    for (const auto& column : columns)
      text += padded(cell(column, contender.result), 12);
    text +=
        contender.result.failure.empty() ? "\n" : "  FAILED: " + contender.result.failure + "\n";
  }
  if (contenders.size() != 2)
    return text;
  text += "ratio" + std::string(width - 5, ' ');
  for (const auto& column : columns) {
    auto below = column.value(contenders[1].result);
    text += padded(brief(below > 0 ? column.value(contenders[0].result) / below : 0), 12);
  }
  return text + "\n";
}

std::string json_report(const bench_options& options,
                        const std::vector<bench_contender>& contenders) {
  auto text = "{\"mode\":" + quoted(std::string(to_string(options.mode))) +
              ",\"clients\":" + std::to_string(options.clients) +
              ",\"qos\":" + std::to_string(static_cast<int>(options.qos)) +
              ",\"version\":" + quoted(std::string(protocol::to_string(options.version))) +
              ",\"payload_bytes\":" + std::to_string(options.payload_bytes) +
              ",\"batch\":" + std::to_string(options.batch) +
              ",\"window\":" + std::to_string(options.window) +
              ",\"spin\":" + (options.spin ? "true" : "false") + ",\"brokers\":[";
  for (const auto& contender : contenders)
    text += (&contender == contenders.data() ? "" : ",") + json_of(contender);
  return text + "]}";
}

} // namespace actorbus::demos
