# One program for the embedded library against real servers, by its public classes.
file(GLOB library_tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/library/*.cpp")
set(library_servers server_process postgres_server mariadb_server shop mysql_shop)
list(TRANSFORM library_servers REPLACE "(.+)" "${CMAKE_CURRENT_LIST_DIR}/support/\\1.cpp")
add_executable(integration_library ${library_tests} ${library_servers})
target_link_libraries(integration_library PRIVATE fairlead_dal GTest::gtest GTest::gmock GTest::gtest_main)
if(FAIRLEAD_SANITIZE MATCHES "undefined" AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # What clang 14 puts in front of a function for this check cannot stand in front of a coroutine.
  set_source_files_properties("${CMAKE_CURRENT_LIST_DIR}/library/async_test.cpp" PROPERTIES
                              COMPILE_OPTIONS -fno-sanitize=function)
endif()
if(NOT FAIRLEAD_SERVER_TESTS STREQUAL none)
  add_test(NAME ${FAIRLEAD_TEST_PREFIX}integration.library COMMAND integration_library)
  set_tests_properties(${FAIRLEAD_TEST_PREFIX}integration.library PROPERTIES LABELS integration TIMEOUT 600)
endif()
