# Every Python test file is one ctest test. They start servers of their own (PostgreSQL, fairlead) on free ports, so
# they may run side by side. Labels: unit, integration, isolation, interop.

set(FAIRLEAD_PYTHON /usr/bin/python3)  # Debian's own: its driver packages belong to it

add_executable(mysql_tokens "${PROJECT_SOURCE_DIR}/tests/support/mysql_tokens.cpp")
target_link_libraries(mysql_tokens PRIVATE fairlead_policy)
add_executable(mysql_login "${PROJECT_SOURCE_DIR}/tests/support/mysql_login.cpp")
target_link_libraries(mysql_login PRIVATE fairlead_proxy)
add_executable(mysql_rewrite "${PROJECT_SOURCE_DIR}/tests/support/mysql_rewrite.cpp")
target_link_libraries(mysql_rewrite PRIVATE fairlead_policy)
add_executable(mysql_trees "${PROJECT_SOURCE_DIR}/tests/support/mysql_trees.cpp")
target_link_libraries(mysql_trees PRIVATE fairlead_policy)
add_executable(library_client "${PROJECT_SOURCE_DIR}/tests/support/library_client.cpp")
target_link_libraries(library_client PRIVATE fairlead_dal)

function(fairlead_python_tests folder label)
  file(GLOB files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${folder}/*_test.py")
  foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME_WE)
    string(REPLACE "/" "." place "${folder}")
    set(test "${FAIRLEAD_TEST_PREFIX}${place}.${name}")
    add_test(NAME "${test}" COMMAND "${FAIRLEAD_PYTHON}" -B -m pytest -q -p no:cacheprovider "${file}"
             WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}/tests")
    set_tests_properties("${test}" PROPERTIES LABELS ${label} TIMEOUT 600
        ENVIRONMENT "FAIRLEAD_BINARY=$<TARGET_FILE:fairlead>;FAIRLEAD_MYSQL_TOKENS=$<TARGET_FILE:mysql_tokens>;FAIRLEAD_MYSQL_LOGIN=$<TARGET_FILE:mysql_login>;FAIRLEAD_MYSQL_REWRITE=$<TARGET_FILE:mysql_rewrite>;FAIRLEAD_MYSQL_TREES=$<TARGET_FILE:mysql_trees>;FAIRLEAD_LIBRARY_CLIENT=$<TARGET_FILE:library_client>;FAIRLEAD_BUILD=${PROJECT_BINARY_DIR};FAIRLEAD_LIBRARY=$<TARGET_FILE:fairlead_library>;FAIRLEAD_EXAMPLES=$<TARGET_FILE_DIR:example_c_api>;FAIRLEAD_SANITIZED=${FAIRLEAD_SANITIZE}")
  endforeach()
endfunction()

if(FAIRLEAD_SERVER_TESTS STREQUAL all)
  fairlead_python_tests(unit unit)
  foreach(kind integration isolation interop)
    fairlead_python_tests(${kind} ${kind})
    fairlead_python_tests(${kind}/mysql ${kind})
  endforeach()
endif()
