# actorbus_room(<name> [LINK targets...] [PRECOMPILE headers...])
#
# Makes the folder it is called from a room: the library actorbus_<name>, alias actorbus::<name>, of every source and
# header in it. Headers are included as <actorbus/<name>/...> before and after installation: a link to the folder lies
# under <build>/include/actorbus, which is the base of the header set.
function(actorbus_room name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINK;PRECOMPILE")
  set(staging "${PROJECT_BINARY_DIR}/include")
  file(MAKE_DIRECTORY "${staging}/actorbus")
  file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}" "${staging}/actorbus/${name}" SYMBOLIC)

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" *.cpp)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" *.hpp)
  list(TRANSFORM headers PREPEND "${staging}/actorbus/${name}/")
  if(NOT sources) # a room of headers only is a library all the same
    set(sources "${CMAKE_CURRENT_BINARY_DIR}/empty.cpp")
    file(CONFIGURE OUTPUT "${sources}" CONTENT "namespace actorbus {}\n")
  endif()

  set(target actorbus_${name})
  add_library(${target} ${sources})
  add_library(actorbus::${name} ALIAS ${target})
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS "${staging}" FILES ${headers})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_link_libraries(${target} PUBLIC ${arg_LINK} PRIVATE $<BUILD_INTERFACE:actorbus_flags>)
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${name}
    CXX_EXTENSIONS OFF
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
    VERIFY_INTERFACE_HEADER_SETS ${ACTORBUS_VERIFY_HEADERS})
  if(arg_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${arg_PRECOMPILE})
  endif()
  if(ACTORBUS_INSTALL)
    install(TARGETS ${target} EXPORT actorbus-targets FILE_SET HEADERS)
  endif()
endfunction()
