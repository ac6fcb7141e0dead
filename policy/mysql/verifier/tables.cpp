#include "policy/mysql/verifier/tables.h"

#include <algorithm>
#include <string>

namespace fairlead::policy::mysql::verifier {

namespace {

enum class in_sight : std::uint8_t { no, yes, unsure };

in_sight compare(const reading& r, std::string_view element, std::string_view name) {
    // MariaDB compares these names without case, whatever lower_case_table_names says.
    bool folds = r.speaker.mode.server == flavour::mariadb || r.scope.lower_case_table_names != 0;
    if (element == name || (folds && same_ascii(element, name))) return in_sight::yes;
    return might_be(element, name) ? in_sight::unsure : in_sight::no;
}

// An element of WITH by this name that the table can see: all of a clause above it; of a clause that it
// stands in, those before its own element. An element of this name that is there but not in sight hides those
// further out on MariaDB, so that the table itself is meant, and does not on MySQL. MariaDB sees all elements
// of WITH RECURSIVE, MySQL not the later ones.
in_sight common_table(const reading& r, node_id table_node, std::string_view name) {
    bool hidden = false;
    for (node_id id = table_node, parent = r.at(id).parent; parent != no_node;
         id = parent, parent = r.at(id).parent) {
        node_id with =
            r.at(parent).kind == node_kind::with_clause ? parent : r.child(parent, node_kind::with_clause);
        if (with == no_node || with == id) continue;
        bool behind = false;
        for (node_id element = r.at(with).first_child; element != no_node;
             element = r.at(element).next_sibling) {
            bool own = with == parent && element == id;
            in_sight found = compare(r, r.name(r.at(element).name), name);
            bool recursive = r.at(with).has(parse::recursive);
            bool seen = !behind && (!own || recursive);
            behind |= with == parent && own;
            if (found == in_sight::no) continue;
            if (found == in_sight::unsure || hidden) return in_sight::unsure;
            if (seen) return in_sight::yes;
            if (recursive && r.speaker.mode.server == flavour::mariadb) return in_sight::yes;
            if (recursive) return in_sight::unsure;
            hidden = true;
        }
    }
    return in_sight::no;
}

const Relation* find_relation(reading& r, std::string_view name) {
    const Relation* found = nullptr;
    if (r.scope.catalogue != nullptr) {
        for (const Relation& relation : r.scope.catalogue->relations()) {
            bool same =
                r.scope.lower_case_table_names == 0 ? relation.name == name : same_ascii(relation.name, name);
            if (!same) continue;
            if (found != nullptr) {
                r.fail("table " + std::string(name) + " is in the catalogue twice");
                return nullptr;
            }
            found = &relation;
        }
    }
    if (found == nullptr) r.fail("table " + std::string(name) + " is not known");
    return found;
}

bool is_written_directly(parse::table_role role) {
    return role == parse::table_role::insert_target || role == parse::table_role::update_target ||
           role == parse::table_role::delete_target;
}

// MariaDB does not find its way through WITH within WITH: it takes elements out of sight, and tables where
// elements are in sight (measured on 10.11.19, with nested clauses only). So beside another WITH, or in WITH
// RECURSIVE, an element may not have the name of a table: what is taken for a table then is none.
bool may_be_taken_for_table(const reading& r, std::string_view name) {
    auto [clauses, recursive] = r.count_with_clauses();
    if (clauses == 1 && !recursive) return false;
    const auto& relations = r.scope.catalogue->relations();
    return std::any_of(relations.begin(), relations.end(),
                       [&](const Relation& relation) { return might_be(relation.name, name); });
}

known_table shared_table(reading& r, const parse::table_reference& reference, const std::string& name) {
    const Relation* relation = find_relation(r, name);
    if (relation == nullptr) return {};
    if (relation->global) {
        if (is_written_directly(reference.role)) {
            r.fail("global table " + name + " is written to");
            return {};
        }
        return {table_kind::global, relation};
    }
    bool is_table =
        relation->kind == RelationKind::table || relation->kind == RelationKind::partitioned_table;
    if (!is_table || !relation->has_tenant_column || !relation->tenant_compares_exactly) {
        r.fail(name + " cannot be filtered by the tenant");
        return {};
    }
    return {table_kind::tenant, relation};
}

}  // namespace

known_table resolve(reading& r, node_id table_node) {
    const parse::table_reference& reference = r.table(table_node);
    if (reference.name == no_token) {
        r.fail("a table without a name");
        return {};
    }
    std::string name = r.name(reference.name);
    if (reference.qualifier != no_token) {
        std::string database = r.name(reference.qualifier);
        if (same_ascii(database, "information_schema")) return {table_kind::dictionary, nullptr};
        bool own = r.scope.lower_case_table_names == 0 ? database == r.speaker.database
                                                       : same_ascii(database, r.speaker.database);
        if (!own) {
            r.fail("database " + database + " is not the tenant's");
            return {};
        }
        return shared_table(r, reference, name);
    }
    switch (common_table(r, table_node, name)) {
        case in_sight::yes:
            if (!is_written_directly(reference.role) && !may_be_taken_for_table(r, name))
                return {table_kind::common, nullptr};
            break;
        case in_sight::no:
            return shared_table(r, reference, name);
        case in_sight::unsure:
            break;
    }
    r.fail(name + " may be a table or an element of WITH");
    return {};
}

}  // namespace fairlead::policy::mysql::verifier
