#include "policy/mysql/guard/with_rules.h"

#include "policy/mysql/guard/names.h"

#include <algorithm>

namespace fairlead::policy::mysql::guard {

namespace {

struct clauses {
    std::size_t count = 0;
    const node* recursive = nullptr;
};

clauses clauses_of(const analysis& a) {
    clauses out;
    for (const node& each : a.tree.nodes) {
        if (each.kind != node_kind::with_clause) continue;
        ++out.count;
        if (each.has(parse::recursive)) out.recursive = &each;
    }
    return out;
}

/// MariaDB compares names of WITH without case, whatever lower_case_table_names says (measured). Anything
/// that servers might see differently is unsure: a table taken for a common table would not be filtered.
match compare_element(const analysis& a, std::string_view element, std::string_view name) {
    if (element == name) return match::yes;
    if (!could_be(element, name) && !could_be(name, element)) return match::no;
    bool without_case = a.speaker.mode.server == flavour::mariadb || a.scope.lower_case_table_names != 0;
    return without_case && same_word(element, lower_case(name)) ? match::yes : match::unsure;
}

/// Whether `with` has an element of this name that can be seen from below its element `inside` (no_node: from
/// outside the clause, where all can). `hidden`: it has one that cannot.
match find_element(const analysis& a, node_id with, node_id inside, std::string_view name, bool& hidden) {
    bool all = inside == no_node || a.at(with).has(parse::recursive);
    bool seen = true;
    for (node_id element = a.at(with).first_child; element != no_node; element = a.at(element).next_sibling) {
        seen &= all || element != inside;
        match found = compare_element(a, a.name(a.at(element).name), name);
        if (found != match::no && seen) return found;
        hidden |= found != match::no;
    }
    return match::no;
}

match find_by_scope(const analysis& a, node_id reference, std::string_view name) {
    bool hidden = false;
    node_id element = no_node;  // the last common_table that was left on the way up
    for (node_id below = reference, id = a.at(reference).parent; id != no_node;
         below = id, id = a.at(id).parent) {
        if (a.at(id).kind == node_kind::common_table) element = id;
        node_id with = a.at(id).first_child;
        if (a.at(id).kind == node_kind::with_clause || with == no_node ||
            a.at(with).kind != node_kind::with_clause)
            continue;
        bool hides = hidden;
        match found = find_element(a, with, below == with ? element : no_node, name, hidden);
        // On MariaDB an element out of sight hides those further out, on MySQL it does not.
        if (found != match::no) return hides ? match::unsure : found;
    }
    return match::no;
}

/// MariaDB does not find its way through WITH within WITH: it takes elements out of sight, and tables where
/// elements are in sight (measured). So in such texts an element may not have the name of a table.
bool may_be_taken_for_table(const analysis& a, std::string_view name) {
    clauses with = clauses_of(a);
    if (a.scope.catalogue == nullptr || (with.count < 2 && with.recursive == nullptr)) return false;
    const auto& relations = a.scope.catalogue->relations();
    return std::any_of(relations.begin(), relations.end(), [&](const Relation& relation) {
        return could_be(relation.name, name) || could_be(name, relation.name);
    });
}

}  // namespace

match find_common_table(const analysis& a, node_id reference, std::string_view name) {
    match found = find_by_scope(a, reference, name);
    return found == match::yes && may_be_taken_for_table(a, name) ? match::unsure : found;
}

void check_recursion(analysis& a) {
    clauses with = clauses_of(a);
    if (a.silo() || with.recursive == nullptr || with.count < 2) return;
    a.refuse(rule::with_recursive, "WITH RECURSIVE beside another WITH", with.recursive->first);
}

}  // namespace fairlead::policy::mysql::guard
