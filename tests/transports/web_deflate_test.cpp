#include <actorbus/transports/web_deflate.hpp>

#include "support/notation.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace actorbus::transports;
using packed_bytes = actorbus::conformance::byte_vector;
using actorbus::conformance::bytes;

namespace {

/// What one message holds whose bytes come in pieces, and are taken by so many at a time; "?": it can't be unpacked.
std::string unpacked(const packed_bytes& packed, std::size_t piece = 1'000, std::size_t room = 1'000) {
  std::string result;
  web_inflater at;
  std::vector<std::uint8_t> into(room);
  auto take = [&] {
    do {
      auto size = at.take(into);
      result.append(into.begin(), into.begin() + static_cast<std::ptrdiff_t>(size));
    } while (at.has_more());
  };
  for (std::size_t from = 0; from < packed.size(); from += piece) {
    at.put(std::span{packed}.subspan(from, std::min(piece, packed.size() - from)));
    take();
  }
  at.finish();
  take();
  return at.failed() ? "?" : result;
}

packed_bytes packed(std::string_view text) {
  packed_bytes result(text.size() + 100);
  std::span from{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  result.resize(deflate_web_message(from, result));
  return result;
}

} // namespace

TEST_CASE("the examples of RFC 7692, 7.2.3 are unpacked") {
  CHECK(unpacked(bytes("f2 48 cd c9 c9 07 00")) == "Hello");
  CHECK(unpacked(bytes("00 05 00 fa ff 48 65 6c 6c 6f 00")) == "Hello");       // not compressed
  CHECK(unpacked(bytes("f3 48 cd c9 c9 07 00 00")) == "Hello");                // a block that calls itself the last one
  CHECK(unpacked(bytes("f2 48 05 00 00 00 ff ff ca c9 c9 07 00")) == "Hello"); // two blocks
}

TEST_CASE("however the bytes of a packed message come, and are taken, it is the same") {
  std::string text;
  for (int i = 0; i < 3000; ++i)
    text += std::to_string(i * 7919 % 1000) + ' ';
  auto small = packed(text);
  REQUIRE(small.size() > 100);
  CHECK(small.size() < text.size() / 2);
  for (std::size_t piece : {1u, 3u, 100u, 100'000u})
    for (std::size_t room : {1u, 7u, 100'000u}) {
      CAPTURE(piece, room);
      CHECK((unpacked(small, piece, room) == text));
    }
}

TEST_CASE("a message that grows a thousandfold is unpacked a piece at a time") {
  auto small = packed(std::string(10'000'000, '\0'));
  REQUIRE(small.size() > 0);
  CHECK(small.size() < 20'000);
  web_inflater at;
  at.put(small);
  at.finish();
  std::vector<std::uint8_t> room(1000);
  std::size_t pieces = 0;
  for (; !at.done() && pieces < 20'000; ++pieces)
    if (auto size = at.take(room); size < room.size())
      break;
  CHECK(pieces == 10'000);
  CHECK_FALSE(at.failed());
}

TEST_CASE("what would not be smaller is not packed") {
  std::string noise;
  std::uint32_t state = 1;
  for (int i = 0; i < 1000; ++i)
    noise += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  CHECK(packed(noise).empty());
}

TEST_CASE("bytes that are no packed message are told from it") {
  CHECK(unpacked(bytes("ff ff ff ff")) == "?");
  CHECK(unpacked(bytes("00 05 00 00 00 48")) == "?"); // a length that its complement contradicts
}
