#include "policy/postgres/policy_ddl.h"

#include "policy/postgres/quote.h"
#include "policy/postgres/tenant_function.h"

#include <array>
#include <iterator>
#include <utility>

namespace fairlead::policy::postgres {
namespace {

/// Types whose equality is exact. Not numeric (1.0 = 1) nor char(n) and citext (blanks, case): two tenants
/// could meet in one value. `cast` is what turns the tenant, a text, into the column's type.
struct ColumnType {
    std::string_view shown;  // by format_type()
    std::string_view cast;   // to be written; empty: none
};
constexpr std::array<ColumnType, 6> column_types{{{"text", ""},
                                                  {"character varying", ""},
                                                  {"uuid", "uuid"},
                                                  {"smallint", "int2"},
                                                  {"integer", "int4"},
                                                  {"bigint", "int8"}}};

const ColumnType* find_type(std::string_view shown) {
    for (const ColumnType& type : column_types) {
        if (type.shown == shown) return &type;
    }
    return nullptr;
}

std::string with_cast(std::string expression, const ColumnType& type) {
    if (type.cast.empty()) return expression;
    return "(" + expression + ")::pg_catalog." + std::string(type.cast);
}

std::string shown_cast(std::string expression, const ColumnType& type) {
    if (type.cast.empty()) return expression;
    return "(" + expression + ")::" + std::string(type.shown);
}

std::string context_setting(const PolicyPlan& plan) {
    const bool sealed = plan.isolation == config::Isolation::sealed;
    return "pg_catalog.current_setting(" +
           quote_literal(sealed ? context_variable : std::string_view(plan.context_variable)) + ", true)";
}

/// The trusted tenant, for policies.
std::string tenant_expression(const PolicyPlan& plan) {
    if (plan.isolation == config::Isolation::sealed) return "fairlead.tenant()";
    return "NULLIF(" + context_setting(plan) + ", '')";
}

/// The tenant as the token claims it, for the column default: a thirtieth of the price, and WITH CHECK
/// verifies it.
std::string claimed_tenant_expression(const PolicyPlan& plan) {
    if (plan.isolation != config::Isolation::sealed) return tenant_expression(plan);
    return "NULLIF(pg_catalog.substr(" + context_setting(plan) + ", " +
           std::to_string(context_tenant_position) + "), '')";
}

std::string join_names(const std::vector<QualifiedName>& names) {
    std::string out;
    for (const QualifiedName& name : names) {
        if (!out.empty()) out += ", ";
        out += quote_qualified(name.schema, name.name);
    }
    return out;
}

std::string from_everybody(const PolicyPlan& plan) {
    return " FROM PUBLIC, " + quote_identifier(plan.app_role);
}
std::string to_app(const PolicyPlan& plan) {
    return " TO " + quote_identifier(plan.app_role);
}

/// Statements for one table, where `table` may also be a format() placeholder.
std::vector<std::string> policy_statements(const PolicyPlan& plan, const std::string& table,
                                           const ColumnType& type) {
    const std::string test = "(" + quote_identifier(plan.tenant_column) + " OPERATOR(pg_catalog.=) (SELECT " +
                             with_cast(tenant_expression(plan), type) + "))";
    const std::string all(permissive_policy);
    const std::string own(restrictive_policy);
    return {"ALTER TABLE " + table + " ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE " + table + " FORCE ROW LEVEL SECURITY",
            "DROP POLICY IF EXISTS " + all + " ON " + table,
            "CREATE POLICY " + all + " ON " + table +
                " AS PERMISSIVE FOR ALL TO PUBLIC USING (true) WITH CHECK (true)",
            "DROP POLICY IF EXISTS " + own + " ON " + table,
            "CREATE POLICY " + own + " ON " + table + " AS RESTRICTIVE FOR ALL TO PUBLIC USING " + test +
                " WITH CHECK " + test};
}

std::string default_statement(const PolicyPlan& plan, const std::string& table, const ColumnType& type) {
    return "ALTER TABLE " + table + " ALTER COLUMN " + quote_identifier(plan.tenant_column) +
           " SET DEFAULT " + with_cast(claimed_tenant_expression(plan), type);
}

std::vector<std::string> privilege_statements(const PolicyPlan& plan, const std::string& table) {
    return {"REVOKE TRUNCATE, REFERENCES, TRIGGER ON " + table + from_everybody(plan),
            "GRANT SELECT, INSERT, UPDATE, DELETE ON " + table + to_app(plan)};
}

void add_database_privileges(const PolicyPlan& plan, PolicyScript& script) {
    for (const OwnedName& schema : plan.schemas) {
        auto& out = schema.may_alter ? script.statements : script.for_superuser;
        out.push_back("REVOKE CREATE ON SCHEMA " + quote_identifier(schema.name) + from_everybody(plan));
        out.push_back("GRANT USAGE ON SCHEMA " + quote_identifier(schema.name) + to_app(plan));
    }
    auto& out = plan.database.may_alter ? script.statements : script.for_superuser;
    out.push_back("REVOKE CREATE, TEMPORARY ON DATABASE " + quote_identifier(plan.database.name) +
                  from_everybody(plan));
}

void add_other_privileges(const PolicyPlan& plan, PolicyScript& script) {
    if (!plan.global_tables.empty()) {
        const std::string tables = join_names(plan.global_tables);
        script.statements.push_back("REVOKE TRUNCATE, REFERENCES, TRIGGER ON " + tables +
                                    from_everybody(plan));
        script.statements.push_back("GRANT SELECT ON " + tables + to_app(plan));
    }
    if (!plan.sequences
             .empty()) {  // USAGE is nextval(); UPDATE would be setval(), SELECT shows the others' count
        const std::string sequences = join_names(plan.sequences);
        script.statements.push_back("REVOKE SELECT, UPDATE ON SEQUENCE " + sequences + from_everybody(plan));
        script.statements.push_back("GRANT USAGE ON SEQUENCE " + sequences + to_app(plan));
    }
}

std::string bytea_literal(const ContextPad& pad) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string hex;
    for (std::uint8_t byte : pad) {
        hex += digits[byte >> 4];
        hex += digits[byte & 15];
    }
    return "pg_catalog.decode('" + hex + "', 'hex')";
}

void double_percent(std::string& text) {
    for (std::size_t at = text.find('%'); at != std::string::npos; at = text.find('%', at + 2))
        text.insert(at, 1, '%');
}

void append(std::vector<std::string>& to, std::vector<std::string> from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

std::vector<std::string> context_schema_ddl(std::string_view app_role) {
    const std::string role = quote_identifier(app_role);
    return {"CREATE SCHEMA IF NOT EXISTS fairlead",
            "REVOKE ALL ON SCHEMA fairlead FROM PUBLIC, " + role,
            "GRANT USAGE ON SCHEMA fairlead TO " + role,
            "CREATE TABLE IF NOT EXISTS fairlead.context_key (\n"
            "    id pg_catalog.text PRIMARY KEY,\n"
            "    inner_pad pg_catalog.bytea NOT NULL,\n"
            "    outer_pad pg_catalog.bytea NOT NULL,\n"
            "    role pg_catalog.text NOT NULL,\n"
            "    created_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now())",
            "REVOKE ALL ON fairlead.context_key FROM PUBLIC, " + role,
            tenant_function_ddl(),
            "GRANT EXECUTE ON FUNCTION fairlead.tenant() TO PUBLIC"};
}

std::vector<std::string> context_key_ddl(std::string_view app_role, const std::vector<ContextKey>& keys) {
    if (keys.empty())
        return {"-- the keys stand here (fairlead policy print --show-keys, or policy install)"};
    std::vector<std::string> out;
    std::string ids;
    for (const ContextKey& key : keys) {
        const std::string id = quote_literal(key.id);
        ids += (ids.empty() ? "" : ", ") + id;
        out.push_back("INSERT INTO fairlead.context_key (id, inner_pad, outer_pad, role)\n    VALUES (" + id +
                      ", " + bytea_literal(key.inner_pad()) + ", " + bytea_literal(key.outer_pad()) + ", " +
                      quote_literal(app_role) +
                      ")\n    ON CONFLICT (id) DO UPDATE SET inner_pad = EXCLUDED.inner_pad, "
                      "outer_pad = EXCLUDED.outer_pad, role = EXCLUDED.role");
    }
    out.push_back("DELETE FROM fairlead.context_key WHERE role = " + quote_literal(app_role) +
                  " AND id NOT IN (" + ids + ")");
    return out;
}

Result<std::vector<std::string>> tenant_table_ddl(const PolicyPlan& plan, const TenantTable& table) {
    const std::string name = quote_qualified(table.name.schema, table.name.name);
    const ColumnType* type = find_type(table.column_type);
    if (type == nullptr) {
        return Error{"the tenant column of " + name + " has type " + table.column_type,
                     "tenant ids compare exactly only as text, varchar, uuid, smallint, integer or bigint: "
                     "ALTER TABLE " +
                         name + " ALTER COLUMN " + quote_identifier(plan.tenant_column) + " TYPE text"};
    }
    std::vector<std::string> out;
    if (!table.has_policies) append(out, policy_statements(plan, name, *type));
    if (!table.has_default) out.push_back(default_statement(plan, name, *type));
    append(out, privilege_statements(plan, name));
    return out;
}

Result<PolicyScript> policy_script(const PolicyPlan& plan, const std::vector<ContextKey>& keys) {
    PolicyScript script;
    if (plan.isolation == config::Isolation::sealed) {
        append(script.statements, context_schema_ddl(plan.app_role));
        append(script.statements, context_key_ddl(plan.app_role, keys));
    }
    for (const TenantTable& table : plan.tenant_tables) {
        Result<std::vector<std::string>> statements = tenant_table_ddl(plan, table);
        if (!statements) return statements.error();
        append(script.statements, std::move(statements).value());
    }
    add_other_privileges(plan, script);
    add_database_privileges(plan, script);
    return script;
}

std::string tenant_table_template(const PolicyPlan& given) {
    PolicyPlan plan = given;  // its names go through format()
    for (std::string* name : {&plan.tenant_column, &plan.app_role, &plan.context_variable})
        double_percent(*name);
    // The cast depends on the column's type, which only the database knows: the template leaves it to a join.
    std::string out = "SELECT pg_catalog.format(s.statement, n.nspname, c.relname)\n  FROM (VALUES\n";
    std::string casts;
    std::string rows;
    int order = 0;
    for (const ColumnType& type : column_types) {
        std::vector<std::string> statements = policy_statements(plan, "%1$I.%2$I", type);
        statements.push_back(default_statement(plan, "%1$I.%2$I", type));
        append(statements, privilege_statements(plan, "%1$I.%2$I"));
        for (const std::string& statement : statements) {
            if (!rows.empty()) rows += ",\n";
            rows += "    (" + std::to_string(++order) + ", " + quote_literal(type.shown) + ", " +
                    quote_literal(statement) + ")";
        }
    }
    out += rows + ") AS s (step, column_type, statement)\n";
    return out +
           "  JOIN pg_catalog.pg_attribute AS a ON pg_catalog.format_type(a.atttypid, NULL) = s.column_type\n"
           "   AND a.attname = " +
           quote_literal(given.tenant_column) +
           " AND a.attnum > 0 AND NOT a.attisdropped\n"
           "  JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')\n"
           "  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace\n"
           "   AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'fairlead')\n"
           " ORDER BY n.nspname, c.relname, s.step";
}

std::optional<std::string> shown_policy_expression(std::string_view shown_column,
                                                   std::string_view column_type) {
    const ColumnType* type = find_type(column_type);
    if (type == nullptr) return std::nullopt;
    std::string column(shown_column);
    if (type->shown == "character varying") column = "(" + column + ")::text";
    return "(" + column + " = ( SELECT " + shown_cast("fairlead.tenant()", *type) + " AS tenant))";
}

std::optional<std::string> shown_column_default(std::string_view column_type) {
    const ColumnType* type = find_type(column_type);
    if (type == nullptr) return std::nullopt;
    return shown_cast("NULLIF(substr(current_setting('fairlead.context'::text, true), " +
                          std::to_string(context_tenant_position) + "), ''::text)",
                      *type);
}

}  // namespace fairlead::policy::postgres
