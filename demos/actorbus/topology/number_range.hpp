#pragma once

#include "topology/random_source.hpp"

namespace actorbus::demos {

/// A number that is given, or left to chance between two bounds.
struct number_range {
  double minimum = 0;
  double maximum = 0;

  double draw(random_source& chance) const noexcept {
    return minimum + (maximum - minimum) * chance.even();
  }
};

} // namespace actorbus::demos
