# Finds msgpack's C++ headers and gives Msgpack::msgpack. Their package configuration changes its name from release to
# release (msgpack, msgpackc-cxx, msgpack-cxx), the header does not.
find_path(Msgpack_INCLUDE_DIR msgpack.hpp)
mark_as_advanced(Msgpack_INCLUDE_DIR)

if(Msgpack_INCLUDE_DIR)
  set(_msgpack_header "${Msgpack_INCLUDE_DIR}/msgpack/version_master.hpp")
  if(NOT EXISTS "${_msgpack_header}")
    set(_msgpack_header "${Msgpack_INCLUDE_DIR}/msgpack/version_master.h")
  endif()
  if(EXISTS "${_msgpack_header}")
    file(STRINGS "${_msgpack_header}" Msgpack_VERSION REGEX "#define MSGPACK_VERSION_(MAJOR|MINOR|REVISION)")
    string(REGEX MATCHALL "[0-9]+" Msgpack_VERSION "${Msgpack_VERSION}")
    list(JOIN Msgpack_VERSION "." Msgpack_VERSION)
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Msgpack
  REQUIRED_VARS Msgpack_INCLUDE_DIR
  VERSION_VAR Msgpack_VERSION
  REASON_FAILURE_MESSAGE "On Debian, apt-get install libmsgpack-cxx-dev.")

if(Msgpack_FOUND AND NOT TARGET Msgpack::msgpack)
  add_library(Msgpack::msgpack INTERFACE IMPORTED)
  set_target_properties(Msgpack::msgpack PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${Msgpack_INCLUDE_DIR}")
endif()
