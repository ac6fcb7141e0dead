"""Silo equivalence on MariaDB: the same statement on shared tables as acme and on a server that holds only acme's rows."""

import json
import os
import re
import subprocess

from support.estate import APP_PASSWORD, CLIENT_PASSWORD, TENANT_TABLES
from support.library_process import Answer, Conversation, Library, LibraryReply
from support.mysql_client import MysqlClient, Reply, Result, ServerClosed
from support import mysql_packets as wire

MARK = b"zqglobex"
REFUSED = 1235
SYNTAX_ERROR = 1064  # what the guard cannot read
# What the proxy sets on every server connection of shared tables: see policy/mysql/guard/README.md.
REQUIRED_SETTINGS = "SET optimizer_switch = 'index_condition_pushdown=off'"
# The server cannot read a table that it changes, unless a derived table stands between: with us one may stand there.
TARGET_IS_READ = 1093
GLOBAL_TABLES = ("plans",)
OPTIONS = {"capabilities": wire.MULTI_STATEMENTS, "timeout": 30}


class Side:
    """One of the two servers: a client on it, the state of its rows, and how to put them back."""

    def __init__(self, estate, server, connect):
        self.estate, self.server, self.connect = estate, server, connect
        self.watcher = MysqlClient.login(server.port, "root", "super-secret-of-the-test", **OPTIONS)
        estate.restore(server)
        self.initial = self.after()
        self.client = None

    def run(self, sql: str, protocol: str = "text", values=()) -> Reply:
        if self.client is None:
            self.client = self.connect()
        try:
            ways = {"text": lambda: self.client.query(sql), "prepared": lambda: self.client.prepared_query(sql, values),
                    "named": lambda: named_query(self.client, sql, values)}
            reply = ways[protocol]()
            if reply.error or reply.in_transaction:
                self.client.query("ROLLBACK")
            return reply
        except ServerClosed:
            self.client = None
            raise
        except Exception:
            self.renew_client()  # else every later statement would read this one's answer
            raise

    def after(self) -> tuple:
        """(acme's rows and the global ones, everybody else's), as an administrator sees them."""
        tables = (*TENANT_TABLES, *GLOBAL_TABLES)
        reply = self.watcher.query("; ".join(f"SELECT * FROM {table}" for table in tables))
        assert not reply.error, reply.error
        own, foreign = {}, {}
        for table, result in zip(tables, reply.results):
            at = next((i for i, (name, _, _) in enumerate(result.columns) if name == "tenant_id"), None)
            own[table] = sorted(repr(row) for row in result.rows if at is None or row[at] == "acme")
            foreign[table] = sorted(repr(row) for row in result.rows if at is not None and row[at] != "acme")
        return own, foreign

    def restore_if_changed(self, after: tuple, sql: str):
        # An INSERT that failed, too, moves the counter of new orders, and the next one would differ.
        if after != self.initial or re.search(r"\b(insert|replace)\b", sql, re.I):
            self.estate.restore(self.server)
            assert self.after() == self.initial

    def renew_client(self):
        if self.client:
            self.client.close()
        self.client = None

    def close(self):
        self.renew_client()
        self.watcher.close()


def quoted(value) -> str:
    if value is None or isinstance(value, (int, float)):
        return "NULL" if value is None else repr(value)
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def named_query(client, sql: str, values) -> Reply:
    """By PREPARE, SET and EXECUTE as statements."""
    variables = [f"@value{number}" for number in range(len(values))]
    for variable, value in zip(variables, values):
        reply = client.query(f"SET {variable} = {quoted(value)}")
        assert not reply.error, reply.error
    reply = client.query(f"PREPARE named FROM {quoted(sql)}")
    return reply if reply.error else client.query("EXECUTE named" + (f" USING {', '.join(variables)}" if variables else ""))


def reference_side(estate) -> Side:
    return Side(estate, estate.reference,
                lambda: MysqlClient.login(estate.reference.port, "fairlead_app", APP_PASSWORD, **OPTIONS))


def reference_in_texts(estate) -> Side:
    """The reference for the library, which gives the values of prepared statements as texts."""
    return Side(estate, estate.reference, lambda: TextClient(estate.reference.port))


def proxy_side(estate, proxy) -> Side:
    return Side(estate, estate.main, lambda: proxy.raw("acme_app", CLIENT_PASSWORD, **OPTIONS))


def library_side(estate, library: Library) -> Side:
    """The embedded library, which prepares everything and gives every value as text."""
    return Side(estate, estate.main, lambda: LibraryClient(library, "acme"))


def guard_side(estate) -> Side:
    """The guard alone (the program mysql_rewrite), and what it lets pass sent by hand: says whose mistake it is."""
    return Side(estate, estate.main, lambda: GuardedClient(estate))


class GuardedClient(MysqlClient):
    def __init__(self, estate):
        client = MysqlClient.login(estate.main.port, "fairlead_app", APP_PASSWORD, **OPTIONS)
        self.__dict__.update(client.__dict__)
        assert not super().query(REQUIRED_SETTINGS).error
        self.guard = subprocess.Popen([os.environ["FAIRLEAD_MYSQL_REWRITE"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._ask({"placement": {"model": "pool", "tenant": "acme", "database": "shop", "tenant_column": "tenant_id",
                                 "tables": catalogue(estate.main)}})

    def _ask(self, question: dict) -> dict:
        self.guard.stdin.write(json.dumps(question) + "\n")
        self.guard.stdin.flush()
        return json.loads(self.guard.stdout.readline())

    def _judged(self, sql: str, prepared: bool, send):
        if sql == "ROLLBACK":
            return super().query(sql)
        answer = self._ask({"sql": sql, "prepared": prepared, "multi_statements": not prepared})
        if answer["verdict"] == "pass" or answer.get("sql") and "refuse" not in answer["verdict"]:
            self.sent = answer.get("sql") or answer.get("rewritten") or sql
            return send(self.sent)
        return Reply([Result(error={"N": REFUSED, "C": "42000", "M": f"{answer.get('message')} [rule {answer.get('rule')}]"})])

    def query(self, sql):
        return self._judged(sql, False, super().query)

    def prepared_query(self, sql, values=()):
        return self._judged(sql, True, lambda text: super(GuardedClient, self).prepared_query(text, values))

    def close(self):
        self.guard.kill()
        self.guard.wait()
        super().close()


class TextClient(MysqlClient):
    """Which gives every value as text, and of a procedure's results the first or the error, as the library does."""

    def __init__(self, port: int, user: str = "fairlead_app"):
        self.__dict__.update(MysqlClient.login(port, user, APP_PASSWORD, **OPTIONS).__dict__)

    def query(self, sql):
        return self.told(super().query(sql))

    def prepared_query(self, sql, values=()):
        return self.told(super().prepared_query(sql, values))

    @staticmethod
    def told(reply):
        failed = [result for result in reply.results if result.error]
        reply.results = failed or reply.results[:1]
        for result in reply.results:
            result.rows = [[value if value is None else str(value) for value in row] for row in result.rows]
        return reply


class LibraryClient:
    """A tenant of the library in the form of a MysqlClient."""

    def __init__(self, library: Library, tenant: str):
        self.library, self.tenant = library, tenant

    def query(self, sql: str) -> Reply:
        return self.prepared_query(sql)

    def prepared_query(self, sql: str, values=()) -> Reply:
        if sql == "ROLLBACK":
            return Reply([Result()])  # nothing outlives a call
        return self.reply(self.library.run(self.tenant, sql, [as_argument(value) for value in values]))

    @staticmethod
    def reply(given: Answer) -> Reply:
        answer = LibraryReply(given)
        if answer.error and answer.rule:
            error = {"N": REFUSED, "C": "42000", "M": f"{answer.error['M']} [rule {answer.rule}]", "rule": answer.rule}
            return Reply([Result(error=error)], [answer.raw])
        columns = [(name, 0, False) for names in answer.columns for name in names]
        return Reply([Result(columns, answer.rows, answer.affected, answer.insert_id, error=answer.error)], [answer.raw])

    def close(self):
        pass


class LibraryConversation(LibraryClient):
    """The same, its calls in one session, or in a transaction."""

    def __init__(self, library: Library, tenant: str):
        super().__init__(library, tenant)
        self.conversation = Conversation(library, tenant)

    def query(self, sql: str) -> Reply:
        return self.reply(self.conversation.run(sql, prepare=False))

    def prepared_query(self, sql: str, values=()) -> Reply:
        return self.reply(self.conversation.run(sql, [as_argument(value) for value in values]))

    def close(self):
        self.conversation.close()


def as_argument(value):
    return {"bytes": value.hex()} if isinstance(value, bytes) else value


def catalogue(server) -> list:
    """The shared tables as the guard is told of them."""
    tables = []
    for name, kind in server.execute("SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'shop'"):
        columns = [row[0] for row in server.execute("SELECT column_name FROM information_schema.columns WHERE table_schema = 'shop' "
                                                    f"AND table_name = '{name}' ORDER BY ordinal_position")]
        keys = server.execute("SELECT index_name FROM information_schema.statistics WHERE table_schema = 'shop' AND non_unique = 0 "
                              f"AND table_name = '{name}' GROUP BY 1 HAVING sum(column_name = 'tenant_id') = 0")
        tables.append({"name": name, "columns": columns, "view": kind == "VIEW", "tenant": "tenant_id" in columns and kind != "VIEW",
                       "global": name in GLOBAL_TABLES, "keys": [row[0] for row in keys]})
    return tables


# What must be equal. Where a row stands is not part of its value.
PLACE_DEPENDENT = re.compile(r"\b(rand|now|uuid|sysdate|curdate|curtime|current_timestamp|current_date|current_time|connection_id|user|"
                             r"current_user|session_user|system_user|version|unix_timestamp|utc_\w+|@@\w+)\b", re.I)
EXPLAIN = re.compile(r"^\s*(explain|desc|describe|analyze|show)\b", re.I)  # plans and counts of rows differ by right


def comparable(reply: Reply, sql: str, ordered: bool = False) -> list:
    found = []
    for result in reply.results:
        names = [name for name, _, _ in result.columns]
        if EXPLAIN.search(sql):
            found.append(names)
        elif PLACE_DEPENDENT.search(sql):
            found.append((names, len(result.rows)))
        elif not result.rows and not result.affected and re.search(r"\breturning\b", sql, re.I):
            found.append("nothing returned")  # with or without columns, as the plan has it
        else:
            rows = result.rows if ordered else sorted(result.rows, key=repr)
            found.append((names, rows, result.affected if not names else None, result.insert_id))
    return found


class Difference(AssertionError):
    pass


def compare(shared: Side, reference: Side, sql: str, protocol: str = "text", values=(), ordered: bool = False, may_refuse: bool = True) -> str:
    """Runs the statement on both. "same", "refused" by a rule, or "fails" on both; raises Difference. Leaves both as they were."""
    expected = reference.run(sql, protocol, values)
    reply = shared.run(sql, protocol, values)
    own, foreign = after = shared.after()
    expected_after = reference.after()
    told = f"{protocol}: {sql}\n  values: {values}\n  shared:    {reply.error or comparable(reply, sql, ordered)}\n" \
           f"  reference: {expected.error or comparable(expected, sql, ordered)}"[:4000]
    sent = getattr(shared.client, "sent", None)
    if sent and protocol != "named":
        told += f"\n  sent: {sent}"
    try:
        if foreign != shared.initial[1]:
            raise Difference(f"rows of another tenant changed\n{told}")
        if MARK in reply.raw:
            raise Difference(f"a value of another tenant came back\n{told}")
        if reply.errno in (REFUSED, SYNTAX_ERROR) and "[rule " in reply.error["M"] and may_refuse:
            if own != shared.initial[0]:
                raise Difference(f"refused, but it had an effect\n{told}")
            return "refused"
        if expected.errno == TARGET_IS_READ and not reply.error:
            return "fails"
        if bool(reply.error) != bool(expected.error):
            raise Difference(f"fails on one side only\n{told}")
        if not expected.error and comparable(reply, sql, ordered) != comparable(expected, sql, ordered):
            raise Difference(f"another answer\n{told}")
        if own != expected_after[0]:
            rows = {table: (own[table], expected_after[0][table]) for table in own if own[table] != expected_after[0][table]}
            raise Difference(f"another state\n{told}\n  {rows}"[:6000])
        return "fails" if expected.error else "same"
    finally:
        reference.restore_if_changed(expected_after, sql)
        shared.restore_if_changed(after, sql)
