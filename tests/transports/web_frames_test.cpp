#include "scripted.hpp"

#include "support/notation.hpp"

#include <actorbus/transports/web_frames.hpp>

using namespace actorbus::transports;
using conformance_bytes = actorbus::conformance::byte_vector;
using actorbus::conformance::bytes;

namespace {

/// What a reader finds in bytes that come in pieces of `step`, as text: payload as it is, `<ping x>`, `<close …>`.
std::string read_all(web_frame_reader& reader, const conformance_bytes& input, std::size_t step = 1'000'000) {
  std::string result;
  for (std::size_t at = 0; at < input.size(); at += step) {
    std::span<const std::uint8_t> rest{input.data() + at, std::min(step, input.size() - at)};
    for (;;) {
      std::uint8_t first[3];
      std::uint8_t second[100];
      const iovec pieces[] = {{first, sizeof first}, {second, sizeof second}};
      web_frame_reader::room place{pieces};
      auto found = reader.next(rest, place);
      result.append(reinterpret_cast<char*>(first), std::min<std::size_t>(place.used, 3));
      if (place.used > 3)
        result.append(reinterpret_cast<char*>(second), place.used - 3);
      std::string control{reader.control().begin(), reader.control().end()};
      if (found == web_frame_reader::found::ping)
        result += "<ping " + control + '>';
      else if (found == web_frame_reader::found::pong)
        result += "<pong " + control + '>';
      else if (found == web_frame_reader::found::close)
        result += "<close " + std::to_string(control.size()) + '>';
      else if (found == web_frame_reader::found::packed)
        result += "<packed>";
      else if (found == web_frame_reader::found::unpack)
        result += "<unpack>";
      else if (found == web_frame_reader::found::fault)
        return result + '<' + std::to_string(static_cast<int>(reader.reason())) + ' ' + std::string{reader.why()} + '>';
      else if (rest.empty())
        break;
    }
  }
  return result;
}

std::string from_server(std::string_view notation) {
  web_frame_reader reader{false, 1'000};
  return read_all(reader, bytes(notation));
}

std::string from_client(std::string_view notation) {
  web_frame_reader reader{true, 1'000};
  return read_all(reader, bytes(notation));
}

} // namespace

TEST_CASE("the examples of RFC 6455, 5.7 are understood") {
  // With binary where it has text.
  CHECK(from_server("82 05 48 65 6c 6c 6f") == "Hello");
  CHECK(from_client("82 85 37 fa 21 3d 7f 9f 4d 51 58") == "Hello");
  CHECK(from_server("02 03 48 65 6c 80 02 6c 6f") == "Hello");
  CHECK(from_server("89 05 48 65 6c 6c 6f") == "<ping Hello>");
  CHECK(from_client("8a 85 37 fa 21 3d 7f 9f 4d 51 58") == "<pong Hello>");
  CHECK(from_server("82 7e 0100 { 'x' }*256") == std::string(256, 'x'));
}

TEST_CASE("frames are one stream of bytes, however they are cut") {
  // Two messages, the second in three fragments with a ping between, masked with different keys, then a close.
  auto input = bytes("82 83 00000000 'abc' 02 82 01010101 'ed' 89 81 00000000 'p' 00 80 05060708 80 82 00000000 'fg' "
                     "88 82 00000000 03e8");
  for (std::size_t step = 1; step <= input.size(); ++step) {
    web_frame_reader reader{true, 1'000};
    CHECK(read_all(reader, input, step) == "abcde<ping p>fg<close 2>");
  }
}

TEST_CASE("what breaks the rules of WebSocket is named, with its reason code") {
  CHECK(from_client("81 80 00000000") == "<1003 a text frame, where MQTT travels in binary ones>"); // [v3:MQTT-6.0.0-1]
  CHECK(from_client("82 01 'x'") == "<1002 a client's frame that is not masked>");
  CHECK(from_server("82 81 00000000 'x'") == "<1002 a server's frame that is masked>");
  CHECK(from_client("c2 80 00000000") == "<1002 a frame with an extension that nobody agreed on>");
  CHECK(from_client("83 80 00000000") == "<1002 a frame of an unknown kind>");
  CHECK(from_client("8b 80 00000000") == "<1002 a frame of an unknown kind>");
  CHECK(from_client("09 80 00000000") == "<1002 a control frame in pieces or with more than 125 bytes>");
  CHECK(from_client("89 fe 007e 00000000") == "<1002 a control frame in pieces or with more than 125 bytes>");
  CHECK(from_client("88 81 00000000 03") == "<1002 a close frame with half a reason>");
  CHECK(from_client("80 80 00000000") == "<1002 the continuation of no message>");
  CHECK(from_client("02 80 00000000 82 80 00000000") == "<1002 a new message before the last one's end>");
  CHECK(from_client("82 fe 007d 00000000") == "<1002 a frame whose length is not in its shortest form>");
  CHECK(from_client("82 ff 000000000000ffff 00000000") == "<1002 a frame whose length is not in its shortest form>");
  CHECK(from_client("82 ff 8000000000010000 00000000") == "<1002 a frame whose length is not in its shortest form>");
  CHECK(from_client("82 fe 03e9 00000000") == "<1009 a frame that is too large>");
}

TEST_CASE("a frame of the largest size is accepted") {
  web_frame_reader reader{false, 1'000};
  CHECK(read_all(reader, bytes("82 7e 03e8 { 'x' }*1000")) == std::string(1'000, 'x'));
}

TEST_CASE("headers say the length in its shortest form") {
  auto header = [](std::uint64_t size) {
    auto made = frame_header(web_opcode::binary, size);
    return conformance_bytes{made.bytes.begin(), made.bytes.begin() + static_cast<std::ptrdiff_t>(made.size)};
  };
  CHECK(header(0) == bytes("82 00"));
  CHECK(header(125) == bytes("82 7d"));
  CHECK(header(126) == bytes("82 7e 007e"));
  CHECK(header(65'535) == bytes("82 7e ffff"));
  CHECK(header(65'536) == bytes("82 7f 0000000000010000"));
  auto masked = frame_header(web_opcode::close, 2, {1, 2, 3, 4});
  CHECK(conformance_bytes{masked.bytes.begin(), masked.bytes.begin() + 6} == bytes("88 82 01020304"));
  CHECK(masked.size == 6);
}

TEST_CASE("bytes are masked by the mask's bytes in turn") {
  for (std::size_t size = 0; size < 40; ++size) {
    conformance_bytes plain(size, 0x0F);
    conformance_bytes masked(size);
    mask_bytes(masked.data(), plain.data(), size, {0xF0, 0x0F, 0xFF, 0x00});
    for (std::size_t i = 0; i < size; ++i)
      CHECK(masked[i] == (std::array{0xFF, 0x00, 0xF0, 0x0F}[i % 4]));
  }
}

TEST_CASE("packed messages are told from others, where packing was agreed on") {
  auto read = [](std::string_view notation) {
    web_frame_reader reader{false, 1'000};
    reader.accept_packed();
    return read_all(reader, bytes(notation));
  };
  // c2: packed. A fragment says so in the first frame only.
  CHECK(read("c2 02 61 62") == "<packed>ab<unpack>");
  CHECK(read("c2 00") == "<packed><unpack>");
  CHECK(read("42 01 61 89 00 00 01 62 80 01 63 82 01 64") == "<packed>a<ping >bc<unpack>d");
  CHECK(read("42 01 61 c0 01 62") == "<packed>a<1002 a frame with an extension that nobody agreed on>");
  CHECK(read("a2 01 61") == "<1002 a frame with an extension that nobody agreed on>");
  CHECK(read("c9 00") == "<1002 a frame with an extension that nobody agreed on>");
  CHECK(from_server("c2 01 61") == "<1002 a frame with an extension that nobody agreed on>");
}
