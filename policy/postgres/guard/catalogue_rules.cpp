#include "policy/postgres/guard/catalogue_rules.h"

#include "policy/postgres/guard/analysis.h"

#include <algorithm>
#include <array>
#include <string>

namespace fairlead::policy::postgres::guard {

namespace {

// What psql's \d family and the drivers read to learn the shape of tables: names and definitions, which all
// tenants of shared tables have in common. Nothing here holds values, counts, other sessions, roles or
// databases.
constexpr std::array<std::string_view, 46> readable = {
    "pg_aggregate",
    "pg_am",
    "pg_amop",
    "pg_amproc",
    "pg_attrdef",
    "pg_attribute",
    "pg_cast",
    "pg_class",
    "pg_collation",
    "pg_constraint",
    "pg_conversion",
    "pg_depend",
    "pg_description",
    "pg_enum",
    "pg_extension",
    "pg_foreign_table",
    "pg_index",
    "pg_indexes",
    "pg_inherits",
    "pg_language",
    "pg_matviews",
    "pg_namespace",
    "pg_opclass",
    "pg_operator",
    "pg_opfamily",
    "pg_partitioned_table",
    "pg_policy",
    "pg_proc",
    "pg_publication",
    "pg_publication_namespace",
    "pg_publication_rel",
    "pg_range",
    "pg_rewrite",
    "pg_roles",
    "pg_sequence",
    "pg_statistic_ext",
    "pg_tables",
    "pg_timezone_abbrevs",
    "pg_timezone_names",
    "pg_trigger",
    "pg_ts_config",
    "pg_ts_dict",
    "pg_ts_parser",
    "pg_ts_template",
    "pg_type",
    "pg_views",
};
constexpr std::array<std::string_view, 27> readable_information = {
    "applicable_roles",
    "attributes",
    "character_sets",
    "check_constraints",
    "collations",
    "column_domain_usage",
    "column_privileges",
    "column_udt_usage",
    "columns",
    "constraint_column_usage",
    "constraint_table_usage",
    "domain_constraints",
    "domains",
    "element_types",
    "enabled_roles",
    "information_schema_catalog_name",
    "key_column_usage",
    "parameters",
    "referential_constraints",
    "routines",
    "schemata",
    "sequences",
    "table_constraints",
    "table_privileges",
    "tables",
    "triggers",
    "views",
};
constexpr std::array<std::string_view, 14> activity = {
    "pg_locks",
    "pg_prepared_statements",
    "pg_prepared_xacts",
    "pg_cursors",
    "pg_file_settings",
    "pg_hba_file_rules",
    "pg_ident_file_mappings",
    "pg_backend_memory_contexts",
    "pg_shmem_allocations",
    "pg_subscription",
    "pg_subscription_rel",
    "pg_replication_slots",
    "pg_replication_origin",
    "pg_replication_origin_status",
};
constexpr std::array<std::string_view, 6> statistics = {
    "pg_statistic", "pg_statistic_ext_data", "pg_stats", "pg_stats_ext", "pg_stats_ext_exprs", "pg_sequences",
};

template <typename List>
bool contains(const List& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

bool shows_activity(std::string_view name) {
    return name.starts_with("pg_stat_") || name.starts_with("pg_statio_") || contains(activity, name);
}

bool may_read(std::string_view schema, std::string_view name) {
    if (schema == "information_schema") return contains(readable_information, name);
    return contains(readable, name);
}

}  // namespace

bool is_catalogue(std::string_view schema, std::string_view name) {
    return schema == "pg_catalog" || schema == "information_schema" || schema == "pg_toast" ||
           (schema.empty() && name.starts_with("pg_"));
}

bool check_catalogue(analysis& a, const PgQuery__RangeVar& reference, access wanted) {
    std::string_view schema = text(reference.schemaname);
    std::string_view name = text(reference.relname);
    std::string shown(name);
    if (a.where == reach::own_server) return false;
    if (shows_activity(name)) {
        // Functions of this database alone would be harmless to a tenant that owns it, but the views cover
        // them all.
        a.refuse(rule::catalogue_activity,
                 "system view \"" + shown + "\" is refused for " + std::string(whom(a.where)),
                 reference.location);
        return false;
    }
    if (!a.strict()) return false;
    if (contains(statistics, name))
        a.refuse(rule::catalogue_statistics,
                 "system catalogue \"" + shown + "\" is refused for " + std::string(whom(a.where)),
                 reference.location);
    else if (!may_read(schema, name))
        a.refuse(rule::catalogue_unlisted,
                 "system catalogue \"" + shown + "\" is refused for " + std::string(whom(a.where)),
                 reference.location);
    else if (wanted != access::read)
        a.refuse(rule::catalogue_write, "system catalogue \"" + shown + "\" cannot be written or locked",
                 reference.location);
    return name == "pg_class";
}

}  // namespace fairlead::policy::postgres::guard
