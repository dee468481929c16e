# What every target of ours is compiled with: link `serverspace::warnings` PRIVATE and nothing else is needed.
add_library(serverspace_warnings INTERFACE)
add_library(serverspace::warnings ALIAS serverspace_warnings)
# Those of g++; clang, which builds the fuzz targets, has others.
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  target_compile_options(serverspace_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
    -Woverloaded-virtual -Wformat=2 -Wimplicit-fallthrough -Werror
    # False alarms of g++ 12 in std::string (GCC bug 105651); g++ 13 has them fixed.
    -Wno-restrict
    # A designated initializer leaves members to their defaults on purpose.
    -Wno-missing-field-initializers)
endif()

# Sanitizers and hardening must be the same for all objects of a program.
if(SERVERSPACE_SANITIZE)
  # Under sanitizers g++ reports initialised memory as uninitialised; the release build has the true warnings.
  target_compile_options(serverspace_warnings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  add_compile_options(-fsanitize=${SERVERSPACE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SERVERSPACE_SANITIZE})
else()
  add_compile_options(-fstack-protector-strong "$<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>")
  add_link_options(-pie -Wl,-z,relro,-z,now)
endif()
