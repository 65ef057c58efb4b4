#include <actorbus/actors/json_encoding.hpp>
#include <actorbus/actors/msgpack_encoding.hpp>
#include <actorbus/actors/typed_message.hpp>

#include <catch2/catch.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

// Values as payloads. Expected bytes are written by hand from the MessagePack specification.

namespace actorbus::test {

namespace {

using namespace std::string_literals;

struct reading {
  std::string sensor;
  double celsius = 0;
  MSGPACK_DEFINE(sensor, celsius)
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(reading, sensor, celsius)
};

struct broken {
  template <class Packer>
  void msgpack_pack(Packer&) const {
    throw std::runtime_error{"no power"};
  }
  void msgpack_unpack(const msgpack::object&) { throw std::runtime_error{"no power"}; }
};

template <class T, class E = msgpack_encoding>
std::string fault_of(std::string_view payload, const E& encoding = {}) {
  auto value = encoding.template decode<T>(payload);
  return value ? "no fault" : value.error().text;
}

incoming_message incoming(std::string_view payload, protocol::properties_view properties = {}) {
  incoming_message result;
  result.topic = "t";
  result.payload = payload;
  result.properties = properties;
  return result;
}

// fixarray 2, fixstr 2 "k1", float 64 21.5
const auto reading_bytes = "\x92\xa2k1\xcb\x40\x35\x80\x00\x00\x00\x00\x00"s;

} // namespace

TEST_CASE("a type with MSGPACK_DEFINE travels as an array of its members", "[encoding]") {
  const msgpack_encoding subject;
  auto written = subject.encode(reading{"k1", 21.5});
  REQUIRE(written);
  CHECK(*written == reading_bytes);
  auto read = subject.decode<reading>(reading_bytes);
  REQUIRE(read);
  CHECK(read->sensor == "k1");
  CHECK(read->celsius == 21.5);
}

TEST_CASE("the standard library's types travel as MessagePack", "[encoding]") {
  const msgpack_encoding subject;
  CHECK(*subject.encode(std::vector<int>{1, 2}) == "\x92\x01\x02"s);
  CHECK(*subject.encode("a"s) == "\xa1"
                                 "a"s);
  CHECK(*subject.encode(std::map<std::string, bool>{{"on", true}}) == "\x81\xa2on\xc3"s);
  CHECK(*subject.decode<std::optional<int>>("\xc0") == std::nullopt);
  CHECK(*subject.decode<unsigned>("\xcd\x04\x00"s) == 1024);
}

TEST_CASE("a payload that does not fit is a fault in words", "[encoding]") {
  CHECK(fault_of<reading>("") == "an empty payload");
  CHECK(fault_of<reading>("\xc1") == "not MessagePack");
  CHECK(fault_of<reading>(reading_bytes.substr(0, 8)) == "MessagePack cut short");
  CHECK(fault_of<reading>(reading_bytes + "\x00"s) == "bytes behind the MessagePack value");
  CHECK(fault_of<int>("\xa1x") == "MessagePack of another type");
  CHECK(fault_of<reading>("\x92\x01\x02") == "MessagePack of another type");
  CHECK(fault_of<std::uint8_t>("\xcd\x04\x00"s) == "MessagePack of another type");
  CHECK(fault_of<broken>("\xc0") == "no power");
}

TEST_CASE("announced elements are counted before anything is allocated for them", "[encoding]") {
  // array 32 of 4 294 967 295 elements, with none of them there
  CHECK(fault_of<std::vector<int>>("\xdd\xff\xff\xff\xff"s) == "MessagePack cut short");
  // map 32 of as many pairs
  CHECK(fault_of<std::map<int, int>>("\xdf\xff\xff\xff\xff"s) == "MessagePack cut short");
  // four arrays of four inside each other, in a payload of nine bytes
  CHECK(fault_of<msgpack::type::variant>("\x94\x94\x94\x94\x01\x01\x01\x01\x01"s) == "MessagePack cut short");
}

TEST_CASE("a payload beyond a limit is refused", "[encoding]") {
  const msgpack_encoding subject{{.payload_bytes_max = 5, .elements_max = 3, .depth_max = 2}};
  CHECK(fault_of<std::vector<int>>("\x93\x01\x02\x03", subject) == "no fault");
  CHECK(fault_of<std::vector<int>>("\x94\x01\x02\x03\x04", subject) == "more elements than allowed");
  CHECK(fault_of<std::vector<int>>("\x93\xcd\x01\x01\x02\x03", subject) == "larger than allowed");
  CHECK(fault_of<std::vector<std::vector<int>>>("\x91\x91\x01", subject) == "no fault");
  CHECK(fault_of<msgpack::type::variant>("\x91\x91\x91\x01", subject) == "nested deeper than allowed");
}

TEST_CASE("nesting is bounded by default", "[encoding]") {
  CHECK(fault_of<msgpack::type::variant>(std::string(32, '\x91') + '\x01') == "no fault");
  CHECK(fault_of<msgpack::type::variant>(std::string(33, '\x91') + '\x01') == "nested deeper than allowed");
  CHECK(fault_of<nlohmann::json>(std::string(32, '[') + std::string(32, ']'), json_encoding{}) == "no fault");
  CHECK(fault_of<nlohmann::json>(std::string(33, '[') + std::string(33, ']'), json_encoding{}) ==
        "nested deeper than allowed");
  CHECK(fault_of<nlohmann::json>(std::string(100'000, '['), json_encoding{}) != "no fault");
}

TEST_CASE("an adaptor that throws is a fault of the value", "[encoding]") {
  auto result = msgpack_encoding{}.encode(broken{});
  REQUIRE_FALSE(result);
  CHECK(result.error().text == "no power");
}

TEST_CASE("raw bytes travel as they are", "[encoding]") {
  const raw_encoding subject;
  const auto bytes = "\x00\xff\xfe"s;
  CHECK(*subject.encode(bytes) == bytes);
  CHECK(*subject.decode<std::string>(bytes) == bytes);
  CHECK(*subject.decode<std::vector<std::uint8_t>>(bytes) == std::vector<std::uint8_t>{0, 255, 254});
  CHECK(*subject.encode(std::vector<std::byte>{std::byte{7}}) == "\x07");
  CHECK(subject.decode<std::vector<std::byte>>("")->empty());
}

TEST_CASE("texts are UTF-8, numbers are digits", "[encoding]") {
  const text_encoding subject;
  CHECK(*subject.encode("gr\xc3\xbc\xc3\x9f"s) == "gr\xc3\xbc\xc3\x9f");
  CHECK(*subject.decode<std::string>("a\0b"s) == "a\0b"s);
  CHECK(*subject.encode(21.5) == "21.5");
  CHECK(*subject.encode(true) == "true");
  CHECK(*subject.encode(-7) == "-7");
  CHECK(*subject.decode<double>("21.5") == 21.5);
  CHECK(*subject.decode<int>("-7") == -7);
  CHECK(*subject.decode<bool>("false") == false);
}

TEST_CASE("a text that is none is a fault", "[encoding]") {
  const text_encoding subject;
  CHECK(fault_of<std::string>("\xff", subject) == "the text is not UTF-8");
  CHECK(fault_of<std::string>("a\0\xff"s, subject) == "the text is not UTF-8");
  CHECK_FALSE(subject.encode("\xc3"s));
  CHECK(fault_of<int>("", subject) == "not a number");
  CHECK(fault_of<int>("12x", subject) == "not a number");
  CHECK(fault_of<int>(" 12", subject) == "not a number");
  CHECK(fault_of<std::uint8_t>("256", subject) == "a number out of range");
  CHECK(fault_of<unsigned>("-1", subject) == "not a number");
  CHECK(fault_of<bool>("1", subject) == "neither true nor false");
}

TEST_CASE("JSON plugs in by a header of its own", "[encoding]") {
  const json_encoding subject;
  CHECK(*subject.encode(reading{"k1", 21.5}) == R"({"celsius":21.5,"sensor":"k1"})");
  auto read = subject.decode<reading>(R"( {"sensor": "k1", "celsius": 21.5} )");
  REQUIRE(read);
  CHECK(read->sensor == "k1");
  CHECK(fault_of<reading>("{", subject) != "no fault");
  CHECK(fault_of<reading>("{} x", subject) != "no fault");
  CHECK(fault_of<reading>("[1]", subject) != "no fault");
  CHECK(fault_of<int>("12", json_encoding{{.payload_bytes_max = 1}}) == "larger than allowed");
  CHECK_FALSE(subject.encode("\xff"s));
}

TEST_CASE("a typed message says what it is", "[encoding]") {
  using protocol::property_id;
  auto typed = encode_message<reading>({.topic = "t", .qos = protocol::qos::at_least_once}, {"k1", 21.5});
  REQUIRE(typed);
  CHECK(typed->topic == "t");
  CHECK(typed->qos == protocol::qos::at_least_once);
  CHECK(typed->payload == reading_bytes);
  CHECK(typed->properties.view().text(property_id::content_type) == "application/msgpack");
  CHECK_FALSE(typed->properties.view().number(property_id::payload_format_indicator));

  auto text = encode_message({.topic = "t"}, "x"s, text_encoding{});
  CHECK(text->properties.view().text(property_id::content_type) == "text/plain");
  CHECK(text->properties.view().number(property_id::payload_format_indicator) == 1);
  CHECK(encode_message({.topic = "t"}, "x"s, raw_encoding{})->properties.empty());
}

TEST_CASE("a typed message keeps the content type that it was given", "[encoding]") {
  using protocol::property_id;
  outgoing_message head{.topic = "t"};
  head.properties.add(property_id::content_type, "text/csv").add(property_id::payload_format_indicator, 0);
  auto typed = encode_message(head, "x"s, text_encoding{});
  REQUIRE(typed);
  CHECK(typed->properties == head.properties);
}

TEST_CASE("a message of another content type is a fault, one of none is not", "[encoding]") {
  using protocol::property_id;
  protocol::property_list same, other, with_parameter;
  same.add(property_id::content_type, "application/msgpack");
  with_parameter.add(property_id::content_type, "application/msgpack;v=2");
  other.add(property_id::content_type, "application/json");
  CHECK(decode_message<int>(incoming("\x07")));
  CHECK(decode_message<int>(incoming("\x07", same)));
  CHECK(decode_message<int>(incoming("\x07", with_parameter)));
  auto fault = decode_message<int>(incoming("\x07", other));
  REQUIRE_FALSE(fault);
  CHECK(fault.error().text == "another content type than application/msgpack");
  CHECK(decode_message<std::string>(incoming("\x07", other), raw_encoding{}));
}

TEST_CASE("a typed handler gets values, and its owner the faults", "[encoding]") {
  std::vector<int> values;
  std::vector<std::string> faults;
  auto handler = typed_handler<int>([&](int value) { values.push_back(value); },
                                    [&](const payload_fault& what, const incoming_message& message) {
                                      faults.push_back(std::string{message.topic} + ": " + what.text);
                                    });
  handler(incoming("\x07"));
  handler(incoming("\xa1x"));
  handler(incoming("\x08"));
  CHECK(values == std::vector{7, 8});
  CHECK(faults == std::vector{"t: MessagePack of another type"s});
}

TEST_CASE("a typed handler may ask for the message, and throws where nobody takes faults", "[encoding]") {
  std::string seen;
  auto handler = typed_handler<std::string>(
      [&](std::string value, const incoming_message& message) { seen = std::string{message.topic} + value; }, {},
      text_encoding{});
  handler(incoming("x"));
  CHECK(seen == "tx");
  CHECK_THROWS_AS(handler(incoming("\xff")), payload_error);
}

} // namespace actorbus::test
