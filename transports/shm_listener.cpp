#include <actorbus/transports/shm_listener.hpp>

#include <atomic>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include <sys/socket.h>

#include <actorbus/transports/acceptor.hpp>
#include <actorbus/transports/owned_descriptor.hpp>
#include <actorbus/transports/peer_credentials.hpp>
#include <actorbus/transports/shm_rendezvous.hpp>
#include <actorbus/transports/shm_stream.hpp>

namespace actorbus::transports {

namespace {

/// Makes the memory of a listener's links, and counts it.
class shm_porch {
public:
  explicit shm_porch(const limits& bounds)
      : ring_bytes_(bounds.shared_memory_ring_bytes), links_max_(bounds.shared_memory_links_max) {}

  /// @returns nullptr if there may be no more, or the system has none
  std::unique_ptr<stream> welcome(int socket) {
    owned_descriptor owned{socket};
    auto place = std::shared_ptr<void>{nullptr, [links = links_](void*) { --*links; }};
    if (++*links_ > links_max_)
      return nullptr;
    auto link = welcome_shm_client(socket, ring_bytes_);
    if (!link)
      return nullptr;
    std::string peer = "shared memory";
    std::shared_ptr<const peer_identity> identity;
    if (auto who = credentials_of(socket)) {
      peer = to_string(*who);
      identity = std::make_shared<peer_identity>(peer_identity{user_name(who->user), "uid"});
    }
    return make_shm_stream(std::move(*link), std::move(peer), std::move(identity),
                           std::move(place));
  }

private:
  std::size_t ring_bytes_;
  std::size_t links_max_;
  std::shared_ptr<std::atomic<std::size_t>> links_ = std::make_shared<std::atomic<std::size_t>>(0);
};

std::string why_not_bound(const endpoint& at, int error) {
  auto what = "cannot listen on " + to_string(at) + ": ";
  if (error == EADDRINUSE)
    return what + "the name is in use by another program; choose another one";
  return what + std::system_category().message(error);
}

} // namespace

or_error<listening> listen_shm(const endpoint& at, const transport_context& context) {
  auto address = shm_address(at.name);
  if (address.size == 0)
    return protocol::unexpected{to_string(at) + ": the name is too long: 80 bytes are the most"};
  owned_descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!socket || ::bind(socket.get(), address.data(), address.size) != 0 ||
      ::listen(socket.get(), accept_backlog) != 0)
    return protocol::unexpected{why_not_bound(at, errno)};
  listening result;
  result.local = true;
  result.url = to_string(at);
  auto open = [porch = shm_porch{context.bounds()}](int accepted) mutable {
    return porch.welcome(accepted);
  };
  result.listener =
      spawn_acceptor({socket.release()}, {.transport = "shm", .open = std::move(open)}, context);
  return result;
}

} // namespace actorbus::transports
