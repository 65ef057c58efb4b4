#include "topology/transport_settings.hpp"

#include <charconv>
#include <initializer_list>

#include <fmt/format.h>

namespace actorbus::demos {

namespace {

/// Finds fault with keys that belong to other transports.
void refuse(settings_reader& from, std::initializer_list<std::string_view> keys,
            std::string_view whose) {
  for (auto key : keys)
    if (from.has(key))
      from.wrong(key, fmt::format("is for {} only", whose));
}

void read_socket_file(settings_reader& from, transports::socket_file_options& into) {
  if (auto text = from.text("mode")) {
    into.mode = parse_mode(*text);
    if (!into.mode)
      from.wrong("mode", "must be permissions in octal digits, as in \"0660\"");
  }
  into.owner = from.text("owner").value_or("");
  into.group = from.text("group").value_or("");
}

} // namespace

std::optional<std::uint32_t> parse_mode(std::string_view text) {
  if (text.starts_with("0o"))
    text.remove_prefix(2);
  std::uint32_t mode = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (error != std::errc{} || end != text.data() + text.size() || mode > 0777)
    return std::nullopt;
  return mode;
}

transports::listener_options read_transport_options(settings_reader& from,
                                                    std::string_view scheme) {
  transports::listener_options result;
  if (scheme == "unix")
    read_socket_file(from, result.socket_file);
  else
    refuse(from, {"mode", "owner", "group"}, "Unix sockets");
  return result;
}

} // namespace actorbus::demos
