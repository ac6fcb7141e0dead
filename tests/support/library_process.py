"""The embedded library as a process (support/library_client.cpp): what runs through the proxy can run through it."""

import json
import os
import re
import select
import subprocess
from pathlib import Path

from support.fairlead import toml
from support.process import ROOT

CLIENT = Path(os.environ.get("FAIRLEAD_LIBRARY_CLIENT", ROOT / "build/release/tests/library_client"))
# What the proxy does for its clients, and a library refuses because its API does it. Of rules that both have, only these
# texts of the library's are meant.
BY_DESIGN = {"transaction-text", "session-command", "several-statements", "previous-statement", "session-setting",
             "load-data", "copy", "text-prepare"}
ROWS_IN_TAG = re.compile(r"^(?:INSERT \d+|UPDATE|DELETE|MERGE) (\d+)$")
SANITIZER_MARKS = ("ERROR: AddressSanitizer", "WARNING: ThreadSanitizer", "runtime error:", "ERROR: LeakSanitizer")


class Answer(dict):
    """One answer of the program: columns, rows, affected, insert_id, or error."""

    def __init__(self, line: bytes):
        super().__init__(json.loads(line))
        self.raw = line

    @property
    def error(self):
        return self.get("error")

    @property
    def kind(self):
        """The exception's class, or None when it succeeded."""
        return self.error["kind"] if self.error else None

    @property
    def rule(self) -> str:
        return self.error["rule"] if self.error else ""

    @property
    def rows(self) -> list:
        return self.get("rows", [])


class Library:
    """One process with one DataSource on a configuration like the proxy's. `asynchronous`: it uses that API."""

    def __init__(self, folder: Path, settings: dict, environment=None, timeout: float = 60.0, asynchronous: bool = False):
        assert CLIENT.exists(), f"{CLIENT} is missing: build the target library_client"
        self.timeout = timeout
        self.config = folder / "fairlead.toml"
        self.error_file = folder / "stderr"
        self.write(settings)
        with open(self.error_file, "wb") as errors:
            self.process = subprocess.Popen([str(CLIENT), str(self.config), *["--async"] * asynchronous], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=errors, env={**os.environ, **(environment or {})})
        self.buffer, self.unread = b"", 1  # that it has opened the file
        self.opened = self.receive()

    def write(self, settings: dict):
        """A file that the proxy would take as well."""
        listen = {backend["engine"]: {"address": ["127.0.0.1:1"]} for backend in settings["backends"].values()}
        self.config.write_text(toml({**settings, "listen": listen}))

    # One call; or its two halves, so that something can happen between them.

    def ask(self, do: str, **question) -> Answer:
        while self.unread:  # of a test that failed before it took its answer
            self.receive()
        self.send(do, **question)
        return self.receive()

    def send(self, do: str, **question):
        self.unread += 1
        self.process.stdin.write(json.dumps({"do": do, **question}).encode() + b"\n")
        self.process.stdin.flush()

    def receive(self) -> Answer:
        while b"\n" not in self.buffer:
            if not self.answers(self.timeout):
                raise TimeoutError("the library's call has not come back")
            piece = os.read(self.process.stdout.fileno(), 1 << 16)
            assert piece, f"the library's program ended with {self.process.wait(30)}:\n{self.errors()[-8000:]}"
            self.buffer += piece
        line, self.buffer = self.buffer.split(b"\n", 1)
        self.unread -= 1
        return Answer(line)

    def answers(self, seconds: float) -> bool:
        return bool(select.select([self.process.stdout], [], [], seconds)[0])

    def run(self, tenant: str, sql: str, values=(), **options) -> Answer:
        return self.ask("run", tenant=tenant, sql=sql, values=list(values), **options)

    def pool(self, backend: str = "main") -> dict:
        return self.ask("pools")[backend]

    def errors(self) -> str:
        return self.error_file.read_text(errors="replace")

    def close(self):
        """It must have lived until now, must end by itself, and leave nothing a sanitizer complains about."""
        if self.process.poll() is None:
            self.process.stdin.close()
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the library's program did not end:\n{self.errors()[-4000:]}") from None
        finally:
            self.process.stdout.close()
        text = self.errors()
        assert code == 0, f"the library's program ended with {code}:\n{text[-8000:]}"
        assert not any(mark in text for mark in SANITIZER_MARKS), text[-8000:]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class LibraryReply:
    """An answer of the library in the form of support.raw_client's replies, as far as the tests of statements look."""

    def __init__(self, answer: Answer):
        self.raw, self.rows, self.rule = answer.raw, answer.rows, answer.rule
        self.columns = [answer["columns"]] if answer.get("columns") else []
        self.affected, self.insert_id = answer.get("affected", 0), answer.get("insert_id", 0)
        error = answer.error
        self.error = error and {"C": error["sqlstate"], "M": error["message"], "N": error["code"], "kind": error["kind"],
                                "rule": error["rule"]}
        self.sqlstate = self.error["C"] if self.error else None


def affected(reply) -> int:
    """Rows that a statement touched: of the library's answer, or by the tag of the raw protocol. Rows that a query returns
    are no touched ones."""
    if isinstance(reply, LibraryReply):
        return reply.affected
    matches = [ROWS_IN_TAG.match(tag) for tag in reply.tags]
    return sum(int(match[1]) for match in matches if match)


class Conversation:
    """Statements of one client as an application would send them: in a session, and from BEGIN to COMMIT in a transaction."""

    def __init__(self, library: Library, tenant: str):
        self.library, self.tenant, self.place, self.failed = library, tenant, None, False

    def run(self, sql: str, values=(), prepare: bool = True) -> Answer:
        word = sql.strip().upper()
        if word == "BEGIN" and self.place != "transaction":
            return self._open("begin", "transaction", prepare)
        if self.place == "transaction" and word in ("COMMIT", "ROLLBACK"):
            return self._end("rollback" if self.failed else word.lower())  # as the server does behind an error
        if self.place is None:
            self._open("session", "session", prepare)
        answer = self.library.ask("run", sql=sql, values=list(values), **{"in": self.place})
        self.failed = self.failed or bool(answer.error)
        return answer

    def close(self):
        if self.place:
            self._end("close")

    def _open(self, do: str, place: str, prepare: bool) -> Answer:
        self.close()
        self.place, self.failed = place, False
        return self.library.ask(do, tenant=self.tenant, prepare=prepare, **{"as": place})

    def _end(self, do: str) -> Answer:
        place, self.place = self.place, None
        return self.library.ask(do, **{"in": place})


class PostgresConversation(Conversation):
    """The same in the form of a RawClient."""

    def query(self, sql: str) -> LibraryReply:
        return LibraryReply(self.run(sql, prepare=False))

    def extended(self, sql: str) -> LibraryReply:
        return LibraryReply(self.run(sql))


class PostgresTenant:
    """A tenant as the Side of the isolation tests asks it."""

    def __init__(self, library: Library, tenant: str, database: str):
        self.library, self.tenant, self.database = library, tenant, database

    def query(self, sql: str) -> LibraryReply:
        return LibraryReply(self.library.run(self.tenant, sql, database=self.database))
