#include <actorbus/protocol/property_reader.hpp>

#include <actorbus/protocol/topic.hpp>

namespace actorbus::protocol {

namespace {

void read_value(wire_reader& reader, wire_type type, property& out) noexcept {
  out.number = 0;
  out.text = {};
  out.value = {};
  switch (type) {
  case wire_type::byte: out.number = reader.byte(); break;
  case wire_type::two_byte_integer: out.number = reader.two_byte_integer(); break;
  case wire_type::four_byte_integer: out.number = reader.four_byte_integer(); break;
  case wire_type::variable_byte_integer: out.number = reader.variable_byte_integer(); break;
  case wire_type::utf8_string: out.text = reader.utf8_string(); break;
  case wire_type::utf8_string_pair:
    out.text = reader.utf8_string();
    out.value = reader.utf8_string();
    break;
  case wire_type::binary_data: out.text = as_text(reader.binary_data()); break;
  }
}

void check_value(wire_reader& reader, value_rule rule, const property& read) noexcept {
  switch (rule) {
  case value_rule::any: break;
  case value_rule::zero_or_one: reader.require(read.number <= 1, errc::boolean_out_of_range); break;
  case value_rule::not_zero: reader.require(read.number != 0, errc::value_zero); break;
  case value_rule::topic_alias: reader.require(read.number != 0, errc::topic_alias_zero); break;
  case value_rule::topic_name:
    if (auto cause = check_topic_name(read.text); cause != errc::none)
      reader.fail(cause);
    break;
  }
}

} // namespace

bool property_reader::next(property& out) noexcept {
  if (reader_.at_end())
    return false;
  auto id = reader_.variable_byte_integer();
  if (!reader_.ok())
    return false;
  const auto* rule = find_property(id);
  if (rule == nullptr) {
    reader_.fail(errc::property_unknown);
    return false;
  }
  auto place = static_cast<std::uint16_t>(1u << static_cast<unsigned>(place_));
  reader_.require((rule->places & place) != 0, errc::property_misplaced);
  reader_.require((rule->repeatable & place) != 0 || !has(rule->id), errc::property_duplicate);
  if (!reader_.ok())
    return false;
  seen_ |= std::uint64_t{1} << id;
  out.id = rule->id;
  read_value(reader_, rule->type, out);
  if (reader_.ok())
    check_value(reader_, rule->rule, out);
  return reader_.ok();
}

} // namespace actorbus::protocol
