#pragma once

#include "policy/postgres/guard/tree.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace fairlead::policy::postgres::guard {

class walker;
class analysis;

/// Operators by name: OPERATOR(schema.+) only of pg_catalog (or the tenant's own schema).
void check_operator(walker& w, PgQuery__Node* const* name, std::size_t count, int location);

void on_expression(walker& w, const tree_node& node);
void on_type_name(walker& w, const tree_node& node);
void on_type_cast(walker& w, const tree_node& node);
void on_collate(walker& w, const tree_node& node);
/// Their collations, operator classes and operators are names, too, and run code.
void on_index_element(walker& w, const tree_node& node);
void on_partition_element(walker& w, const tree_node& node);
void on_constraint(walker& w, const tree_node& node);
void on_sort(walker& w, const tree_node& node);
void on_table_sample(walker& w, const tree_node& node);

/// A constant's text when `node` is a string constant, a cast of one counting too; null otherwise.
struct literal {
    std::string_view value;
    int location = -1;
    bool found = false;
};
literal string_literal(const tree_node* node);

/// The schema that a name written in a literal has: "other" of 'other.seq', "" of 'seq'. `ok` false: not a
/// name.
struct name_in_literal {
    std::string schema;
    bool ok = true;
};
name_in_literal schema_of_literal(std::string_view literal);

/// Refuses a literal that names an object in a schema the tenant does not reach.
void check_name_literal(analysis& a, const literal& name, std::string_view what);

}  // namespace fairlead::policy::postgres::guard
