#pragma once

#include <string_view>

/// The catalogue queries behind read_inventory(). $1 is the app role, $2 the tenant column where a query has
/// one. They run with an empty search_path: pg_catalog is searched first, and names are shown qualified.
namespace fairlead::dal::postgres::queries {

// Names that start with pg_ are the system's own (pg_toast, other sessions' pg_temp_N).
#define FAIRLEAD_USER_SCHEMA \
    " n.nspname OPERATOR(pg_catalog.!~) '^pg_' AND n.nspname NOT IN ('information_schema', 'fairlead') "

inline constexpr const char* search_path = "SELECT pg_catalog.unnest(pg_catalog.current_schemas(false))";

inline constexpr const char* role =
    "SELECT rolsuper, rolbypassrls, rolreplication, rolcreaterole FROM pg_roles WHERE rolname = $1";

inline constexpr const char* memberships =
    "SELECT r.rolname, r.rolsuper OR r.rolbypassrls FROM pg_roles AS r"
    " WHERE r.rolname <> $1 AND pg_has_role($1, r.oid, 'MEMBER')"
    "   AND (r.rolsuper OR r.rolbypassrls OR r.rolname IN ('pg_read_server_files', 'pg_write_server_files',"
    "        'pg_execute_server_program')) ORDER BY 1";

inline constexpr const char* database =
    "SELECT d.datname, has_database_privilege($1, d.oid, 'CREATE'), has_database_privilege($1, d.oid, "
    "'TEMPORARY'),"
    "       pg_has_role(d.datdba, 'USAGE')"
    "  FROM pg_database AS d WHERE d.datname = current_database()";

inline constexpr const char* schemas =
    "SELECT n.nspname, has_schema_privilege($1, n.oid, 'CREATE'), pg_has_role(n.nspowner, 'USAGE')"
    "  FROM pg_namespace AS n WHERE" FAIRLEAD_USER_SCHEMA "ORDER BY 1";

inline constexpr const char* relations =
    "SELECT c.oid, n.nspname, c.relname, c.relkind, pg_get_userbyid(c.relowner),"
    "  EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhrelid = c.oid),"
    "  c.relrowsecurity, c.relforcerowsecurity,"
    "  EXISTS (SELECT FROM pg_options_to_table(c.reloptions)"
    "           WHERE option_name = 'security_invoker' AND option_value::bool),"
    "  has_schema_privilege($1, n.oid, 'USAGE') AND CASE c.relkind"
    "    WHEN 'S' THEN has_sequence_privilege($1, c.oid, 'USAGE, SELECT, UPDATE')"
    "    ELSE has_table_privilege($1, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')"
    "      OR has_any_column_privilege($1, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') END,"
    "  CASE c.relkind WHEN 'S' THEN has_sequence_privilege($1, c.oid, 'UPDATE')"
    "    ELSE has_table_privilege($1, c.oid, 'INSERT, UPDATE, DELETE')"
    "      OR has_any_column_privilege($1, c.oid, 'INSERT, UPDATE') END,"
    "  c.relkind <> 'S' AND (has_table_privilege($1, c.oid, 'TRUNCATE, REFERENCES, TRIGGER')"
    "      OR has_any_column_privilege($1, c.oid, 'REFERENCES')),"
    "  pg_has_role($1, c.relowner, 'MEMBER'), pg_has_role(c.relowner, 'USAGE'),"
    "  (SELECT min(d.refobjid::int8) FROM pg_depend AS d WHERE c.relkind = 'S' AND d.classid = "
    "'pg_class'::regclass"
    "      AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))"
    "  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND" FAIRLEAD_USER_SCHEMA "ORDER BY 2, 3";

inline constexpr const char* columns =
    "SELECT a.attrelid, a.attname, a.attname = $1, quote_ident(a.attname), format_type(a.atttypid, NULL),"
    "  a.attnotnull, COALESCE(l.collisdeterministic, true),"
    "  CASE WHEN a.attname = $1 AND a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END"
    "  FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
    "  JOIN pg_namespace AS n ON n.oid = c.relnamespace"
    "  LEFT JOIN pg_collation AS l ON l.oid = a.attcollation"
    "  LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
    " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped "
    "AND" FAIRLEAD_USER_SCHEMA " ORDER BY a.attrelid, a.attnum";

inline constexpr const char* policies =
    "SELECT p.polrelid, p.polname, p.polpermissive, p.polcmd = '*', 0 = ANY (p.polroles),"
    "  pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)"
    "  FROM pg_policy AS p ORDER BY p.polrelid, p.polname";

// Exclusion constraints count too: ON CONFLICT DO NOTHING fires on them.
inline constexpr const char* unique_keys =
    "SELECT i.indrelid, x.relname FROM pg_index AS i JOIN pg_class AS x ON x.oid = i.indexrelid"
    "  JOIN pg_namespace AS n ON n.oid = x.relnamespace"
    " WHERE (i.indisunique OR i.indisexclusion) AND" FAIRLEAD_USER_SCHEMA
    "   AND NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = i.indrelid AND a.attname = $1"
    "        AND a.attnum = ANY ((i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1]))"
    " ORDER BY i.indrelid, x.relname";

inline constexpr const char* security_definer_functions =
    "SELECT p.oid::regprocedure::text FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace"
    " WHERE p.prosecdef AND has_function_privilege($1, p.oid, 'EXECUTE')"
    "   AND has_schema_privilege($1, n.oid, 'USAGE') AND" FAIRLEAD_USER_SCHEMA "ORDER BY 1";

inline constexpr const char* tenant_function =
    "SELECT p.prosrc, array_to_string(p.proconfig, E'\\n'), l.lanname, p.prosecdef, p.provolatile = 's',"
    "  pg_has_role($1, p.proowner, 'MEMBER') OR pg_has_role($1, n.nspowner, 'MEMBER')"
    "    OR COALESCE(pg_has_role($1, k.relowner, 'MEMBER'), false),"
    "  COALESCE(has_table_privilege($1, k.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')"
    "        OR has_any_column_privilege($1, k.oid, 'SELECT, INSERT, UPDATE'), false),"
    "  has_schema_privilege($1, n.oid, 'CREATE')"
    "  FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace JOIN pg_language AS l ON l.oid = "
    "p.prolang"
    "  LEFT JOIN pg_class AS k ON k.relnamespace = n.oid AND k.relname = 'context_key'"
    " WHERE n.nspname = 'fairlead' AND p.proname = 'tenant' AND p.pronargs = 0";

#undef FAIRLEAD_USER_SCHEMA

}  // namespace fairlead::dal::postgres::queries
