#pragma once

#include <string>

#include <actorbus/actors/password_list.hpp>

namespace actorbus::demos {

/// Reads a password file.
/// @throws user_error if it can't be read, or names the line that is wrong
password_list read_password_file(const std::string& path);

/// Writes a password file in one step: who reads it meanwhile sees the old one or the new one. A
/// new file can be read by its owner alone.
/// @throws user_error if it can't be written
void write_password_file(const std::string& path, const password_list& list);

} // namespace actorbus::demos
