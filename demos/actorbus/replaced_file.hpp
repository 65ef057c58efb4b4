#pragma once

#include <string>
#include <string_view>

#include <sys/types.h>

namespace actorbus::demos {

/// A file that is written beside the one that it takes the place of, in one step: whoever reads sees
/// the old one or the new one. Until then it is there under another name, and gone if it is never
/// finished.
class replaced_file {
public:
  /// @param path of a regular file, or of none; a file keeps its rights and owner
  /// @param mode of a new one
  /// @throws user_error if it can't be written
  replaced_file(std::string path, mode_t mode);
  ~replaced_file();
  replaced_file(const replaced_file&) = delete;
  replaced_file& operator=(const replaced_file&) = delete;

  /// Writes all of it and puts it in its place. Once.
  /// @throws user_error; what was there is there still
  void finish(std::string_view text);

private:
  std::string path_;
  std::string scratch_;
  int file_ = -1;
};

} // namespace actorbus::demos
