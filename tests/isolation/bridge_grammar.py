"""Statements for bridges on PostgreSQL: see support.reach. Own names are those of the schema tenant_b1, or of the own database."""

from isolation import grammar as equivalence
from support.process import ROOT
from support.reach import Corpus, Grammar, Script

SCHEMAS = ("tenant_b2", "public", "zqhidden")
# What stands in each schema, by the letter that stands for it.
NAMES = {"T": "users", "X": "notes", "N": "fresh", "F": "own_f", "S": "notes_id_seq", "W": "own_view", "Y": "mood", "M": "positive", "O": "own_mat",
         "L": "own_collation", "K": "own_config", "A": "own_sum", "P": "own_p", "I": "parts", "J": "own_index"}
SHOWS_OTHERS = ("pg_stat_activity", "pg_stat_replication", "pg_locks", "pg_prepared_xacts", "pg_prepared_statements", "pg_cursors", "pg_stats",
                "pg_statistic", "pg_stats_ext", "pg_stat_user_tables", "pg_stat_all_tables", "pg_statio_all_tables", "pg_authid", "pg_shadow",
                "pg_user_mapping", "pg_largeobject", "pg_largeobject_metadata", "pg_hba_file_rules", "pg_file_settings", "pg_stat_ssl", "pg_stat_gssapi",
                "pg_stat_database", "pg_subscription", "pg_replication_slots", "pg_db_role_setting", "pg_backend_memory_contexts",
                "pg_stat_xact_all_tables", "pg_stat_user_functions", "pg_sequences", "pg_stat_progress_copy", "pg_shmem_allocations",
                "pg_ident_file_mappings", "pg_config", "pg_stat_wal_receiver", "pg_stat_user_indexes", "pg_statistic_ext_data")
LISTED = ("information_schema.tables", "information_schema.columns", "pg_catalog.pg_class", "pg_catalog.pg_namespace", "pg_tables",
          "information_schema.schemata", "pg_catalog.pg_attribute", "pg_type", "information_schema.sequences")

QUERIES = [
    "SELECT username FROM {T}", "TABLE {O}", "SELECT a.username FROM {T} AS a JOIN {T} AS b ON a.user_id = b.user_id", "SELECT {T1}.username FROM {T1}",
    "SELECT username FROM {T} WHERE {C}", "SELECT d.c FROM ({Q}) AS d (c)", "WITH w (c) AS ({Q}) SELECT c FROM w", "WITH w (c) AS MATERIALIZED ({Q}), v (c) AS ({Q}) SELECT c FROM v UNION ALL SELECT c FROM w",
    "SELECT username FROM {T} UNION SELECT username FROM {T}", "(SELECT username FROM {T}) INTERSECT (SELECT username FROM {T})", "SELECT {E}", "SELECT {E} FROM {T}",
    "SELECT max(username) FROM {T} GROUP BY user_id, {E}", "SELECT max(username) FROM {T} HAVING {C}", "SELECT username FROM {T} ORDER BY {E}", "SELECT count(*) OVER (PARTITION BY {E}) FROM {T}",
    "SELECT max(username) OVER (ORDER BY {E}) FROM {T}", "VALUES ({E})", "SELECT username FROM {W}", "SELECT username FROM ONLY {T}", "SELECT username FROM {T} *", "SELECT username FROM {T} TABLESAMPLE SYSTEM (100)",
    "SELECT b.username FROM users a LEFT JOIN {T} b ON {C}", "SELECT b.username FROM users a, LATERAL (SELECT * FROM {T} x WHERE x.user_id = a.user_id) b", "SELECT username FROM {T} FOR UPDATE", "SELECT username FROM {T} LIMIT (SELECT 1)",
    "SELECT {T1}.* FROM {T1}", "SELECT x FROM {T} AS x", "SELECT (x).username FROM {T} AS x", "SELECT row_to_json(x) FROM {T} x", "SELECT last_value FROM {S}", "SELECT * FROM {F}()", "SELECT * FROM ROWS FROM ({F}()) AS f", "SELECT word FROM {I}",
    "SELECT relname FROM {V}", "SELECT * FROM {V}", "WITH RECURSIVE r AS (SELECT username FROM {T} UNION SELECT r.username FROM r) SELECT * FROM r", "SELECT xmltable.* FROM xmltable('/a' PASSING xmlparse(DOCUMENT '<a/>') COLUMNS x text DEFAULT {E})",
    "SELECT DISTINCT ON ({E}) username FROM {T}", "SELECT string_agg(username, ',' ORDER BY user_id) FILTER (WHERE {C}) FROM {T}", "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY username) FROM {T}", "SELECT {A}(user_id::int) FROM {T}",
]
EXPRESSIONS = [
    "(SELECT max(username) FROM {T})", "(SELECT count(*)::text FROM {T})", "{F}()", "coalesce({E}, 'x')", "CASE WHEN {C} THEN {E} ELSE 'none' END", "nextval('{S}')::text", "currval('{S}')::text", "setval('{S}', 5)::text", "(SELECT last_value::text FROM {S})",
    "'{T}'::regclass::text", "CAST('{F}' AS regproc)::text", "'{F}()'::regprocedure::text", "'{Y}'::regtype::text", "'{D}'::regnamespace::text", "'{L}'::regcollation::text", "'{K}'::regconfig::text", "pg_relation_size('{T}')::text", "pg_get_viewdef('{W}')",
    "pg_get_functiondef('{F}()'::regprocedure)", "'happy'::{Y}::text", "CAST('3' AS {M})::text", "({E} COLLATE {L})", "to_tsvector('{K}', {E})::text", "ARRAY({Q})::text", "array_to_string(ARRAY(SELECT username FROM {T}), ',')", "(1 OPERATOR({D}.+) 2)::text", "(1 OPERATOR({D}.===) 2)::text",
    "(ROW(1, 'x')::{T})::text", "has_table_privilege('{T}', 'select')::text", "query_to_xml('SELECT * FROM {T}', true, true, '')::text", "table_to_xml('{T}', true, true, '')::text", "schema_to_xml('{D}', true, true, '')::text", "cursor_to_xml('c', 1, true, true, '')::text", "database_to_xml(true, true, '')::text",
    "obj_description('{T}'::regclass)", "col_description('{T}'::regclass, 1)", "pg_get_expr(NULL, '{T}'::regclass)", "('{S}'::regclass).nextval::text", "('SELECT to_tsvector(username) FROM {T}'::text).ts_stat::text", "ts_stat('SELECT to_tsvector(username) FROM {T}')::text", "ts_rewrite('a'::tsquery, 'SELECT ''a''::tsquery, to_tsquery(username) FROM {T}')::text",
    "to_regclass('{T}')::text", "pg_column_size({E})::text", "format('%s', {E})", "(SELECT x::text FROM {T} AS x LIMIT 1)", "current_setting('work_mem')", "set_config('search_path', '{D}', false)", "set_config('role', 'postgres', true)", "pg_sequence_last_value('{S}')::text", "(pg_sequence_parameters('{S}'::regclass)).start_value::text",
    "pg_total_relation_size('{T}')::text", "row_security_active('{T}')::text", "pg_relation_filepath('{T}')", "pg_stat_get_live_tuples('{T}'::regclass)::text", "pg_get_serial_sequence('{T}', 'user_id')", "pg_get_indexdef('{J}'::regclass)", "pg_advisory_lock(1)::text", "{D}.own_f()", "lo_import('/etc/passwd')::text", "pg_read_file('/etc/hostname')",
    "pg_stat_get_activity(NULL)::text", "pg_notify('a', 'b')::text", "pg_terminate_backend(1)::text", "pg_export_snapshot()", "{P}()", "(SELECT pg_get_constraintdef(oid) FROM pg_constraint LIMIT 1)", "txid_current()::text", "inet_server_addr()::text", "dblink('dbname=tenant_d2', 'SELECT 1')::text", "currtid2('{T}', '(0,1)')::text", "brin_summarize_new_values('{J}')::text", "pg_partition_root('{I}')::text", "lastval()::text",
]
CONDITIONS = [
    "EXISTS (SELECT 1 FROM {T})", "(SELECT count(*) FROM {T}) > 0", "true", "{E} IS NOT NULL", "'x' IN (SELECT username FROM {T})", "'x' < ANY (SELECT username FROM {T})", "NOT ({C})", "({C} OR {C})", "{E} LIKE '%'", "{E} BETWEEN 'a' AND 'z'", "{E} IS DISTINCT FROM 'x'", "(1, 'x') IN (SELECT user_id, username FROM {T})", "'x' = SOME (ARRAY[{E}])", "1 OPERATOR({D}.===) 1",
]
READS = [
    "{Q}", "{Q}", "{Q}", "EXPLAIN {Q}", "EXPLAIN ANALYZE {Q}", "EXPLAIN (VERBOSE, FORMAT json) {Q}", "COPY {T} TO STDOUT", "COPY ({Q}) TO STDOUT", "COPY (SELECT {E}) TO STDOUT", "COPY {T} (username) TO STDOUT WITH CSV", "PREPARE p AS {Q} ;; EXECUTE p ;; DEALLOCATE p", "PREPARE p (text) AS SELECT $1 ;; EXECUTE p ({E})",
    "BEGIN ;; DECLARE c CURSOR FOR {Q} ;; FETCH ALL FROM c ;; COMMIT", "DECLARE c CURSOR WITH HOLD FOR {Q} ;; FETCH ALL FROM c", "SET search_path = {D} ;; SELECT * FROM users", "SET LOCAL search_path = {D}", "BEGIN ;; SET LOCAL search_path TO {D}, public ;; SELECT * FROM users ;; COMMIT", "SET SCHEMA '{D}' ;; SELECT * FROM users",
    "SELECT set_config('search_path', '{D}', false) ;; SELECT * FROM users", "SET ROLE postgres", "SET SESSION AUTHORIZATION postgres", "RESET ALL ;; SELECT * FROM beside", "RESET search_path ;; SELECT * FROM beside", "DISCARD ALL ;; SELECT * FROM beside", "SHOW search_path", "LISTEN a ;; NOTIFY a", "DO $$ BEGIN PERFORM * FROM {T}; END $$",
    "CALL {P}()", "LOCK TABLE {T}", "LOCK TABLE users, {T} IN ACCESS EXCLUSIVE MODE", "ANALYZE {T}", "VACUUM {T}", "VACUUM users, {T}", "CLUSTER {T} USING {J}", "REINDEX TABLE {T}", "REINDEX INDEX {J}", "REINDEX SCHEMA {D}", "REFRESH MATERIALIZED VIEW {O}", "CHECKPOINT", "LOAD 'x'", "SET default_text_search_config = '{K}' ;; SELECT to_tsvector('a')", "SET temp_tablespaces = 'x'", "SET default_tablespace = pg_default",
    "SET session_preload_libraries = 'x'", "SET search_path TO DEFAULT ;; SELECT * FROM beside", "SELECT {E} AS a, {E} AS b", "SELECT 1; {Q}", "SELECT * FROM pg_temp.users", "SELECT relname FROM pg_class WHERE relnamespace = '{D}'::regnamespace", "SELECT * FROM {V} WHERE {C}", "SELECT count(*) FROM {V}",
]
WRITES = [
    "INSERT INTO {T} VALUES (9, 'new')", "INSERT INTO {T} (user_id, username) SELECT 9, 'new'", "INSERT INTO users SELECT user_id + 100, username FROM {T}", "INSERT INTO users VALUES (9, {E})", "INSERT INTO users VALUES (1, 'x') ON CONFLICT (user_id) DO UPDATE SET username = {E}", "INSERT INTO users VALUES (1, 'x') ON CONFLICT (user_id) DO UPDATE SET username = 'y' WHERE {C}", "INSERT INTO users VALUES (9, 'x') RETURNING {E}", "INSERT INTO {T} VALUES (9, 'x') RETURNING *",
    "UPDATE {T} SET username = 'new'", "UPDATE users SET username = {E}", "UPDATE users SET (username) = ROW({E})", "UPDATE users SET username = 'x' WHERE {C}", "UPDATE users u SET username = x.username FROM {T} x WHERE x.user_id = u.user_id", "UPDATE {T} x SET username = u.username FROM users u RETURNING x.*", "UPDATE users SET username = 'x' RETURNING {E}", "UPDATE ONLY {T} SET username = 'x'",
    "DELETE FROM {T}", "DELETE FROM users WHERE {C}", "DELETE FROM users u USING {T} x WHERE x.user_id = u.user_id", "DELETE FROM users RETURNING {E}", "TRUNCATE {T}", "TRUNCATE users, {T} CASCADE", "WITH w AS (DELETE FROM {T} RETURNING *) SELECT * FROM w", "WITH w AS (INSERT INTO {T} VALUES (9, 'x') RETURNING username) SELECT * FROM w", "WITH w AS (UPDATE {T} SET username = 'x' RETURNING *) INSERT INTO users SELECT user_id + 100, username FROM w",
    "MERGE INTO users u USING {T} x ON u.user_id = x.user_id WHEN MATCHED THEN UPDATE SET username = x.username", "MERGE INTO {T} x USING users u ON u.user_id = x.user_id WHEN MATCHED THEN DELETE", "MERGE INTO users u USING (SELECT {E} AS e) x ON true WHEN MATCHED THEN UPDATE SET username = x.e", "SELECT * INTO {N} FROM {T}", "SELECT {E} AS e INTO fresh ;; SELECT * FROM fresh", "INSERT INTO notes (note) {Q}", "INSERT INTO notes (note) VALUES ({E})", "INSERT INTO {W} VALUES (9, 'x')", "UPDATE {W} SET username = 'x'", "SELECT nextval('{S}')", "SELECT setval('{S}', 90)", "ALTER SEQUENCE {S} RESTART 50",
]
DEFINITIONS = [
    "CREATE TABLE {N} (i int)", "CREATE TABLE {N} (LIKE {T})", "CREATE TABLE fresh (LIKE {T} INCLUDING ALL)", "CREATE TABLE {N} AS {Q}", "CREATE TABLE fresh AS SELECT {E} AS e", "CREATE TABLE fresh () INHERITS ({T}) ;; SELECT * FROM {T}", "CREATE TABLE fresh PARTITION OF {I} FOR VALUES FROM (300) TO (400)", "ALTER TABLE {I} ATTACH PARTITION {X} DEFAULT", "ALTER TABLE {T} INHERIT {T}", "CREATE TABLE fresh OF {Y}", "CREATE TABLE {N} (m {Y})", "CREATE TABLE fresh (m {M}[])", "CREATE TABLE fresh (t {T})", "CREATE TABLE fresh (t text COLLATE {L})",
    "CREATE TABLE fresh (i bigint DEFAULT nextval('{S}')) ;; INSERT INTO fresh DEFAULT VALUES ;; SELECT * FROM fresh", "CREATE TABLE fresh (t text DEFAULT {F}()) ;; INSERT INTO fresh DEFAULT VALUES ;; SELECT * FROM fresh", "CREATE TABLE fresh (t text CHECK ({F}() <> t))", "CREATE TABLE fresh (a text, b text GENERATED ALWAYS AS ({F}()) STORED)", "CREATE TABLE fresh (i bigint REFERENCES {T}) ;; INSERT INTO fresh VALUES (1)", "CREATE TABLE fresh (i bigint, FOREIGN KEY (i) REFERENCES {T} (user_id) ON DELETE CASCADE)", "ALTER TABLE notes ADD FOREIGN KEY (id) REFERENCES {T} (user_id)", "CREATE TABLE fresh (i int) PARTITION BY RANGE (({F}()))", "CREATE TABLE fresh (r int4range, EXCLUDE USING gist (r WITH OPERATOR({D}.&&)))",
    "CREATE TEMP TABLE {N} AS {Q}", "CREATE TEMP TABLE users AS SELECT 1 AS i ;; SELECT * FROM users", "CREATE TEMP TABLE fresh (LIKE {T})", "CREATE UNLOGGED TABLE {N} (i int)", "CREATE TABLE fresh (i int) TABLESPACE pg_default", "CREATE TABLE fresh (i int) USING heap",
    "ALTER TABLE {T} ADD j int", "ALTER TABLE {T} RENAME TO renamed", "ALTER TABLE {T} SET SCHEMA {D}", "ALTER TABLE users SET SCHEMA {D}", "ALTER TABLE {T} OWNER TO CURRENT_USER", "ALTER TABLE {T} RENAME COLUMN username TO u", "ALTER TABLE {T} ALTER username SET DEFAULT {E}", "ALTER TABLE {T} ALTER username TYPE text USING {E}", "ALTER TABLE users ADD COLUMN j {Y}", "ALTER TABLE users ADD CHECK ({C})", "ALTER TABLE {T} ENABLE ROW LEVEL SECURITY", "ALTER TABLE {T} DISABLE TRIGGER ALL", "ALTER TABLE users ENABLE RULE x", "ALTER INDEX {J} RENAME TO fresh", "ALTER TABLE {I} DETACH PARTITION {X}", "ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE x", "ALTER INDEX {J} ATTACH PARTITION {J}", "ALTER TABLE {T} REPLICA IDENTITY FULL", "ALTER TABLE users OF {Y}", "ALTER TABLE users ADD CONSTRAINT f EXCLUDE (user_id WITH OPERATOR({D}.===))",
    "DROP TABLE {X}", "DROP TABLE fresh, {X} CASCADE", "DROP TABLE IF EXISTS {X}", "DROP VIEW {W}", "DROP SEQUENCE {S} CASCADE", "DROP FUNCTION {F}", "DROP FUNCTION {F}()", "DROP TYPE {Y}", "DROP DOMAIN {M}", "DROP INDEX {J}", "DROP MATERIALIZED VIEW {O}", "DROP SCHEMA {D} CASCADE", "DROP SCHEMA tenant_b2", "DROP COLLATION {L}", "DROP TEXT SEARCH CONFIGURATION {K}", "DROP AGGREGATE {A}(int)", "DROP OPERATOR {D}.=== (int, int)", "DROP PROCEDURE {P}", "DROP ROUTINE {F}", "DROP OWNED BY CURRENT_USER", "DROP TRIGGER t ON {T}", "DROP RULE r ON {T}", "DROP POLICY p ON {T}", "DROP STATISTICS {D}.st", "DROP EXTENSION plpgsql", "DROP CAST (text AS {Y})",
    "CREATE INDEX fresh ON {T} (username)", "CREATE INDEX fresh ON users ((lower({E})))", "CREATE INDEX fresh ON users (({F}()))", "CREATE INDEX fresh ON users (username COLLATE {L})", "CREATE INDEX fresh ON users (username) WHERE {C}", "CREATE INDEX fresh ON users (user_id {D}.int8_ops)", "CREATE VIEW {N} AS {Q}", "CREATE VIEW fresh AS {Q} ;; SELECT * FROM fresh", "CREATE OR REPLACE VIEW {W} AS SELECT user_id, {E} AS username FROM users", "CREATE TEMP VIEW fresh AS {Q} ;; SELECT * FROM fresh", "CREATE MATERIALIZED VIEW fresh AS {Q} ;; SELECT * FROM fresh", "CREATE RECURSIVE VIEW fresh (c) AS {Q}", "CREATE SEQUENCE {N}", "CREATE SEQUENCE fresh OWNED BY {T}.user_id", "ALTER SEQUENCE notes_id_seq OWNED BY {T}.user_id", "CREATE SEQUENCE fresh AS {M}",
    "CREATE TYPE {N} AS ENUM ('a')", "CREATE TYPE fresh AS (a {Y})", "CREATE TYPE fresh AS RANGE (SUBTYPE = {M})", "CREATE DOMAIN {N} AS int", "CREATE DOMAIN fresh AS {Y}", "CREATE DOMAIN fresh AS text CHECK ({F}() <> VALUE) ;; SELECT 'x'::fresh", "CREATE DOMAIN fresh AS text DEFAULT {F}()", "CREATE DOMAIN fresh AS text COLLATE {L}", "ALTER TYPE {Y} ADD VALUE 'new'", "ALTER TYPE {Y} RENAME TO renamed", "ALTER DOMAIN {M} DROP NOT NULL", "ALTER TYPE {Y} RENAME VALUE 'happy' TO 'new'", "ALTER TYPE {Y} SET SCHEMA {D}",
    "CREATE FUNCTION {N}() RETURNS text LANGUAGE sql AS 'SELECT max(username) FROM tenant_b2.users'", "CREATE FUNCTION fresh() RETURNS text RETURN {E} ;; SELECT fresh()", "CREATE FUNCTION fresh() RETURNS text BEGIN ATOMIC {Q}; END ;; SELECT fresh()", "CREATE OR REPLACE FUNCTION {F}() RETURNS text RETURN 'x'", "CREATE PROCEDURE fresh() LANGUAGE sql AS 'DELETE FROM tenant_b2.users' ;; CALL fresh()", "CREATE TRIGGER t BEFORE INSERT ON {T} FOR EACH ROW EXECUTE FUNCTION {F}()", "CREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW WHEN ({C}) EXECUTE FUNCTION suppress_redundant_updates_trigger()", "CREATE RULE r AS ON INSERT TO users DO ALSO INSERT INTO {T} VALUES (66, 'x') ;; INSERT INTO users VALUES (66, 'x')", "CREATE RULE r AS ON SELECT TO users DO INSTEAD {Q}", "CREATE POLICY p ON {T} USING ({C})", "CREATE AGGREGATE {N} (int) (SFUNC = int4pl, STYPE = int)", "CREATE OPERATOR {D}.+++ (FUNCTION = {F}, RIGHTARG = int)", "CREATE CAST (text AS {Y}) WITH INOUT", "CREATE COLLATION {N} FROM \"C\"", "CREATE COLLATION fresh FROM {L}", "CREATE TEXT SEARCH CONFIGURATION {N} (COPY = pg_catalog.english)", "CREATE TEXT SEARCH CONFIGURATION fresh (COPY = {K})", "CREATE STATISTICS {N} ON user_id, username FROM {T}", "CREATE STATISTICS fresh ON user_id, username FROM {T}", "CREATE SCHEMA {D}", "CREATE SCHEMA more CREATE TABLE t (i int)", "CREATE SCHEMA AUTHORIZATION postgres", "ALTER SCHEMA {D} RENAME TO mine", "ALTER FUNCTION {F}() SECURITY DEFINER", "ALTER DEFAULT PRIVILEGES IN SCHEMA {D} GRANT ALL ON TABLES TO PUBLIC", "GRANT ALL ON {T} TO PUBLIC", "GRANT USAGE ON SCHEMA {D} TO PUBLIC", "REVOKE ALL ON {T} FROM postgres", "GRANT fairlead_app TO postgres", "COMMENT ON TABLE {T} IS 'x'", "COMMENT ON COLUMN {T}.username IS 'x'", "COMMENT ON SCHEMA {D} IS 'x'", "COMMENT ON FUNCTION {F}() IS 'x'", "COMMENT ON TYPE {Y} IS 'x'", "COMMENT ON CONSTRAINT users_pkey ON {T} IS 'x'", "COMMENT ON INDEX {J} IS 'x'", "COMMENT ON SEQUENCE {S} IS 'x'", "COMMENT ON ROLE fairlead_app IS 'x'", "COMMENT ON DATABASE bridge IS 'x'", "COMMENT ON DOMAIN {M} IS 'x'", "COMMENT ON CONSTRAINT c ON DOMAIN {M} IS 'x'", "COMMENT ON TRIGGER t ON {T} IS 'x'", "SECURITY LABEL ON TABLE {T} IS 'x'", "COMMENT ON MATERIALIZED VIEW {O} IS 'x'", "COMMENT ON VIEW {W} IS 'x'", "COMMENT ON COLLATION {L} IS 'x'",
    "ALTER ROLE CURRENT_USER SET work_mem = 100", "ALTER ROLE fairlead_app SET search_path = {D}", "ALTER ROLE fairlead_app PASSWORD 'x'", "ALTER DATABASE bridge SET search_path = {D}", "ALTER SYSTEM SET work_mem = 1", "CREATE ROLE x", "CREATE DATABASE x", "CREATE EXTENSION dblink", "CREATE FOREIGN TABLE fresh (i int) SERVER s", "CREATE SERVER s FOREIGN DATA WRAPPER w", "CREATE PUBLICATION p FOR TABLE {T}", "CREATE PUBLICATION p FOR TABLES IN SCHEMA {D}", "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p", "CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION {F}()", "CREATE LANGUAGE x", "CREATE TRANSFORM FOR {Y} LANGUAGE sql (FROM SQL WITH FUNCTION {F}(internal))", "CREATE ACCESS METHOD a TYPE INDEX HANDLER {F}", "ALTER MATERIALIZED VIEW {O} RENAME TO fresh", "ALTER VIEW {W} RENAME TO fresh", "ALTER VIEW {W} SET SCHEMA {D}", "ALTER SEQUENCE {S} RENAME TO fresh", "ALTER COLLATION {L} RENAME TO fresh", "ALTER TABLE {T} RENAME CONSTRAINT users_pkey TO k", "ALTER SEQUENCE {S} SET SCHEMA {D}", "ALTER TABLE {X} CLUSTER ON {J}", "ALTER STATISTICS {D}.st RENAME TO x", "ALTER POLICY p ON {T} RENAME TO x", "ALTER TRIGGER t ON {T} RENAME TO x", "ALTER VIEW {W} ALTER username SET DEFAULT {E}", "ALTER EXTENSION plpgsql ADD TABLE {T}", "IMPORT FOREIGN SCHEMA {D} FROM SERVER s INTO {D}",
]


class BridgeGrammar(Grammar):
    RULES = {"Q": QUERIES, "E": EXPRESSIONS, "C": CONDITIONS}
    SCRIPTS = [*READS, *READS, *WRITES, *WRITES, *DEFINITIONS]
    PROTOCOLS = ("text", "text", "prepared")

    def own(self, letter):
        if letter == "D":
            return "tenant_b1"
        if letter == "V":
            return self.pick(*LISTED)
        name = NAMES[letter]
        return self.pick(name, name, f'"{name}"', f"tenant_b1.{name}", f'"tenant_b1"."{name}"', f"tenant_b1 . {name}", name.upper())

    def foreign(self, letter):
        if letter == "V" or letter in "TXW" and self.roll(0.15):
            return self.pick("", "", "pg_catalog.") + self.pick(*SHOWS_OTHERS)
        schema = self.pick(SCHEMAS[0], *SCHEMAS[:2])
        if letter == "D":
            return schema
        if letter == "N":
            return f"{schema}.fresh"
        return self.spelled(schema, NAMES[letter])

    def spelled(self, schema, name):
        escaped = schema.replace("_", "\\005f").replace("u", "\\+000075")
        return self.pick(f"{schema}.{name}", f"{schema}.{name}", f'"{schema}"."{name}"', f"{schema} . {name}", f"{schema}/* */.{name}", f"{schema}.-- c\n{name}",
                         f'U&"{escaped}".{name}', f'{schema}.U&"{name[0]}{name[1:]}"', f"{schema.upper()}.{name.capitalize()}", f"bridge.{schema}.{name}", f'{schema}."{name}"')

    def wrapped(self, script):
        steps = script.split(" ;; ")
        way = self.chance.random()
        if way < 0.75:
            return script
        if way < 0.85:
            return " ;; ".join(["BEGIN", *steps, "COMMIT"])
        if way < 0.89:
            return " ;; ".join([f"BEGIN; {steps[0]}; COMMIT", *steps[1:]])
        if way < 0.92:
            return " ;; ".join([f"EXPLAIN {steps[0]}", *steps])
        if way < 0.95:
            return " ;; ".join(["SET standard_conforming_strings = off", *steps])
        return " ;; ".join([self.pick("RESET ALL", "DISCARD ALL", "SET client_encoding = 'LATIN1'", "SET client_encoding = 'SJIS'", "ROLLBACK"), *steps])


class DatabaseGrammar(BridgeGrammar):
    """In a database of one's own what is of others is the server's: what they run, the role that all share."""

    RULES = {**BridgeGrammar.RULES, "E": [*EXPRESSIONS, *[
        "(SELECT string_agg(query, ',') FROM {V})", "(SELECT string_agg(v::text, ',') FROM {V} AS v)", "pg_stat_get_backend_activity({B})", "pg_stat_get_activity(NULL)::text",
        "pg_cancel_backend({B})::text", "pg_terminate_backend({B})::text", "({B}).pg_stat_get_backend_activity", "(SELECT a.query FROM pg_stat_get_activity(NULL) a LIMIT 1)",
        "query_to_xml('SELECT * FROM {V}', true, true, '')::text", "table_to_xml('{V}', true, true, '')::text", "pg_ls_dir('.')", "pg_reload_conf()::text", "pg_stat_get_wal_senders()::text",
        "pg_stat_file('x')::text", "pg_logical_emit_message(true, 'a', 'b')::text", "pg_create_logical_replication_slot('a', 'b')::text", "pg_stat_reset()::text", "pg_blocking_pids({B})::text",
        "pg_stat_get_backend_client_addr({B})::text", "pg_current_logfile()", "pg_log_backend_memory_contexts({B})::text", "lo_export(1, '/tmp/zz')::text", "pg_read_binary_file('x')::text"] * 2]}
    SCRIPTS = [*BridgeGrammar.SCRIPTS, *[
        "DO $$ BEGIN EXECUTE 'ALTER ROLE fairlead_app SET work_mem = 100'; END $$", "CREATE FUNCTION fresh() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT max(query) FROM {V}); END $$ ;; SELECT fresh()",
        "CREATE FUNCTION fresh() RETURNS text RETURN {E} ;; SELECT fresh()", "CREATE FUNCTION fresh() RETURNS text BEGIN ATOMIC SELECT {E}; END ;; SELECT fresh()", "CREATE VIEW fresh AS SELECT * FROM {V} ;; SELECT * FROM fresh",
        "CREATE VIEW fresh AS SELECT {E} AS e ;; SELECT * FROM fresh", "CREATE TABLE fresh AS SELECT * FROM {V} ;; SELECT * FROM fresh", "CREATE OPERATOR !!! (FUNCTION = pg_cancel_backend, RIGHTARG = int) ;; SELECT !!! 1",
        "CREATE AGGREGATE fresh (int) (SFUNC = {F}, STYPE = text)", "CREATE DOMAIN fresh AS text CHECK ({E} <> VALUE) ;; SELECT 'x'::fresh", "CREATE TABLE fresh (t text DEFAULT {E}) ;; INSERT INTO fresh DEFAULT VALUES ;; SELECT * FROM fresh",
        "CREATE INDEX fresh ON users (({E}))", "CREATE RULE r AS ON SELECT TO own_mat DO INSTEAD SELECT * FROM {V}", "CREATE RULE r AS ON INSERT TO users DO ALSO SELECT {E} ;; INSERT INTO users VALUES (77, 'x')",
        "CREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW WHEN ({E} <> NEW.username) EXECUTE FUNCTION suppress_redundant_updates_trigger() ;; INSERT INTO users VALUES (77, 'x')",
        "CREATE POLICY p ON users USING ({E} <> username) ;; ALTER TABLE users ENABLE ROW LEVEL SECURITY ;; SELECT * FROM users", "CREATE CAST (int AS mood) WITH FUNCTION own_f()", "CREATE CONVERSION fresh FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1",
        "CREATE STATISTICS fresh ON (({E})), username FROM users", "SET ROLE postgres ;; SELECT 1", "SET SESSION AUTHORIZATION postgres", "SET log_statement = 'all'", "SET session_replication_role = replica", "GRANT fairlead_app TO database_only",
        "COPY {V} TO STDOUT", "COPY (SELECT * FROM {V}) TO STDOUT", "COPY users TO PROGRAM 'cat'", "COPY users FROM '/etc/passwd'", "COPY (SELECT {E}) TO '/tmp/zz'", "SELECT {E}", "SELECT {E}", "SELECT * FROM {V} AS v, LATERAL (SELECT {E}) AS e"]]

    def own(self, letter):
        if letter == "B":
            return "1"
        name = super().own(letter)
        return name.replace("tenant_b1", "public")

    def foreign(self, letter):
        if letter == "B":
            return "pid"
        if letter in "VTXW":
            return self.pick("", "", "pg_catalog.", "PG_Catalog.", 'U&"pg\\005fcatalog".') + self.pick("pg_stat_activity", "pg_stat_activity", *SHOWS_OTHERS)
        return "pg_catalog" if letter == "D" else "pg_catalog." + NAMES[letter]


class Transplanted(equivalence.Grammar):
    """The statements of the other generator: now and then a table is another schema's."""

    share = 0.0

    def target(self, table):
        if self.chance.random() < self.share:
            self.foreign.append(table)
            return self.pick(f"tenant_b2.{table}", f'"tenant_b2".{table}', f'U&"tenant\\005fb2".{table}', f"public.{table}")
        return table

    def name(self, table):
        return self.pick(self.target(table), self.target(table), f"tenant_b1.{table}", f'"{table}"', table.upper())

    def script(self) -> Script:
        self.foreign, self.share = [], self.pick(0.0, 0.15, 0.4)
        return Script([self.statement()], self.pick("text", "prepared"), self.foreign)


class Listed(Corpus):
    ENGINE = "pg"
    FILES = [ROOT / "tests/isolation/statements.jsonl", ROOT.parent / "shared/isolation/statements.jsonl"]

    def foreign(self, table):
        return self.chance.choice((f"tenant_b2.{table}", f'"tenant_b2".{table}', f'tenant_b2."{table}"', f"public.{table}"))
