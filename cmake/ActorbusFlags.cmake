# One interface target carries how our own code is compiled. It is linked privately by everything we build and
# never installed, so no user of the library inherits our warnings.
add_library(actorbus_flags INTERFACE)
target_compile_features(actorbus_flags INTERFACE cxx_std_20)
target_compile_definitions(actorbus_flags INTERFACE ACTORBUS_VERSION="${PROJECT_VERSION}")
target_compile_options(actorbus_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
  # GCC's plain -Wshadow also counts types, and a parameter named like its type is our style.
  $<IF:$<CXX_COMPILER_ID:GNU>,-Wshadow=local,-Wshadow>
  # Designated initialisers that leave defaulted members out are how our packets are written.
  -Wno-missing-field-initializers
  # GCC 12 reports these two falsely in inlined standard library code.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-stringop-overflow>
  # And at -O3 these, of strings and shared pointers that it moves; at -O1, with errors, they stay.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-array-bounds>
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-maybe-uninitialized>
  # A source that is compiled in a batch with others is taken for a header by it.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${CMAKE_UNITY_BUILD}>>:-Wno-subobject-linkage>
  $<$<BOOL:${ACTORBUS_WERROR}>:-Werror>
  # Messages, asserts and coverage name files by room, not by where the tree happens to lie.
  "-ffile-prefix-map=${PROJECT_BINARY_DIR}/include/actorbus/="
  "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")
target_compile_definitions(actorbus_flags INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
target_link_options(actorbus_flags INTERFACE LINKER:--as-needed)

if(ACTORBUS_SANITIZE)
  list(JOIN ACTORBUS_SANITIZE "," _sanitizers)
  target_compile_options(actorbus_flags INTERFACE -fsanitize=${_sanitizers} -fno-omit-frame-pointer
    # GCC takes the instrumented standard library for uninitialised.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(actorbus_flags INTERFACE -fsanitize=${_sanitizers})
  if("undefined" IN_LIST ACTORBUS_SANITIZE)
    # One of CAF's headers trips over the vptr check, since CAF itself is built without it.
    target_compile_options(actorbus_flags INTERFACE -fno-sanitize-recover=undefined -fno-sanitize=vptr)
    target_link_options(actorbus_flags INTERFACE -fno-sanitize=vptr)
  endif()
endif()

if(ACTORBUS_COVERAGE)
  target_compile_options(actorbus_flags INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(actorbus_flags INTERFACE --coverage)
endif()

if(ACTORBUS_LTO)
  include(CheckIPOSupported)
  check_ipo_supported(LANGUAGES CXX)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()

if(ACTORBUS_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(CCACHE_PROGRAM ccache)
  if(CCACHE_PROGRAM)
    # Precompiled headers are only cached with these settings.
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
      "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime" "${CCACHE_PROGRAM}")
    target_compile_options(actorbus_flags INTERFACE
      $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>
      "$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")
  endif()
endif()
