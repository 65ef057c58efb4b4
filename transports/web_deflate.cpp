#include <actorbus/transports/web_deflate.hpp>

#include <algorithm>
#include <array>

#include <boost/beast/zlib/deflate_stream.hpp>
#include <boost/beast/zlib/inflate_stream.hpp>

namespace actorbus::transports {

namespace {

namespace zlib = boost::beast::zlib;

// What a sender leaves away behind every message.
constexpr std::array<std::uint8_t, 4> tail{0x00, 0x00, 0xFF, 0xFF};

constexpr int level = 6;
constexpr int window_bits = 15;
constexpr int memory_level = 8;

} // namespace

struct web_inflater::machine {
  zlib::inflate_stream state;
};

web_inflater::web_inflater() : machine_(std::make_unique<machine>()) {}

web_inflater::~web_inflater() = default;

void web_inflater::put(std::span<const std::uint8_t> packed) {
  if (at_ == packed_.size()) {
    packed_.clear();
    at_ = 0;
  }
  packed_.insert(packed_.end(), packed.begin(), packed.end());
}

void web_inflater::finish() {
  put(tail);
  finished_ = true;
}

std::size_t web_inflater::take(std::span<std::uint8_t> into) {
  if (failed_ || into.empty())
    return 0;
  zlib::z_params at{};
  at.next_in = packed_.data() + at_;
  at.avail_in = packed_.size() - at_;
  at.next_out = into.data();
  at.avail_out = into.size();
  boost::system::error_code error;
  machine_->state.write(at, zlib::Flush::sync, error);
  at_ = packed_.size() - at.avail_in;
  // It has no more to say, or a block said that it was the last one of all: both are allowed.
  failed_ = error && error != zlib::error::need_buffers && error != zlib::error::end_of_stream;
  if (error == zlib::error::end_of_stream)
    at_ = packed_.size();
  full_ = at.avail_out == 0;
  return into.size() - at.avail_out;
}

std::size_t deflate_web_message(std::span<const std::uint8_t> from, std::span<std::uint8_t> into) {
  thread_local zlib::deflate_stream packer;
  packer.reset(level, window_bits, memory_level, zlib::Strategy::normal);
  zlib::z_params at{};
  at.next_in = from.data();
  at.avail_in = from.size();
  at.next_out = into.data();
  at.avail_out = std::min(into.size(), from.size() + tail.size());
  auto room = at.avail_out;
  boost::system::error_code error;
  packer.write(at, zlib::Flush::sync, error);
  auto size = room - at.avail_out;
  if (error || at.avail_in > 0 || at.avail_out == 0 || size < tail.size())
    return 0;
  return size - tail.size();
}

} // namespace actorbus::transports
