// A program of a user's: what the package promises, used once, with all that is behind it.
#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/msgpack_encoding.hpp>
#include <actorbus/actors/typed.hpp>

#include <chrono>
#include <cstdio>
#include <future>
#include <vector>

int main() {
  std::promise<std::vector<int>> seen;
  actorbus::bus bus;
  auto lamp = bus.connect();
  subscribe<std::vector<int>>(lamp, "lamps/+", [&](std::vector<int> value) { seen.set_value(std::move(value)); }).get();
  auto toggle = bus.connect();
  publish(toggle, "lamps/kitchen", std::vector<int>{1, 2}).get();
  auto value = seen.get_future();
  if (value.wait_for(std::chrono::seconds{60}) != std::future_status::ready || value.get() != std::vector<int>{1, 2}) {
    std::puts("the value did not arrive");
    return 1;
  }
}
