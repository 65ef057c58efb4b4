#include <actorbus/transports/io_threads.hpp>

#include <algorithm>

namespace actorbus::transports {

io_threads::io_threads(caf::actor_system& system, std::size_t count) {
  for (std::size_t number = 0; number < std::max<std::size_t>(count, 1); ++number)
    threads_.push_back(std::make_unique<io_thread>(system, number));
  for (auto& thread : threads_)
    thread->start();
}

io_threads::~io_threads() {
  stop();
}

void io_threads::stop() {
  for (auto& thread : threads_)
    thread->stop();
}

void io_threads::hurry() {
  for (auto& thread : threads_)
    thread->hurry();
}

} // namespace actorbus::transports
