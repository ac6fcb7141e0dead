#include "policy/postgres/guard/query_rules.h"

#include "policy/postgres/guard/expression_rules.h"
#include "policy/postgres/guard/relation_rules.h"
#include "policy/postgres/guard/walker.h"

#include <string>
#include <vector>

namespace fairlead::policy::postgres::guard {

namespace {

const tree_node* base_of(const PgQuery__RangeVar* range) {
    return range == nullptr ? nullptr : &range->base;
}
const tree_node* base_of(const PgQuery__WithClause* with) {
    return with == nullptr ? nullptr : &with->base;
}

using range_variables = std::vector<const PgQuery__RangeVar*>;

/// The tables of a FROM item. `into_subqueries`: also those of its subqueries.
void collect_tables(const tree_node& item, bool into_subqueries, range_variables& found) {
    if (auto* range = as<PgQuery__RangeVar>(&item, pg_query__range_var__descriptor))
        return found.push_back(range);
    if (!into_subqueries && item.descriptor == &pg_query__range_subselect__descriptor) return;
    if (!into_subqueries && item.descriptor == &pg_query__sub_link__descriptor) return;
    for_each_child(item, [&](const tree_node& child) { collect_tables(child, into_subqueries, found); });
}

range_variables tables_of(PgQuery__Node* const* items, std::size_t count, bool into_subqueries) {
    range_variables found;
    for (std::size_t i = 0; i < count; ++i)
        if (const tree_node* item = unwrap(items[i])) collect_tables(*item, into_subqueries, found);
    return found;
}

bool shows_statistics(const PgQuery__SelectStmt& select) {
    for (const auto* table : tables_of(select.from_clause, select.n_from_clause, false))
        if (text(table->relname) == "pg_class") return true;
    return false;
}

std::string_view name_in_query(const PgQuery__RangeVar& range) {
    return range.alias != nullptr ? text(range.alias->aliasname) : text(range.relname);
}

bool names(const PgQuery__LockingClause& clause, std::string_view name) {
    for (std::size_t i = 0; i < clause.n_locked_rels; ++i)
        if (auto* rel = as<PgQuery__RangeVar>(unwrap(clause.locked_rels[i]), pg_query__range_var__descriptor))
            if (text(rel->relname) == name) return true;
    return false;
}

/// FOR UPDATE and its kin write row locks: into every table of FROM, or those named by OF. A subquery in FROM
/// passes the lock on to its tables.
void check_row_locks(walker& w, const PgQuery__SelectStmt& select) {
    for (std::size_t i = 0; i < select.n_locking_clause; ++i) {
        auto* clause = as<PgQuery__LockingClause>(unwrap(select.locking_clause[i]),
                                                  pg_query__locking_clause__descriptor);
        if (clause == nullptr) continue;
        for (std::size_t k = 0; k < select.n_from_clause; ++k) {
            range_variables tables;
            const tree_node* item = unwrap(select.from_clause[k]);
            if (item == nullptr) continue;
            collect_tables(*item, true, tables);
            bool plain = item->descriptor == &pg_query__range_var__descriptor ||
                         item->descriptor == &pg_query__join_expr__descriptor;
            for (const auto* table : tables) {
                bool locked = clause->n_locked_rels == 0 || !plain || names(*clause, name_in_query(*table));
                bool cte = text(table->schemaname).empty() && w.is_cte(text(table->relname));
                if (locked && !cte) check_relation(w, *table, access::lock);
            }
        }
    }
}

/// The column names of a list of assignments or of an INSERT's column list.
bool assigns_tenant_column(const analysis& a, PgQuery__Node* const* targets, std::size_t count,
                           int& location) {
    for (std::size_t i = 0; i < count; ++i) {
        auto* target = as<PgQuery__ResTarget>(unwrap(targets[i]), pg_query__res_target__descriptor);
        if (target == nullptr || text(target->name) != a.scope.tenant_column) continue;
        // tenant_id = tenant_id, as some mappers write it, changes nothing.
        auto* value = as<PgQuery__ColumnRef>(unwrap(target->val), pg_query__column_ref__descriptor);
        if (value != nullptr && value->n_fields == 1 && string_of(value->fields[0]) == a.scope.tenant_column)
            continue;
        location = target->location;
        return true;
    }
    return false;
}

/// A sealed table counts as isolated only if the policy's check compares the column of the new row too, so
/// the database lets the tenant's own value pass (mappers write whole rows) and fails every other. Of
/// policies that somebody else wrote nothing as exact is known.
void check_assignments(walker& w, const Relation* target, PgQuery__Node* const* targets, std::size_t count) {
    int location = -1;
    if (w.a.scope.isolation == config::Isolation::sealed) return;
    if (target == nullptr || !target->isolated || w.a.scope.tenant_column.empty()) return;
    if (assigns_tenant_column(w.a, targets, count, location))
        w.a.refuse(
            rule::tenant_column_update,
            "column \"" + w.a.scope.tenant_column + "\" of table \"" + target->name + "\" cannot be changed",
            location);
}

void check_conflict_clause(walker& w, const PgQuery__RangeVar& reference, const Relation* target,
                           const PgQuery__OnConflictClause& clause) {
    if (target == nullptr) return;
    // Its conflict rows have the table's type, so excluded.f may be a function call like any other.
    w.facts.sources.push_back({"excluded", target, false, {}, false});
    if (!target->unique_keys_without_tenant.empty())
        return w.a.refuse(rule::upsert_unique_key,
                          "ON CONFLICT is refused on table \"" + target->name + "\": its unique key \"" +
                              target->unique_keys_without_tenant.front() + "\" lacks column \"" +
                              w.a.scope.tenant_column + "\"",
                          reference.location);
    check_assignments(w, target, clause.target_list, clause.n_target_list);
}

}  // namespace

void on_select(walker& w, const tree_node& node) {
    const auto& select = reinterpret_cast<const PgQuery__SelectStmt&>(node);
    bool exists = w.in_exists;
    w.in_exists = false;
    if (select.into_clause != nullptr) {
        if (w.a.pool())
            return w.a.refuse(rule::ddl, "SELECT INTO is refused for " + std::string(whom(w.a.where)),
                              select.into_clause->rel != nullptr ? select.into_clause->rel->location : -1);
        w.visit(select.into_clause->base);
    }
    std::size_t mark = w.begin_with(select.with_clause);
    if (w.a.pool() && select.n_locking_clause > 0) check_row_locks(w, select);
    bool outer_star = w.star_is_harmless;
    w.star_is_harmless = exists || !shows_statistics(select);
    for (std::size_t i = 0; i < select.n_target_list; ++i) w.visit(select.target_list[i]);
    w.star_is_harmless = false;
    for_each_child(node, [&](const tree_node& child) {
        // Targets (the only ResTargets below a SELECT), INTO and WITH are done; locks name aliases, not
        // tables.
        if (&child == base_of(select.with_clause) || child.descriptor == &pg_query__into_clause__descriptor ||
            child.descriptor == &pg_query__res_target__descriptor ||
            child.descriptor == &pg_query__locking_clause__descriptor)
            return;
        w.visit(child);
    });
    w.star_is_harmless = outer_star;
    w.end_with(mark);
}

void on_insert(walker& w, const tree_node& node) {
    const auto& insert = reinterpret_cast<const PgQuery__InsertStmt&>(node);
    std::size_t mark = w.begin_with(insert.with_clause);
    if (insert.relation != nullptr) {
        const Relation* target = check_relation(w, *insert.relation, access::write);
        if (insert.on_conflict_clause != nullptr && w.a.pool())
            check_conflict_clause(w, *insert.relation, target, *insert.on_conflict_clause);
    }
    w.children(node, {base_of(insert.with_clause), base_of(insert.relation)});
    w.end_with(mark);
}

void on_update(walker& w, const tree_node& node) {
    const auto& update = reinterpret_cast<const PgQuery__UpdateStmt&>(node);
    std::size_t mark = w.begin_with(update.with_clause);
    if (update.relation != nullptr) {
        const Relation* target = check_relation(w, *update.relation, access::write);
        check_assignments(w, target, update.target_list, update.n_target_list);
    }
    w.children(node, {base_of(update.with_clause), base_of(update.relation)});
    w.end_with(mark);
}

void on_delete(walker& w, const tree_node& node) {
    const auto& remove = reinterpret_cast<const PgQuery__DeleteStmt&>(node);
    std::size_t mark = w.begin_with(remove.with_clause);
    if (remove.relation != nullptr) check_relation(w, *remove.relation, access::write);
    w.children(node, {base_of(remove.with_clause), base_of(remove.relation)});
    w.end_with(mark);
}

void on_merge(walker& w, const tree_node& node) {
    const auto& merge = reinterpret_cast<const PgQuery__MergeStmt&>(node);
    std::size_t mark = w.begin_with(merge.with_clause);
    if (merge.relation != nullptr) {
        const Relation* target = check_relation(w, *merge.relation, access::write);
        for (std::size_t i = 0; i < merge.n_merge_when_clauses; ++i) {
            auto* when = as<PgQuery__MergeWhenClause>(unwrap(merge.merge_when_clauses[i]),
                                                      pg_query__merge_when_clause__descriptor);
            if (when != nullptr && when->command_type == PG_QUERY__CMD_TYPE__CMD_UPDATE)
                check_assignments(w, target, when->target_list, when->n_target_list);
        }
    }
    w.children(node, {base_of(merge.with_clause), base_of(merge.relation)});
    w.end_with(mark);
}

void on_sublink(walker& w, const tree_node& node) {
    const auto& sublink = reinterpret_cast<const PgQuery__SubLink&>(node);
    check_operator(w, sublink.oper_name, sublink.n_oper_name, sublink.location);
    const tree_node* query = unwrap(sublink.subselect);
    if (const tree_node* test = unwrap(sublink.testexpr)) w.visit(*test);
    if (query == nullptr) return;
    w.in_exists = sublink.sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK;
    w.visit(*query);
    w.in_exists = false;
}

}  // namespace fairlead::policy::postgres::guard
