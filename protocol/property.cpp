#include <actorbus/protocol/property.hpp>

#include <cassert>

#include <actorbus/protocol/property_reader.hpp>

namespace actorbus::protocol {

namespace {

std::uint32_t take_integer(const std::uint8_t*& at, std::size_t size) noexcept {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i)
    value = value << 8 | *at++;
  return value;
}

std::uint32_t take_variable_byte_integer(const std::uint8_t*& at) noexcept {
  std::uint32_t value = 0;
  unsigned shift = 0;
  for (; (*at & 0x80) != 0; shift += 7)
    value |= (*at++ & 0x7Fu) << shift;
  return value | std::uint32_t{*at++} << shift;
}

std::string_view take_text(const std::uint8_t*& at) noexcept {
  auto size = take_integer(at, 2);
  auto text = as_text({at, size});
  at += size;
  return text;
}

/// Reads the property at `at`, which was checked before. @returns one past it
const std::uint8_t* take_property(const std::uint8_t* at, property& out) noexcept {
  const auto* rule = find_property(take_variable_byte_integer(at));
  assert(rule != nullptr);
  out = property{};
  out.id = rule->id;
  switch (rule->type) {
  case wire_type::byte: out.number = take_integer(at, 1); break;
  case wire_type::two_byte_integer: out.number = take_integer(at, 2); break;
  case wire_type::four_byte_integer: out.number = take_integer(at, 4); break;
  case wire_type::variable_byte_integer: out.number = take_variable_byte_integer(at); break;
  case wire_type::utf8_string_pair:
    out.text = take_text(at);
    out.value = take_text(at);
    break;
  case wire_type::utf8_string:
  case wire_type::binary_data: out.text = take_text(at); break;
  }
  return at;
}

} // namespace

properties_view::iterator::iterator(byte_view rest) noexcept
    : position_(rest.data()), next_(rest.data()), end_(rest.data() + rest.size()) {
  if (position_ != end_)
    next_ = take_property(position_, current_);
}

properties_view::iterator& properties_view::iterator::operator++() noexcept {
  position_ = next_;
  if (position_ != end_)
    next_ = take_property(position_, current_);
  return *this;
}

std::optional<std::uint32_t> properties_view::number(property_id id) const noexcept {
  for (const auto& each : *this)
    if (each.id == id)
      return each.number;
  return std::nullopt;
}

std::optional<std::string_view> properties_view::text(property_id id) const noexcept {
  for (const auto& each : *this)
    if (each.id == id)
      return each.text;
  return std::nullopt;
}

errc check_properties(byte_view raw, property_place place) noexcept {
  property_reader reader{raw, place};
  property each;
  while (reader.next(each))
    continue;
  if (reader.cause() != errc::none)
    return reader.cause();
  auto has_method = reader.has(property_id::authentication_method);
  if (place == property_place::auth && !raw.empty() && !has_method)
    return errc::authentication_method_missing;
  if (reader.has(property_id::authentication_data) && !has_method)
    return errc::authentication_data_without_method;
  return errc::none;
}

} // namespace actorbus::protocol
