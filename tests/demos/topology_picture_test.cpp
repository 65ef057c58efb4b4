#include "run/topology_picture.hpp"

#include <catch2/catch.hpp>

#include "demos/run_example.hpp"
#include "run/picture_plan.hpp"
#include "run/svg_writer.hpp"

using namespace actorbus;
using namespace actorbus::demos;

namespace {

// "kitchen 100>" for a node that has published, "log <140" for one that got messages.
std::string text_of(const picture_plan::node& node) {
  auto result = node.title;
  if (node.to_bus.exists)
    result +=
        " " + node.to_bus.label + (node.to_bus.label.empty() ? "" : " ") + std::to_string(node.to_bus.count) + ">";
  if (node.from_bus.exists)
    result +=
        " <" + std::to_string(node.from_bus.count) + (node.from_bus.label.empty() ? "" : " ") + node.from_bus.label;
  return result;
}

using lines = std::vector<std::string>;

lines texts_of(const std::vector<picture_plan::branch>& side) {
  lines result;
  for (const auto& each : side) {
    result.push_back(text_of(each.inner));
    for (const auto& outer : each.outer)
      result.push_back("  " + text_of(outer));
  }
  return result;
}

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t result = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1))
    ++result;
  return result;
}

} // namespace

TEST_CASE("a picture has who publishes on the left, who listens on the right, counts on the edges") {
  const auto outline = example_outline();
  auto figures = gather(outline, example_figures(outline));
  figures.clients.push_back(example_session("tablet", 0, 90, "mqtt://127.0.0.1:0"));
  const auto plan = plan_picture(figures);
  CHECK(texts_of(plan.left) == lines{
                                   "kitchen rooms/kitchen/<t> 100>",
                                   "plant rooms/{1}/<t> 40> <4 orders/#",
                                   "  mqtt://plant plant/+/temp 40> <3 site/orders/#",
                               });
  CHECK(texts_of(plan.right) == lines{
                                    "log <140 rooms/#, x",
                                    "mqtt://127.0.0.1:4711 10> <96",
                                    "  tablet <90",
                                    "  phone 10> <6",
                                });
  CHECK(plan.facts.at(1) == "in 150 · out 160 · dropped 0"); // without the observer's 100
}

TEST_CASE("before anything has flowed sides are as the file has it") {
  const auto plan = plan_picture(gather(example_outline(), {}));
  CHECK(texts_of(plan.left).front() == "kitchen rooms/kitchen/<t> 0>");
  CHECK(texts_of(plan.right).front() == "log <0 rooms/#, x");
}

TEST_CASE("a picture sums up what is too much for it") {
  auto outline = example_outline();
  auto of_bus = example_figures(outline);
  for (int i = 0; i < 100; ++i) {
    outline.participants.push_back({"p" + std::to_string(i), "generator", "t", {}});
    of_bus.clients.push_back(example_session("p" + std::to_string(i), 2, 0));
    of_bus.clients.push_back(example_session("c" + std::to_string(i), 0, 3, "mqtt://127.0.0.1:0"));
  }
  auto figures = gather(outline, std::move(of_bus));
  for (int i = 0; i < 40; ++i)
    figures.topics.push_back({"t" + std::to_string(i), 1});
  const auto plan = plan_picture(figures);
  CHECK(plan.left.size() == 16);
  // The kitchen, 13 others and the bridge have nodes of their own: 87 of 101 are left.
  CHECK(text_of(plan.left[14].inner) == "87 more 174>");
  CHECK(plan.topics.size() == 14);
  CHECK(plan.topics_left_off == 26);
  const auto& listener = plan.right.back();
  REQUIRE(listener.outer.size() == 5);
  CHECK(text_of(listener.outer.back()) == "97 more <291");
  CHECK(listener.inner.from_bus.count == 306); // 100 of 3, and the phone's 6
}

TEST_CASE("a picture is the same for the same figures, and escapes every text") {
  const auto outline = example_outline();
  auto of_bus = example_figures(outline);
  of_bus.clients.push_back(example_session("<&\"'>\n\x1b\xff", 1, 0, "mqtt://127.0.0.1:0"));
  auto figures = gather(outline, std::move(of_bus));
  figures.topics = {{"a<b", 1}};
  const auto picture = picture_svg(figures);
  CHECK(picture == picture_svg(figures));
  CHECK(picture.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg "));
  CHECK(picture.ends_with("</svg>\n"));
  CHECK(picture.find("&lt;&amp;&quot;&apos;&gt;...") != std::string::npos);
  CHECK(picture.find("a&lt;b") != std::string::npos);
  CHECK(picture.find("rooms/kitchen/&lt;t&gt;") != std::string::npos);
  CHECK(count(picture, "<text") == count(picture, "</text>"));
  CHECK(count(picture, "class=\"participant\"") == 2);
  CHECK(count(picture, "class=\"bridge\"") == 1);
  CHECK(count(picture, "class=\"broker\"") == 1);
  CHECK(count(picture, "class=\"client\"") == 2);
}

TEST_CASE("what XML cannot hold is replaced") {
  CHECK(xml_text("a\xef\xbf\xbe|\xef\xbf\xbf|\xed\xa0\x80|\xef\xbf\xbd") == "a.|.|.|\xef\xbf\xbd");
  CHECK(xml_text("größe") == "größe");
}

TEST_CASE("a picture of nothing is a bus alone") {
  const auto picture = picture_svg({});
  CHECK(count(picture, "<rect") == 1);
}
