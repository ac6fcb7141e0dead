#pragma once

#include "policy/postgres/guard/analysis.h"
#include "policy/postgres/guard/column_rules.h"
#include "policy/postgres/guard/tree.h"

#include <initializer_list>
#include <string_view>
#include <vector>

namespace fairlead::policy::postgres::guard {

/// Visits every node of one statement. Each kind of node is either on the list (node_list.cpp), with or
/// without a rule of its own, or the statement is refused (strict reaches) or walked through (others).
/// Nothing is skipped: a rule that deals with one child itself hands the rest to children().
class walker {
public:
    explicit walker(analysis& statement_analysis) : a(statement_analysis) {}

    analysis& a;
    column_facts facts;

    void visit(const tree_node& node);
    void visit(const PgQuery__Node* node) {
        if (const tree_node* inner = unwrap(node)) visit(*inner);
    }
    /// Visits all children of `node` but those in `except` (compared by address, Nodes unwrapped).
    void children(const tree_node& node, std::initializer_list<const tree_node*> except = {});

    /// Names of common table expressions hide tables of the same name, from their WITH to the end of its
    /// statement.
    bool is_cte(std::string_view name) const;
    /// Visits the WITH clause (may be null) in PostgreSQL's order of visibility and leaves its names visible
    /// until the returned mark is given to end_with().
    std::size_t begin_with(const PgQuery__WithClause* with);
    void end_with(std::size_t mark) { visible_ctes_.resize(mark); }

    /// `SELECT *` at this point cannot show a catalogue's statistics columns.
    bool star_is_harmless = false;
    /// The next SELECT stands in EXISTS (...), which shows no column.
    bool in_exists = false;
    /// set_config() calls that the setting rules have already accepted.
    std::vector<const PgQuery__FuncCall*> accepted_set_config;

private:
    std::vector<std::string_view> visible_ctes_;
};

/// What to do with a kind of node.
struct node_entry {
    const ProtobufCMessageDescriptor* descriptor;
    void (*rule)(walker&, const tree_node&);  // null: nothing of its own, visit the children
    bool definition = false;                  // part of DDL: only where a tenant owns its schema
};
/// The list entry of a node, null if its kind is not on the list.
const node_entry* find_node_entry(const ProtobufCMessageDescriptor* descriptor);

}  // namespace fairlead::policy::postgres::guard
