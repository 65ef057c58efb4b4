// WebSocket frames: however the bytes are cut, a reader finds the same, and what is written by `frame_header` is read
// as it was.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include <actorbus/transports/web_deflate.hpp>
#include <actorbus/transports/web_frames.hpp>

namespace {

using namespace actorbus::transports;

/// What was found: the payload, control frames in order, the end.
struct findings {
  std::string payload;
  std::string controls;
  bool fault = false;
  bool operator==(const findings&) const = default;
};

constexpr std::uint64_t frame_bytes_max = 4096;

/// @param step bytes that come at a time, and room that there is for payload
findings read(std::span<const std::uint8_t> input, bool from_client, std::size_t step, bool packs = false) {
  findings result;
  web_frame_reader reader{from_client, frame_bytes_max};
  if (packs)
    reader.accept_packed();
  std::vector<std::uint8_t> room(step);
  while (!input.empty()) {
    auto come = input.first(std::min(step, input.size()));
    input = input.subspan(come.size());
    for (;;) {
      std::array pieces{iovec{room.data(), step / 2}, iovec{room.data() + step / 2, step - step / 2}};
      web_frame_reader::room place{pieces};
      auto before = come.size();
      auto found = reader.next(come, place);
      if (place.used > step || come.size() > before)
        std::abort();
      result.payload.append(reinterpret_cast<const char*>(room.data()), place.used);
      if (found == web_frame_reader::found::fault) {
        result.fault = true;
        if (reader.why().empty())
          std::abort();
        return result;
      }
      if (found == web_frame_reader::found::packed || found == web_frame_reader::found::unpack) {
        result.controls += found == web_frame_reader::found::packed ? '<' : '>';
        continue;
      }
      if (found == web_frame_reader::found::nothing) {
        if (come.empty())
          break;
        if (place.used == 0 && come.size() == before)
          std::abort(); // it would never end
        continue;
      }
      if (reader.control().size() > 125)
        std::abort();
      result.controls += static_cast<char>('0' + static_cast<int>(found));
      result.controls.append(reader.control().begin(), reader.control().end());
    }
  }
  return result;
}

/// The bytes as one packed message: the same however they come; a million bytes of it.
findings unpack(std::span<const std::uint8_t> input, std::size_t step) {
  findings result;
  web_inflater inflater;
  std::vector<std::uint8_t> room(step);
  auto take = [&] {
    do {
      auto size = inflater.take(room);
      result.payload.append(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(size));
    } while (inflater.has_more() && result.payload.size() < 1'000'000);
  };
  for (; !input.empty() && result.payload.size() < 1'000'000; input = input.subspan(std::min(step, input.size()))) {
    inflater.put(input.first(std::min(step, input.size())));
    take();
  }
  inflater.finish();
  take();
  result.fault = inflater.failed();
  if (result.fault || result.payload.size() >= 1'000'000)
    result.payload.clear(); // how much of it came before depends on the pieces
  return result;
}

void check_written(std::span<const std::uint8_t> payload, bool from_client) {
  std::vector<std::uint8_t> bytes;
  std::array<std::uint8_t, 4> mask{1, 2, 3, 4};
  auto header = from_client ? frame_header(web_opcode::binary, payload.size(), mask)
                            : frame_header(web_opcode::binary, payload.size());
  bytes.assign(header.bytes.begin(), header.bytes.begin() + static_cast<std::ptrdiff_t>(header.size));
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  if (from_client)
    mask_bytes(bytes.data() + header.size, payload.data(), payload.size(), mask);
  auto found = read(bytes, from_client, 7);
  if (payload.size() > frame_bytes_max) {
    if (!found.fault)
      std::abort();
  } else if (found != findings{std::string{payload.begin(), payload.end()}, {}, false})
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2)
    return 0;
  auto from_client = (data[0] & 1) != 0;
  auto step = std::size_t{2} + data[0] / 2;
  std::span input{data + 1, size - 1};
  for (auto packs : {false, true})
    if (read(input, from_client, step, packs) != read(input, from_client, 100'000, packs))
      std::abort();
  if (unpack(input, step) != unpack(input, 100'000))
    std::abort();
  check_written(input, from_client);
  return 0;
}
