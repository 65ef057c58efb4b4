#include <actorbus/actors/bridge_options.hpp>

#include <actorbus/protocol/topic.hpp>
#include <actorbus/protocol/utf8.hpp>

namespace actorbus {

std::vector<bridge_fault> check(const bridge_options& options) {
  using namespace std::chrono_literals;
  std::vector<bridge_fault> result;
  auto wrong = [&](const char* key, std::string what) { result.push_back({key, std::move(what)}); };
  if (options.name.empty())
    wrong("name", "must not be empty");
  else if (options.name.find_first_of("/+#,") != std::string::npos)
    wrong("name", "must have no '/', '+', '#' and ','");
  if (options.addresses.empty())
    wrong("address", "is needed: the remote broker's URL");
  if (options.topics.empty())
    wrong("topic", "is needed: without one nothing is carried");
  for (const auto& each : options.topics)
    for (auto& fault : bridge_topics::check(each))
      wrong(fault.key.c_str(), std::move(fault.what));
  if (options.inflight_max == 0)
    wrong("inflight_max", "must be at least 1");
  if (options.hops_max == 0)
    wrong("hops_max", "must be at least 1");
  if (options.remote_name.find_first_of(",") != std::string::npos)
    wrong("remote_name", "must have no ','");
  if (options.retry_min <= 0ms)
    wrong("retry_min_s", "must be more than 0");
  if (options.retry_max < options.retry_min)
    wrong("retry_max_s", "must not be less than retry_min_s");
  if (options.connect_timeout <= 0ms)
    wrong("connect_timeout_s", "must be more than 0");
  if (options.password && !options.user_name &&
      options.version.value_or(protocol::protocol_version::v5) !=
          protocol::protocol_version::v5) // [v3:MQTT-3.1.2-22]
    wrong("password", "needs a user name before MQTT 5");
  if (!options.remote_state_topic.empty())
    if (auto fault = protocol::check_topic_name(options.remote_state_topic);
        fault != protocol::errc::none)
      wrong("remote_state_topic", std::string{protocol::to_string(fault)});
  return result;
}

} // namespace actorbus
