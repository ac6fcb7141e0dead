#pragma once

#include <string_view>

namespace fairlead::policy::mysql::guard {

/// A table of information_schema that tenants may read, of their own database.
struct dictionary_table {
    std::string_view name;             // lower case
    std::string_view database_column;  // compared with DATABASE(); empty: says nothing of databases
    /// The select list that takes its place where figures are hidden, or databases have other names. A column
    /// with a plus is MariaDB's only.
    std::string_view columns;
    bool of_shared_tables = true;  // false: only tenants with a database of their own may read it
    bool hides_figures = false;    // as NULL: what is counted over all tenants' rows
};

/// Null if tenants may not read it. `name` in lower case.
const dictionary_table* find_dictionary_table(std::string_view name);

}  // namespace fairlead::policy::mysql::guard
