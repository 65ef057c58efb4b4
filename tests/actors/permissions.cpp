#include <actorbus/actors/permissions.hpp>

#include <catch2/catch.hpp>

#include <memory>

namespace actorbus::test {

namespace {

access_rights rights_of(permissions set, const char* client_id = "c1", const char* user = "ann") {
  const permissions_ptr sets[] = {std::make_shared<const permissions>(std::move(set))};
  return {sets, client_id, user};
}

} // namespace

TEST_CASE("a filter covers another if it matches every topic of it", "[permissions]") {
  const auto [permitted, wanted, is_covered] = GENERATE(table<std::string, std::string, bool>({
      {"a/b", "a/b", true},   {"a/b", "a/c", false},    {"a/+", "a/b", true},       {"a/+", "a/+", true},
      {"a/b", "a/+", false},  {"a/+", "a/#", false},    {"a/#", "a/#", true},       {"a/#", "a/+/c", true},
      {"a/#", "a", true},     {"a/#", "ab", false},     {"#", "a/b", true},         {"#", "#", true},
      {"+", "a/b", false},    {"+/+", "a/b", true},     {"+/b", "a/+", false},      {"a/+/c", "a/#", false},
      {"#", "$SYS/#", false}, {"+/#", "$SYS/x", false}, {"$SYS/#", "$SYS/x", true}, {"a", "a/#", false},
      {"a/+", "a", false},    {"a/b/c", "a/b", false},
  }));
  INFO(permitted << " and " << wanted);
  CHECK(covers(permitted, wanted) == is_covered);
}

TEST_CASE("a client may publish and subscribe what its filters say, and no more", "[permissions]") {
  auto rights = rights_of({{"rooms/+/temperature"}, {"rooms/#"}});
  for (int i = 0; i < 2; ++i) { // from the filters, then from memory
    CHECK(rights.may_publish("rooms/kitchen/temperature"));
    CHECK_FALSE(rights.may_publish("rooms/kitchen/light"));
  }
  CHECK(rights.may_subscribe("rooms/kitchen/+"));
  CHECK(rights.may_subscribe("$share/group/rooms/#"));
  CHECK_FALSE(rights.may_subscribe("#"));
  CHECK_FALSE(rights.may_subscribe("$share/group/#"));
}

TEST_CASE("permissions may name the client and the user", "[permissions]") {
  auto rights = rights_of({{"clients/%c/out"}, {"users/%u/#"}});
  CHECK(rights.may_publish("clients/c1/out"));
  CHECK_FALSE(rights.may_publish("clients/c2/out"));
  CHECK(rights.may_subscribe("users/ann/+"));
  CHECK_FALSE(rights.may_subscribe("users/+/x"));
}

TEST_CASE("nobody gains rights by the choice of a name", "[permissions]") {
  const auto* name = GENERATE("+", "#", "a/b", "");
  auto rights = rights_of({{"clients/%c"}, {"clients/%c", "users/%u/#"}}, name, name);
  CHECK_FALSE(rights.may_publish("clients/other"));
  CHECK_FALSE(rights.may_publish("clients/a/b"));
  CHECK_FALSE(rights.may_subscribe("clients/other"));
  CHECK_FALSE(rights.may_subscribe("users/other/x"));
}

TEST_CASE("where two sets of permissions apply both must allow", "[permissions]") {
  const permissions_ptr sets[] = {std::make_shared<const permissions>(permissions{{"a/#"}, {"#"}}), nullptr,
                                  std::make_shared<const permissions>(permissions{{"+/x", "b/y"}, {"b/#"}})};
  access_rights rights{sets, "c", "u"};
  CHECK(rights.may_publish("a/x"));
  CHECK_FALSE(rights.may_publish("a/y"));
  CHECK_FALSE(rights.may_publish("b/y"));
  CHECK(rights.may_subscribe("b/y"));
  CHECK_FALSE(rights.may_subscribe("a/x"));
}

TEST_CASE("many topics don't make the memory of permissions grow without bound", "[permissions]") {
  auto rights = rights_of({{"t/+"}, {}});
  for (int i = 0; i < 5'000; ++i)
    CHECK(rights.may_publish("t/" + std::to_string(i)) != rights.may_publish("u/" + std::to_string(i)));
}

} // namespace actorbus::test
