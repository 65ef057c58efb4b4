// What decodes must encode to as many bytes as `encoded_size` says, and these must decode and
// encode to themselves.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include <actorbus/protocol/encode.hpp>

#include "fuzz/conversation.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace actorbus::protocol;
  conversation talk{{data, size}};
  while (auto first = talk.next()) {
    auto choice = data[0]; // the same version and sender
    std::vector<std::uint8_t> once{choice};
    append(once, *first, talk.version());
    if (once.size() != 1 + encoded_size(*first, talk.version()))
      std::abort();
    conversation again{once};
    auto second = again.next();
    if (!second || second->index() != first->index())
      std::abort();
    std::vector<std::uint8_t> twice{choice};
    append(twice, *second, talk.version());
    if (once != twice)
      std::abort();
  }
  return 0;
}
