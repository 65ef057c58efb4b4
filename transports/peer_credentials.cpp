#include <actorbus/transports/peer_credentials.hpp>

#include <map>
#include <mutex>
#include <vector>

#include <pwd.h>
#include <sys/socket.h>

namespace actorbus::transports {

namespace {

constexpr std::size_t known_users_max = 1024;

std::string look_up(uid_t user) {
  std::vector<char> memory(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(user, &entry, memory.data(), memory.size(), &found) != 0 || !found ||
      *found->pw_name == '\0')
    return std::to_string(user);
  return found->pw_name;
}

} // namespace

std::optional<peer_credentials> credentials_of(int socket) noexcept {
  ucred peer{};
  socklen_t size = sizeof peer;
  int family = 0;
  socklen_t family_size = sizeof family;
  // TCP sockets answer SO_PEERCRED too, with nobody.
  if (::getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &family, &family_size) != 0 ||
      family != AF_UNIX || ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
    return std::nullopt;
  return peer_credentials{peer.pid, peer.uid, peer.gid};
}

std::string user_name(uid_t user) {
  static std::mutex mutex;
  static std::map<uid_t, std::string> known;
  {
    std::lock_guard guard{mutex};
    if (auto found = known.find(user); found != known.end())
      return found->second;
  }
  auto name = look_up(user);
  std::lock_guard guard{mutex};
  if (known.size() >= known_users_max)
    known.clear();
  return known.emplace(user, std::move(name)).first->second;
}

std::string to_string(const peer_credentials& of) {
  return user_name(of.user) + " (process " + std::to_string(of.process) + ')';
}

} // namespace actorbus::transports
