# Checks that what programs without actors of their own include stays light: none of the headers below may lead to CAF
# and its like, which take longer to compile than such a program. Asks the compiler for the headers that it would read.
# Usage: cmake -D COMPILER=<c++> -D INCLUDE=<folder that has actorbus/> -D WORK=<folder> -P check_inclusions.cmake
cmake_minimum_required(VERSION 3.25)

set(light
  actorbus/actors/bus.hpp
  actorbus/actors/client.hpp
  actorbus/actors/client_options.hpp
  actorbus/actors/encoding.hpp
  actorbus/actors/message.hpp
  actorbus/actors/operation.hpp
  actorbus/actors/requester.hpp
  actorbus/actors/responder.hpp
  actorbus/actors/scram_authentication.hpp
  actorbus/actors/task.hpp
  actorbus/actors/typed.hpp)
set(heavy "/(caf|boost|msgpack|nlohmann|openssl|urcu)/|/(msgpack|urcu)\\.h|/(iostream|regex|thread|future)$")

file(MAKE_DIRECTORY "${WORK}")
set(faults 0)
foreach(header IN LISTS light)
  file(WRITE "${WORK}/light.cpp" "#include <${header}>\n")
  execute_process(
    COMMAND "${COMPILER}" -std=c++20 -M "-I${INCLUDE}" "${WORK}/light.cpp"
    OUTPUT_VARIABLE needed COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "[^ \n\\\\]+" needed "${needed}")
  list(FILTER needed INCLUDE REGEX "${heavy}")
  if(needed)
    list(LENGTH needed count)
    list(GET needed 0 first)
    message(NOTICE "${header} leads to ${count} heavy headers, ${first} first")
    math(EXPR faults "${faults} + 1")
  endif()
endforeach()

if(faults)
  message(FATAL_ERROR "inclusions: ${faults} headers that were light are no longer (see docs/benchmarks.md, What inclusion costs)")
endif()
message(STATUS "inclusions: light")
