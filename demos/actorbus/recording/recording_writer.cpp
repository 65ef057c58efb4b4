#include "recording/recording_writer.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <actorbus/transports/system_failure.hpp>

namespace actorbus::demos {

protocol::expected<recording_writer, std::string> recording_writer::open(const std::string& path,
                                                                         bool append) {
  auto file = ::open(path.c_str(),
                     O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND | (append ? 0 : O_TRUNC), 0666);
  if (file < 0)
    return protocol::unexpected{transports::last_error_text()};
  struct stat status {};
  auto size = ::fstat(file, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
  return recording_writer{file, size};
}

recording_writer::recording_writer(recording_writer&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      written_(other.written_),
      waiting_(std::move(other.waiting_)) {}

recording_writer::~recording_writer() {
  if (file_ < 0)
    return;
  static_cast<void>(flush(true));
  ::close(file_);
}

std::string recording_writer::flush(bool all) {
  if (!all && waiting_.size() < piece_bytes)
    return {};
  std::string_view rest = waiting_;
  while (!rest.empty()) {
    auto count = ::write(file_, rest.data(), rest.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0) {
      auto why = transports::last_error_text();
      waiting_.clear();
      return why;
    }
    rest.remove_prefix(static_cast<std::size_t>(count));
    written_ += static_cast<std::uint64_t>(count);
  }
  waiting_.clear();
  return {};
}

} // namespace actorbus::demos
