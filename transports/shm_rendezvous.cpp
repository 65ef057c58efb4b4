#include <actorbus/transports/shm_rendezvous.hpp>

#include <array>
#include <cstddef>
#include <cstring>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <actorbus/transports/system_failure.hpp>

namespace actorbus::transports {

namespace {

using failure = protocol::unexpected<std::string>;

constexpr std::size_t name_bytes_max = 80;
constexpr std::size_t descriptor_count = 4;

/// What goes over the socket, as the machine has it: both sides are on it.
struct welcome {
  std::array<char, 8> magic{'a', 'c', 't', 'o', 'r', 'b', 'u', 's'};
  std::uint32_t version = 1;
  std::uint32_t ring_bytes = 0;
};
static_assert(sizeof(welcome) == 16);

/// Room for descriptors beside a message.
union control_block {
  cmsghdr header;
  std::array<std::byte, CMSG_SPACE(descriptor_count * sizeof(int))> bytes;
};

// All that came, so that nothing is left open; a truncated lot is none.
std::array<owned_descriptor, descriptor_count> take_descriptors(msghdr& message,
                                                                std::size_t& count) {
  std::array<owned_descriptor, descriptor_count> result;
  count = 0;
  for (auto* at = CMSG_FIRSTHDR(&message); at; at = CMSG_NXTHDR(&message, at)) {
    if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_RIGHTS)
      continue;
    auto here = (at->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < here; ++i) {
      int descriptor = -1;
      std::memcpy(&descriptor, CMSG_DATA(at) + i * sizeof(int), sizeof descriptor);
      owned_descriptor owned{descriptor};
      if (count < descriptor_count)
        result[count] = std::move(owned);
      ++count;
    }
  }
  if ((message.msg_flags & MSG_CTRUNC) != 0)
    count = 0;
  return result;
}

} // namespace

socket_address shm_address(std::string_view name) {
  socket_address result;
  if (name.empty() || name.size() > name_bytes_max)
    return result;
  auto text = std::string{"actorbus/shm/"}.append(name);
  auto& address = reinterpret_cast<sockaddr_un&>(result.storage);
  static_assert(name_bytes_max + sizeof("actorbus/shm/") < sizeof(address.sun_path));
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, text.data(), text.size()); // behind a zero: not in a folder
  result.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
  return result;
}

protocol::expected<std::unique_ptr<shm_link>, std::string>
welcome_shm_client(int socket, std::size_t ring_bytes) {
  shm_link::client_parts parts;
  auto link = shm_link::make(ring_bytes, parts);
  if (!link)
    return link;
  welcome words;
  words.ring_bytes = parts.ring_bytes;
  std::array<int, descriptor_count> descriptors{parts.memory.get(), parts.bell.get(),
                                                parts.peer_bell.get(), parts.peer_ear.get()};
  control_block control{};
  iovec piece{&words, sizeof words};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = &control;
  message.msg_controllen = sizeof control.bytes;
  auto* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof descriptors);
  std::memcpy(CMSG_DATA(header), descriptors.data(), sizeof descriptors);
  if (::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) != sizeof words)
    return system_failure("cannot welcome the client");
  return link;
}

protocol::expected<std::unique_ptr<shm_link>, std::string> take_shm_welcome(int socket) {
  welcome words;
  words.magic = {};
  control_block control{};
  iovec piece{&words, sizeof words};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = &control;
  message.msg_controllen = sizeof control.bytes;
  auto count = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (count < 0)
    return system_failure("cannot read the server's welcome");
  std::size_t given = 0;
  auto descriptors = take_descriptors(message, given);
  if (count == 0)
    return failure{"the server turned this client away"};
  if (count != sizeof words || words.magic != welcome{}.magic)
    return failure{"who listens there is no actorbus"};
  if (words.version != welcome{}.version)
    return failure{"the server speaks version " + std::to_string(words.version) +
                   " of the shared memory's welcome, this program 1"};
  if (given != descriptor_count)
    return failure{"the server's descriptors did not arrive"};
  return shm_link::join({std::move(descriptors[0]), std::move(descriptors[1]),
                         std::move(descriptors[2]), std::move(descriptors[3]), words.ring_bytes});
}

protocol::expected<std::unique_ptr<shm_link>, std::string> open_shm_link(std::string_view name,
                                                                         int timeout_ms) {
  auto address = shm_address(name);
  owned_descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!socket || ::connect(socket.get(), address.data(), address.size) != 0)
    return system_failure("cannot connect");
  pollfd waiting{socket.get(), POLLIN, 0};
  if (::poll(&waiting, 1, timeout_ms) != 1)
    return failure{"no answer in time"};
  return take_shm_welcome(socket.get());
}

} // namespace actorbus::transports
