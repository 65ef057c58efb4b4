#include "golden.hpp"

namespace actorbus::protocol {

std::vector<golden> golden_connection_packets() {
  constexpr auto client = sender::client;
  constexpr auto server = sender::server;
  using enum property_id;
  auto leaving =
      keep(property_list{}.add(session_expiry_interval, 0xFFFFFFFF).add(reason_string, "bye").add_user("k", "v"));
  auto moved = keep(property_list{}.add(server_reference, "other:1883"));
  auto exchange = keep(property_list{}
                           .add(authentication_method, "M")
                           .add(authentication_data, "D")
                           .add(reason_string, "go on")
                           .add_user("k", "v"));
  auto method = keep(property_list{}.add(authentication_method, "M"));
  return {
      {"PINGREQ is two bytes [v3:MQTT-3.12.4-1]", v3_1_1, client, bytes("C0 00"), pingreq{}},
      {"PINGREQ of 5.0 too [v5:MQTT-3.12.4-1]", v5, client, bytes("C0 00"), pingreq{}},
      {"PINGRESP is two bytes [v3:MQTT-3.12.4-1]", v3_1_1, server, bytes("D0 00"), pingresp{}},
      {"PINGRESP of 5.0 too [v5:MQTT-3.12.4-1]", v5, server, bytes("D0 00"), pingresp{}},
      {"PINGRESP of 3.1 too", v3_1, server, bytes("D0 00"), pingresp{}},
      {"DISCONNECT of 3.1.1 is two bytes [v3:MQTT-3.14.4-1]", v3_1_1, client, bytes("E0 00"), disconnect{}},
      {"DISCONNECT of 5.0 without a reason is the normal one [v5: 3.14.2.1]", v5, client, bytes("E0 00"), disconnect{}},
      {"DISCONNECT with a reason needs no property length [v5: 3.14.2.2.1]", v5, client, bytes("E0 01 04"),
       disconnect{.code = reason_code::disconnect_with_will}},
      {"a server says why it goes [v5:MQTT-4.13.1-1]", v5, server, bytes("E0 01 82"),
       disconnect{.code = reason_code::protocol_error}},
      {"a client leaves with all properties", v5, client,
       bytes("E0 14 00 12 11 FFFFFFFF 1F 00 03 'bye' 26 00 01 'k' 00 01 'v'"), disconnect{.properties = leaving}},
      {"a server names another one [v5: 3.14.2.2.5]", v5, server, bytes("E0 0F 9C 0D 1C 00 0A 'other:1883'"),
       disconnect{.code = reason_code::use_another_server, .properties = moved}},
      {"AUTH without a reason is success [v5: 3.15.2.1]", v5, server, bytes("F0 00"), auth{}},
      {"AUTH goes on with all properties [v5:MQTT-4.12.0-2]", v5, server,
       bytes("F0 19 18 17 15 00 01 'M' 16 00 01 'D' 1F 00 05 'go on' 26 00 01 'k' 00 01 'v'"),
       auth{.code = reason_code::continue_authentication, .properties = exchange}},
      {"a client starts again [v5:MQTT-4.12.1-1]", v5, client, bytes("F0 06 19 04 15 00 01 'M'"),
       auth{.code = reason_code::re_authenticate, .properties = method}},
  };
}

} // namespace actorbus::protocol
