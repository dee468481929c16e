# The revision shown by build_info and --version: the one given, else git's, `unknown` outside a git checkout.
set(SERVERSPACE_REVISION "" CACHE STRING "Revision of the sources; empty asks git")
if(NOT SERVERSPACE_REVISION)
  find_package(Git QUIET)
  set(SERVERSPACE_REVISION "unknown")
  if(GIT_FOUND)
    execute_process(COMMAND ${GIT_EXECUTABLE} rev-parse --short=12 HEAD
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE
      RESULT_VARIABLE result ERROR_QUIET)
    if(result EQUAL 0)
      set(SERVERSPACE_REVISION "${revision}")
    endif()
  endif()
endif()
