// Questions and answers: a responder is a function, a requester waits for what it returns.

#include <iostream>
#include <string>

#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/msgpack_encoding.hpp>
#include <actorbus/actors/requester.hpp>
#include <actorbus/actors/responder.hpp>

using namespace std::chrono_literals;
using root = actorbus::protocol::expected<int, std::string>;

int main() {
  actorbus::bus bus;

  auto server = bus.connect();
  auto find_root = [](int square) -> root {
    for (auto value = 0; value * value <= square; ++value)
      if (value * value == square)
        return value;
    return actorbus::refused{std::to_string(square) + " is no square"};
  };
  respond_with<int>(server, "math/root", find_root).get();

  auto asker = bus.connect();
  actorbus::requester ask{asker}; // one response subscription for all requests
  for (auto square : {49, 50}) {
    auto reply = ask.request<int>("math/root", square, 5s).get();
    std::cout << "root of " << square << ": "
              << (reply ? std::to_string(*reply) : reply.error().text) << '\n';
  }
  auto nobody = ask.request<int>("math/cube", 27, 5s).get();
  std::cout << "cube of 27: " << nobody.error().text << '\n';
}
