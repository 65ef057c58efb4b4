#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace actorbus::demos {

/// Writes an SVG picture. Lengths are pixels from the upper left corner; texts may be anything.
class svg_writer {
public:
  enum class anchor { start, middle, end };
  struct point {
    int x;
    int y;
  };

  /// @param style CSS of the classes that shapes and texts have
  svg_writer(int width, int height, std::string_view title, std::string_view style);

  void box(std::string_view css_class, int x, int y, int width, int height);
  /// An arrow along these points.
  /// @param width of the line
  void arrow(std::string_view css_class, std::span<const point> way, double width);
  /// @param characters what is longer is cut
  void text(std::string_view css_class, int x, int y, anchor where, std::string_view text,
            std::size_t characters);

  /// The whole document. Once.
  std::string finish() &&;

private:
  std::string out_;
};

/// `text` as a part of an XML document: escaped, and without what XML can't hold.
std::string xml_text(std::string_view text);

} // namespace actorbus::demos
