#include "policy/postgres/guard/column_rules.h"

#include "policy/postgres/guard/function_list.h"
#include "policy/postgres/guard/function_rules.h"
#include "policy/postgres/guard/walker.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <utility>

namespace fairlead::policy::postgres::guard {

namespace {

constexpr std::array<std::string_view, 7> system_columns = {"tableoid", "ctid", "xmin", "xmax",
                                                            "cmin",     "cmax", "oid"};
constexpr std::array<std::string_view, 3> statistics_columns = {"reltuples", "relpages", "relallvisible"};

template <typename Range>
bool contains(const Range& range, std::string_view wanted) {
    return std::find(range.begin(), range.end(), wanted) != range.end();
}

/// Fields of an anonymous row are f1, f2, ...
bool is_row_field(std::string_view name) {
    return name.size() > 1 && name[0] == 'f' &&
           std::all_of(name.begin() + 1, name.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

bool allowed_by_name(const analysis& a, std::string_view name) {
    return contains(a.scope.allowed_functions, name);
}

bool any_relation_has(const analysis& a, std::string_view column) {
    if (!a.scope.catalogue) return false;
    for (const Relation& relation : a.scope.catalogue->relations())
        if (contains(relation.columns, column)) return true;
    return false;
}

bool source_has(const analysis& a, const column_facts::source& source, std::string_view column) {
    if (contains(source.columns, column)) return true;
    if (source.relation != nullptr)
        return contains(source.relation->columns, column) || contains(system_columns, column);
    // A function's own name is its column's when it returns a bare value; one named in allowed_functions may
    // return rows of a table.
    return column == source.name || column == "ordinality" || is_output_column(column) ||
           any_relation_has(a, column);
}

void check_expression_field(walker& w, const column_facts::field& field) {
    if (is_row_field(field.name) || is_output_column(field.name) || contains(system_columns, field.name) ||
        any_relation_has(w.a, field.name) || allowed_by_name(w.a, field.name))
        return;
    w.a.refuse(rule::unknown_column, "field \"" + std::string(field.name) + "\" is not a known column",
               field.location);
}

void check_field(walker& w, const column_facts::field& field) {
    bool known = false;  // some name in FROM
    bool typed = false;  // ... whose rows a function may take
    for (const auto& source : w.facts.sources) {
        if (source.name != field.of) continue;
        known = true;
        if (source.relation == nullptr && !source.function) continue;
        if (source_has(w.a, source, field.name)) return;
        typed = true;
    }
    // (value).f: the value's type is not known, so only names that are columns somewhere pass.
    if (!typed && field.of_value) return check_expression_field(w, field);
    // Subqueries, common table expressions and joins are rows without a type: no function takes them.
    if ((known && !typed) || allowed_by_name(w.a, field.name)) return;
    std::string message =
        known ? "column " + std::string(field.of) + "." + std::string(field.name) + " does not exist"
              : "missing FROM-clause entry for table \"" + std::string(field.of) + "\"";
    w.a.refuse(rule::unknown_column, std::move(message), field.location);
}

/// `field` may be taken of a bare value, so that its name may be that of a function. Without a catalogue the
/// columns of tables are not known; but what a function takes of a table's row is harmless: none that is
/// refused takes rows.
bool may_be_a_call(const column_facts& facts, const column_facts::field& field) {
    if (field.of_value) return true;
    bool known = false;
    for (const auto& source : facts.sources) {
        if (source.name != field.of) continue;
        if (source.function && !contains(source.columns, field.name)) return true;
        known = true;
    }
    return !known;
}

/// `x` may stand for rows of a catalogue with statistics: it is such a source itself, or a join around one.
bool may_hold_statistics(const column_facts& facts, std::string_view name) {
    bool found = false;
    for (const auto& source : facts.sources) {
        if (source.name != name) continue;
        if (source.statistics) return true;
        found = true;
    }
    return !found;  // an alias that is not known to be harmless
}

void check_statistics(walker& w) {
    auto refuse = [&](const std::string& what, int location) {
        w.a.refuse(rule::catalogue_statistics, what + " would show statistics of shared tables", location);
    };
    const column_facts& facts = w.facts;
    for (const auto& field : facts.fields)
        if (contains(statistics_columns, field.name))
            return refuse("column " + std::string(field.name), field.location);
    for (const auto& single : facts.singles) {
        if (contains(statistics_columns, single.name))
            return refuse("column " + std::string(single.name), single.location);
        for (const auto& source : facts.sources)
            if (source.statistics && source.name == single.name)
                return refuse("the whole row of " + std::string(single.name), single.location);
    }
    for (const auto& field : facts.fields)
        for (const auto& source : facts.sources)
            if (field.of == "pg_catalog" && source.statistics && source.name == field.name)
                return refuse("the whole row of " + std::string(field.name), field.location);
    for (const auto& star : facts.stars)
        if (may_hold_statistics(facts, star.of)) return refuse(std::string(star.of) + ".*", star.location);
    if (!facts.bare_stars.empty()) return refuse("* over pg_class", facts.bare_stars.front());
    if (facts.natural_join) return refuse("NATURAL JOIN", facts.statistics_location);
    for (std::string_view name : facts.joined_by)
        if (contains(statistics_columns, name)) return refuse("USING (" + std::string(name) + ")", -1);
    for (const auto& source : facts.sources)
        if (source.statistics && !source.columns.empty())
            return refuse("renaming the columns of pg_class", facts.statistics_location);
}

}  // namespace

void on_column_reference(walker& w, const tree_node& node) {
    const auto& column = reinterpret_cast<const PgQuery__ColumnRef&>(node);
    std::size_t count = column.n_fields;
    if (count == 0) return;
    std::string_view of = count > 1 ? string_of(column.fields[count - 2]) : std::string_view();
    bool star = column.fields[count - 1]->node_case == PG_QUERY__NODE__NODE_A_STAR;
    if (star) {
        if (count > 1)
            w.facts.stars.push_back({of, {}, column.location});
        else if (!w.star_is_harmless)
            w.facts.bare_stars.push_back(column.location);
    } else if (count > 1) {
        w.facts.fields.push_back({of, string_of(column.fields[count - 1]), column.location});
    } else {
        w.facts.singles.push_back({string_of(column.fields[0]), column.location});
    }
}

void on_indirection(walker& w, const tree_node& node) {
    const auto& indirection = reinterpret_cast<const PgQuery__AIndirection&>(node);
    const tree_node* inner = unwrap(indirection.arg);
    std::string_view of;
    int location = -1;
    if (auto* column = as<PgQuery__ColumnRef>(inner, pg_query__column_ref__descriptor)) {
        location = column->location;
        if (column->n_fields == 1) of = string_of(column->fields[0]);
    }
    for (std::size_t i = 0; i < indirection.n_indirection; ++i) {
        std::string_view name = string_of(indirection.indirection[i]);
        if (!name.empty()) {
            w.facts.fields.push_back({i == 0 ? of : std::string_view(), name, location, true});
        } else if (unwrap(indirection.indirection[i])->descriptor == &pg_query__a__star__descriptor &&
                   !of.empty()) {
            w.facts.stars.push_back({of, {}, location});
        }
    }
    w.children(node);
}

std::vector<std::string_view> alias_columns(const PgQuery__Alias* alias) {
    return alias == nullptr ? std::vector<std::string_view>()
                            : strings_of(alias->colnames, alias->n_colnames);
}

void on_join(walker& w, const tree_node& node) {
    const auto& join = reinterpret_cast<const PgQuery__JoinExpr&>(node);
    if (join.is_natural != 0) w.facts.natural_join = true;
    for (std::size_t i = 0; i < join.n_using_clause; ++i)
        w.facts.joined_by.push_back(string_of(join.using_clause[i]));
    // An aliased join hides its members' names; its row may hold anything they have.
    if (join.alias != nullptr)
        w.facts.sources.push_back(
            {text(join.alias->aliasname), nullptr, false, alias_columns(join.alias), true});
    if (join.join_using_alias != nullptr)
        w.facts.sources.push_back({text(join.join_using_alias->aliasname), nullptr, false, {}, true});
    w.children(node);
}

void on_range_table_function(walker& w, const tree_node& node) {
    const auto& function = reinterpret_cast<const PgQuery__RangeTableFunc&>(node);
    std::string_view name = function.alias != nullptr ? text(function.alias->aliasname) : "xmltable";
    w.facts.sources.push_back({name, nullptr, false, alias_columns(function.alias), false});
    w.children(node);
}

void on_range_subselect(walker& w, const tree_node& node) {
    const auto& subselect = reinterpret_cast<const PgQuery__RangeSubselect&>(node);
    if (subselect.alias != nullptr)
        w.facts.sources.push_back(
            {text(subselect.alias->aliasname), nullptr, false, alias_columns(subselect.alias), false});
    w.children(node);
}

namespace {

/// ROWS FROM (f() AS (a int, ...)): the definitions are the second member of the function's pair.
void add_definition_columns(const PgQuery__List* pair, column_facts::source& source) {
    if (pair == nullptr || pair->n_items < 2) return;
    const auto* definitions = as<PgQuery__List>(unwrap(pair->items[1]), pg_query__list__descriptor);
    if (definitions == nullptr) return;
    for (std::size_t i = 0; i < definitions->n_items; ++i)
        if (auto* column =
                as<PgQuery__ColumnDef>(unwrap(definitions->items[i]), pg_query__column_def__descriptor))
            source.columns.push_back(text(column->colname));
}

}  // namespace

void on_range_function(walker& w, const tree_node& node) {
    const auto& function = reinterpret_cast<const PgQuery__RangeFunction&>(node);
    column_facts::source source;
    source.function = true;
    source.columns = alias_columns(function.alias);
    for (std::size_t i = 0; i < function.n_coldeflist; ++i)
        if (auto* column =
                as<PgQuery__ColumnDef>(unwrap(function.coldeflist[i]), pg_query__column_def__descriptor))
            source.columns.push_back(text(column->colname));
    std::vector<std::string_view> function_names;
    for (std::size_t i = 0; i < function.n_functions; ++i) {
        const auto* pair = as<PgQuery__List>(unwrap(function.functions[i]), pg_query__list__descriptor);
        add_definition_columns(pair, source);
        const tree_node* first = pair != nullptr && pair->n_items > 0 ? unwrap(pair->items[0]) : nullptr;
        if (auto* call = as<PgQuery__FuncCall>(first, pg_query__func_call__descriptor))
            function_names.push_back(qualified(call->funcname, call->n_funcname).name);
    }
    // A column made from a bare value is named after its function, and so is the row when there is no alias.
    source.columns.insert(source.columns.end(), function_names.begin(), function_names.end());
    if (function.alias != nullptr) function_names.assign(1, text(function.alias->aliasname));
    for (std::string_view name : function_names) {
        source.name = name;
        w.facts.sources.push_back(source);
    }
    w.children(node);
}

void check_columns(walker& w) {
    if (w.a.refused()) return;
    if (!w.a.pool())
        for (const auto& field : w.facts.fields)
            if (may_be_a_call(w.facts, field)) check_attribute_call(w, field.name, field.location);
    if (w.a.refused() || !w.a.strict()) return;
    if (w.facts.roles_location >= 0 && !w.facts.reads_policies)
        return w.a.refuse(rule::catalogue_unlisted,
                          "system catalogue \"pg_roles\" is refused for " + std::string(whom(w.a.where)),
                          w.facts.roles_location);
    if (w.facts.statistics) check_statistics(w);
    if (w.a.refused() || !w.a.pool()) return;
    for (const auto& field : w.facts.fields) check_field(w, field);
}

}  // namespace fairlead::policy::postgres::guard
