#include "support/describe.hpp"
#include "support/memory_client.hpp"

#include <actorbus/actors/outbox.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace actorbus::test {

namespace {

using conformance::bytes;
using conformance::version;

protocol::publish packet_of(std::string_view payload) {
  protocol::publish result;
  result.topic = "t";
  result.payload = protocol::as_bytes(payload);
  return result;
}

struct outbox_fixture {
  outbox subject;

  std::vector<frame> take() {
    std::vector<frame> result;
    subject.take([&](frame&& each) { result.push_back(std::move(each)); });
    return result;
  }

  static std::string describe_all(const std::vector<frame>& frames) {
    conformance::byte_vector all;
    for (const auto& each : frames)
      all.insert(all.end(), each.view().begin(), each.view().end());
    return describe(all, version::v5);
  }
};

} // namespace

TEST_CASE_METHOD(outbox_fixture, "the packets of a batch leave in one frame, in their order", "[outbox]") {
  CHECK(subject.empty());
  subject.encode(packet_of("a"), protocol::protocol_version::v5);
  subject.acknowledge(protocol::packet_type::puback, 7);
  subject.acknowledge(protocol::packet_type::pubrel, 8);
  subject.append(bytes("d0 00"));
  CHECK_FALSE(subject.empty());
  const auto frames = take();
  REQUIRE(frames.size() == 1);
  CHECK(describe_all(frames) == "PUBLISH t 'a'; PUBACK #7; PUBREL #8; PINGRESP");
  CHECK(subject.empty());
  CHECK(subject.size_bytes() == 0);
}

TEST_CASE_METHOD(outbox_fixture, "an outbox knows its size, whatever it holds", "[outbox]") {
  const auto large = make_frame(bytes("30 [ s't' 00 'x'*5000 ]"));
  const auto lone = make_frame(bytes("30 [ s't' 00 'lone' ]"));
  std::size_t expected = 0;
  auto check_after = [&](std::size_t added) {
    expected += added;
    CHECK(subject.size_bytes() == expected);
    CHECK_FALSE(subject.empty());
  };
  subject.append(lone);
  check_after(lone.size);
  subject.acknowledge(protocol::packet_type::puback, 1);
  check_after(4);
  subject.append(large);
  check_after(large.size);
  subject.append(lone);
  check_after(lone.size);
  std::size_t taken = 0;
  for (const auto& each : take())
    taken += each.size;
  CHECK(taken == expected);
}

TEST_CASE_METHOD(outbox_fixture, "large foreign packets are handed on without a copy", "[outbox]") {
  const auto large = make_frame(bytes("30 [ s't' 00 'x'*5000 ]"));
  subject.acknowledge(protocol::packet_type::puback, 1);
  subject.append(large);
  subject.acknowledge(protocol::packet_type::puback, 2);
  const auto frames = take();
  REQUIRE(frames.size() == 3);
  CHECK(frames[1].bytes == large.bytes);
  CHECK(describe_all(frames).starts_with("PUBACK #1; PUBLISH"));
  CHECK(describe_all(frames).ends_with("PUBACK #2"));
}

TEST_CASE_METHOD(outbox_fixture, "foreign packets and own ones keep their order in every mixture", "[outbox]") {
  const auto seed = GENERATE(range(0u, 64u));
  CAPTURE(seed);
  std::string expected;
  for (unsigned i = 0; i < 6; ++i) {
    const auto name = static_cast<std::uint16_t>(i + 1);
    if ((seed >> i) & 1) {
      subject.append(make_frame(bytes("40 02 {}", name)));
      subject.append(make_frame(bytes("50 02 {}", name)));
      expected += "PUBACK #" + std::to_string(name) + "; PUBREC #" + std::to_string(name) + "; ";
    } else {
      subject.acknowledge(protocol::packet_type::pubcomp, name);
      expected += "PUBCOMP #" + std::to_string(name) + "; ";
    }
  }
  CHECK(describe_all(take()) + "; " == expected);
}

TEST_CASE_METHOD(outbox_fixture, "what was taken stays as it was while more is written", "[outbox]") {
  subject.acknowledge(protocol::packet_type::puback, 1);
  const auto first = take();
  subject.acknowledge(protocol::packet_type::puback, 2);
  const auto second = take();
  CHECK(describe_all(first) == "PUBACK #1");
  CHECK(describe_all(second) == "PUBACK #2");
}

TEST_CASE_METHOD(outbox_fixture, "a cleared outbox is empty", "[outbox]") {
  subject.append(make_frame(bytes("30 [ s't' 00 'lone' ]")));
  subject.acknowledge(protocol::packet_type::puback, 1);
  subject.append(make_frame(bytes("30 [ s't' 00 'x'*5000 ]")));
  subject.clear();
  CHECK(subject.empty());
  CHECK(subject.size_bytes() == 0);
  CHECK(take().empty());
}

TEST_CASE("blocks are charged to the outbox's payer and refunded when the frames are gone", "[outbox][credit]") {
  auto account = std::make_shared<credit_account>(1'000'000);
  std::vector<frame> frames;
  {
    outbox subject{account};
    for (int i = 0; i < 10'000; ++i)
      subject.encode(packet_of("some payload of a message"), protocol::protocol_version::v5);
    subject.take([&](frame&& each) { frames.push_back(std::move(each)); });
    CHECK(account->used_bytes() >= 10'000 * 30);
  }
  frames.clear();
  CHECK(account->used_bytes() == 0);
}

} // namespace actorbus::test
