# Every header compiles alone: for each of them a source of one line, compiled with the warnings of the tree. They are
# no part of `all`: the test builds them, side by side, and a second time only what has changed.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}"
  "${PROJECT_SOURCE_DIR}/include/*.h" "${PROJECT_SOURCE_DIR}/common/*.h" "${PROJECT_SOURCE_DIR}/config/*.h"
  "${PROJECT_SOURCE_DIR}/policy/*.h" "${PROJECT_SOURCE_DIR}/dal/*.h" "${PROJECT_SOURCE_DIR}/proxy/*.h"
  "${PROJECT_SOURCE_DIR}/cli/*.h")

# fairlead_header_check(TARGET INCLUDE...)
function(fairlead_header_check target)
  set(checks "")
  foreach(header IN LISTS ARGN)
    set(check "${CMAKE_CURRENT_BINARY_DIR}/${target}/${header}.cpp")
    file(CONFIGURE OUTPUT "${check}" CONTENT "#include \"${header}\"\n" @ONLY)
    list(APPEND checks "${check}")
  endforeach()
  add_library(${target} OBJECT EXCLUDE_FROM_ALL ${checks})
  target_link_libraries(${target} PRIVATE fairlead_proxy CLI11::CLI11)
  target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}")
  target_compile_options(${target} PRIVATE -O0 -g0)
  # One ninja at a time in a build directory.
  add_test(NAME "${FAIRLEAD_TEST_PREFIX}unit.${target}"
           COMMAND "${CMAKE_COMMAND}" --build "${PROJECT_BINARY_DIR}" --target ${target} -j 2)
  set_tests_properties("${FAIRLEAD_TEST_PREFIX}unit.${target}" PROPERTIES LABELS unit RESOURCE_LOCK "${PROJECT_BINARY_DIR}")
endfunction()

# What a sanitizer instruments makes no difference to a header.
if(NOT FAIRLEAD_SANITIZE)
  fairlead_header_check(headers_alone ${headers})

  # The check itself: a header that leans on its includer must be noticed.
  file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/not_alone.h"
       CONTENT "#pragma once\ninline std::string not_alone();\n" @ONLY)
  fairlead_header_check(header_not_alone not_alone.h)
  set_tests_properties("${FAIRLEAD_TEST_PREFIX}unit.header_not_alone" PROPERTIES
                       PASS_REGULAR_EXPRESSION "not_alone.h:2:.*std")
endif()
