#include "policy/mysql/guard/expression_rules.h"

#include "policy/mysql/guard/function_rules.h"
#include "policy/mysql/guard/names.h"
#include "policy/mysql/guard/variable_rules.h"

#include <string>

namespace fairlead::policy::mysql::guard {

namespace {

/// `database.table.column`: the database must be the own one. On shared tables the name goes, since a derived
/// table that takes the table's place has none.
void check_qualified(analysis& a, const node& name, std::uint32_t table_level) {
    if (name.detail < table_level) return;
    if (name.detail > table_level || a.text(name.first) == ".")
        return a.refuse(rule::unknown_syntax, "a name of too many parts", name.first);
    std::string database = a.name(name.first);
    bool dictionary = !a.silo() && same_word(database, "information_schema");
    if (a.pool() || dictionary) {
        if (dictionary || a.is_own_database(database))
            a.edits.replace(name.first, name.first + 2, "");
        else
            a.refuse(rule::other_database, "database " + database + " does not belong to this tenant",
                     name.first);
    } else {
        a.own_qualifier(name.first);
    }
}

void check_block(analysis& a, const parse::query_block& block) {
    if ((block.select_options & parse::option_calc_found_rows) != 0) a.pin(Pin::found_rows);
}

/// SELECT ... INTO @a: the values come from rows. INTO OUTFILE, also behind a UNION.
void check_into(analysis& a, const node& into) {
    bool file = a.is_word(into.first + 1, "outfile") || a.is_word(into.first + 1, "dumpfile");
    if (file && !a.silo())
        return a.refuse(rule::server_file, "INTO OUTFILE and INTO DUMPFILE are refused", into.first);
    for (node_id child = into.first_child; child != no_node; child = a.at(child).next_sibling) {
        if (a.at(child).kind == node_kind::user_variable) {
            check_variable_name(a, a.at(child).first);
            a.pin(Pin::user_variable);
        } else if (a.at(child).kind == node_kind::name && !a.silo()) {
            a.refuse(rule::unknown_syntax, "INTO with a name", a.at(child).first);
        }
    }
}

void check_node(analysis& a, node_id id) {
    const node& each = a.at(id);
    switch (each.kind) {
        case node_kind::function_call:
            return check_function(a, each);
        case node_kind::column_reference:
        case node_kind::star:
            return check_qualified(a, each, 2);
        case node_kind::delete_target:
            return check_qualified(a, each, 1);
        case node_kind::query_block:
            return check_block(a, a.tree.blocks[each.detail]);
        case node_kind::into:
            return check_into(a, each);
        case node_kind::procedure:
            if (a.pool()) a.refuse(rule::procedure_analyse, "PROCEDURE ANALYSE is refused", each.first);
            return;
        case node_kind::system_variable:
            return check_variable_read(a, each);
        case node_kind::user_assignment:
            a.pin(Pin::user_variable);
            return;
        case node_kind::user_variable:
            a.verdict.uses_user_variables = true;
            return check_variable_name(a, each.first);
        default:
            return;
    }
}

}  // namespace

void check_expressions(analysis& a, node_id statement) {
    for (node_id id = a.tree.next(statement, statement); id != no_node && !a.refused();
         id = a.tree.next(id, statement))
        check_node(a, id);
}

void check_expression(analysis& a, node_id expression) {
    check_node(a, expression);
    check_expressions(a, expression);
}

bool has_query(const analysis& a, node_id top) {
    for (node_id id = top; id != no_node; id = a.tree.next(id, top))
        if (a.at(id).kind == node_kind::query) return true;
    return false;
}

}  // namespace fairlead::policy::mysql::guard
