#include <actorbus/protocol/decode.hpp>

#include <cstdlib>
#include <new>

#include <catch2/catch.hpp>

#include "golden.hpp"

namespace {

std::size_t allocations = 0;

} // namespace

// Counts what the whole test program takes from the heap.
void* operator new(std::size_t size) {
  ++allocations;
  if (auto* memory = std::malloc(size == 0 ? 1 : size))
    return memory;
  throw std::bad_alloc{};
}

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}

void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

using namespace actorbus::protocol;

namespace {

/// Touches everything that iterating hands out.
template <class Range>
std::size_t walk(const Range& range) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& each : range)
    ++count;
  return count;
}

std::size_t decode_and_walk(const golden& each) {
  auto frame = read_frame(each.encoded, packet_size_bytes_max);
  auto body = byte_view{each.encoded}.subspan(frame->header.header_size);
  if (frame->header.type == packet_type::publish) {
    publish out;
    if (decode_publish(frame->header, body, each.version, each.from, out) != errc::none)
      return 0;
  }
  auto decoded = decode(frame->header, body, each.version, each.from);
  if (!decoded)
    return 0;
  return 1 + std::visit(
                 [](const auto& value) {
                   std::size_t count = 0;
                   if constexpr (requires { value.properties; })
                     count += walk(value.properties);
                   if constexpr (requires { value.entries; })
                     count += walk(value.entries);
                   return count;
                 },
                 *decoded);
}

} // namespace

TEST_CASE("decoding and iterating take nothing from the heap") {
  const auto& packets = golden_packets();
  std::size_t decoded = 0;
  auto before = allocations;
  CHECK(before > 0);
  before = allocations;
  for (const auto& each : packets)
    decoded += decode_and_walk(each) > 0 ? 1 : 0;
  auto taken = allocations - before;
  CHECK(decoded == packets.size());
  CHECK(taken == 0);
}
