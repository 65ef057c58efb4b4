#include <actorbus/actors/encoding.hpp>

#include <actorbus/protocol/utf8.hpp>

namespace actorbus {

namespace {

protocol::unexpected<payload_fault> fault(const char* text) {
  return protocol::unexpected{payload_fault{text}};
}

// The payload of a text may hold U+0000, which MQTT's own strings may not.
bool is_utf8(std::string_view text) {
  for (;;) {
    auto end = text.find('\0');
    if (protocol::check_utf8(text.substr(0, end)) != protocol::errc::none)
      return false;
    if (end == text.npos)
      return true;
    text.remove_prefix(end + 1);
  }
}

} // namespace

or_fault<std::string> text_encoding::encode(const std::string& value) const {
  if (!is_utf8(value))
    return fault("the text is not UTF-8");
  return value;
}

or_fault<std::string> text_encoding::encode(bool value) const {
  return std::string{value ? "true" : "false"};
}

or_fault<std::string> text_encoding::decode_string(std::string_view payload) {
  if (!is_utf8(payload))
    return fault("the text is not UTF-8");
  return std::string{payload};
}

or_fault<bool> text_encoding::decode_bool(std::string_view payload) {
  if (payload == "true")
    return true;
  if (payload == "false")
    return false;
  return fault("neither true nor false");
}

} // namespace actorbus
