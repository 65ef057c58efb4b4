#include "golden.hpp"

namespace actorbus::protocol {

namespace {

constexpr auto client = sender::client;
constexpr auto server = sender::server;
using enum property_id;

connect plain(protocol_version version) {
  return {.version = version, .clean_start = true, .keep_alive_seconds = 60, .client_id = "c"};
}

connect with_all_of_3_1_1() {
  auto result = plain(v3_1_1);
  result.clean_start = false;
  result.will = will{.topic = "w/t", .payload = keep_bytes("00 FF"), .qos = qos::exactly_once, .retain = true};
  result.user_name = "user";
  result.password = keep_bytes("'pw'");
  return result;
}

connect with_all_of_5() {
  auto result = plain(v5);
  result.properties = keep(property_list{}
                               .add(session_expiry_interval, 0x00010203)
                               .add(receive_maximum, 10)
                               .add(maximum_packet_size, 0x00100000)
                               .add(topic_alias_maximum, 5)
                               .add(request_response_information, 1)
                               .add(request_problem_information, 0)
                               .add_user("k", "1")
                               .add_user("k", "2")
                               .add(authentication_method, "M")
                               .add(authentication_data, std::string_view{"\0\xFF", 2}));
  result.will = will{.topic = "w",
                     .payload = keep_bytes("'gone'"),
                     .qos = qos::at_least_once,
                     .retain = false,
                     .properties = keep(property_list{}
                                            .add(will_delay_interval, 7)
                                            .add(payload_format_indicator, 1)
                                            .add(message_expiry_interval, 60)
                                            .add(content_type, "t")
                                            .add(response_topic, "r")
                                            .add(correlation_data, "c")
                                            .add_user("a", ""))};
  result.password = keep_bytes("'pw'");
  return result;
}

connack with_all_properties() {
  connack result{.session_present = true};
  result.properties = keep(property_list{}
                               .add(session_expiry_interval, 1)
                               .add(receive_maximum, 2)
                               .add(maximum_qos, 1)
                               .add(retain_available, 0)
                               .add(maximum_packet_size, 1000)
                               .add(assigned_client_identifier, "id")
                               .add(topic_alias_maximum, 3)
                               .add(reason_string, "fine")
                               .add_user("k", "v")
                               .add(wildcard_subscription_available, 1)
                               .add(subscription_identifier_available, 1)
                               .add(shared_subscription_available, 0)
                               .add(server_keep_alive, 30)
                               .add(response_information, "resp")
                               .add(server_reference, "other")
                               .add(authentication_method, "M")
                               .add(authentication_data, "D"));
  return result;
}

} // namespace

std::vector<golden> golden_connects() {
  auto bridge = plain(v3_1_1);
  bridge.bridge = true;
  auto old_bridge = plain(v3_1);
  old_bridge.bridge = true;
  auto nameless = plain(v3_1_1);
  nameless.client_id = "";
  auto old_login = plain(v3_1);
  old_login.user_name = "u";
  old_login.password = keep_bytes("'p'");
  auto empty_strings = plain(v3_1_1);
  empty_strings.user_name = "";
  empty_strings.password = byte_view{};
  return {
      {"MQTT 3.1 is named MQIsdp, level 3", v3_1, client, bytes("10 0F 00 06 'MQIsdp' 03 02 (clean) 00 3C 00 01 'c'"),
       plain(v3_1)},
      {"the strings of 3.1 come in the same order", v3_1, client,
       bytes("10 15 00 06 'MQIsdp' 03 C2 00 3C 00 01 'c' 00 01 'u' 00 01 'p'"), old_login},
      {"a bridge sets the top bit of level 3", v3_1, client, bytes("10 0F 00 06 'MQIsdp' 83 02 00 3C 00 01 'c'"),
       old_bridge},
      {"MQTT 3.1.1 is named MQTT, level 4 [v3:MQTT-3.1.2-1]", v3_1_1, client,
       bytes("10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'c'"), plain(v3_1_1)},
      {"a bridge sets the top bit of level 4", v3_1_1, client, bytes("10 0D 00 04 'MQTT' 84 02 00 3C 00 01 'c'"),
       bridge},
      {"an empty client identifier is present all the same [v3:MQTT-3.1.3-3]", v3_1_1, client,
       bytes("10 0C 00 04 'MQTT' 04 02 00 3C 00 00"), nameless},
      {"identifier, will topic, will message, user name, password [v3:MQTT-3.1.3-1]", v3_1_1, client,
       bytes("10 20 00 04 'MQTT' 04 F4 (all but clean, will QoS 2) 00 3C"
             " 00 01 'c' 00 03 'w/t' 00 02 00FF 00 04 'user' 00 02 'pw'"),
       with_all_of_3_1_1()},
      {"user name and password may be empty [v3:MQTT-3.1.2-19, MQTT-3.1.2-21]", v3_1_1, client,
       bytes("10 11 00 04 'MQTT' 04 C2 00 3C 00 01 'c' 00 00 00 00"), empty_strings},
      {"MQTT 5.0 is level 5, with a property length [v5:MQTT-2.2.2-1]", v5, client,
       bytes("10 0E 00 04 'MQTT' 05 02 00 3C 00 00 01 'c'"), plain(v5)},
      {"all properties of CONNECT and of its will, password alone [v5:MQTT-3.1.3-1]", v5, client,
       bytes("10 65 00 04 'MQTT' 05 4E (password, will QoS 1, will, clean) 00 3C"
             " 2B 11 00010203 21 000A 27 00100000 22 0005 19 01 17 00"
             "    26 00 01 'k' 00 01 '1' 26 00 01 'k' 00 01 '2' 15 00 01 'M' 16 00 02 00FF"
             " 00 01 'c'"
             " 1E 18 00000007 01 01 02 0000003C 03 00 01 't' 08 00 01 'r' 09 00 01 'c'"
             "    26 00 01 'a' 00 00"
             " 00 01 'w' 00 04 'gone' 00 02 'pw'"),
       with_all_of_5()},

      {"CONNACK of 3.1 leaves its first byte 0", v3_1, server, bytes("20 02 00 00"), connack{}},
      {"CONNACK accepts [v3:MQTT-3.1.4-4]", v3_1_1, server, bytes("20 02 00 00"), connack{}},
      {"CONNACK says that there was a session [v3:MQTT-3.2.2-2]", v3_1_1, server, bytes("20 02 01 00"),
       connack{.session_present = true}},
      {"return code 1 [v3:MQTT-3.1.2-2]", v3_1_1, server, bytes("20 02 00 01"),
       connack{.code = reason_code::unsupported_protocol_version}},
      {"return code 2 [v3:MQTT-3.1.3-9]", v3_1_1, server, bytes("20 02 00 02"),
       connack{.code = reason_code::client_identifier_not_valid}},
      {"return code 3, server unavailable", v3_1_1, server, bytes("20 02 00 03"),
       connack{.code = reason_code::server_unavailable}},
      {"return code 4, bad user name or password", v3_1_1, server, bytes("20 02 00 04"),
       connack{.code = reason_code::bad_user_name_or_password}},
      {"return code 5, not authorized", v3_1_1, server, bytes("20 02 00 05"),
       connack{.code = reason_code::not_authorized}},
      {"CONNACK of 5.0 has a property length [v5:MQTT-2.2.2-1]", v5, server, bytes("20 03 00 00 00"), connack{}},
      {"CONNACK of 5.0 refuses with a reason code [v5:MQTT-3.2.2-8]", v5, server, bytes("20 03 00 87 00"),
       connack{.code = reason_code::not_authorized}},
      {"all properties of CONNACK", v5, server,
       bytes("20 4A 01 00 47 11 00000001 21 0002 24 01 25 00 27 000003E8 12 00 02 'id' 22 0003"
             " 1F 00 04 'fine' 26 00 01 'k' 00 01 'v' 28 01 29 01 2A 00 13 001E"
             " 1A 00 04 'resp' 1C 00 05 'other' 15 00 01 'M' 16 00 01 'D'"),
       with_all_properties()},
  };
}

} // namespace actorbus::protocol
