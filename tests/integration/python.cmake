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

function(fairlead_python_test file label)
  cmake_path(RELATIVE_PATH file BASE_DIRECTORY "${PROJECT_SOURCE_DIR}/tests" OUTPUT_VARIABLE place)
  string(REGEX REPLACE "\\.py$" "" place "${place}")
  string(REPLACE "/" "." place "${place}")
  set(test "${FAIRLEAD_TEST_PREFIX}${place}")
  add_test(NAME "${test}" COMMAND "${FAIRLEAD_PYTHON}" -B -m pytest -q -p no:cacheprovider "${file}"
           WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}/tests")
  set(environment "FAIRLEAD_LIBRARY_CLIENT=$<TARGET_FILE:library_client>;FAIRLEAD_SANITIZED=${FAIRLEAD_SANITIZE}")
  if(FAIRLEAD_SERVER_TESTS STREQUAL all)
    list(APPEND environment "FAIRLEAD_BINARY=$<TARGET_FILE:fairlead>;FAIRLEAD_MYSQL_TOKENS=$<TARGET_FILE:mysql_tokens>;FAIRLEAD_MYSQL_LOGIN=$<TARGET_FILE:mysql_login>;FAIRLEAD_MYSQL_REWRITE=$<TARGET_FILE:mysql_rewrite>;FAIRLEAD_MYSQL_TREES=$<TARGET_FILE:mysql_trees>;FAIRLEAD_BUILD=${PROJECT_BINARY_DIR};FAIRLEAD_LIBRARY=$<TARGET_FILE:fairlead_library>;FAIRLEAD_EXAMPLES=$<TARGET_FILE_DIR:example_c_api>")
  endif()
  set_tests_properties("${test}" PROPERTIES LABELS ${label} TIMEOUT 600 ENVIRONMENT "${environment}")
endfunction()

set(library_faults "integration/(mysql/)?library_(async_)?faults_test\\.py$")
if(FAIRLEAD_SERVER_TESTS STREQUAL all)
  foreach(kind unit integration isolation interop)
    file(GLOB files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${kind}/*_test.py" "${PROJECT_SOURCE_DIR}/tests/${kind}/mysql/*_test.py")
    if(NOT FAIRLEAD_LIBRARY_FAULTS)
      list(FILTER files EXCLUDE REGEX "${library_faults}")
    endif()
    foreach(file IN LISTS files)
      fairlead_python_test("${file}" ${kind})
    endforeach()
  endforeach()
elseif(FAIRLEAD_SERVER_TESTS STREQUAL library AND FAIRLEAD_LIBRARY_FAULTS)
  # With a sanitizer in the library's process; what installs policies is the release build's fairlead.
  file(GLOB files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/integration/library_*_test.py" "${PROJECT_SOURCE_DIR}/tests/integration/mysql/library_*_test.py")
  list(FILTER files INCLUDE REGEX "${library_faults}")
  foreach(file IN LISTS files)
    fairlead_python_test("${file}" integration)
  endforeach()
endif()
