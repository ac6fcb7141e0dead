#pragma once

#include "policy/mysql/lex_mode.h"

#include <optional>
#include <string>

namespace fairlead::dal::mysql {

/// The column that names a row's tenant, as information_schema shows it.
struct TenantColumn {
    std::string name;
    std::string data_type;      // "varchar"
    std::string column_type;    // "varchar(40)"
    std::string character_set;  // "" for numbers and bytes
    std::string collation;
    bool not_null = false;
    bool invisible = false;
    std::optional<std::string> default_expression;  // as the server shows it
};

bool is_integer(const TenantColumn& column);

/// Whether the server finds two ids equal only if they are the same bytes (reference: MariaDB's and MySQL's
/// collations; utf8mb4_bin still takes 'acme ' for 'acme'). Anything not known to is not.
bool compares_exactly(const TenantColumn& column);

/// The statement that makes it exact and NOT NULL. `table`: quoted, with its database.
std::string make_exact_statement(const TenantColumn& column, const std::string& table,
                                 policy::mysql::flavour server);
/// The statement that makes it NOT NULL and changes nothing else.
std::string make_not_null_statement(const TenantColumn& column, const std::string& table);

}  // namespace fairlead::dal::mysql
