# What a statement passes through on its way, compiled once more for the program alone: with link-time optimisation, and
# with symbols that nobody may replace. The modules themselves are made for a shared library too (-fPIC, every function
# replaceable, so none inlined that is visible), and for tests, of which each would do the link's work again. These objects
# stand before the modules in the link, so the modules' own copies of them are not taken.
#
# A source that is missing here is only a little slower. docs/performance.md has the measurement.
if(FAIRLEAD_SANITIZE OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU" OR NOT CMAKE_BUILD_TYPE MATCHES "^Rel")
  return()
endif()

set(patterns
    dal/pool/*.cpp
    policy/cache/*.cpp
    policy/postgres/fingerprint.cpp policy/postgres/lexer.cpp policy/postgres/sealed_context.cpp
    policy/postgres/verdict_cache.cpp
    policy/mysql/fingerprint.cpp policy/mysql/lexer.cpp policy/mysql/render.cpp policy/mysql/verdict_cache.cpp
    proxy/metrics/worker_metrics.cpp
    proxy/net/connection.cpp proxy/net/reactor.cpp proxy/net/transport.cpp
    proxy/session/*.cpp
    proxy/session/mysql/*.cpp
    proxy/session/postgres/*.cpp
    proxy/wire/mysql/*.cpp
    proxy/wire/postgres/*.cpp
    proxy/worker/client_connection.cpp proxy/worker/link_broker.cpp proxy/worker/server_connection.cpp
    proxy/worker/worker.cpp
    proxy/worker/mysql/mysql_client.cpp proxy/worker/mysql/mysql_server.cpp
    proxy/worker/postgres/postgres_client.cpp proxy/worker/postgres/postgres_server.cpp)
list(TRANSFORM patterns PREPEND "${PROJECT_SOURCE_DIR}/")
file(GLOB query_path CONFIGURE_DEPENDS ${patterns})
list(FILTER query_path EXCLUDE REGEX "login[a-z_]*\\.cpp$")  # once a connection

add_library(fairlead_query_path OBJECT ${query_path})
target_link_libraries(fairlead_query_path PRIVATE fairlead_proxy)
set_target_properties(fairlead_query_path PROPERTIES
  POSITION_INDEPENDENT_CODE OFF  # that of a library; a program's is -fPIE
  CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
target_compile_options(fairlead_query_path PRIVATE -fPIE -flto)
target_sources(fairlead PRIVATE $<TARGET_OBJECTS:fairlead_query_path>)
target_link_options(fairlead PRIVATE -flto=auto)
