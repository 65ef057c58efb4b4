# Finds the userspace RCU library (its default flavour, membarrier) and gives Liburcu::liburcu.
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(PC_Liburcu QUIET liburcu)
endif()
find_path(Liburcu_INCLUDE_DIR urcu.h HINTS ${PC_Liburcu_INCLUDE_DIRS})
find_library(Liburcu_LIBRARY NAMES urcu HINTS ${PC_Liburcu_LIBRARY_DIRS})
find_library(Liburcu_COMMON_LIBRARY NAMES urcu-common HINTS ${PC_Liburcu_LIBRARY_DIRS})
mark_as_advanced(Liburcu_INCLUDE_DIR Liburcu_LIBRARY Liburcu_COMMON_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Liburcu
  REQUIRED_VARS Liburcu_LIBRARY Liburcu_COMMON_LIBRARY Liburcu_INCLUDE_DIR
  VERSION_VAR PC_Liburcu_VERSION
  REASON_FAILURE_MESSAGE "On Debian, apt-get install liburcu-dev.")

if(Liburcu_FOUND AND NOT TARGET Liburcu::liburcu)
  add_library(Liburcu::liburcu UNKNOWN IMPORTED)
  set_target_properties(Liburcu::liburcu PROPERTIES
    IMPORTED_LOCATION "${Liburcu_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${Liburcu_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${Liburcu_COMMON_LIBRARY}")
endif()
