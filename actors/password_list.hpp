#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <actorbus/actors/scram.hpp>
#include <actorbus/protocol/expected.hpp>

namespace actorbus {

/// Users and what is kept of their passwords: the contents of a password file. A line a user,
/// `USER:VERIFIER` (see `to_string(scram_verifier)`); empty lines and those that begin with '#'
/// mean nothing.
class password_list {
public:
  /// Reads a file's text.
  /// @returns the list, or what is wrong with which line
  static protocol::expected<password_list, std::string> parse(std::string_view text);

  /// What a user may be called: no ':', no line end or other control character, no '#' in front,
  /// not empty.
  static bool is_valid_name(std::string_view user) noexcept;

  /// Adds a user or replaces its password. @pre `is_valid_name(user)`
  void set(std::string_view user, scram_verifier verifier);

  /// @returns false if there is no such user
  bool remove(std::string_view user);

  const scram_verifier* find(std::string_view user) const noexcept;

  std::size_t size() const noexcept { return users_.size(); }

  /// The iterations of the user with the most: what a check of a user that doesn't exist shall
  /// cost.
  std::uint32_t iterations() const noexcept;

  /// The file's text again, in the order of names. Comments are lost.
  std::string to_text() const;

private:
  std::map<std::string, scram_verifier, std::less<>> users_;
};

} // namespace actorbus
