#pragma once

#include <string_view>

namespace fairlead::policy::mysql::guard {

/// A table of information_schema that tenants may read, of their own database.
struct dictionary_table {
    std::string_view name;             // lower case
    std::string_view database_column;  // compared with DATABASE(); empty: says nothing of databases
    std::string_view columns;  // the select list that takes its place; empty: all. Leaves out, as NULL, what
                               // is counted over all tenants' rows
    bool of_shared_tables = true;  // false: only tenants with a database of their own may read it
};

/// Null if tenants may not read it. `name` in lower case.
const dictionary_table* find_dictionary_table(std::string_view name);

}  // namespace fairlead::policy::mysql::guard
