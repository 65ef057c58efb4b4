#include "clients/message_format.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "clients/message_json.hpp"

namespace actorbus::demos {

namespace {

using format_fault = protocol::unexpected<std::string>;
using protocol::property_id;

constexpr std::string_view letters = "%ACDEFIJPRSUXjlmpqrtx";

// The character that a backslash and `c` stand for; 0 with `known` false: none.
char escaped(char c, bool& known) {
  known = true;
  switch (c) {
  case '\\': return '\\';
  case '0': return '\0';
  case 'a': return '\a';
  case 'e': return '\x1b';
  case 'n': return '\n';
  case 'r': return '\r';
  case 't': return '\t';
  case 'v': return '\v';
  default: known = false; return 0;
  }
}

// Reads a number of at most four digits off the front.
std::uint16_t take_number(std::string_view& text) {
  std::uint16_t value = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9' && value < 1000) {
    value = static_cast<std::uint16_t>(value * 10 + (text.front() - '0'));
    text.remove_prefix(1);
  }
  return value;
}

void append_padded(std::string& out, std::string_view value, std::size_t width, bool left,
                   char filler) {
  auto missing = width > value.size() ? width - value.size() : 0;
  if (!left)
    out.append(missing, filler);
  out += value;
  if (left)
    out.append(missing, ' ');
}

std::string hexadecimal(std::string_view bytes, bool upper) {
  std::string result;
  result.reserve(bytes.size() * 2);
  const auto* digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  for (auto c : bytes) {
    auto value = static_cast<unsigned char>(c);
    result += digits[value >> 4];
    result += digits[value & 15];
  }
  return result;
}

std::string user_properties(const protocol::properties_view& properties) {
  std::string result;
  for (const auto& each : properties)
    if (each.id == property_id::user_property)
      result += fmt::format("{}{}:{}", result.empty() ? "" : " ", each.text, each.value);
  return result;
}

} // namespace

std::string local_time(const timespec& when, const char* format) {
  std::tm parts{};
  localtime_r(&when.tv_sec, &parts);
  std::array<char, 128> buffer{};
  return {buffer.data(), std::strftime(buffer.data(), buffer.size(), format, &parts)};
}

protocol::expected<message_format, std::string> message_format::parse(std::string_view text,
                                                                      bool pretty) {
  message_format result;
  result.pretty_ = pretty;
  std::string literal;
  auto rest = text;
  while (!rest.empty()) {
    auto mark = rest.front();
    rest.remove_prefix(1);
    if (mark != '%' && mark != '@' && mark != '\\') {
      literal += mark;
      continue;
    }
    field next;
    if (mark == '%') {
      next.left = rest.starts_with('-');
      rest.remove_prefix(next.left ? 1 : 0);
      next.zeros = rest.starts_with('0');
      rest.remove_prefix(next.zeros ? 1 : 0);
      next.width = take_number(rest);
      if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        next.precision = take_number(rest);
      }
    }
    if (rest.empty())
      return format_fault{fmt::format("\"{}\" ends in the middle of a '{}'", text, mark)};
    auto letter = rest.front();
    rest.remove_prefix(1);
    if (mark == '\\') {
      bool known = false;
      literal += escaped(letter, known);
      if (!known)
        return format_fault{
            fmt::format("\\{} is no escape; there are \\\\ \\0 \\a \\e \\n \\r \\t \\v", letter)};
      continue;
    }
    if (letter == mark) {
      literal += mark;
      continue;
    }
    if (mark == '%' && letters.find(letter) == letters.npos)
      return format_fault{
          fmt::format("%{} is no field; there are %A %C %D %E %F %I %J %P %R %S %U %X "
                      "%j %l %m %p %q %r %t %x and %%",
                      letter)};
    next.what = mark == '@' ? '@' : letter;
    if (mark == '@')
      next.width = static_cast<unsigned char>(letter);
    result.needs_time_ |= mark == '@' || std::string_view{"IUjJ"}.find(letter) != text.npos;
    next.before = std::exchange(literal, {});
    result.fields_.push_back(std::move(next));
  }
  result.fields_.push_back({std::move(literal)});
  return result;
}

bool message_format::append(std::string& out, const timed_message& what) const {
  auto is_whole = true;
  for (const auto& each : fields_) {
    out += each.before;
    is_whole &= each.what == 0 || append_field(out, each, what);
  }
  return is_whole;
}

bool message_format::append_field(std::string& out, const field& which,
                                  const timed_message& what) const {
  const auto& message = what.message;
  const auto& properties = message.properties;
  auto text = [&](std::string_view value) {
    if (which.precision >= 0)
      value = value.substr(0, static_cast<std::size_t>(which.precision));
    append_padded(out, value, which.width, which.left, ' ');
  };
  auto number = [&](std::uint64_t value) {
    append_padded(out, std::to_string(value), which.width, which.left,
                  which.zeros && !which.left ? '0' : ' ');
  };
  auto number_property = [&](property_id id) {
    if (auto value = properties.number(id))
      number(*value);
    else
      out.append(which.width, which.zeros ? '0' : ' ');
  };
  // A payload is cut to the field's width.
  auto bytes = [&](std::string_view value) {
    if (which.width != 0)
      value = value.substr(0, which.width);
    append_padded(out, value, which.width, which.left, which.zeros ? '0' : ' ');
  };
  switch (which.what) {
  case '@':
    if (which.width == 'N') {
      out += fmt::format("{:09}", what.when.tv_nsec);
    } else {
      std::array<char, 3> format{'%', static_cast<char>(which.width), 0};
      out += local_time(what.when, format.data());
    }
    break;
  case 'A': number_property(property_id::topic_alias); break;
  case 'C': text(properties.text(property_id::content_type).value_or("")); break;
  case 'D': out += properties.text(property_id::correlation_data).value_or(""); break;
  case 'E': number_property(property_id::message_expiry_interval); break;
  case 'F': number_property(property_id::payload_format_indicator); break;
  case 'I': text(local_time(what.when, "%FT%T%z")); break;
  case 'J':
  case 'j': return append_json(out, what, which.what == 'J', pretty_);
  case 'P': out += user_properties(properties); break;
  case 'R': text(properties.text(property_id::response_topic).value_or("")); break;
  case 'S': number_property(property_id::subscription_identifier); break;
  case 'U': out += fmt::format("{}.{:09}", what.when.tv_sec, what.when.tv_nsec); break;
  case 'X': bytes(hexadecimal(message.payload, true)); break;
  case 'l': number(message.payload.size()); break;
  case 'm': number(message.packet_id); break;
  case 'p': bytes(message.payload); break;
  case 'q': out += static_cast<char>('0' + static_cast<int>(message.qos)); break;
  case 'r': out += message.retain ? '1' : '0'; break;
  case 't': text(message.topic); break;
  case 'x': bytes(hexadecimal(message.payload, false)); break;
  default: break;
  }
  return true;
}

} // namespace actorbus::demos
