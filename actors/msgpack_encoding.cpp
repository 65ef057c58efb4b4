#include <actorbus/actors/msgpack_encoding.hpp>

#include <cstdint>

#include <msgpack/null_visitor.hpp>
#include <msgpack/parse.hpp>

namespace actorbus {

namespace {

/// Follows a parser through a value and stops it at the first excess.
class limit_visitor : public msgpack::null_visitor {
public:
  limit_visitor(std::size_t payload_bytes, const msgpack_limits& limits)
      : payload_bytes_(payload_bytes), limits_(limits) {}

  bool start_array(std::uint32_t count) { return enter(count); }
  bool start_map(std::uint32_t count) { return enter(std::size_t{count} * 2); }
  bool end_array() { return leave(); }
  bool end_map() { return leave(); }
  void parse_error(std::size_t, std::size_t) { fail("not MessagePack"); }
  void insufficient_bytes(std::size_t, std::size_t) { fail("MessagePack cut short"); }

  const char* fault() const noexcept { return fault_; }

private:
  // Each element takes a byte at least, so a value that announces more of them than there are
  // bytes can't be whole.
  bool enter(std::size_t count) {
    elements_ += count;
    if (elements_ > payload_bytes_)
      return fail("MessagePack cut short");
    if (elements_ > limits_.elements_max)
      return fail("more elements than allowed");
    return ++depth_ <= limits_.depth_max || fail("nested deeper than allowed");
  }

  bool leave() {
    --depth_;
    return true;
  }

  bool fail(const char* why) {
    if (!fault_)
      fault_ = why;
    return false;
  }

  const std::size_t payload_bytes_;
  const msgpack_limits& limits_;
  std::size_t elements_ = 0;
  std::size_t depth_ = 0;
  const char* fault_ = nullptr;
};

} // namespace

or_fault<void> check_msgpack(std::string_view payload, const msgpack_limits& limits) {
  const char* fault = nullptr;
  if (payload.size() > limits.payload_bytes_max) {
    fault = "larger than allowed";
  } else if (payload.empty()) {
    fault = "an empty payload";
  } else {
    limit_visitor visitor{payload.size(), limits};
    std::size_t end = 0;
    auto whole = msgpack::parse(payload.data(), payload.size(), end, visitor);
    fault = visitor.fault();
    if (!fault && !whole)
      fault = "not MessagePack";
    if (!fault && end != payload.size())
      fault = "bytes behind the MessagePack value";
  }
  if (fault)
    return protocol::unexpected{payload_fault{fault}};
  return {};
}

} // namespace actorbus
