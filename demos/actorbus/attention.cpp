#include "attention.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <ctime>

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace actorbus::demos {

attention::attention() {
  sigset_t held;
  sigemptyset(&held);
  for (auto each : {SIGINT, SIGTERM, SIGHUP})
    sigaddset(&held, each);
  ::pthread_sigmask(SIG_BLOCK, &held, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  signals_ = ::signalfd(-1, &held, SFD_CLOEXEC);
  calls_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

attention::~attention() {
  ::close(signals_);
  ::close(calls_);
}

void attention::call() noexcept {
  std::uint64_t one = 1;
  [[maybe_unused]] auto size = ::write(calls_, &one, sizeof one);
}

attention::cause attention::wait(std::optional<time_point> until, int file) {
  using namespace std::chrono;
  std::array<pollfd, 3> files{
      {{signals_, POLLIN, 0}, {calls_, POLLIN, 0}, {file, POLLIN, 0}}}; // poll skips a file of -1
  for (;;) {
    timespec left{};
    if (until) {
      auto span =
          std::max(nanoseconds{0}, duration_cast<nanoseconds>(*until - steady_clock::now()));
      left.tv_sec = static_cast<std::time_t>(span.count() / 1'000'000'000);
      left.tv_nsec = static_cast<long>(span.count() % 1'000'000'000);
    }
    auto count = ::ppoll(files.data(), files.size(), until ? &left : nullptr, nullptr);
    if (count == 0)
      return cause::time;
    if (count < 0)
      continue; // interrupted
    signalfd_siginfo info{};
    if (files[0].revents != 0 && ::read(signals_, &info, sizeof info) > 0) {
      signal_ = static_cast<int>(info.ssi_signo);
      return cause::signal;
    }
    std::uint64_t calls = 0;
    if (files[1].revents != 0 && ::read(calls_, &calls, sizeof calls) > 0)
      return cause::called;
    if (files[2].revents != 0)
      return cause::readable;
  }
}

} // namespace actorbus::demos
