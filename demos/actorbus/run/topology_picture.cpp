#include "run/topology_picture.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "run/picture_plan.hpp"
#include "run/svg_writer.hpp"
#include "view/number_text.hpp"

namespace actorbus::demos {

namespace {

using anchor = svg_writer::anchor;
using branch = picture_plan::branch;
using flow = picture_plan::flow;
using look = picture_plan::look;
using node = picture_plan::node;
using point = svg_writer::point;

// Boxes bring their own ground; what stands on the page's is of a grey that both light and dark
// pages let be read.
constexpr std::string_view style = R"(
text { font: 12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
.name { font-weight: 600; fill: #14202b; }
.small { font-size: 10.5px; fill: #46586a; }
.topic { font-size: 11.5px; fill: #14202b; }
.edge { font-size: 11px; fill: #6b7f93; }
.count { font-size: 11px; font-weight: 600; fill: #2f8f6b; }
rect { stroke-width: 1.2; }
.bus { fill: #eef3f8; stroke: #5b7c9d; }
.participant { fill: #dff2e6; stroke: #4f9a73; }
.listener { fill: #e3e9fb; stroke: #6a7fd0; }
.client { fill: #edf0fd; stroke: #8b9be0; }
.bridge { fill: #fbe9d4; stroke: #c98a3c; }
.broker { fill: #fdf3e4; stroke: #d3a366; }
.rest { fill: #eceff2; stroke: #8a97a4; }
.away { stroke-dasharray: 5 4; }
.way { fill: none; stroke: #7f93a7; }
.idle { fill: none; stroke: #7f93a7; stroke-dasharray: 3 4; }
.tip { fill: #7f93a7; }
)";

constexpr int margin = 16;
constexpr int node_width = 168;
constexpr int node_height = 42;
constexpr int row = 62;  ///< from one node to the next
constexpr int gap = 252; ///< between a node and the bus
constexpr int outer_gap = 232;
constexpr int bus_width = 304;
constexpr int topic_row = 18;
constexpr double character = 6.4; ///< width of one of an edge's text

std::string edge_count(std::uint64_t count) {
  return count < 1'000'000 ? std::to_string(count) : count_text(static_cast<double>(count));
}

std::string_view class_of(look what) {
  switch (what) {
  case look::participant: return "participant";
  case look::listener: return "listener";
  case look::client: return "client";
  case look::bridge: return "bridge";
  case look::broker: return "broker";
  case look::rest: return "rest";
  }
  return "";
}

int rows_of(const std::vector<branch>& side) {
  std::size_t result = 0;
  for (const auto& each : side)
    result += std::max<std::size_t>(1, each.outer.size());
  return static_cast<int>(result);
}

bool has_outer(const std::vector<branch>& side) {
  return std::any_of(side.begin(), side.end(),
                     [](const branch& each) { return !each.outer.empty(); });
}

/// Where the columns of one side stand.
struct side_columns {
  int outer = 0; ///< left edges of the nodes
  int inner = 0;
  int bus = 0; ///< the bus's edge on this side
  bool is_left = false;
};

class painter {
public:
  explicit painter(const picture_plan& plan)
      : plan_(plan), topics_height_(static_cast<int>(plan.topics.size() + 5) * topic_row) {
    auto width_of = [](const std::vector<branch>& side) {
      if (side.empty())
        return 0;
      return node_width + gap + (has_outer(side) ? node_width + outer_gap : 0);
    };
    auto left = width_of(plan.left);
    auto right = width_of(plan.right);
    bus_x_ = margin + left;
    width_ = bus_x_ + bus_width + right + margin;
    auto rows = std::max({1, rows_of(plan.left), rows_of(plan.right)});
    bus_height_ = std::max(rows * row, topics_height_);
    height_ = bus_height_ + 2 * margin;
  }

  std::string run() {
    svg_writer svg{width_, height_, "a topology of actorbus", style};
    draw_bus(svg);
    draw_side(svg, plan_.left,
              {bus_x_ - gap - node_width - outer_gap - node_width, bus_x_ - gap - node_width,
               bus_x_, true});
    auto edge = bus_x_ + bus_width;
    draw_side(svg, plan_.right, {edge + gap + node_width + outer_gap, edge + gap, edge, false});
    return std::move(svg).finish();
  }

private:
  void draw_bus(svg_writer& svg) const {
    constexpr std::size_t topic_characters = 36;
    svg.box("bus", bus_x_, margin, bus_width, bus_height_);
    auto y = margin + (bus_height_ - topics_height_) / 2 + topic_row;
    auto middle = bus_x_ + bus_width / 2;
    svg.text("name", middle, y, anchor::middle, plan_.title, topic_characters);
    for (const auto& fact : plan_.facts)
      svg.text("small", middle, y += topic_row, anchor::middle, fact, topic_characters + 12);
    y += topic_row / 2;
    for (const auto& each : plan_.topics) {
      y += topic_row;
      svg.text("topic", bus_x_ + 14, y, anchor::start, each.topic, topic_characters);
      svg.text("count", bus_x_ + bus_width - 14, y, anchor::end, edge_count(each.messages), 12);
    }
    if (plan_.topics_left_off != 0)
      svg.text("small", bus_x_ + 14, y + topic_row, anchor::start,
               fmt::format("… and {} more", plan_.topics_left_off), topic_characters);
  }

  void draw_side(svg_writer& svg, const std::vector<branch>& side, const side_columns& at) const {
    auto y = margin + (bus_height_ - rows_of(side) * row) / 2;
    for (const auto& each : side) {
      auto count = std::max<int>(1, static_cast<int>(each.outer.size()));
      auto middle = y + count * row / 2;
      draw_node(svg, each.inner, at.inner, middle);
      auto inner_edge = at.is_left ? at.inner + node_width : at.inner;
      draw_edge(svg, each.inner, {{inner_edge, middle}, {at.bus, middle}});
      for (std::size_t i = 0; i < each.outer.size(); ++i) {
        auto outer_y = y + static_cast<int>(i) * row + row / 2;
        draw_node(svg, each.outer[i], at.outer, outer_y);
        auto from = at.is_left ? at.outer + node_width : at.outer;
        auto to = at.is_left ? at.inner : at.inner + node_width;
        // Level as far as the text reaches, then to the one node of them all.
        auto bend = at.is_left ? to - 44 : to + 44;
        draw_edge(svg, each.outer[i], {{from, outer_y}, {bend, outer_y}, {to, middle}});
      }
      y += count * row;
    }
  }

  static void draw_node(svg_writer& svg, const node& what, int x, int middle) {
    constexpr std::size_t characters = 22;
    auto css = std::string{class_of(what.what)} + (what.is_away ? " away" : "");
    svg.box(css, x, middle - node_height / 2, node_width, node_height);
    auto center = x + node_width / 2;
    auto has_subtitle = !what.subtitle.empty();
    svg.text("name", center, middle + (has_subtitle ? -2 : 4), anchor::middle, what.title,
             characters);
    if (has_subtitle)
      svg.text("small", center, middle + 13, anchor::middle, what.subtitle, characters + 4);
  }

  static double line_width(const flow& of) {
    return 1.0 + 0.45 * std::log10(1.0 + static_cast<double>(of.count));
  }

  /// How far apart the two ways of an edge run; one alone runs in the middle.
  static int offset_of(const node& what) {
    return what.to_bus.exists && what.from_bus.exists ? 8 : 0;
  }

  /// The ways along an edge, with their texts on its first, level piece.
  /// @param way from the outer end to the inner one
  static void draw_edge(svg_writer& svg, const node& what, std::vector<point> way) {
    auto offset = offset_of(what);
    auto draw = [&](const flow& of, int shift, int text_y, bool towards_bus) {
      if (!of.exists)
        return;
      auto shifted = way;
      for (auto& each : shifted)
        each.y += shift;
      if (!towards_bus)
        std::reverse(shifted.begin(), shifted.end());
      svg.arrow(of.count != 0 ? "way" : "idle", shifted, line_width(of));
      draw_label(svg, of, way[0].x, way[1].x, way[0].y + shift + text_y);
    };
    constexpr int above = -5;
    constexpr int below = 14;
    draw(what.to_bus, -offset, above, true);
    draw(what.from_bus, offset, offset == 0 ? above : below, false);
  }

  /// Topics at the text's begin, the count at its end.
  static void draw_label(svg_writer& svg, const flow& of, int begin, int end, int y) {
    constexpr int inset = 14;
    auto left = std::min(begin, end) + inset;
    auto right = std::max(begin, end) - inset;
    auto count = edge_count(of.count);
    auto room = static_cast<std::size_t>((right - left) / character) - count.size() - 2;
    svg.text("edge", left, y, anchor::start, of.label, room);
    svg.text("count", right, y, anchor::end, count, count.size());
  }

  const picture_plan& plan_;
  int topics_height_;
  int bus_x_ = 0;
  int bus_height_ = 0;
  int width_ = 0;
  int height_ = 0;
};

} // namespace

std::string picture_svg(const run_figures& figures) {
  auto plan = plan_picture(figures);
  return painter{plan}.run();
}

} // namespace actorbus::demos
