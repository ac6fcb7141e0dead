# One program for what libpq and libmysqlclient do against real servers: it starts one private PostgreSQL and one
# private MariaDB for all its tests, each with the first test that needs it.
file(GLOB dal_tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/dal/*_pgtest.cpp"
     "${CMAKE_CURRENT_LIST_DIR}/dal/*_mysqltest.cpp" "${CMAKE_CURRENT_LIST_DIR}/dal/*_test.cpp"
     "${CMAKE_CURRENT_LIST_DIR}/support/*.cpp")
# The subcommands that are thin layers over it are tested with it; cli itself is a program, not a library.
set(dal_commands command policy_command mysql_policy estate_command)
list(TRANSFORM dal_commands REPLACE "(.+)" "${PROJECT_SOURCE_DIR}/cli/\\1.cpp")
add_executable(integration_dal ${dal_tests} ${dal_commands})
target_link_libraries(integration_dal PRIVATE fairlead_dal CLI11::CLI11 GTest::gtest GTest::gmock GTest::gtest_main)
if(FAIRLEAD_SERVER_TESTS STREQUAL all)
  add_test(NAME ${FAIRLEAD_TEST_PREFIX}integration.dal COMMAND integration_dal)
  set_tests_properties(${FAIRLEAD_TEST_PREFIX}integration.dal PROPERTIES LABELS integration TIMEOUT 600)
endif()
