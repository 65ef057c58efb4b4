#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace actorbus::simulation {

/// The reference: who may get which message, who must, and what was got. Time is a count of steps.
class deliveries {
public:
  using tick = std::uint64_t;
  static constexpr tick never = ~tick{0};

  /// A client issued SUBSCRIBE (or UNSUBSCRIBE) for a filter. @returns a name for `granted`
  std::uint64_t asked(int client, const std::string& filter, bool subscribe, tick now);

  /// The broker granted a SUBSCRIBE: from now on the subscription is certain, unless another one was asked for since.
  void granted(int client, const std::string& filter, std::uint64_t operation, tick now);

  /// A client publishes the next message of its own on this topic and QoS. @returns its payload
  std::string published(int client, const std::string& topic, int qos, tick now);

  /// The publisher was told that the broker has it.
  void acknowledged(const std::string& payload, tick now);

  void received(int client, const std::string& payload);

  /// Compares. @returns what is wrong, one line each; empty when nothing is
  std::string faults() const;

private:
  struct message {
    int publisher;
    std::string topic;
    int qos;
    std::uint64_t number; ///< counts within publisher, topic and QoS
    tick from;
    tick to = never; ///< never: not acknowledged
  };
  struct certainty {
    std::uint64_t last_operation = 0;
    std::vector<std::pair<tick, tick>> intervals;
  };

  bool must_get(int client, const message& sent) const;

  std::map<std::string, message> messages_; ///< by payload
  std::map<std::tuple<int, std::string, int>, std::uint64_t> numbers_;
  std::map<std::pair<int, std::string>, certainty> subscriptions_;
  std::map<int, std::vector<std::string>> received_;
  std::map<std::pair<int, std::string>, int> copies_;
  std::uint64_t operations_ = 0;
};

} // namespace actorbus::simulation
