#include "refusals.hpp"

#include <catch2/catch.hpp>

#include "same_packet.hpp"

namespace actorbus::protocol {

void check_refusals(const std::vector<refusal>& table) {
  for (const auto& each : table) {
    INFO(each.says << " " << to_string(each.version) << ": " << conformance::to_hex(each.encoded));
    auto decoded = read_packet(each.encoded, each.version, each.from);
    if (decoded) {
      FAIL_CHECK("was accepted");
      continue;
    }
    CHECK(to_string(decoded.error()) == to_string(each.cause));
    CHECK(to_string(to_reason_code(decoded.error())) == to_string(each.code));
  }
}

} // namespace actorbus::protocol
