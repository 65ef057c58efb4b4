#include <actorbus/actors/operation.hpp>

#include <actorbus/actors/caf.hpp>
#include <actorbus/actors/client_requests.hpp>

namespace actorbus {

void call_after(const caf::actor& clock, std::chrono::milliseconds delay,
                std::function<void()> what) {
  post(clock, call_later{delay, std::move(what)}, nullptr);
}

} // namespace actorbus
