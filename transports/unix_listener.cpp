#include <actorbus/transports/unix_listener.hpp>

#include <cerrno>
#include <functional>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <actorbus/transports/acceptor.hpp>
#include <actorbus/transports/inherited_sockets.hpp>
#include <actorbus/transports/socket_address.hpp>

namespace actorbus::transports {

namespace {

using failure = protocol::unexpected<std::string>;

failure cannot(const endpoint& at, const std::string& why) {
  return failure{"cannot listen on " + to_string(at) + ": " + why};
}

std::string words(int error) {
  return std::generic_category().message(error);
}

struct descriptor {
  int number = -1;

  explicit descriptor(int opened) noexcept : number(opened) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (number >= 0)
      ::close(number);
  }
  int release() noexcept { return std::exchange(number, -1); }
};

/// Holds the folder while a stale file is looked at and replaced: two programs that start at once
/// must not take each other's new socket for a stale one.
struct folder_lock {
  explicit folder_lock(const std::string& path)
      : folder(::open(path.substr(0, path.rfind('/') + 1).c_str(),
                      O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (folder.number < 0)
      error = errno;
    else if (::flock(folder.number, LOCK_EX | LOCK_NB) != 0)
      error = errno == EWOULDBLOCK ? EADDRINUSE : errno;
  }

  descriptor folder;
  int error = 0;
};

/// @returns empty: the path is free now; otherwise what is there
std::string remove_stale(const std::string& path, const socket_address& address) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0)
    return errno == ENOENT ? "" : words(errno);
  if (!S_ISSOCK(found.st_mode))
    return "there is a file of that name, and it is no socket";
  descriptor probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (::connect(probe.number, address.data(), address.size) == 0 || errno != ECONNREFUSED)
    return "the socket is in use by another program";
  return ::unlink(path.c_str()) == 0 ? "" : words(errno);
}

/// @returns the user's number; a name is looked up
std::optional<uid_t> find_user(const std::string& name) {
  std::vector<char> memory(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwnam_r(name.c_str(), &entry, memory.data(), memory.size(), &found) == 0 && found)
    return found->pw_uid;
  return std::nullopt;
}

std::optional<gid_t> find_group(const std::string& name) {
  std::vector<char> memory(16 * 1024);
  group entry{};
  group* found = nullptr;
  if (::getgrnam_r(name.c_str(), &entry, memory.data(), memory.size(), &found) == 0 && found)
    return found->gr_gid;
  return std::nullopt;
}

/// Nobody can connect yet: it isn't listened on. @returns empty, or what went wrong
std::string set_access(const std::string& path, const socket_file_options& access) {
  uid_t owner = static_cast<uid_t>(-1); // as it is
  gid_t group = static_cast<gid_t>(-1);
  if (!access.owner.empty()) {
    auto found = find_user(access.owner);
    if (!found)
      return "there is no user \"" + access.owner + "\" on this machine";
    owner = *found;
  }
  if (!access.group.empty()) {
    auto found = find_group(access.group);
    if (!found)
      return "there is no group \"" + access.group + "\" on this machine";
    group = *found;
  }
  if (::chown(path.c_str(), owner, group) != 0)
    return "its owner can't be set: " + words(errno);
  if (access.mode && ::chmod(path.c_str(), *access.mode) != 0)
    return "its mode can't be set: " + words(errno);
  return {};
}

// Another program may have put its own there meanwhile.
void remove_own(const std::string& path, const struct stat& own) noexcept {
  struct stat now {};
  if (::lstat(path.c_str(), &now) == 0 && now.st_ino == own.st_ino && now.st_dev == own.st_dev)
    ::unlink(path.c_str());
}

listening start(std::vector<int> sockets, const endpoint& at, std::function<void()> on_closed,
                const transport_context& context) {
  listening result;
  result.local = true;
  result.url = to_string(at);
  result.listener = spawn_acceptor(
      std::move(sockets), {.transport = "unix", .layers = {}, .on_closed = std::move(on_closed)},
      context);
  return result;
}

} // namespace

or_error<listening> listen_unix(const endpoint& at, const transport_context& context) {
  auto address = unix_address(at.path);
  if (!address)
    return cannot(at, "the path is too long: 107 bytes are the most");
  if (auto there = context.inherited ? context.inherited->take(*address) : std::nullopt)
    return start({*there}, at, {}, context);
  bool is_file = at.path.front() == '/';
  std::optional<folder_lock> lock;
  if (is_file) {
    lock.emplace(at.path);
    if (lock->error == EADDRINUSE)
      return cannot(at, "another program is about to listen there");
    if (lock->error != 0)
      return cannot(at, "its folder can't be opened: " + words(lock->error));
    if (auto why = remove_stale(at.path, *address); !why.empty())
      return cannot(at, why);
  }
  descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (socket.number < 0)
    return cannot(at, words(errno));
  if (::bind(socket.number, address->data(), address->size) != 0)
    return cannot(at,
                  errno == EADDRINUSE ? "the socket is in use by another program" : words(errno));
  std::function<void()> on_closed;
  std::string why;
  if (is_file) {
    struct stat own {};
    if (::lstat(at.path.c_str(), &own) != 0)
      return cannot(at, words(errno));
    on_closed = [path = at.path, own] { remove_own(path, own); };
    why = set_access(at.path, context.listener.socket_file);
  }
  if (why.empty() && ::listen(socket.number, accept_backlog) != 0)
    why = words(errno);
  if (!why.empty()) {
    if (on_closed)
      on_closed();
    return cannot(at, why);
  }
  return start({socket.release()}, at, std::move(on_closed), context);
}

} // namespace actorbus::transports
