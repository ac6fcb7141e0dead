"""What a real MariaDB makes of a statement, next to what our parser makes of it: whether it is one at all, what kind, which
tables it reads, and how its operators and joins nest."""

import os
import re
import subprocess
import time
from collections import Counter

import pymysql

PROGRAM = os.environ.get("FAIRLEAD_MYSQL_TREES", "build/release/tests/mysql_trees")
SERVER_OPTIONS = {"performance-schema": "ON", "performance-schema-events-statements-history-size": 10,
                  "performance-schema-max-thread-instances": 60, "max-statement-time": 2}
SYSTEM = {"information_schema", "mysql", "performance_schema", "sys"}
PREPARE, CLOSE, QUERY = 0x16, 0x19, 3
SYNTAX, NO_TABLE, NO_DATABASE = 1064, 1146, 1049


def _ask(texts: list, flags: str, version: int, arguments: list) -> list:
    asked = b"".join(b"mariadb %d %s %d\n%s" % (version, flags.encode(), len(t), t) for t in texts)
    answer = subprocess.run([PROGRAM, *arguments], input=asked, capture_output=True, timeout=120, check=True).stdout
    lines = answer.split(b"\n")[:-1]
    if "parentheses" not in arguments:
        assert len(lines) == len(texts)
    return lines


class Ours:
    """What our parser says of one text."""

    def __init__(self, line: str, database: str):
        self.line = line
        self.accepted = line != "lex" and not line.startswith("error")
        if not self.accepted:
            return
        kinds, *names = line.split(" ")
        self.kinds = kinds.split(",")
        self.common = {bytes.fromhex(n[4:]).decode().lower() for n in names if n.startswith("cte:")}
        self.tables = set()
        for name in names:
            if name.startswith("table:"):
                qualifier, table = (bytes.fromhex(part).decode() for part in name[6:].split("."))
                self.tables.add((qualifier or database, table))


class Oracle:
    DATABASE = "nothing"

    def __init__(self, server):
        self.server = server
        server.execute(f"UPDATE performance_schema.setup_consumers SET enabled = 'YES'; CREATE DATABASE {self.DATABASE};"
                       "CREATE DATABASE words; CREATE TABLE words.t (a varchar(10), b varchar(10), c varchar(10), x int NOT NULL);"
                       "INSERT INTO words.t VALUES ('1', 'a', 'x', 1), ('2', 'b', 'y', 2);"
                       "CREATE USER nobody@'127.0.0.1' IDENTIFIED BY 'n'; GRANT SHOW VIEW ON words.* TO nobody@'127.0.0.1'")
        major, minor, patch = re.match(r"(\d+)\.(\d+)\.(\d+)", server.scalar("SELECT version()")).groups()
        self.version = int(major) * 10000 + int(minor) * 100 + int(patch)
        self.root = server.connect(self.DATABASE)
        self.nobody = None

    def close(self):
        self.root.close()

    def ours(self, texts: list, flags: str = "-") -> list:
        return [Ours(line.decode(errors="replace"), self.DATABASE) for line in _ask(texts, flags, self.version, [])]

    def _execute(self, sql: str) -> list:
        with self.root.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def prepare(self, text: bytes) -> tuple:
        """(error number, message) of preparing a text; 0 if that succeeds."""
        connection = self.root
        try:
            connection._execute_command(PREPARE, text)
            head = connection._read_packet()._data
            for count in (head[7:9], head[5:7]):  # parameters, columns
                if any(count):
                    for _ in range(int.from_bytes(count, "little") + 1):
                        connection._read_packet()
            connection._execute_command(CLOSE, head[1:5])
            return 0, ""
        except pymysql.err.MySQLError as problem:
            if not connection.open:
                self.root = self.server.connect(self.DATABASE)
            return problem.args[0], str(problem.args[-1])

    def tables(self, text: bytes) -> tuple:
        """(the tables that the server looks for, the last error): each that it misses is made for it."""
        found, error = set(), (0, "")
        for _ in range(80):
            error = self.prepare(text)
            missing = re.match(r"Table '(.+?)\.(.+)' doesn't exist", error[1], re.S) if error[0] == NO_TABLE else None
            if missing is None or missing.groups() in found or missing[1] in SYSTEM:
                break
            found.add(missing.groups())
            database, table = (part.replace("`", "``") for part in missing.groups())
            if database != self.DATABASE:
                self._execute(f"CREATE DATABASE IF NOT EXISTS `{database}`")
            self._execute(f"CREATE TEMPORARY TABLE `{database}`.`{table}` (a int) ENGINE=MEMORY")  # no file to wait for
        for database, table in found:
            self._execute("DROP TEMPORARY TABLE `%s`.`%s`" % (database.replace("`", "``"), table.replace("`", "``")))
        return found, error

    def kind(self, text: bytes) -> str:
        """What the server counts the text as ("insert_select"), sent by somebody who may do nothing."""
        if self.nobody is None or not self.nobody.open:
            self.nobody = self.server.connect("words", "nobody", "n")
            self.thread = self._execute("SELECT thread_id FROM performance_schema.threads WHERE processlist_id = %d" %
                                        self.nobody.thread_id())[0][0]
        try:
            self.nobody._execute_command(QUERY, text)
            self.nobody._read_query_result()
        except pymysql.err.MySQLError:
            pass
        for _ in range(20):  # its event comes a moment after its answer
            events = self._execute("SELECT event_name, sql_text FROM performance_schema.events_statements_history WHERE "
                                   f"thread_id = {self.thread} ORDER BY event_id DESC LIMIT 1")
            if events and (events[0][1] or "").encode(errors="replace")[:40] == text[:40]:
                return events[0][0].removeprefix("statement/sql/")
            time.sleep(0.005)
        return "unknown"

    def compare_tables(self, texts: list) -> tuple:
        """(counts, differences): tables that only one side knows of, texts that only we take."""
        counts, differences = Counter(), []
        for text, ours in zip(texts, self.ours(texts)):
            if not ours.accepted or len(ours.kinds) > 1:
                counts["refused"] += 1
                continue
            theirs, error = self.tables(text)
            if error[0] == SYNTAX:
                differences.append(("no statement", text, ours.line, error))
                continue
            own = {(d, t) for d, t in ours.tables if d.lower() not in SYSTEM}
            shadowed = {name for name in own | theirs if name[0] == self.DATABASE and name[1].lower() in ours.common}
            counts["same" if own - shadowed == theirs - shadowed else "more"] += 1
            if theirs - shadowed - own:
                differences.append(("missed", text, ours.line, theirs))
        return counts, differences

    def canonical(self, text: str):
        """The server's own print of a query over words.t, or its error number."""
        try:
            self._execute("EXPLAIN EXTENDED " + text)
            return [row for row in self._execute("SHOW WARNINGS") if row[1] == 1003]
        except pymysql.err.MySQLError as problem:
            return problem.args[0]

    def compare_nesting(self, texts: list, flags: str = "-") -> tuple:
        """(counts, differences): a text must mean to the server what it means with all parentheses that we see in it."""
        modes = [name for flag, name in (("p", "PIPES_AS_CONCAT"), ("h", "HIGH_NOT_PRECEDENCE")) if flag in flags]
        self._execute(f"SET sql_mode = '{','.join(modes)}'")
        self._execute("USE words")
        counts, differences = Counter(), []
        lines = _ask([t.encode() for t in texts], flags, self.version, ["parentheses"])
        for text, line in zip(texts, lines):
            if line == b"lex" or line.startswith(b"error"):
                counts["refused"] += 1
                continue
            plain, nested = self.canonical(text), self.canonical(line.decode())
            counts["error" if isinstance(plain, int) else "same"] += 1
            if plain != nested or plain == SYNTAX:
                differences.append((text, line, plain, nested))
        self._execute(f"USE {self.DATABASE}")
        self._execute("SET sql_mode = DEFAULT")
        return counts, differences
