#include <actorbus/protocol/property.hpp>

#include <cassert>

#include <actorbus/protocol/wire_writer.hpp>

namespace actorbus::protocol {

namespace {

wire_type type_of(property_id id) noexcept {
  const auto* rule = find_property(static_cast<std::uint32_t>(id));
  assert(rule != nullptr);
  return rule->type;
}

/// Makes room for `size` more bytes, the identifier's among them, and writes the identifier.
wire_writer begin_property(std::vector<std::uint8_t>& raw, property_id id, std::size_t size) {
  auto old = raw.size();
  raw.resize(old + size);
  wire_writer writer{raw.data() + old};
  writer.byte(static_cast<std::uint8_t>(id)); // all known identifiers take one byte
  return writer;
}

} // namespace

property_list& property_list::add(property_id id, std::uint32_t number) {
  switch (type_of(id)) {
  case wire_type::byte: begin_property(raw_, id, 2).byte(static_cast<std::uint8_t>(number)); break;
  case wire_type::two_byte_integer:
    begin_property(raw_, id, 3).two_byte_integer(static_cast<std::uint16_t>(number));
    break;
  case wire_type::four_byte_integer: begin_property(raw_, id, 5).four_byte_integer(number); break;
  case wire_type::variable_byte_integer:
    begin_property(raw_, id, 1 + variable_byte_integer_size(number)).variable_byte_integer(number);
    break;
  case wire_type::utf8_string:
  case wire_type::utf8_string_pair:
  case wire_type::binary_data: assert(false && "not an integer property"); break;
  }
  return *this;
}

property_list& property_list::add(property_id id, std::string_view text) {
  assert(type_of(id) == wire_type::utf8_string || type_of(id) == wire_type::binary_data);
  begin_property(raw_, id, 3 + text.size()).utf8_string(text);
  return *this;
}

property_list& property_list::add_user(std::string_view name, std::string_view value) {
  auto writer = begin_property(raw_, property_id::user_property, 5 + name.size() + value.size());
  writer.utf8_string(name);
  writer.utf8_string(value);
  return *this;
}

property_list& property_list::add(const property& copy) {
  switch (type_of(copy.id)) {
  case wire_type::utf8_string:
  case wire_type::binary_data: return add(copy.id, copy.text);
  case wire_type::utf8_string_pair: return add_user(copy.text, copy.value);
  default: return add(copy.id, copy.number);
  }
}

} // namespace actorbus::protocol
