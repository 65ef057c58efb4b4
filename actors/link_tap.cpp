#include <actorbus/actors/link_tap.hpp>

#include <algorithm>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <actorbus/protocol/decode.hpp>
#include <actorbus/protocol/frame.hpp>
#include <actorbus/protocol/topic.hpp>

namespace actorbus::testing {

using protocol::packet_type;

/// What the two ends of a link share. Each end is an actor: one is the client's session as the
/// client sees it, the other is the session's channel as the session sees it.
struct traffic_record::link {
  caf::actor client;
  caf::actor session; ///< none before it is opened
  caf::actor end_at_client;
  caf::actor end_at_bus;
  std::string client_id;
  protocol::protocol_version version{};
  std::uint32_t number = 0;                        ///< `session_opened::link`
  std::map<std::uint16_t, std::string> aliases[2]; ///< a direction
  bool over = false;

  /// Forgets everybody, so that nothing is kept alive.
  void end() {
    over = true;
    for (auto* each : {&end_at_client, &end_at_bus})
      if (*each)
        caf::anon_send_exit(std::exchange(*each, {}), caf::exit_reason::user_shutdown);
    client = {};
    session = {};
  }

  void cut() {
    if (over)
      return;
    if (session)
      post(session, channel_closed{number}, nullptr);
    post(client,
         close_channel{protocol::reason_code::server_unavailable, "the test has cut the link"},
         nullptr);
    end();
  }
};

namespace {

using link = traffic_record::link;
using verdict = traffic_record::verdict;

/// Splits a frame into its packets and asks the record about each.
/// @param carry called with as much of the frame as may go on, in one piece
/// @returns false if the link is to be cut behind that
bool inspect(const frame& packets, direction way, link& at, traffic_record& record,
             const std::function<void(frame)>& carry) {
  auto rest = packets.view();
  auto carried = packets;
  carried.size = 0;
  auto cut = false;
  while (!cut && !rest.empty()) {
    auto found = protocol::read_frame(rest, rest.size());
    if (!found || !found->complete)
      break; // nothing that this side could read: the other side may judge
    const auto& header = found->header;
    auto decoded = protocol::decode(
        header, rest.subspan(header.header_size, header.body_size), at.version,
        way == direction::to_bus ? protocol::sender::client : protocol::sender::server);
    if (decoded) {
      if (auto* connect = std::get_if<protocol::connect>(&*decoded)) {
        at.client_id = connect->client_id;
        at.version = connect->version;
      } else if (auto* connack = std::get_if<protocol::connack>(&*decoded)) {
        if (auto given =
                connack->properties.text(protocol::property_id::assigned_client_identifier))
          at.client_id = *given;
      }
      auto noted = testing::record(*decoded, way);
      noted.client_id = at.client_id;
      if (auto* publish = std::get_if<protocol::publish>(&*decoded);
          publish && publish->topic_alias) {
        auto& topic = at.aliases[static_cast<int>(way)][publish->topic_alias];
        if (!publish->topic.empty())
          topic = publish->topic;
        noted.topic = topic;
      }
      auto judged = record.judge(std::move(noted));
      cut = judged != verdict::carry;
      if (judged == verdict::lose)
        break;
    }
    carried.size += static_cast<std::uint32_t>(header.size());
    rest = rest.subspan(header.size());
  }
  if (!cut)
    carried.size = packets.size;
  if (carried.size > 0)
    carry(std::move(carried));
  return !cut;
}

class end_at_client : public batch_actor {
public:
  end_at_client(caf::actor_config& config, std::shared_ptr<traffic_record> record,
                std::shared_ptr<link> of)
      : batch_actor(config, nullptr), record_(std::move(record)), link_(std::move(of)) {}

protected:
  void on_start() override {
    if (link_->client)
      monitor(link_->client);
  }

  bool on_message(caf::mailbox_element& element) override {
    return match_message<frame, channel_closed, outbound_drained>(element, [this](auto& message) {
      if (!link_->over)
        on(message);
    });
  }

  void on_down(caf::down_msg&) override { link_->end(); }
  void on_exit() override { link_->end(); }

private:
  void on(frame& packets) {
    auto whole = inspect(packets, direction::to_bus, *link_, *record_, [this](frame part) {
      if (link_->session)
        post(link_->session, std::move(part), context());
    });
    if (!whole)
      link_->cut();
  }
  void on(channel_closed& message) {
    if (link_->session)
      post(link_->session, std::move(message), context());
    link_->end();
  }
  void on(outbound_drained& message) {
    if (link_->session)
      post(link_->session, std::move(message), context());
  }

  std::shared_ptr<traffic_record> record_;
  std::shared_ptr<link> link_;
};

class end_at_bus : public batch_actor {
public:
  end_at_bus(caf::actor_config& config, std::shared_ptr<traffic_record> record,
             std::shared_ptr<link> of)
      : batch_actor(config, nullptr), record_(std::move(record)), link_(std::move(of)) {}

protected:
  bool on_message(caf::mailbox_element& element) override {
    return match_message<session_opened, frame, close_channel>(element, [this](auto& message) {
      if (!link_->over)
        on(message);
    });
  }

  void on_down(caf::down_msg&) override { link_->end(); }
  void on_exit() override { link_->end(); }

private:
  void on(session_opened& message) {
    link_->number = message.link;
    link_->session = std::exchange(message.session, link_->end_at_client);
    if (!message.stands_in)
      monitor(link_->session);
    post(link_->client, std::move(message), context());
  }
  void on(frame& packets) {
    auto whole = inspect(packets, direction::from_bus, *link_, *record_,
                         [this](frame part) { post(link_->client, std::move(part), context()); });
    if (!whole)
      link_->cut();
  }
  void on(close_channel& message) {
    post(link_->client, std::move(message), context());
    link_->end();
  }

  std::shared_ptr<traffic_record> record_;
  std::shared_ptr<link> link_;
};

bool fits(const cut_point& where, const recorded_packet& packet) {
  return (where.client_id.empty() || where.client_id == packet.client_id) &&
         where.way == packet.way && (!where.type || *where.type == packet.type) &&
         (where.filter.empty() ||
          (packet.type == packet_type::publish && protocol::matches(where.filter, packet.topic)));
}

} // namespace

traffic_record::verdict traffic_record::judge(recorded_packet packet) {
  packet.at = elapsed_();
  auto result = verdict::carry;
  for (auto& each : cuts_) {
    if (!fits(each, packet) || --each.nth > 0)
      continue;
    result = each.delivered ? verdict::carry_and_cut : verdict::lose;
    cuts_.erase(cuts_.begin() + (&each - cuts_.data()));
    break;
  }
  packet.lost = result == verdict::lose;
  packets_.push_back(std::move(packet));
  return result;
}

link_tap::link_tap(caf::actor_config& config, std::shared_ptr<traffic_record> record,
                   caf::actor broker)
    : batch_actor(config, nullptr), record_(std::move(record)), broker_(std::move(broker)) {}

bool link_tap::on_message(caf::mailbox_element& element) {
  return match_message<open_session>(element, [this](auto& message) { on(message); });
}

void link_tap::on(open_session& message) {
  auto made = std::make_shared<link>();
  made->client = message.channel.channel;
  auto request = std::move(message);
  auto opens = false;
  auto whole = true;
  if (!record_->refuses)
    whole =
        inspect(request.connect, direction::to_bus, *made, *record_, [&](frame) { opens = true; });
  if (!opens) {
    post(made->client,
         close_channel{protocol::reason_code::server_unavailable,
                       whole ? "the test lets nobody in" : "the test has cut the link"},
         context());
    return;
  }
  auto& system = home_system();
  made->end_at_client = system.spawn<end_at_client, caf::hidden>(record_, made);
  made->end_at_bus = system.spawn<end_at_bus, caf::hidden>(record_, made);
  request.channel.channel = made->end_at_bus;
  std::erase_if(record_->links, [](const auto& each) { return each.expired(); });
  record_->links.push_back(made);
  post(broker_, std::move(request), context());
  if (!whole)
    made->cut();
}

std::size_t cut_links(traffic_record& of, std::string_view client_id, std::string_view spared) {
  std::size_t count = 0;
  for (const auto& each : of.links) {
    auto link = each.lock();
    if (!link || link->over ||
        (client_id.empty() ? !spared.empty() && link->client_id == spared
                           : link->client_id != client_id))
      continue;
    link->cut();
    ++count;
  }
  return count;
}

} // namespace actorbus::testing
