# All of these are Debian 12 packages; scripts/install-deps.sh names them.
find_package(OpenSSL 3.0 REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(spdlog REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(ZLIB REQUIRED)

# libzstd; both for the compressed protocol of MySQL.
find_path(ZSTD_INCLUDE_DIR zstd.h REQUIRED)
find_library(ZSTD_LIBRARY zstd REQUIRED)
add_library(Zstd::Zstd UNKNOWN IMPORTED)
set_target_properties(Zstd::Zstd PROPERTIES IMPORTED_LOCATION "${ZSTD_LIBRARY}"
                                            INTERFACE_INCLUDE_DIRECTORIES "${ZSTD_INCLUDE_DIR}")

# libmysqlclient, in Debian that of MariaDB: it reaches MySQL, MariaDB and Aurora.
find_path(MYSQLCLIENT_INCLUDE_DIR mysql.h PATH_SUFFIXES mariadb mysql REQUIRED)
find_library(MYSQLCLIENT_LIBRARY NAMES mariadb mysqlclient REQUIRED)
add_library(MySql::Client UNKNOWN IMPORTED)
set_target_properties(MySql::Client PROPERTIES IMPORTED_LOCATION "${MYSQLCLIENT_LIBRARY}"
                                               INTERFACE_INCLUDE_DIRECTORIES "${MYSQLCLIENT_INCLUDE_DIR}")

find_path(PGQUERY_INCLUDE_DIR pg_query.h REQUIRED)
find_library(PGQUERY_LIBRARY pg_query REQUIRED)
add_library(PgQuery::PgQuery UNKNOWN IMPORTED)
set_target_properties(PgQuery::PgQuery PROPERTIES IMPORTED_LOCATION "${PGQUERY_LIBRARY}"
                                                  INTERFACE_INCLUDE_DIRECTORIES "${PGQUERY_INCLUDE_DIR}")

# libpg_query hands its parse trees out as protobuf-c messages.
find_path(PROTOBUFC_INCLUDE_DIR protobuf-c/protobuf-c.h REQUIRED)
find_library(PROTOBUFC_LIBRARY protobuf-c REQUIRED)
set_property(TARGET PgQuery::PgQuery APPEND PROPERTY INTERFACE_LINK_LIBRARIES "${PROTOBUFC_LIBRARY}")

# libidn: stringprep, for passwords that are not ASCII.
find_path(IDN_INCLUDE_DIR stringprep.h REQUIRED)
find_library(IDN_LIBRARY idn REQUIRED)
add_library(Idn::Idn UNKNOWN IMPORTED)
set_target_properties(Idn::Idn PROPERTIES IMPORTED_LOCATION "${IDN_LIBRARY}"
                                          INTERFACE_INCLUDE_DIRECTORIES "${IDN_INCLUDE_DIR}")
