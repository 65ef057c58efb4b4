#include <actorbus/transports/io_threads.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

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

bool io_threads::ask_for_life() {
  auto all = !signs_ || *signs_ == threads_.size();
  signs_ = std::make_shared<std::atomic<std::size_t>>(0);
  for (auto& each : threads_)
    boost::asio::post(each->context(), [signs = signs_] { ++*signs; });
  return all;
}

void io_threads::hurry() {
  for (auto& thread : threads_)
    thread->hurry();
}

} // namespace actorbus::transports
