# Runs an example and compares what it prints. Usage: cmake -D PROGRAM=<program> -D EXPECTED=<file> -P run_example.cmake
execute_process(COMMAND "${PROGRAM}" OUTPUT_VARIABLE printed RESULT_VARIABLE code TIMEOUT 60)
file(READ "${EXPECTED}" expected)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "${PROGRAM}: ended with ${code} after printing:\n${printed}")
endif()
if(NOT printed STREQUAL expected)
  message(FATAL_ERROR "${PROGRAM} printed:\n${printed}\ninstead of:\n${expected}")
endif()
