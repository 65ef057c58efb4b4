#include "golden.hpp"

namespace actorbus::protocol {

std::vector<golden> golden_subscriptions() {
  constexpr auto client = sender::client;
  constexpr auto server = sender::server;
  using enum property_id;
  auto user = keep(property_list{}.add_user("k", "v"));
  auto why = keep(property_list{}.add(reason_string, "no").add_user("k", "v"));
  auto numbered = keep(property_list{}.add(subscription_identifier, 128).add_user("k", "v"));
  subscription one{.filter = "a/b", .maximum_qos = qos::at_least_once};
  subscription two{.filter = "c/#", .maximum_qos = qos::exactly_once};
  subscription full{.filter = "$share/g/+/x",
                    .maximum_qos = qos::exactly_once,
                    .retain_as_published = true,
                    .retain_handling = retain_handling::do_not_send};
  subscription own{.filter = "#", .no_local = true, .retain_handling = retain_handling::send_if_new};
  return {
      {"SUBSCRIBE pairs filters with QoS [v3:MQTT-3.8.3-3]", v3_1_1, client,
       bytes("82 0E 00 0A 00 03 'a/b' 01 00 03 'c/#' 02"),
       subscribe{.packet_id = 10, .entries = keep_entries(v3_1_1, {one, two})}},
      {"3.1 subscribes alike", v3_1, client, bytes("82 08 00 0A 00 03 'a/b' 01"),
       subscribe{.packet_id = 10, .entries = keep_entries(v3_1, {one})}},
      {"5.0 has properties and options [v5:MQTT-3.8.3-2]", v5, client,
       bytes("82 20 00 0A 0A 0B 80 01 26 00 01 'k' 00 01 'v'"
             " 00 0C '$share/g/+/x' 2A 00 01 '#' 14"),
       subscribe{.packet_id = 10, .properties = numbered, .entries = keep_entries(v5, {full, own})}},
      {"an ill-formed filter is for SUBACK to answer [v5:MQTT-3.9.3-2]", v5, client,
       bytes("82 09 00 0A 00 00 03 'a#b' 00"),
       subscribe{.packet_id = 10, .entries = keep_entries(v5, {{.filter = "a#b"}})}},
      {"SUBACK has one code a filter [v3:MQTT-3.8.4-5]", v3_1_1, server, bytes("90 06 00 0A 00 01 02 80"),
       suback{.packet_id = 10, .codes = keep_bytes("00 01 02 80")}},
      {"SUBACK of 5.0 says why not [v5:MQTT-3.9.3-2]", v5, server,
       bytes("90 18 00 0A 0C 1F 00 02 'no' 26 00 01 'k' 00 01 'v' 00 01 02 80 83 8F 9E A2 A1"),
       suback{.packet_id = 10, .properties = why, .codes = keep_bytes("00 01 02 80 83 8F 9E A2 A1")}},
      {"UNSUBSCRIBE lists filters [v3:MQTT-3.10.3-2]", v3_1_1, client, bytes("A2 0C 00 0B 00 03 'a/b' 00 03 'c/#'"),
       unsubscribe{.packet_id = 11, .entries = keep_filters({"a/b", "c/#"})}},
      {"UNSUBSCRIBE of 5.0 has properties [v5:MQTT-3.10.3-2]", v5, client,
       bytes("A2 0F 00 0B 07 26 00 01 'k' 00 01 'v' 00 03 'a/b'"),
       unsubscribe{.packet_id = 11, .properties = user, .entries = keep_filters({"a/b"})}},
      {"UNSUBACK of 3.1.1 has no codes [v3:MQTT-3.10.4-1]", v3_1_1, server, bytes("B0 02 00 0B"),
       unsuback{.packet_id = 11}},
      {"UNSUBACK of 5.0 has one code a filter [v5:MQTT-3.11.3-2]", v5, server,
       bytes("B0 11 00 0B 0C 1F 00 02 'no' 26 00 01 'k' 00 01 'v' 00 11"),
       unsuback{.packet_id = 11, .properties = why, .codes = keep_bytes("00 11")}},
  };
}

} // namespace actorbus::protocol
