#include "scripted.hpp"

#include <actorbus/actors/bus.hpp>
#include <actorbus/transports/transport_table.hpp>

using namespace actorbus;
using namespace actorbus::transports;
using namespace actorbus::transports::testing;

TEST_CASE("a bus of this process is its own gateway for mem URLs") {
  system_under_test machine{1};
  transport_table table;
  transport_context context{.system = machine.system, .threads = machine.threads};
  {
    bus plant{machine.system, {.name = "plant"}};
    auto gateway = table.connect("mem://plant", context);
    REQUIRE(gateway);
    CHECK(*gateway == plant.broker());
    auto stranger = table.connect("mem://plan", context);
    REQUIRE_FALSE(stranger);
    CHECK(stranger.error() == "mem://plan: no bus of this process has that name");
    system_under_test other{1};
    transport_context elsewhere{.system = other.system, .threads = other.threads};
    auto foreign = table.connect("mem://plant", elsewhere);
    REQUIRE_FALSE(foreign);
    CHECK(foreign.error() == "mem://plant: that bus belongs to another actor system");
    auto listened = table.listen("mem://plant", context);
    REQUIRE_FALSE(listened);
    CHECK(listened.error() == "mem://plant: a bus gets its name when it is made (bus::options::name)");
  }
  CHECK_FALSE(table.connect("mem://plant", context));
}
