# fairlead_module(NAME [DEPENDS module...] [LINK target...] [EXECUTABLE name])
# One top-level folder becomes one static library `fairlead_NAME` (or one program). Sources are found by glob,
# so that adding a file is not an edit of the build.
find_package(Threads REQUIRED)

add_library(fairlead_options INTERFACE)
target_include_directories(fairlead_options INTERFACE "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/include")
target_compile_options(fairlead_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
                                                  -Woverloaded-virtual -Wimplicit-fallthrough -Werror)
# gcc 12 reports these in its own standard library and in OpenSSL-free inlined code at -O2; both are known false.
target_compile_options(fairlead_options INTERFACE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-maybe-uninitialized -Wno-dangling-pointer>)
target_link_libraries(fairlead_options INTERFACE Threads::Threads)
if(FAIRLEAD_SANITIZE)
  target_compile_options(fairlead_options INTERFACE -fsanitize=${FAIRLEAD_SANITIZE} -fno-omit-frame-pointer
                                                    -fno-sanitize-recover=all)
  target_link_options(fairlead_options INTERFACE -fsanitize=${FAIRLEAD_SANITIZE})
  if(FAIRLEAD_SANITIZE MATCHES "thread")
    # Asio has fences, which TSan does not model; the mutex of its queue orders the same accesses.
    target_compile_options(fairlead_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  endif()
endif()

function(fairlead_module name)
  cmake_parse_arguments(ARG "" "EXECUTABLE" "DEPENDS;LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${name}/*.cpp")
  if(ARG_EXECUTABLE)
    add_executable(${ARG_EXECUTABLE} ${sources})
    set(target ${ARG_EXECUTABLE})
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
  else()
    set(target fairlead_${name})
    if(NOT sources)
      set(sources "${PROJECT_SOURCE_DIR}/cmake/empty.cpp")
    endif()
    add_library(${target} STATIC ${sources})
  endif()
  target_link_libraries(${target} PUBLIC fairlead_options)
  foreach(dependency IN LISTS ARG_DEPENDS)
    target_link_libraries(${target} PUBLIC fairlead_${dependency})
  endforeach()
  target_link_libraries(${target} PUBLIC ${ARG_LINK})
endfunction()
