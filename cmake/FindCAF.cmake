# Finds the C++ Actor Framework's core and gives CAF::core and CAF_VERSION.
#
# CAF 0.18 and later bring a package configuration, which is used where it is found. Debian 12 ships 0.17.6 without
# one (and without pkg-config files), so there the header and the library are looked up.
# A hint for a private installation: CAF_ROOT or CMAKE_PREFIX_PATH.
find_package(CAF CONFIG QUIET COMPONENTS core)

if(TARGET CAF::core)
  if(NOT CAF_VERSION)
    set(CAF_VERSION "${CAF_VERSION_STRING}")
  endif()
  include(FindPackageHandleStandardArgs)
  find_package_handle_standard_args(CAF CONFIG_MODE)
  return()
endif()

find_path(CAF_INCLUDE_DIR caf/all.hpp)
find_library(CAF_CORE_LIBRARY NAMES caf_core)
mark_as_advanced(CAF_INCLUDE_DIR CAF_CORE_LIBRARY)

if(CAF_INCLUDE_DIR AND EXISTS "${CAF_INCLUDE_DIR}/caf/config.hpp")
  # "#define CAF_VERSION 1706" is 0.17.6.
  file(STRINGS "${CAF_INCLUDE_DIR}/caf/config.hpp" CAF_VERSION REGEX "#define CAF_VERSION [0-9]+")
  string(REGEX MATCH "[0-9]+" CAF_VERSION "${CAF_VERSION}")
  if(CAF_VERSION)
    math(EXPR _caf_major "${CAF_VERSION} / 10000")
    math(EXPR _caf_minor "${CAF_VERSION} / 100 % 100")
    math(EXPR _caf_patch "${CAF_VERSION} % 100")
    set(CAF_VERSION "${_caf_major}.${_caf_minor}.${_caf_patch}")
  endif()
endif()

if(CAF_INCLUDE_DIR AND CAF_CORE_LIBRARY)
  set(CAF_core_FOUND TRUE)
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CAF
  REQUIRED_VARS CAF_CORE_LIBRARY CAF_INCLUDE_DIR
  VERSION_VAR CAF_VERSION
  HANDLE_COMPONENTS
  REASON_FAILURE_MESSAGE "On Debian, apt-get install libcaf-dev, elsewhere set CAF_ROOT.")

if(CAF_FOUND AND NOT TARGET CAF::core)
  include(CMakeFindDependencyMacro)
  find_dependency(Threads)
  add_library(CAF::core UNKNOWN IMPORTED)
  set_target_properties(CAF::core PROPERTIES
    IMPORTED_LOCATION "${CAF_CORE_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${CAF_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES Threads::Threads)
endif()
