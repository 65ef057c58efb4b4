#include <actorbus/actors/topic_rewrite.hpp>

#include <catch2/catch.hpp>

#include <string>

namespace actorbus::test {

namespace {

/// What becomes of `topic`, or in brackets why nothing.
std::string rewritten(std::string_view filter, std::string_view target, std::string_view topic) {
  auto made = topic_rewrite::make(filter, target);
  if (!made)
    return "[" + made.error() + "]";
  if (!made->matches(topic))
    return "[no match]";
  std::string result;
  return made->apply(topic, result) ? result : "[nothing left]";
}

/// The way back as "FILTER -> TARGET of a topic".
std::string back(std::string_view filter, std::string_view target, std::string_view topic) {
  auto inverse = topic_rewrite::make(filter, target)->inverse();
  if (!inverse)
    return "[none]";
  std::string result;
  return inverse->matches(topic) && inverse->apply(topic, result) ? inverse->filter() + " -> " + result
                                                                  : inverse->filter() + " [no match]";
}

} // namespace

TEST_CASE("topic rewrites put what wildcards matched where the target says", "[bridge][topics]") {
  CHECK(rewritten("plant/+/temp", "eu/{1}/temperature", "plant/7/temp") == "eu/7/temperature");
  CHECK(rewritten("+/+/x", "{2}-{1}", "a/b/x") == "b-a");
  CHECK(rewritten("+/+", "{1}/{1}/{2}", "a/b") == "a/a/b");
  CHECK(rewritten("a/+/c", "x{1}y", "a//c") == "xy");
  CHECK(rewritten("a/b", "c", "a/b") == "c");
  CHECK(rewritten("a/b", "{x}{", "a/b") == "{x}{");
}

TEST_CASE("topic rewrites keep the topic where no target is given", "[bridge][topics]") {
  CHECK(rewritten("a/+/#", "", "a/b/c/d") == "a/b/c/d");
  CHECK(rewritten("#", "", "/") == "/");
  CHECK(rewritten("#", "", "a//b/") == "a//b/");
}

TEST_CASE("topic rewrites let a number sign stand for all that is left", "[bridge][topics]") {
  CHECK(rewritten("a/#", "b/{1}", "a/x/y") == "b/x/y");
  CHECK(rewritten("a/#", "b/{1}", "a/") == "b/");
  CHECK(rewritten("a/#", "b/{1}", "a") == "b");
  CHECK(rewritten("a/#", "{1}", "a") == "[nothing left]");
  CHECK(rewritten("a/#", "{1}", "a/x") == "x");
}

TEST_CASE("topic rewrites look at no share name", "[bridge][topics]") {
  CHECK(rewritten("$share/g/a/+", "b/{1}", "a/x") == "b/x");
}

TEST_CASE("topic rewrites do not match the system's topics by a wildcard", "[bridge][topics]") {
  CHECK(rewritten("#", "x/{1}", "$SYS/broker/version") == "[no match]");
  CHECK(rewritten("$SYS/#", "x/{1}", "$SYS/broker") == "x/broker");
}

TEST_CASE("topic rewrites say what is wrong with them", "[bridge][topics]") {
  CHECK(rewritten("a/+", "b/{2}", "a/x") == "[\"b/{2}\": there is no {2}; \"a/+\" has 1 wildcard]");
  CHECK(rewritten("a", "b/{0}", "a") == "[\"b/{0}\": there is no {0}; \"a\" has 0 wildcards]");
  CHECK(rewritten("a/#/b", "", "a").starts_with("[\"a/#/b\": "));
  CHECK(rewritten("a", "b/+", "a").starts_with("[\"b/+\": "));
  CHECK(rewritten("a/{1}/+", "", "a").starts_with("[\"a/{1}/+\": "));
}

TEST_CASE("topic rewrites can be read backwards where each wildcard is one level", "[bridge][topics]") {
  CHECK(back("plant/+/temp", "eu/{1}/temperature", "eu/7/temperature") == "eu/+/temperature -> plant/7/temp");
  CHECK(back("+/+/x", "y/{2}/{1}", "y/b/a") == "y/+/+ -> a/b/x");
  CHECK(back("a/#", "b/{1}", "b/x/y") == "b/# -> a/x/y");
  CHECK(back("a/#", "b/{1}", "b") == "b/# -> a");
  CHECK(back("/+", "{1}", "q") == "+ -> /q");
  CHECK(back("+", "/{1}", "/q") == "/+ -> q");
  CHECK(back("a/b", "c", "c") == "c -> a/b");
}

TEST_CASE("topic rewrites have no way back where it would be a guess", "[bridge][topics]") {
  CHECK(back("+/+", "{1}-{2}", "") == "[none]");
  CHECK(back("+/+", "{1}", "") == "[none]");
  CHECK(back("+", "{1}/{1}", "") == "[none]");
  CHECK(back("a/#", "{1}/b", "") == "[none]");
}

} // namespace actorbus::test
