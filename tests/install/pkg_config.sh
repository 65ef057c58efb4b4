#!/bin/sh
# usage: pkg_config.sh COMPILER PKGCONFIG_DIR OUTPUT_DIR: builds and runs the consumer by hand, with pkg-config's flags.
set -eu
export PKG_CONFIG_PATH="$2"
library_dir=$(pkg-config --variable=libdir actorbus)
"$1" "$(dirname "$0")/consumer.cpp" -o "$3/consumer_pkg_config" \
  $(pkg-config --cflags --libs actorbus) -Wl,-rpath,"$library_dir"
"$3/consumer_pkg_config"
