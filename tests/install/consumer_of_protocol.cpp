// A program of a user's: what the package promises, used once.
#include <actorbus/protocol/topic.hpp>

#include <cstdio>

int main() {
  if (!actorbus::protocol::matches("lamps/+", "lamps/kitchen")) {
    std::puts("the filter does not match");
    return 1;
  }
}
