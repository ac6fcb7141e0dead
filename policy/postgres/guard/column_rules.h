#pragma once

#include "policy/catalogue.h"
#include "policy/postgres/guard/tree.h"

#include <string_view>
#include <vector>

namespace fairlead::policy::postgres::guard {

class walker;
class analysis;

/// What one statement says of columns, collected while it is walked and judged at its end: x.f is a column of
/// x only if x has that column; otherwise PostgreSQL calls the function f with x ("attribute notation"), for
/// scalars too, so that
/// `(name).leak` would be leak(name).
struct column_facts {
    /// A name in FROM and what stands behind it.
    struct source {
        std::string_view name;
        const Relation* relation = nullptr;     // a table of the catalogue
        bool function = false;                  // a function: its row may be a bare value
        std::vector<std::string_view> columns;  // names given in the statement
        bool statistics = false;                // a catalogue with statistics columns
    };
    struct field {
        std::string_view of;  // empty: of an expression
        std::string_view name;
        int location = -1;
        bool of_value = false;  // (of).name: `of` may also be a column
    };
    struct single {
        std::string_view name;
        int location;
    };
    std::vector<source> sources;
    std::vector<field> fields;
    std::vector<single> singles;              // unqualified references, which may mean a whole row
    std::vector<field> stars;                 // x.*
    std::vector<int> bare_stars;              // * where a catalogue with statistics may be meant
    std::vector<std::string_view> joined_by;  // names in USING
    bool natural_join = false;
    bool reads_policies = false;  // pg_policy is read
    int roles_location = -1;      // pg_roles is read here: only what psql needs to show policies
    bool statistics = false;      // some source has statistics columns
    int statistics_location = -1;
};

/// Rules for nodes of these kinds.
void on_column_reference(walker& w, const tree_node& node);
void on_indirection(walker& w, const tree_node& node);
void on_join(walker& w, const tree_node& node);
void on_range_subselect(walker& w, const tree_node& node);
void on_range_table_function(walker& w, const tree_node& node);
void on_range_function(walker& w, const tree_node& node);

/// Judges the collected facts at the end of a statement.
void check_columns(walker& w);

/// The column names of an alias: x(a, b).
std::vector<std::string_view> alias_columns(const PgQuery__Alias* alias);

}  // namespace fairlead::policy::postgres::guard
