#include "golden.hpp"

namespace actorbus::protocol {

std::vector<golden> golden_acknowledgements() {
  constexpr auto client = sender::client;
  constexpr auto server = sender::server;
  using enum property_id;
  auto why = keep(property_list{}.add(reason_string, "no").add_user("k", "v"));
  return {
      {"PUBACK names its PUBLISH [v3:MQTT-2.3.1-6]", v3_1_1, server, bytes("40 02 12 34"), puback{.packet_id = 0x1234}},
      {"PUBREC names its PUBLISH [v3:MQTT-2.3.1-6]", v3_1_1, client, bytes("50 02 12 34"), pubrec{.packet_id = 0x1234}},
      {"PUBREL has the flags 0010 [v3:MQTT-3.6.1-1]", v3_1_1, client, bytes("62 02 12 34"),
       pubrel{.packet_id = 0x1234}},
      {"PUBCOMP names its PUBLISH", v3_1_1, server, bytes("70 02 12 34"), pubcomp{.packet_id = 0x1234}},
      {"3.1 acknowledges alike", v3_1, client, bytes("40 02 00 01"), puback{.packet_id = 1}},
      {"success goes without saying [v5: 3.4.2.1]", v5, client, bytes("40 02 00 01"), puback{.packet_id = 1}},
      {"a reason code needs no property length [v5: 3.4.2.2.1]", v5, server, bytes("40 03 00 01 10"),
       puback{.packet_id = 1, .code = reason_code::no_matching_subscribers}},
      {"PUBACK with reason and properties [v5:MQTT-3.4.2-1]", v5, server,
       bytes("40 10 00 01 97 0C 1F 00 02 'no' 26 00 01 'k' 00 01 'v'"),
       puback{.packet_id = 1, .code = reason_code::quota_exceeded, .properties = why}},
      {"success with properties says so", v5, server, bytes("40 10 00 01 00 0C 1F 00 02 'no' 26 00 01 'k' 00 01 'v'"),
       puback{.packet_id = 1, .properties = why}},
      {"PUBREC with reason and properties [v5:MQTT-3.5.2-1]", v5, client,
       bytes("50 10 00 01 80 0C 1F 00 02 'no' 26 00 01 'k' 00 01 'v'"),
       pubrec{.packet_id = 1, .code = reason_code::unspecified_error, .properties = why}},
      {"PUBREL in its short form", v5, client, bytes("62 02 00 01"), pubrel{.packet_id = 1}},
      {"PUBREL for an unknown identifier [v5:MQTT-3.6.2-1]", v5, client,
       bytes("62 10 00 01 92 0C 1F 00 02 'no' 26 00 01 'k' 00 01 'v'"),
       pubrel{.packet_id = 1, .code = reason_code::packet_identifier_not_found, .properties = why}},
      {"PUBCOMP for an unknown identifier [v5:MQTT-3.7.2-1]", v5, server,
       bytes("70 10 00 01 92 0C 1F 00 02 'no' 26 00 01 'k' 00 01 'v'"),
       pubcomp{.packet_id = 1, .code = reason_code::packet_identifier_not_found, .properties = why}},
  };
}

} // namespace actorbus::protocol
