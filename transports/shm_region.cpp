#include <actorbus/transports/shm_region.hpp>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <new>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <actorbus/transports/system_failure.hpp>

namespace actorbus::transports {

namespace {

constexpr std::size_t control_bytes = 4096;
constexpr int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

struct controls {
  ring_control to_server;
  ring_control to_client;
};
static_assert(sizeof(controls) <= control_bytes);

using failure = protocol::unexpected<std::string>;

std::size_t size_with(std::size_t ring_bytes) noexcept {
  return control_bytes + 2 * ring_bytes;
}

void* map_shared(int memory, std::size_t ring_bytes) noexcept {
  return ::mmap(nullptr, size_with(ring_bytes), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
}

int create_memory() noexcept {
  unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
#ifdef MFD_NOEXEC_SEAL
  auto memory = ::memfd_create("actorbus", flags | MFD_NOEXEC_SEAL);
  if (memory >= 0 || errno != EINVAL)
    return memory; // older kernels don't know that flag
#endif
  return ::memfd_create("actorbus", flags);
}

} // namespace

protocol::expected<shm_region, std::string> shm_region::make(std::size_t ring_bytes,
                                                             owned_descriptor& made) {
  owned_descriptor memory{create_memory()};
  if (!memory)
    return system_failure("cannot make shared memory");
  if (::ftruncate(memory.get(), static_cast<off_t>(size_with(ring_bytes))) != 0 ||
      ::fcntl(memory.get(), F_ADD_SEALS, seals) != 0)
    return system_failure("cannot size shared memory");
  auto* base = map_shared(memory.get(), ring_bytes);
  if (base == MAP_FAILED)
    return system_failure("cannot map shared memory");
  new (base) controls;
  made = std::move(memory);
  return shm_region{base, ring_bytes};
}

protocol::expected<shm_region, std::string> shm_region::map(const owned_descriptor& memory,
                                                            std::size_t ring_bytes) {
  if (ring_bytes != to_ring_bytes(ring_bytes))
    return failure{"the peer's rings have an impossible size"};
  // Without seals the peer could cut the memory off under us.
  auto found = ::fcntl(memory.get(), F_GET_SEALS);
  if (found < 0 || (found & seals) != seals)
    return failure{"the peer's memory is not sealed"};
  struct stat about {};
  if (::fstat(memory.get(), &about) != 0 ||
      about.st_size != static_cast<off_t>(size_with(ring_bytes)))
    return failure{"the peer's memory has another size than it says"};
  auto* base = map_shared(memory.get(), ring_bytes);
  if (base == MAP_FAILED)
    return system_failure("cannot map shared memory");
  return shm_region{base, ring_bytes};
}

shm_region::~shm_region() {
  if (base_)
    ::munmap(base_, size_with(ring_bytes_));
}

ring_control& shm_region::control(direction of) noexcept {
  auto& both = *std::launder(reinterpret_cast<controls*>(base_));
  return of == direction::to_server ? both.to_server : both.to_client;
}

std::uint8_t* shm_region::bytes(direction of) noexcept {
  return base_ + control_bytes + (of == direction::to_server ? 0 : ring_bytes_);
}

std::size_t to_ring_bytes(std::size_t wanted) noexcept {
  return std::bit_ceil(std::clamp(wanted, shm_region::ring_bytes_min, shm_region::ring_bytes_max));
}

} // namespace actorbus::transports
