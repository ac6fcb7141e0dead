"""Statements for bridges on MariaDB: see support.reach. Own names are those of the database `shop`, as the tenant knows it."""

import re

from isolation.mysql import grammar as equivalence
from support.estate import APP_PASSWORD
from support.process import ROOT
from support.reach import Corpus, Grammar, Script

# A database of another tenant, the tables that tenants share by another name, one that is nobody's.
DATABASES = ("tenant_b2", "other_db", "kept")
DICTIONARY = ("mysql.user", "mysql.global_priv", "mysql.proc", "mysql.innodb_table_stats", "mysql.db", "mysql.event",
              "mysql.tables_priv", "mysql.procs_priv", "information_schema.processlist", "information_schema.innodb_trx",
              "information_schema.innodb_sys_tables", "information_schema.innodb_tablespaces_encryption", "performance_schema.threads",
              "information_schema.innodb_buffer_page", "information_schema.user_statistics", "information_schema.table_statistics",
              "performance_schema.events_statements_current", "sys.processlist", "sys.schema_table_statistics",
              "information_schema.innodb_sys_tablestats", "information_schema.client_statistics", "information_schema.plugins")
INFORMATION = ("tables", "columns", "statistics", "schemata", "views", "routines", "parameters", "triggers", "events", "partitions",
               "key_column_usage", "referential_constraints", "table_constraints", "check_constraints", "schema_privileges",
               "table_privileges", "user_privileges", "column_privileges", "files", "global_status", "session_variables",
               "global_variables", "system_variables", "applicable_roles", "enabled_roles", "innodb_metrics", "engines",
               "optimizer_trace", "profiling", "innodb_ft_config", "key_caches", "keywords", "sql_functions", "thread_pool_groups",
               "geometry_columns", "spatial_ref_sys", "index_statistics", "innodb_locks", "innodb_lock_waits", "innodb_cmp_per_index",
               "innodb_mutexes", "innodb_sys_columns", "innodb_sys_fields", "innodb_sys_foreign", "innodb_sys_indexes",
               "innodb_sys_virtual", "innodb_sys_semaphore_waits", "innodb_tablespaces_scrubbing", "innodb_ft_index_table")

# What each letter stands for, when it is a name: own, and in the databases of others.
NAMES = {"T": "users", "X": "notes", "N": "fresh", "F": "own_f", "P": "two_results", "S": "numbers", "W": "own_view", "G": "own_trigger",
         "I": "parts", "L": "loose", "Y": "own_event"}

QUERIES = [
    "SELECT username FROM {T}", "SELECT max(username) FROM {T}", "SELECT a.username FROM {T} AS a JOIN {T} AS b ON a.user_id = b.user_id",
    "SELECT {T1}.username FROM {T1}", "SELECT username FROM {T} WHERE {C}", "SELECT username FROM ({Q}) AS d (username)",
    "WITH w AS ({Q}) SELECT * FROM w", "WITH w AS ({Q}), v AS ({Q}) SELECT * FROM v UNION ALL SELECT * FROM w",
    "{Q} UNION SELECT username FROM {T}", "({Q}) INTERSECT ({Q})", "{Q} EXCEPT SELECT username FROM {T}", "SELECT {E}", "SELECT {E} FROM {T}",
    "SELECT username FROM {T} GROUP BY username, {E}", "SELECT username FROM {T} GROUP BY username HAVING {C}",
    "SELECT username FROM {T} ORDER BY {E}", "SELECT count(*) OVER (PARTITION BY {E}) FROM {T}",
    "SELECT max(username) OVER (ORDER BY {E}) FROM {T}", "VALUES ({E})", "SELECT username FROM {W}", "SELECT a.username FROM {T} a NATURAL JOIN {T} b",
    "SELECT b.username FROM users a LEFT JOIN {T} b ON {C}", "SELECT u.username FROM (users u, {T} x)", "SELECT username FROM ({T})",
    "SELECT username FROM {T} PARTITION (p0)", "SELECT username FROM {T} USE INDEX (PRIMARY)",
    "SELECT username FROM {T} FOR SYSTEM_TIME ALL", "SELECT username FROM {T} FOR UPDATE", "SELECT username FROM {T} LOCK IN SHARE MODE",
    "SELECT x.a FROM JSON_TABLE({E}, '$[*]' COLUMNS (a varchar(90) PATH '$')) AS x", "SELECT STRAIGHT_JOIN b.username FROM users a STRAIGHT_JOIN {T} b",
    "SELECT table_name FROM {V}", "SELECT count(*) FROM {V}", "SELECT {T1}.* FROM {T1} LIMIT 1", "SELECT next_not_cached_value FROM {S}",
    "SELECT username FROM {T} PROCEDURE ANALYSE()", "SELECT DISTINCT (SELECT username FROM {T} AS i WHERE i.user_id = o.user_id) FROM users AS o",
    "SELECT username FROM users WHERE (user_id, username) IN (SELECT user_id, username FROM {T})", "(SELECT username FROM {T} ORDER BY 1 LIMIT 1)",
]
EXPRESSIONS = [
    "(SELECT max(username) FROM {T})", "(SELECT count(*) FROM {T})", "{F}()", "EXISTS ({Q})", "(SELECT group_concat(username) FROM {T})",
    "coalesce({E}, 1)", "CASE WHEN {C} THEN {E} ELSE 'none' END", "NEXTVAL({S})", "NEXT VALUE FOR {S}", "LASTVAL({S})", "SETVAL({S}, 5)",
    "PREVIOUS VALUE FOR {S}", "concat({E}, 'x')", "@c := {E}", "IF({C}, 1, {E})", "(SELECT hex(username) FROM {T} LIMIT 1)", "({Q} LIMIT 1)",
    "JSON_ARRAYAGG({E})", "CAST({E} AS CHAR)", "LOAD_FILE('/etc/hostname')", "{E} COLLATE utf8mb4_bin", "'x' IN (SELECT username FROM {T})",
    "GET_LOCK('{D}', 0)", "EXTRACTVALUE('<a/>', {E})", "EXTRACTVALUE(1, concat('~', {E}))", "UPDATEXML(1, concat('~', (SELECT max(username) FROM {T})), 1)",
    "CONVERT({E}, SIGNED)", "DEFAULT({T}.username)", "INTERVAL({E}, 1)", "DATE_ADD(now(), INTERVAL {E} DAY) IS NULL", "ROW({E}, 1) = ROW(1, 1)",
    "MATCH (username) AGAINST ({E})", "(SELECT 1 FROM {V} LIMIT 1)", "(TABLE {T})", "{F} ()", "CURSOR({T})",
]
CONDITIONS = [
    "EXISTS (SELECT 1 FROM {T})", "(SELECT count(*) FROM {T}) > 0", "1 = 1", "{E} IS NOT NULL", "'x' IN ({Q})", "'x' < ANY ({Q})", "NOT {C}",
    "{C} OR {C}", "1 IN (SELECT user_id FROM {T})", "{E} LIKE '%'", "{E} BETWEEN 1 AND 9", "(SELECT 1) = ALL (SELECT user_id FROM {T})",
    "'{D}' LIKE 'tenant%'",
]

READS = [
    "{Q}", "{Q}", "{Q}", "DO {E}", "SET @a = {E} ;; SELECT @a", "SET @a = 1, @b = {E} ;; SELECT @b", "SET time_zone = {E}",
    "SET @@session.sql_select_limit = {E} ;; SELECT @@sql_select_limit", "SELECT {E} INTO @a ;; SELECT @a", "SET sort_buffer_size = {E}",
    "SELECT username FROM {T} LIMIT 1 INTO @a ;; SELECT @a", "SELECT username INTO @a FROM {T} LIMIT 1 ;; SELECT @a",
    "SET STATEMENT max_statement_time = {E} FOR SELECT 1", "SET STATEMENT max_statement_time = 5 FOR {Q}", "SET @a = EXISTS ({Q}) ;; SELECT @a",
    "CALL {P}()", "CALL {P}", "CALL remember({E}) ;; SELECT @remembered", "HANDLER {T} OPEN AS h ;; HANDLER h READ FIRST ;; HANDLER h CLOSE",
    "HANDLER users OPEN ;; HANDLER users READ FIRST WHERE {C} ;; HANDLER users CLOSE", "HANDLER {T} READ FIRST", "HANDLER {T} OPEN ;; HANDLER users READ `PRIMARY` NEXT",
    "EXPLAIN {Q}", "EXPLAIN EXTENDED {Q} ;; SHOW WARNINGS", "EXPLAIN PARTITIONS {Q}", "EXPLAIN FORMAT=JSON {Q}", "ANALYZE {Q}", "ANALYZE FORMAT=JSON {Q}", "EXPLAIN {T}", "DESCRIBE {T}",
    "DESC {T} username", "DESCRIBE {T} '%'", "EXPLAIN UPDATE {T} SET username = {E}", "EXPLAIN DELETE FROM {T} WHERE {C}", "EXPLAIN INSERT INTO users SELECT 7, {E}",
    "SHOW EXPLAIN FOR 1", "SHOW ANALYZE FOR 1", "EXPLAIN FOR CONNECTION 1",
    "SHOW COLUMNS FROM {T}", "SHOW COLUMNS FROM users FROM {D}", "SHOW FULL FIELDS IN users IN {D} LIKE '%'", "SHOW COLUMNS FROM {T} WHERE {C}",
    "SHOW TABLES FROM {D}", "SHOW FULL TABLES IN {D} WHERE {C}", "SHOW TABLES WHERE {C}", "SHOW TABLES LIKE '{D}%'", "SHOW TABLE STATUS FROM {D}", "SHOW TABLE STATUS WHERE {C}",
    "SHOW TRIGGERS FROM {D}", "SHOW TRIGGERS WHERE {C}", "SHOW EVENTS FROM {D}", "SHOW EVENTS IN {D} WHERE {C}", "SHOW INDEX FROM {T}", "SHOW INDEX FROM users FROM {D}",
    "SHOW KEYS IN {T} WHERE {C}", "SHOW CREATE TABLE {T}", "SHOW CREATE VIEW {W}", "SHOW CREATE TABLE {W}", "SHOW CREATE PROCEDURE {P}", "SHOW CREATE FUNCTION {F}",
    "SHOW CREATE SEQUENCE {S}", "SHOW CREATE TRIGGER {G}", "SHOW CREATE EVENT {Y}", "SHOW CREATE DATABASE {D}", "SHOW CREATE SCHEMA IF NOT EXISTS {D}",
    "SHOW OPEN TABLES FROM {D}", "SHOW OPEN TABLES", "SHOW PROCEDURE STATUS WHERE {C}", "SHOW PROCEDURE STATUS", "SHOW FUNCTION STATUS LIKE '%'", "SHOW PROCEDURE CODE {P}",
    "SHOW FUNCTION STATUS WHERE Db = '{D}' OR {C}", "SHOW PACKAGE STATUS", "SHOW DATABASES", "SHOW DATABASES LIKE '%'", "SHOW DATABASES WHERE {C}", "SHOW SCHEMAS LIKE '{D}'",
    "SHOW VARIABLES WHERE {C}", "SHOW GLOBAL VARIABLES WHERE {C}", "SHOW STATUS WHERE {C}", "SHOW FULL PROCESSLIST", "SHOW GRANTS", "SHOW GRANTS FOR root@localhost",
    "SHOW ENGINE INNODB STATUS", "SHOW COLLATION WHERE {C}", "SHOW CHARACTER SET WHERE {C}", "SHOW USER_STATISTICS", "SHOW TABLE_STATISTICS", "SHOW INDEX_STATISTICS",
    "SHOW CLIENT_STATISTICS", "SHOW LOCALES WHERE {C}", "SHOW BINARY LOGS", "SHOW CREATE USER root@localhost", "SHOW PROFILES", "SHOW ENGINES", "SHOW WARNINGS", "SHOW ERRORS",
    "SELECT * FROM {V}", "SELECT * FROM {V} AS v WHERE {C}", "SELECT (SELECT group_concat(v.table_name) FROM {V} AS v)",
    "USE {D} ;; SELECT * FROM users", "CHECKSUM TABLE {T}", "CHECK TABLE {T}", "CHECKSUM TABLE users, {T}", "ANALYZE TABLE {T}", "OPTIMIZE TABLE users, {T}", "REPAIR TABLE {T}",
    "CACHE INDEX {T} IN hot", "LOAD INDEX INTO CACHE {T}", "FLUSH TABLES {T}", "FLUSH TABLES {T} WITH READ LOCK", "FLUSH TABLES {T} FOR EXPORT", "LOCK TABLES {T} READ ;; SELECT * FROM {T} ;; UNLOCK TABLES", "LOCK TABLES users WRITE, {T} AS x READ",
    "HELP '{D}'", "KILL QUERY {E}", "KILL {E}", "GET DIAGNOSTICS @a = NUMBER", "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'x', SCHEMA_NAME = '{D}'",
    "BEGIN NOT ATOMIC DECLARE v varchar(90); SELECT username INTO v FROM {T} LIMIT 1; SELECT v; END", "BEGIN NOT ATOMIC DECLARE v varchar(90) DEFAULT {E}; SELECT v; END",
    "BEGIN NOT ATOMIC DECLARE c CURSOR FOR {Q}; OPEN c; CLOSE c; END",
    "BEGIN NOT ATOMIC DECLARE v TYPE OF {T}.username; SET v = 'x'; SELECT v; END", "BEGIN NOT ATOMIC DECLARE r ROW TYPE OF {T}; SELECT r.username; END",
    "IF {C} THEN SELECT 1; END IF", "BEGIN NOT ATOMIC IF {C} THEN SELECT 1; END IF; END", "BEGIN NOT ATOMIC CASE {E} WHEN 1 THEN SELECT 1; ELSE SELECT 2; END CASE; END",
    "BEGIN NOT ATOMIC REPEAT SELECT 1; UNTIL true OR {C} END REPEAT; END",
    "XA START '{D}' ;; XA END '{D}' ;; XA ROLLBACK '{D}'", "SELECT 1 PROCEDURE {P}()", "SELECT username FROM {T} INTO OUTFILE '/tmp/zz'", "SELECT {E} AS username FROM users LIMIT 1 INTO DUMPFILE '/tmp/zz'",
]
WRITES = [
    "INSERT INTO {T} VALUES (9, 'new')", "INSERT INTO {T} (user_id, username) SELECT 9, 'new'", "INSERT INTO users SELECT user_id + 100, username FROM {T}",
    "INSERT INTO users VALUES (9, {E})", "INSERT INTO users SET user_id = 9, username = {E}", "INSERT INTO users VALUES (1, 'x') ON DUPLICATE KEY UPDATE username = {E}",
    "INSERT INTO {T} VALUES (9, 'new') RETURNING {E}", "INSERT INTO notes (note) VALUES ('x') RETURNING {E}", "REPLACE INTO {T} VALUES (1, 'new')", "REPLACE {T} SET user_id = 1, username = {E}",
    "INSERT DELAYED INTO {T} VALUES (9, 'new')", "INSERT IGNORE INTO {T} {Q}", "UPDATE {T} SET username = 'new'", "UPDATE users SET username = {E}", "UPDATE users SET username = 'x' WHERE {C}",
    "UPDATE users AS u, {T} AS x SET u.username = x.username WHERE u.user_id = x.user_id", "UPDATE users AS u, {T} AS x SET x.username = u.username WHERE u.user_id = x.user_id",
    "UPDATE {T} AS x JOIN users AS u ON u.user_id = x.user_id SET u.username = concat(x.username, '!')", "UPDATE users SET username = 'x' ORDER BY {E} LIMIT 1", "UPDATE {T} SET {T}.username = 'x'",
    "DELETE FROM {T}", "DELETE FROM users WHERE {C}", "DELETE x FROM {T} AS x", "DELETE u FROM users AS u, {T} AS x WHERE u.user_id = x.user_id", "DELETE FROM x USING {T} AS x",
    "DELETE x FROM users AS u, {T} AS x", "DELETE {T1} FROM {T1}", "DELETE FROM {T1}, {T2} USING {T1}, {T2}", "DELETE FROM users RETURNING {E}", "DELETE FROM users ORDER BY {E} LIMIT 1", "TRUNCATE {T}", "TRUNCATE TABLE {T}",
    "DELETE FROM {T1}.* USING {T1}", "DELETE HISTORY FROM {T}", "UPDATE {W} SET username = 'x'", "INSERT INTO {W} VALUES (9, 'x')",
    "LOAD DATA LOCAL INFILE 'x' INTO TABLE {T}", "LOAD DATA LOCAL INFILE 'x' INTO TABLE users (user_id, @v) SET username = {E}", "LOAD DATA INFILE '/etc/passwd' INTO TABLE {T}", "LOAD XML LOCAL INFILE 'x' INTO TABLE {T}",
    "SELECT SETVAL({S}, 900)", "SELECT NEXTVAL({S})", "ALTER SEQUENCE {S} RESTART 50", "INSERT INTO notes (note) {Q}", "INSERT INTO notes (note) VALUES ({E})",
]
DEFINITIONS = [
    "CREATE TABLE {N} (i int)", "CREATE TABLE {N} LIKE {T}", "CREATE TABLE {N} (LIKE {T})", "CREATE TABLE {N} AS {Q}", "CREATE TABLE {N} SELECT * FROM {T}", "CREATE OR REPLACE TABLE {N} AS {Q}", "CREATE TABLE IF NOT EXISTS {N} (i int)",
    "CREATE TABLE fresh (i int DEFAULT ({E}))", "CREATE TABLE fresh (i int, CHECK ({C}))", "CREATE TABLE fresh (a varchar(90) AS ({E}))", "CREATE TABLE fresh (i int DEFAULT NEXTVAL({S}))", "CREATE TABLE fresh (i bigint DEFAULT (NEXT VALUE FOR {S})) ;; INSERT INTO fresh VALUES () ;; SELECT * FROM fresh",
    "CREATE TABLE {N} (id bigint, FOREIGN KEY (id) REFERENCES {T} (user_id))", "CREATE TABLE fresh (id bigint REFERENCES {T} (user_id)) ;; INSERT INTO fresh VALUES (1)", "ALTER TABLE notes ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES {T} (user_id)",
    "SET foreign_key_checks = 0 ;; CREATE TABLE fresh (id bigint, FOREIGN KEY (id) REFERENCES {T} (user_id) ON DELETE CASCADE)",
    "CREATE TEMPORARY TABLE {N} AS {Q} ;; SELECT * FROM {N}", "CREATE TEMPORARY TABLE {N} LIKE {T}", "CREATE TABLE fresh (i int) ENGINE=MERGE UNION=({T}) ;; SELECT * FROM fresh", "CREATE TABLE fresh (user_id bigint, username varchar(80)) ENGINE=MRG_MyISAM UNION=(users, {T})",
    "CREATE TABLE fresh ENGINE=FEDERATED CONNECTION='mysql://root@127.0.0.1/tenant_b2/users'", "CREATE TABLE fresh (i int) DATA DIRECTORY='/tmp'", "CREATE TABLE fresh ENGINE=CONNECT TABLE_TYPE=MYSQL SRCDEF='x' DBNAME='{D}'",
    "ALTER TABLE {T} ADD j int", "ALTER TABLE {T} RENAME TO {N}", "ALTER TABLE users RENAME {N}", "RENAME TABLE {T} TO {N}", "RENAME TABLE users TO a1, {T} TO {N}", "ALTER TABLE {T} DROP COLUMN username", "ALTER TABLE {T} COMMENT 'x'", "ALTER TABLE {T} ENGINE=MyISAM",
    "ALTER TABLE {I} EXCHANGE PARTITION p0 WITH TABLE {L} ;; SELECT * FROM {L}", "ALTER TABLE {I} TRUNCATE PARTITION p0", "ALTER TABLE {T} DISCARD TABLESPACE", "ALTER TABLE notes ADD COLUMN j int DEFAULT ({E})", "ALTER TABLE users ADD CONSTRAINT c CHECK ({C})", "ALTER TABLE {I} DROP PARTITION p1", "ALTER TABLE {I} CONVERT PARTITION p0 TO TABLE {N}", "ALTER TABLE {I} CONVERT TABLE {L} TO PARTITION p9 VALUES LESS THAN (1000)",
    "DROP TABLE {X}", "DROP TABLE users, {X}", "DROP TABLE IF EXISTS {X} CASCADE", "DROP VIEW {W}", "DROP SEQUENCE {S}", "DROP PROCEDURE {P}", "DROP FUNCTION {F}", "DROP FUNCTION IF EXISTS {F}", "DROP TRIGGER {G}", "DROP EVENT {Y}", "DROP INDEX by_name ON {T}", "DROP TEMPORARY TABLE IF EXISTS {X}",
    "CREATE INDEX by_name ON {T} (username)", "CREATE UNIQUE INDEX un ON {T} (username)", "CREATE VIEW {N} AS {Q}", "CREATE VIEW fresh AS {Q} ;; SELECT * FROM fresh", "CREATE OR REPLACE VIEW own_view AS {Q}", "CREATE ALGORITHM=MERGE DEFINER=root@localhost SQL SECURITY DEFINER VIEW fresh AS {Q}", "ALTER VIEW {W} AS {Q}", "CREATE SQL SECURITY INVOKER VIEW fresh AS {Q} ;; SELECT * FROM fresh",
    "CREATE SEQUENCE {N}", "CREATE SEQUENCE fresh ;; SELECT NEXTVAL({S})", "CREATE TRIGGER {G} BEFORE INSERT ON {T} FOR EACH ROW SET NEW.username = 'x'", "CREATE TRIGGER fresh AFTER INSERT ON notes FOR EACH ROW INSERT INTO {T} VALUES (77, 'x') ;; INSERT INTO notes (note) VALUES ('x')", "CREATE TRIGGER fresh BEFORE INSERT ON notes FOR EACH ROW SET NEW.note = {E} ;; INSERT INTO notes (note) VALUES ('x') ;; SELECT * FROM notes",
    "CREATE TRIGGER fresh AFTER INSERT ON {T} FOR EACH ROW SET @a = 1", "CREATE TRIGGER fresh BEFORE INSERT ON notes FOR EACH ROW BEGIN SET @t = {E}; DELETE FROM {T}; END ;; INSERT INTO notes (note) VALUES ('x') ;; SELECT @t",
    "CREATE PROCEDURE {N}() SELECT 1", "CREATE PROCEDURE fresh() {Q} ;; CALL fresh()", "CREATE PROCEDURE fresh() BEGIN DECLARE v varchar(90) DEFAULT {E}; SELECT v; END ;; CALL fresh()", "CREATE FUNCTION {N}() RETURNS int RETURN 1", "CREATE FUNCTION fresh() RETURNS varchar(90) READS SQL DATA RETURN {E} ;; SELECT fresh()", "CREATE FUNCTION fresh(v TYPE OF {T}.username) RETURNS varchar(90) RETURN v", "CREATE DEFINER=root@localhost PROCEDURE fresh() {Q} ;; CALL fresh()", "CREATE DEFINER=root@localhost FUNCTION fresh() RETURNS varchar(90) RETURN {E} ;; SELECT fresh()",
    "CREATE PROCEDURE fresh() EXECUTE IMMEDIATE concat('SELECT username FROM tenant', '_b2.users') ;; CALL fresh()", "CREATE PROCEDURE fresh() BEGIN PREPARE s FROM 'SELECT * FROM {T}'; EXECUTE s; END ;; CALL fresh()", "CREATE PROCEDURE fresh(IN q text) BEGIN PREPARE s FROM q; EXECUTE s; END ;; CALL fresh('SELECT * FROM {T}')", "CREATE PROCEDURE fresh(IN q text) EXECUTE IMMEDIATE q ;; CALL fresh('{Q}')", "CREATE FUNCTION fresh RETURNS STRING SONAME 'x.so'",
    "CREATE EVENT {N} ON SCHEDULE EVERY 1 DAY DO SELECT 1", "CREATE EVENT fresh ON SCHEDULE EVERY 1 DAY DO INSERT INTO {T} VALUES (5, 'x')", "CREATE EVENT fresh ON SCHEDULE AT {E} DO SELECT 1", "ALTER EVENT {Y} COMMENT 'x'", "ALTER EVENT own_event RENAME TO {N}", "ALTER PROCEDURE {P} COMMENT 'x'", "ALTER FUNCTION {F} SQL SECURITY INVOKER", "CREATE PACKAGE {N} AS FUNCTION f RETURN int; END",
    "CREATE DATABASE {D}", "CREATE DATABASE more", "CREATE OR REPLACE DATABASE {D}", "DROP DATABASE tenant_b2", "ALTER DATABASE {D} CHARACTER SET latin1", "CREATE USER intruder", "GRANT ALL ON {D}.* TO intruder IDENTIFIED BY 'x'", "GRANT SELECT ON {T} TO PUBLIC", "REVOKE ALL ON {D}.* FROM root@localhost", "CREATE ROLE intruder", "SET ROLE intruder", f"SET PASSWORD = PASSWORD('{APP_PASSWORD}')", f"ALTER USER CURRENT_USER() IDENTIFIED BY '{APP_PASSWORD}'", "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (DATABASE '{D}')", "INSTALL PLUGIN x SONAME 'x'", "CREATE TABLESPACE x ADD DATAFILE 'x'",
]


def literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


class BridgeGrammar(Grammar):
    RULES = {"Q": QUERIES, "E": EXPRESSIONS, "C": CONDITIONS}
    SCRIPTS = [*READS, *READS, *WRITES, *WRITES, *DEFINITIONS]
    PROTOCOLS = ("text", "text", "prepared")

    def own(self, letter):
        if letter == "D":
            return self.pick("shop", "shop", "`shop`")
        if letter == "V":
            return "information_schema." + self.pick(*INFORMATION[:6])
        name = NAMES[letter]
        return self.pick(name, name, f"`{name}`", f"shop.{name}", f"`shop`.`{name}`", f"shop . {name}")

    def foreign(self, letter):
        if letter == "V" or letter in "TXIL" and self.roll(0.15):
            return self.spelled(*(self.pick(*DICTIONARY) if self.roll(0.6) else "information_schema." + self.pick(*INFORMATION)).split("."))
        database = self.pick(*DATABASES[:1], *DATABASES)
        if letter == "D":
            return self.pick(database, f"`{database}`", "mysql", "information_schema", "performance_schema")
        return self.spelled(database, NAMES[letter])

    def spelled(self, database, name) -> str:
        return self.pick(f"{database}.{name}", f"{database}.{name}", f"`{database}`.`{name}`", f"{database} . {name}", f"{database}/**/.{name}",
                         f"{database}.`{name}`", f"/*!{database}.*/{name}", f"/*! {database}.{name} */", f"/*M!100000 {database}.{name} */",
                         f"{database}.#c\n{name}", f"{database}-- c\n.{name}", f"/*!50000{database}*/.{name}", f"{database.upper()}.{name}",
                         f"/*!99999 {database}. */{name}", f"/*M!999999 {database}. */{name}", f"`{database}` .{name}", f"{database}\t.\n`{name}`")

    def script(self):
        made = super().script()
        if "LOCAL INFILE" in made.steps[0]:
            made.protocol = "text"  # a prepared one asks no client of ours for its file
        return made

    def wrapped(self, script):
        steps = script.split(" ;; ")
        first, rest = steps[0], steps[1:]
        way = self.chance.random()
        if way < 0.62 or "LOCAL INFILE" in first:
            return script
        if way < 0.66:
            first = f"EXECUTE IMMEDIATE {literal(first)}"
        elif way < 0.70:
            return " ;; ".join([f"PREPARE s FROM {literal(first)}", "EXECUTE s", *rest])
        elif way < 0.72:
            return " ;; ".join([f"SET @q = {literal(first)}", "PREPARE s FROM @q", "EXECUTE s", *rest])
        elif way < 0.74:
            return " ;; ".join([f"SET @q = 0x{first.encode().hex()}", "EXECUTE IMMEDIATE @q", *rest])
        elif way < 0.76:
            first = f"EXECUTE IMMEDIATE {self.pick('_utf8mb4', '_latin1', '_binary', 'N', '_ucs2')}{literal(first)}"
        elif way < 0.78:
            first = f"PREPARE s FROM 0x{first.encode().hex()}"
            return " ;; ".join([first, "EXECUTE s", *rest])
        elif way < 0.83:
            return " ;; ".join(["SET sql_mode = 'ANSI_QUOTES'", *(step.replace("`", '"') for step in steps)])
        elif way < 0.86:
            return " ;; ".join(["SET sql_mode = 'NO_BACKSLASH_ESCAPES'", "SELECT '\\', 1 FROM users", *steps])
        elif way < 0.88:
            first = f"BEGIN NOT ATOMIC {first}; END"
        elif way < 0.90:
            first = f"/*! {first} */"
        elif way < 0.92:
            first = f"SET STATEMENT max_statement_time = 100 FOR {first}"
        elif way < 0.94:
            return " ;; ".join([f"CREATE PROCEDURE wrapping() {first}", "CALL wrapping()", *rest])
        elif way < 0.96:
            return " ;; ".join(["START TRANSACTION", *steps, "COMMIT"])
        elif way < 0.97:
            first = f"SELECT 1; {first}"
        elif way < 0.98:
            return " ;; ".join([self.pick("SET NAMES gbk", "SET NAMES latin1", "SET character_set_client = ucs2", "SET collation_connection = swe7_bin"), *steps])
        else:
            return " ;; ".join([self.pick("SET sql_mode = 'ORACLE'", "SET sql_mode = 'MSSQL'", "SET sql_mode = 'IGNORE_SPACE,PIPES_AS_CONCAT'", "SET sql_mode = ''"), *steps])
        return " ;; ".join([first, *rest])


class Transplanted(equivalence.Grammar):
    """The statements of the other generator: now and then a table is another database's."""

    def __init__(self, seed):
        super().__init__(seed)
        self.foreign, self.share = [], 0.0

    def name(self, table):
        if self.roll(self.share):
            database = self.pick("tenant_b2", "kept", "other_db")
            self.foreign.append(f"{database}.{table}")
            return self.pick(f"{database}.{table}", f"`{database}`.`{table}`", f"{database} . {table}", f"/*! {database}.*/{table}")
        return super().name(table)

    def script(self) -> Script:
        self.foreign, self.share = [], self.pick(0.0, 0.15, 0.4)
        return Script([self.statement().text], self.pick("text", "text", "prepared"), self.foreign)


class Listed(Corpus):
    ENGINE = "mysql"
    CRASHES = re.compile(r"\bwith\b.*\brecursive\b.*\bwith\b|\bwith\b.*\bwith\s+recursive\b", re.I | re.S)
    FILES = [ROOT / "tests/isolation/mysql/statements.jsonl", ROOT.parent / "shared/isolation/statements.jsonl"]

    def foreign(self, table):
        return self.chance.choice((f"tenant_b2.{table}", f"`tenant_b2`.`{table}`", f"kept.{table}", f"/*!kept.*/{table}"))
