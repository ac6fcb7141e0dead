#include "policy/postgres/guard/definition_rules.h"

#include "policy/postgres/guard/walker.h"

#include <string>

namespace fairlead::policy::postgres::guard {

namespace {

bool own_schema_only(const walker& w) {
    return w.a.where == reach::own_schema;
}

void refuse_definition(walker& w, const char* what) {
    w.a.refuse(rule::ddl, std::string(what) + " is refused for " + std::string(whom(w.a.where)));
}

/// A name list whose last `names` members are the object's own names; what stands before is its schema.
void check_own_name(walker& w, PgQuery__Node* const* items, std::size_t count, std::size_t names = 1) {
    if (!own_schema_only(w) || count <= names) return;
    std::string_view schema = string_of(items[count - names - 1]);
    if ((schema == w.a.own_schema || schema == "pg_temp") && count == names + 1) return;
    w.a.refuse(rule::other_schema, "schema \"" + std::string(schema) + "\" is out of reach for this tenant");
}

/// An object given as a List of strings; anything else (a TypeName) is judged by its own rule.
void check_own_object(walker& w, const tree_node* object, std::size_t names = 1) {
    if (auto* list = as<PgQuery__List>(object, pg_query__list__descriptor))
        check_own_name(w, list->items, list->n_items, names);
}

bool is_relation_kind(PgQuery__ObjectType type) {
    switch (type) {
        case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE:
        case PG_QUERY__OBJECT_TYPE__OBJECT_INDEX:
        case PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE:
        case PG_QUERY__OBJECT_TYPE__OBJECT_VIEW:
        case PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW:
            return true;
        default:
            return false;
    }
}

bool is_type_kind(PgQuery__ObjectType type) {
    return type == PG_QUERY__OBJECT_TYPE__OBJECT_TYPE || type == PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN;
}

/// Kinds that belong to the server rather than to a database. True: refused.
bool refuse_server_object(walker& w, PgQuery__ObjectType type) {
    if (w.a.where != reach::own_database) return false;
    switch (type) {
        case PG_QUERY__OBJECT_TYPE__OBJECT_DATABASE:
        case PG_QUERY__OBJECT_TYPE__OBJECT_ROLE:
        case PG_QUERY__OBJECT_TYPE__OBJECT_TABLESPACE:
        case PG_QUERY__OBJECT_TYPE__OBJECT_SUBSCRIPTION:
        case PG_QUERY__OBJECT_TYPE__OBJECT_PARAMETER_ACL:
            w.a.refuse(rule::shared_instance,
                       "a command about databases, roles or tablespaces is refused for " +
                           std::string(whom(w.a.where)));
            return true;
        default:
            return false;
    }
}

}  // namespace

void on_alter_command(walker& w, const tree_node& node) {
    const auto& command = reinterpret_cast<const PgQuery__AlterTableCmd&>(node);
    bool beyond = command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_ChangeOwner ||
                  command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_SetTableSpace;
    if (own_schema_only(w) && beyond)
        return refuse_definition(w, "changing the owner or tablespace of a table");
    w.children(node);
}

void on_drop(walker& w, const tree_node& node) {
    const auto& drop = reinterpret_cast<const PgQuery__DropStmt&>(node);
    if (own_schema_only(w) && !is_relation_kind(drop.remove_type) && !is_type_kind(drop.remove_type))
        return refuse_definition(w, "dropping this kind of object");
    for (std::size_t i = 0; i < drop.n_objects; ++i) check_own_object(w, unwrap(drop.objects[i]));
    w.children(node);
}

void on_rename(walker& w, const tree_node& node) {
    const auto& rename = reinterpret_cast<const PgQuery__RenameStmt&>(node);
    if (refuse_server_object(w, rename.rename_type)) return;
    if (own_schema_only(w) && rename.relation == nullptr && !is_type_kind(rename.rename_type))
        return refuse_definition(w, "renaming this kind of object");
    check_own_object(w, unwrap(rename.object));
    w.children(node);
}

void on_create_enum(walker& w, const tree_node& node) {
    const auto& create = reinterpret_cast<const PgQuery__CreateEnumStmt&>(node);
    check_own_name(w, create.type_name, create.n_type_name);
    w.children(node);
}

void on_alter_enum(walker& w, const tree_node& node) {
    const auto& alter = reinterpret_cast<const PgQuery__AlterEnumStmt&>(node);
    check_own_name(w, alter.type_name, alter.n_type_name);
    w.children(node);
}

void on_create_domain(walker& w, const tree_node& node) {
    const auto& create = reinterpret_cast<const PgQuery__CreateDomainStmt&>(node);
    check_own_name(w, create.domainname, create.n_domainname);
    w.children(node);
}

void on_vacuum(walker& w, const tree_node& node) {
    const auto& vacuum = reinterpret_cast<const PgQuery__VacuumStmt&>(node);
    if (own_schema_only(w) && vacuum.n_rels == 0)
        return w.a.refuse(rule::maintenance, "VACUUM and ANALYZE without tables are refused for this tenant",
                          -1, "Name your own tables.");
    w.children(node);
}

void on_cluster(walker& w, const tree_node& node) {
    const auto& cluster = reinterpret_cast<const PgQuery__ClusterStmt&>(node);
    if (own_schema_only(w) && cluster.relation == nullptr)
        return w.a.refuse(rule::maintenance, "CLUSTER without a table is refused for this tenant", -1,
                          "Name your own table.");
    w.children(node);
}

void on_reindex(walker& w, const tree_node& node) {
    const auto& reindex = reinterpret_cast<const PgQuery__ReindexStmt&>(node);
    if (own_schema_only(w) && reindex.relation == nullptr)
        return w.a.refuse(rule::maintenance, "REINDEX of a schema or database is refused for this tenant", -1,
                          "Name your own tables or indexes.");
    w.children(node);
}

void on_comment(walker& w, const tree_node& node) {
    const auto& comment = reinterpret_cast<const PgQuery__CommentStmt&>(node);
    if (refuse_server_object(w, comment.objtype)) return;
    bool column = comment.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN;
    if (own_schema_only(w) && !column && !is_relation_kind(comment.objtype) && !is_type_kind(comment.objtype))
        return w.a.refuse(rule::shared_metadata, "COMMENT on this kind of object is refused for this tenant");
    check_own_object(w, unwrap(comment.object), column ? 2 : 1);
    w.children(node);
}

void on_definition_element(walker& w, const tree_node& node) {
    const auto& element = reinterpret_cast<const PgQuery__DefElem&>(node);
    std::string_view name = text(element.defname);
    // A sequence's OWNED BY schema.table.column.
    if (name == "owned_by") check_own_object(w, unwrap(element.arg), 2);
    if (name == "sequence_name") check_own_object(w, unwrap(element.arg));
    w.children(node);
}

void on_create_function(walker& w, const tree_node& node) {
    const auto& create = reinterpret_cast<const PgQuery__CreateFunctionStmt&>(node);
    // A body that is a string is run as it is; one that is part of the statement is judged with it.
    if (w.a.where == reach::own_database && create.sql_body == nullptr)
        return w.a.refuse(
            rule::ddl,
            "CREATE FUNCTION with its body in a string is refused for " + std::string(whom(w.a.where)), -1,
            "Write the body as RETURN or BEGIN ATOMIC ... END, or use an operator connection.");
    w.children(node);
}

void on_define(walker& w, const tree_node& node) {
    const auto& define = reinterpret_cast<const PgQuery__DefineStmt&>(node);
    // Their functions are named, not called: !! could stand for pg_terminate_backend().
    bool calls_functions = define.kind == PG_QUERY__OBJECT_TYPE__OBJECT_AGGREGATE ||
                           define.kind == PG_QUERY__OBJECT_TYPE__OBJECT_OPERATOR ||
                           define.kind == PG_QUERY__OBJECT_TYPE__OBJECT_TYPE;
    if (w.a.where == reach::own_database && calls_functions)
        return refuse_definition(w, "CREATE AGGREGATE, OPERATOR or a base TYPE");
    w.children(node);
}

void on_alter_owner(walker& w, const tree_node& node) {
    const auto& alter = reinterpret_cast<const PgQuery__AlterOwnerStmt&>(node);
    if (!refuse_server_object(w, alter.object_type)) w.children(node);
}

void on_security_label(walker& w, const tree_node& node) {
    const auto& label = reinterpret_cast<const PgQuery__SecLabelStmt&>(node);
    if (!refuse_server_object(w, label.objtype)) w.children(node);
}

void on_grant(walker& w, const tree_node& node) {
    const auto& grant = reinterpret_cast<const PgQuery__GrantStmt&>(node);
    if (!refuse_server_object(w, grant.objtype)) w.children(node);
}

}  // namespace fairlead::policy::postgres::guard
