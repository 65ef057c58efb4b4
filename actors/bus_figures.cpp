#include <actorbus/actors/bus_figures.hpp>

#include <cstdio>

#include <actorbus/actors/json_text.hpp>
#include <actorbus/actors/messages.hpp>

namespace actorbus {

namespace {

/// Client identifiers, filters and addresses may be long: so much of one tells enough.
constexpr std::size_t text_bytes_max = 200;

/// Writes the members of one JSON object.
class object_writer {
public:
  explicit object_writer(std::string& out) : out_(out) { out_ += '{'; }

  object_writer& member(std::string_view name, std::string_view value) {
    begin(name);
    out_ += json_text(value, text_bytes_max);
    return *this;
  }
  object_writer& member(std::string_view name, std::uint64_t value) {
    begin(name);
    out_ += std::to_string(value);
    return *this;
  }
  object_writer& member(std::string_view name, double value) {
    begin(name);
    char text[64];
    out_.append(text, static_cast<std::size_t>(std::snprintf(text, sizeof text, "%.2f", value)));
    return *this;
  }
  object_writer& flag(std::string_view name, bool value) {
    begin(name);
    out_ += value ? "true" : "false";
    return *this;
  }

  /// @param write called with each value, appends it
  template <class List, class F>
  object_writer& list(std::string_view name, const List& values, F write) {
    begin(name);
    out_ += '[';
    auto is_first = true;
    for (const auto& each : values) {
      if (!is_first)
        out_ += ',';
      is_first = false;
      write(each);
    }
    out_ += ']';
    return *this;
  }

  void end() { out_ += '}'; }

private:
  void begin(std::string_view name) {
    if (out_.back() != '{')
      out_ += ',';
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }

  std::string& out_;
};

void write_traffic(object_writer& into, const traffic_figures& traffic) {
  into.member("messages_in", traffic.messages_in)
      .member("messages_out", traffic.messages_out)
      .member("bytes_in", traffic.bytes_in)
      .member("bytes_out", traffic.bytes_out)
      .member("dropped", traffic.dropped);
}

void write_client(std::string& out, const session_figures& client) {
  object_writer object{out};
  object.member("client", client.client_id)
      .member("transport", client.transport)
      .member("peer", client.peer)
      .member("listener", client.listener)
      .member("version", protocol::to_string(client.version))
      .flag("connected", client.connected);
  write_traffic(object, client.traffic);
  object.member("in_per_s", client.in_per_second)
      .member("out_per_s", client.out_per_second)
      .member("queued", client.queued_messages)
      .member("inflight", client.inflight)
      .member("stored_bytes", client.stored_bytes)
      .member("subscriptions", client.subscriptions)
      .list("filters", client.filters,
            [&](const std::string& filter) { out += json_text(filter, text_bytes_max); })
      .end();
}

} // namespace

std::string_view to_string(figures_order order) noexcept {
  constexpr std::array<std::string_view, figures_orders.size()> names{"rate", "queued", "dropped"};
  return names[static_cast<std::size_t>(order)];
}

std::string to_json(const bus_figures& figures) {
  std::string out;
  object_writer object{out};
  object.member("order", to_string(figures.order))
      .member("uptime_s", static_cast<std::uint64_t>(figures.uptime.count() / 1000))
      .member("sessions", figures.sessions)
      .member("connected", figures.connected)
      .member("subscriptions", figures.subscriptions)
      .member("retained", figures.retained_messages)
      .member("stored", figures.stored_messages)
      .member("stored_bytes", figures.stored_bytes);
  write_traffic(object, figures.totals);
  object.member("in_per_s", figures.in_per_second)
      .member("out_per_s", figures.out_per_second)
      .member("bytes_in_per_s", figures.bytes_in_per_second)
      .member("bytes_out_per_s", figures.bytes_out_per_second)
      .list("listeners", figures.listeners,
            [&](const listener_figures& each) {
              object_writer{out}
                  .member("url", each.listener->name)
                  .member("connected", each.connected)
                  .end();
            })
      .list("clients", figures.clients,
            [&](const session_figures& each) { write_client(out, each); })
      .end();
  return out;
}

} // namespace actorbus
