#include <actorbus/actors/thread_driver.hpp>

#include <utility>

namespace actorbus {

namespace {

thread_local thread_driver* driver = nullptr;

} // namespace

thread_driver::thread_driver() noexcept : outer_(std::exchange(driver, this)) {}

thread_driver::~thread_driver() {
  driver = outer_;
}

thread_driver* thread_driver::current() noexcept {
  return driver;
}

} // namespace actorbus
