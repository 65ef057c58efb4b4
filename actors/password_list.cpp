#include <actorbus/actors/password_list.hpp>

#include <algorithm>

#include <actorbus/protocol/utf8.hpp>

namespace actorbus {

protocol::expected<password_list, std::string> password_list::parse(std::string_view text) {
  password_list result;
  for (std::size_t number = 1; !text.empty(); ++number) {
    auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    if (line.empty() || line.starts_with('#'))
      continue;
    auto wrong = [&](const std::string& why) {
      return protocol::unexpected{"line " + std::to_string(number) + ": " + why};
    };
    auto colon = line.find(':');
    if (colon == line.npos || !is_valid_name(line.substr(0, colon)))
      return wrong("must be USER:VERIFIER");
    auto verifier = parse_scram_verifier(line.substr(colon + 1));
    if (!verifier)
      return wrong("what stands behind the user is no SCRAM-SHA-256 verifier; make the line with "
                   "actorbus passwd");
    auto user = line.substr(0, colon);
    if (result.find(user))
      return wrong("user \"" + std::string{user} + "\" was there before");
    result.set(user, std::move(*verifier));
  }
  return result;
}

bool password_list::is_valid_name(std::string_view user) noexcept {
  auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  return !user.empty() && user.front() != '#' && user.find(':') == user.npos &&
         std::none_of(user.begin(), user.end(), is_control) &&
         protocol::check_utf8(user) == protocol::errc::none;
}

void password_list::set(std::string_view user, scram_verifier verifier) {
  users_.insert_or_assign(std::string{user}, std::move(verifier));
}

bool password_list::remove(std::string_view user) {
  auto found = users_.find(user);
  if (found == users_.end())
    return false;
  users_.erase(found);
  return true;
}

const scram_verifier* password_list::find(std::string_view user) const noexcept {
  auto found = users_.find(user);
  return found == users_.end() ? nullptr : &found->second;
}

std::uint32_t password_list::iterations() const noexcept {
  std::uint32_t most = 0;
  for (const auto& [name, verifier] : users_)
    most = std::max(most, verifier.iterations);
  return most == 0 ? scram_iterations_default : most;
}

std::string password_list::to_text() const {
  std::string result;
  for (const auto& [name, verifier] : users_)
    result += name + ':' + to_string(verifier) + '\n';
  return result;
}

} // namespace actorbus
