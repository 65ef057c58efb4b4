#include "run/svg_writer.hpp"

#include <utility>

#include <fmt/format.h>

#include "printable_text.hpp"

namespace actorbus::demos {

namespace {

// Well-formed UTF-8 that is no character of XML 1.0: halves of surrogate pairs, U+FFFE and U+FFFF.
bool is_forbidden(std::string_view three_bytes) {
  auto at = [&](std::size_t i) { return static_cast<unsigned char>(three_bytes[i]); };
  return (at(0) == 0xED && at(1) >= 0xA0) || (at(0) == 0xEF && at(1) == 0xBF && at(2) >= 0xBE);
}

std::string_view to_string(svg_writer::anchor where) {
  switch (where) {
  case svg_writer::anchor::start: return "start";
  case svg_writer::anchor::middle: return "middle";
  case svg_writer::anchor::end: return "end";
  }
  return "";
}

} // namespace

std::string xml_text(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
    case '&': result += "&amp;"; break;
    case '<': result += "&lt;"; break;
    case '>': result += "&gt;"; break;
    case '"': result += "&quot;"; break;
    case '\'': result += "&apos;"; break;
    default:
      if (text.size() - i >= 3 && is_forbidden(text.substr(i, 3))) {
        result += '.';
        i += 2;
      } else {
        result += text[i];
      }
    }
  }
  return result;
}

svg_writer::svg_writer(int width, int height, std::string_view title, std::string_view style) {
  out_ = fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img">
<title>{2}</title>
<style>{3}</style>
<defs>
<marker id="tip" markerUnits="userSpaceOnUse" markerWidth="11" markerHeight="10" refX="10" refY="5" orient="auto">
<path class="tip" d="M0 0L11 5L0 10z"/>
</marker>
</defs>
)",
      width, height, xml_text(printable_text(title, 200)), xml_text(style));
}

void svg_writer::box(std::string_view css_class, int x, int y, int width, int height) {
  out_ +=
      fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"7\"/>\n",
                  css_class, x, y, width, height);
}

void svg_writer::arrow(std::string_view css_class, std::span<const point> way, double width) {
  std::string path;
  for (const auto& each : way)
    path += fmt::format("{}{} {}", path.empty() ? 'M' : 'L', each.x, each.y);
  out_ += fmt::format("<path class=\"{}\" d=\"{}\" stroke-width=\"{:.1f}\" "
                      "marker-end=\"url(#tip)\"/>\n",
                      css_class, path, width);
}

void svg_writer::text(std::string_view css_class, int x, int y, anchor where, std::string_view text,
                      std::size_t characters) {
  out_ +=
      fmt::format("<text class=\"{}\" x=\"{}\" y=\"{}\" text-anchor=\"{}\">{}</text>\n", css_class,
                  x, y, to_string(where), xml_text(printable_text(text, characters)));
}

std::string svg_writer::finish() && {
  return std::move(out_) + "</svg>\n";
}

} // namespace actorbus::demos
