# Runs an example program and compares what it prints with what its tests expect of it.
# Usage: cmake -D PROGRAM=<file> -D EXPECTED=<file> -P check_output.cmake
execute_process(COMMAND "${PROGRAM}" OUTPUT_VARIABLE printed ERROR_VARIABLE complaints RESULT_VARIABLE code)
file(READ "${EXPECTED}" expected)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "exit code ${code}: ${printed}${complaints}")
endif()
if(NOT printed STREQUAL expected)
  message(FATAL_ERROR "printed:\n${printed}expected:\n${expected}")
endif()
