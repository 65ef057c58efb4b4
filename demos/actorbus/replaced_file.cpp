#include "replaced_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include <actorbus/transports/system_failure.hpp>

#include "user_error.hpp"

namespace actorbus::demos {

namespace {

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    auto count = ::write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

} // namespace

replaced_file::replaced_file(std::string path, mode_t mode)
    : path_(std::move(path)), scratch_(path_ + ".XXXXXX") {
  struct stat before {};
  auto replaces = ::stat(path_.c_str(), &before) == 0;
  if (replaces && !S_ISREG(before.st_mode))
    throw user_error{path_, "is not a regular file"};
  file_ = ::mkstemp(scratch_.data());
  if (file_ < 0)
    throw user_error{path_, transports::last_error_text()};
  auto has_rights = replaces ? ::fchmod(file_, before.st_mode & 07777) == 0 &&
                                   (::fchown(file_, before.st_uid, before.st_gid) == 0 ||
                                    before.st_uid == ::geteuid())
                             : ::fchmod(file_, mode) == 0;
  if (has_rights)
    return;
  auto why = transports::last_error_text();
  ::close(file_);
  ::unlink(scratch_.c_str());
  throw user_error{path_, why};
}

replaced_file::~replaced_file() {
  if (file_ < 0)
    return;
  ::close(file_);
  ::unlink(scratch_.c_str());
}

void replaced_file::finish(std::string_view text) {
  if (!write_all(file_, text) || ::fsync(file_) != 0 ||
      ::rename(scratch_.c_str(), path_.c_str()) != 0)
    throw user_error{path_, transports::last_error_text()};
  ::close(std::exchange(file_, -1));
}

} // namespace actorbus::demos
