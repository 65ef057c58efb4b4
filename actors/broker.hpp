#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>

#include <actorbus/actors/authenticator.hpp>
#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/bus_context.hpp>
#include <actorbus/actors/demand_watches.hpp>
#include <actorbus/actors/messages.hpp>
#include <actorbus/actors/open_bridge.hpp>
#include <actorbus/actors/retained_messages.hpp>

namespace actorbus {

/// Opens, resumes and ends sessions; alone writes the routing table; keeps retained messages.
/// Not on the path of a PUBLISH that isn't retained.
class broker : public batch_actor {
public:
  /// @param seed of the client identifiers that it gives away
  broker(caf::actor_config& config, bus_context_ptr bus, std::uint64_t seed);

  const char* name() const override { return "actorbus.broker"; }

protected:
  bool on_message(caf::mailbox_element& element) override;
  void on_batch_end() override;
  void on_exit_message(caf::exit_msg& message) override;
  void on_exit() override;

private:
  /// A session as the broker knows it.
  struct entry {
    std::shared_ptr<subscriber> who;
    std::string client_id;
    std::string user;                                ///< whose it is; empty: anybody's
    std::uint32_t link = 0;                          ///< channels given to it so far
    bool ephemeral = false;                          ///< ends with its connection
    bool is_bridge = false;                          ///< a part of the bus
    std::shared_ptr<const listener_policy> listener; ///< of the last channel; nullptr: none
  };

  void on(open_session& message) { open(message, {}); }
  void on(open_bridge& message) { open(message.request, message.name); }
  void on(admitted& message);
  void on(session_ended& message);
  void on(subscribe_request& message);
  void on(unsubscribe_request& message);
  void on(retain_messages& message);
  void on(survey_sessions& message);
  void on(ask_sessions& message);
  void on(watch_demand& message);
  void on(alarm&);
  void on_down(caf::down_msg& message) override;
  void clean_later();
  void open(open_session& message, const std::string& bridge);

  const caf::actor& authenticator_of(const channel_info& channel) const noexcept;
  protocol::reason_code judge(const channel_info& channel, const protocol::connect& packet) const;
  void admit(channel_info channel, frame connect, const protocol::connect& packet,
             std::shared_ptr<const admission> terms, const std::string& bridge);
  std::shared_ptr<const admission> with_response_information(std::shared_ptr<const admission> terms,
                                                             std::string_view client_id,
                                                             std::string_view user) const;
  entry& begin_session(const std::string& client_id, caf::execution_unit* home,
                       const std::string& bridge);
  void end(entry& session, protocol::reason_code reason);
  protocol::reason_code subscribe(const entry& session, const subscribe_entry& line,
                                  subscribed& answer);
  entry* find(std::uint64_t subscriber_id);
  std::string new_client_id();
  void count_subscriptions();
  std::vector<std::string> filters_of(const entry& session) const;
  void remove_subscriptions(const entry& of);

  // broker_figures.cpp
  bool hears_figures(figures_order order) const;
  void tell_of_subscription(std::string_view filter);

  bus_context_ptr bus_;
  retained_messages retained_;
  std::unordered_map<std::string, std::uint64_t> by_client_id_;
  std::unordered_map<std::uint64_t, entry> sessions_; ///< by subscriber id
  std::uint64_t last_id_ = 0;
  demand_watches demand_; ///< of bridges that subscribe only to what somebody wants
  bool cleaning_ = false; ///< an alarm is set for what ended sessions have left
  std::mt19937_64 random_;
};

} // namespace actorbus
