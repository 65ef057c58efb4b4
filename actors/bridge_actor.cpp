#include <actorbus/actors/bridge_actor.hpp>

#include <algorithm>
#include <utility>

#include <caf/send.hpp>

#include <actorbus/actors/open_bridge.hpp>
#include <actorbus/actors/outbound_meter.hpp>

namespace actorbus {

using protocol::protocol_version;
using protocol::reason_code;

namespace {

/// How long one end waits for the other to take what it was sent; then QoS 0 is dropped.
constexpr std::chrono::milliseconds patience{1'000};

/// The local bus takes its bridge back soon: only another client with its identifier, or the
/// bus's end, can have thrown it out.
constexpr std::chrono::milliseconds local_pause{1'000};

} // namespace

bridge_actor::bridge_actor(caf::actor_config& config, std::shared_ptr<const plan> what)
    : batch_actor(config, what->surroundings.home),
      plan_(std::move(what)),
      options_(plan_->options),
      status_(plan_->status),
      state_(*this, options_, plan_->bus_name, status_),
      dialing_(options_.addresses.size(), options_.retry_min, options_.retry_max,
               plan_->surroundings.seed),
      addresses_(options_.addresses.size()) {}

void bridge_actor::on_start() {
  open_local();
  if (auto filters = state_.demand.local_filters(); !filters.empty())
    post(plan_->local_broker,
         watch_demand{self(), std::move(filters), state_.local.options().client_id}, context());
  if (!options_.lazy)
    dial_at_ = now();
  if (options_.report_interval.count() > 0)
    report_at_ = now() + options_.report_interval;
}

bool bridge_actor::on_message(caf::mailbox_element& element) {
  return match_message<through_port<frame>, through_port<session_opened>,
                       through_port<close_channel>, credit_granted, demand_changed, alarm>(
      element, [this](auto& message) { on(message); });
}

bridge_actor::link* bridge_actor::link_of(std::uint32_t number) noexcept {
  for (auto* each : {&local_, &remote_})
    if (each->port && each->number == number)
      return each;
  return nullptr; // an earlier link's last words
}

// -- links ----------------------------------------------------------------------------------------

void bridge_actor::open(link& on, const caf::actor& gateway) {
  auto& end = end_of(on);
  on.number = ++ports_;
  on.port = home_system().spawn<bridge_port>(home(), self(), on.number);
  on.meter = std::make_shared<outbound_meter>();
  on.credit = std::make_shared<credit_account>(options_.credit_bytes);
  on.credit->owner(self());
  on.deadline = now() + options_.connect_timeout;
  on.last_sent = now();
  on.full_since.reset();
  end.congested = false;
  end.to_broker = outbox{on.credit};
  end.connect();
  end.to_broker.take([&](frame&& packet) {
    channel_info channel;
    channel.channel = on.port;
    channel.transport = "memory";
    channel.peer = "bridge " + options_.name;
    channel.meter = on.meter;
    channel.home = home();
    if (&on == &local_) {
      channel.queue = std::make_shared<const queue_limits>(options_.queue);
      open_bridge request{{std::move(channel), std::move(packet)}, options_.name};
      post(gateway, std::move(request), context());
    } else {
      post(gateway, open_session{std::move(channel), std::move(packet)}, context());
    }
  });
}

void bridge_actor::open_local() {
  local_retry_at_.reset();
  open(local_, plan_->local_broker);
}

void bridge_actor::dial() {
  dial_at_.reset();
  auto which = dialing_.current();
  const auto& url = options_.addresses[which];
  status_->address(url);
  auto& address = addresses_[which];
  auto is_older = std::exchange(tries_older_, false) || address.is_older;
  state_.remote.options().version =
      options_.version.value_or(is_older ? protocol_version::v3_1_1 : protocol_version::v5);
  if (!address.gateway) {
    auto made = plan_->surroundings.connect(url);
    if (!made) {
      complained(made.error());
      dial_at_ = now() + dialing_.failed();
      return;
    }
    address.gateway = std::move(*made);
  }
  open(remote_, address.gateway);
}

void bridge_actor::on(through_port<session_opened>& message) {
  auto* on = link_of(message.port);
  if (!on)
    return;
  on->session = std::move(message.message.session);
  on->stamp = message.message.link;
}

void bridge_actor::on(through_port<close_channel>& message) {
  auto* on = link_of(message.port);
  if (!on)
    return;
  auto text = std::move(message.message.text);
  if (text.empty())
    text = protocol::to_string(message.message.reason == reason_code::success
                                   ? reason_code::server_unavailable
                                   : message.message.reason);
  if (on == &remote_ && on->session && !state_.remote.up())
    doubt_version(false);
  on->session = {};
  failed(*on, text);
}

// A broker that knows no MQTT 5.0 says so, or hangs up. Whoever hangs up may have another reason:
// only the second time 3.1.1 is tried, and 5.0 is first again after that.
void bridge_actor::doubt_version(bool is_certain) {
  if (options_.version || state_.remote.version() != protocol_version::v5)
    return;
  auto& address = addresses_[dialing_.current()];
  address.is_older = address.is_older || is_certain;
  tries_older_ = is_certain || ++address.hung_up > 1;
}

// The link is over: what was not answered waits for the next.
void bridge_actor::close(link& on) {
  auto& end = end_of(on);
  flush(on);
  if (on.session)
    post(on.session, channel_closed{on.stamp, reason_code::success}, context());
  if (on.port)
    caf::anon_send_exit(on.port, caf::exit_reason::user_shutdown);
  if (on.credit)
    on.credit->close();
  end.lost();
  auto number = on.number;
  on = link{};
  on.number = number;
}

void bridge_actor::failed(link& on, const std::string& why) {
  auto was_up = end_of(on).up();
  auto lasted = now() - on.up_since;
  close(on);
  if (&on == &local_) {
    complained("the local bus: " + why);
    local_retry_at_ = now() + local_pause;
    return;
  }
  return_at_.reset();
  status_->connected.store(false);
  status_->last_error(why);
  if (tries_older_)
    dial_at_ = now();
  else
    dial_at_ = now() + (was_up ? dialing_.lost(lasted) : dialing_.failed());
  if (options_.lazy && state_.remote.pending() == 0)
    dial_at_.reset();
  changed();
}

// -- what bridge_state tells ----------------------------------------------------------------------

void bridge_actor::connected(bridge_end& end, reason_code code, const std::string& text) {
  if (&end == &state_.local) {
    local_.deadline.reset();
    if (!protocol::is_error(code))
      local_.up_since = now();
    return;
  }
  if (protocol::is_error(code)) {
    if (code == reason_code::unsupported_protocol_version) {
      doubt_version(true);
      // A broker that knows no bridges, as mosquitto's try_private has it.
      if (end.version() != protocol_version::v5)
        end.options().bridge_bit = false;
    }
    status_->last_error(text);
    return;
  }
  remote_.deadline.reset();
  remote_.up_since = last_traffic_ = now();
  if (end.version() == protocol_version::v5)
    addresses_[dialing_.current()].hung_up = 0;
  dialing_.succeeded();
  if (dialing_.current() != 0 && options_.return_interval.count() > 0)
    return_at_ = now() + options_.return_interval;
  status_->connected.store(true);
  status_->connections.fetch_add(1);
  if (!options_.remote_state_topic.empty())
    end.announce(options_.remote_state_topic, "1");
  changed();
}

void bridge_actor::on(demand_changed& message) {
  for (auto& each : message.begun)
    state_.demand.wanted(std::move(each));
  for (auto& each : message.ended)
    state_.demand.left(each, now());
}

void bridge_actor::complained(const std::string& what) {
  status_->last_error(what);
  changed();
}

void bridge_actor::changed() {
  has_news_ = true;
  if (plan_->surroundings.on_change)
    plan_->surroundings.on_change(*status_);
}

// -- traffic --------------------------------------------------------------------------------------

void bridge_actor::on(through_port<frame>& message) {
  auto* on = link_of(message.port);
  if (!on)
    return;
  if (on->held.empty() && may_read(*on))
    read(*on, message.message);
  else
    on->held.push_back(std::move(message.message));
}

// Whether the other end takes what this one brings. Not for ever: two ends that wait for each
// other would wait for good.
bool bridge_actor::may_read(const link& from) {
  auto& to = &from == &local_ ? remote_ : local_;
  auto& end = end_of(to);
  if (!to.credit || !to.credit->exhausted()) {
    to.full_since.reset();
    end.congested = false;
    return true;
  }
  if (!to.full_since)
    to.full_since = now();
  end.congested = now() - *to.full_since >= patience;
  return end.congested;
}

void bridge_actor::read(link& on, const frame& packets) {
  auto& end = end_of(on);
  auto bytes = packets.size;
  on.last_received = now();
  end.receive(packets);
  if (end.up() && !end.awaits_ping())
    on.deadline.reset();
  if (on.meter->take(bytes) && on.session)
    post(on.session, outbound_drained{}, context());
  if (end.failure)
    failed(on, *end.failure);
}

void bridge_actor::read_held(link& on) {
  while (!on.held.empty() && may_read(on)) {
    auto packets = on.held.pop_front();
    read(on, packets);
  }
}

void bridge_actor::on_batch_end() {
  if (state_.demand.changed(now()))
    state_.remote.want(state_.demand.filters());
  for (;;) {
    read_held(local_);
    read_held(remote_);
    for (auto* each : {&local_, &remote_}) {
      end_of(*each).pump();
      flush(*each);
    }
    // Whoever waits is told when there is credit again, unless that is now.
    auto waits = [](link& from, link& to) {
      return from.held.empty() || !to.credit || to.credit->wait();
    };
    if (waits(local_, remote_) && waits(remote_, local_))
      break;
  }
  if (options_.lazy && !remote_.port && !dial_at_ && state_.remote.pending() > 0)
    dial_at_ = now();
  if (options_.lazy) {
    auto carried = status_->sent.load() + status_->received.load();
    if (std::exchange(last_carried_, carried) != carried || state_.pending() > 0)
      last_traffic_ = now();
  }
  announce_state();
  status_->queued.store(state_.pending(), std::memory_order_relaxed);
  if (dial_at_ && *dial_at_ <= now() && !remote_.port)
    dial();
  update_alarm();
}

void bridge_actor::flush(link& on) {
  auto& end = end_of(on);
  if (end.to_broker.empty() || !on.session)
    return;
  on.last_sent = now();
  end.to_broker.take([&](frame&& packets) {
    packets.link = on.stamp;
    post(on.session, std::move(packets), context());
  });
}

// -- time -----------------------------------------------------------------------------------------

void bridge_actor::on(alarm&) {
  alarm_at_.reset();
  auto due = [this](const std::optional<time_point>& when) { return when && *when <= now(); };
  for (auto* each : {&local_, &remote_})
    if (each->port && due(each->deadline))
      failed(*each,
             end_of(*each).up() ? "no answer to PINGREQ in time" : "no answer to CONNECT in time");
  if (due(local_retry_at_))
    open_local();
  keep_alive();
  if (due(return_at_))
    return_to_first();
  hang_up_if_idle();
  if (due(report_at_)) {
    report();
    report_at_ = now() + options_.report_interval;
  }
}

// A PINGREQ once nothing was sent, or nothing has come, for the keep-alive; its answer, or
// anything else, has half of it to come.
void bridge_actor::keep_alive() {
  auto seconds = state_.remote.allowed().keep_alive_seconds;
  if (!state_.remote.up() || seconds == 0)
    return;
  auto interval = std::chrono::seconds{seconds};
  if (remote_.deadline || std::min(remote_.last_sent, remote_.last_received) + interval > now())
    return;
  state_.remote.ping();
  remote_.deadline = now() + std::chrono::milliseconds{interval} / 2;
}

// With nothing on its way; otherwise at the next alarm.
void bridge_actor::return_to_first() {
  if (state_.pending() > 0) {
    return_at_ = now() + std::chrono::seconds{1};
    return;
  }
  state_.remote.disconnect();
  close(remote_);
  return_at_.reset();
  status_->connected.store(false);
  dialing_.restart();
  dial_at_ = now();
}

void bridge_actor::hang_up_if_idle() {
  if (!options_.lazy || !state_.remote.up())
    return;
  if (now() - last_traffic_ < options_.idle_timeout)
    return;
  state_.remote.disconnect();
  close(remote_);
  return_at_.reset();
  status_->connected.store(false);
  changed();
}

void bridge_actor::update_alarm() {
  std::optional<time_point> next;
  auto consider = [&next](const std::optional<time_point>& when) {
    if (when && (!next || *when < *next))
      next = when;
  };
  for (auto* each : {&local_, &remote_}) {
    consider(each->deadline);
    if (each->full_since && !end_of(*each).congested)
      consider(*each->full_since + patience);
  }
  consider(dial_at_);
  consider(local_retry_at_);
  consider(return_at_);
  consider(report_at_);
  consider(state_.demand.next_end());
  if (auto seconds = state_.remote.allowed().keep_alive_seconds;
      state_.remote.up() && seconds != 0 && !remote_.deadline)
    consider(std::min(remote_.last_sent, remote_.last_received) + std::chrono::seconds{seconds});
  if (options_.lazy && state_.remote.up())
    consider(last_traffic_ + options_.idle_timeout);
  // Only an earlier time is set anew; for a later one the old alarm looks again when it comes.
  if (!next || (alarm_at_ && *alarm_at_ <= *next))
    return;
  alarm_at_ = next;
  post(plan_->timekeeper, set_alarm{self(), *next}, context());
}

// -- what is told ---------------------------------------------------------------------------------

std::string bridge_actor::topic(std::string_view what) const {
  return "$SYS/broker/connection/" + options_.name + '/' + std::string{what};
}

void bridge_actor::announce_state() {
  if (!state_.local.up()) {
    announced_ = std::nullopt;
    return;
  }
  auto is_up = state_.remote.ready();
  if (announced_ == is_up && !has_news_)
    return;
  has_news_ = false;
  if (std::exchange(announced_, is_up) != is_up) {
    state_.local.announce(topic("state"), is_up ? "1" : "0");
    state_.local.announce(topic("address"), status_->address());
    if (is_up)
      state_.local.announce(topic("version"), protocol::to_string(state_.remote.version()));
  }
  if (auto why = status_->last_error(); !why.empty())
    state_.local.announce(topic("error"), why);
  flush(local_);
}

void bridge_actor::report() {
  const std::pair<const char*, std::uint64_t> figures[] = {
      {"sent", status_->sent.load()},
      {"received", status_->received.load()},
      {"refused", status_->refused.load()},
      {"dropped", status_->dropped.load()},
      {"looped", status_->looped.load()},
      {"queued", state_.pending()},
      {"connections", status_->connections.load()},
  };
  std::string all;
  for (const auto& [what, value] : figures)
    all += std::to_string(value) + ' ';
  if (!state_.local.up() || std::exchange(reported_, all) == all)
    return;
  for (const auto& [what, value] : figures)
    state_.local.announce(topic(what), std::to_string(value));
}

// -- the end --------------------------------------------------------------------------------------

void bridge_actor::on_exit_message(caf::exit_msg& message) {
  quit(std::move(message.reason));
}

// The local session stays, with all that nobody has taken yet: the next bridge of this name goes
// on with it.
void bridge_actor::on_exit() {
  status_->connected.store(false);
  if (!options_.remote_state_topic.empty())
    state_.remote.announce(options_.remote_state_topic, "0");
  state_.remote.disconnect();
  close(remote_);
  state_.local.announce(topic("state"), "0");
  state_.local.disconnect();
  close(local_);
  for (auto& each : addresses_)
    if (each.gateway)
      caf::anon_send_exit(each.gateway, caf::exit_reason::user_shutdown);
  addresses_.clear();
  if (alarm_at_)
    post(plan_->timekeeper, cancel_alarm{id()}, context());
}

} // namespace actorbus
