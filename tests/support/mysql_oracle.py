"""What a real MariaDB makes of a text, next to what our lexer makes of it.

A text is printed again from our tokens: without comments, with blanks between tokens, strings in another spelling. If we
cut it as the server does, the server cannot tell the two apart: the same digest (its own list of tokens), the same
answer, or an error at the same token."""

import os
import re
import subprocess
import time
from collections import Counter
from dataclasses import dataclass

import pymysql

PROGRAM = os.environ.get("FAIRLEAD_MYSQL_TOKENS", "build/release/tests/mysql_tokens")
(PUNCTUATION, WORD, QUOTED, USER_VARIABLE, SYSTEM_VARIABLE, PLACEHOLDER, NULL_ESCAPE, STRING, NATIONAL, HEX, BIT, INTEGER,
 DECIMAL, REAL) = range(14)
SERVER_OPTIONS = {"performance-schema": "ON", "max-digest-length": 4096, "performance-schema-max-digest-length": 4096,
                  "performance-schema-events-statements-history-size": 256,
                  "performance-schema-max-thread-instances": 60,  # history is laid out for every thread
                  "max-statement-time": 2}
ESCAPES = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"0": b"\0", b"Z": b"\x1a"}


@dataclass(frozen=True)
class Mode:
    charset: str = "utf8mb4"
    ansi_quotes: bool = False
    no_backslash_escapes: bool = False
    ignore_space: bool = False

    @property
    def flags(self) -> str:
        return "".join(flag for flag, on in (("a", self.ansi_quotes), ("n", self.no_backslash_escapes),
                                             ("i", self.ignore_space)) if on) or "-"

    @property
    def sql_mode(self) -> str:
        return ",".join(name for name, on in (("ANSI_QUOTES", self.ansi_quotes), ("IGNORE_SPACE", self.ignore_space),
                                              ("NO_BACKSLASH_ESCAPES", self.no_backslash_escapes)) if on)


@dataclass
class Token:
    begin: int
    end: int
    kind: int
    flags: str


def lex(texts: list, mode: Mode, version: int) -> list:
    """A list of tokens for each text; None where our lexer reports an error."""
    asked = b"".join(b"mariadb %d %s %s %d\n%s" % (version, mode.charset.encode(), mode.flags.encode(), len(t), t)
                     for t in texts)
    answer = subprocess.run([PROGRAM], input=asked, capture_output=True, timeout=120, check=True).stdout.decode()
    out = []
    for line in answer.splitlines():
        if line.startswith("error"):
            out.append(None)
        else:
            fields = [piece.split(":") for piece in line.split()]
            out.append([Token(int(b), int(e), int(k), f) for b, e, k, f in fields])
    assert len(out) == len(texts)
    return out


def _respelled(text: bytes, mode: Mode) -> bytes:
    """Another way to write the same string."""
    prefix, body = (text[:1], text[2:-1]) if text[:1] in b"nN" else (b"", text[1:-1])
    quote = text[-1:]
    if mode.no_backslash_escapes:
        return prefix + b"'" + body.replace(quote * 2, quote).replace(b"'", b"''") + b"'"
    value, at = b"", 0
    while at < len(body):
        step = body[at:at + 1]
        if step == b"\\":
            escaped = body[at + 1:at + 2]
            # \% and \_ stay as they are: two bytes of the value
            value += b"\\" + escaped if escaped in (b"%", b"_") else ESCAPES.get(escaped, escaped)
        else:
            value += step
        at += 2 if step in (b"\\", quote) else 1
    return prefix + b"'" + value.replace(b"\\", b"\\\\").replace(b"'", b"\\'").replace(b"\n", b"\\n") + b"'"


def respell(text: bytes, tokens: list, mode: Mode) -> tuple:
    """The text printed again, and where each token stands in it."""
    out, spans, before = b"", [], None
    for token in tokens:
        piece = text[token.begin:token.end]
        if before is not None:
            glued = piece in (b".", b"(") or before.kind == SYSTEM_VARIABLE or token.kind == USER_VARIABLE or \
                text[before.begin:before.end] == b"."
            out += b"/**/" if "k" in token.flags else b"\n" if "s" in token.flags else b"" if glued else b" "
        begin = len(out)
        out += _respelled(piece, mode) if token.kind in (STRING, NATIONAL) else piece
        spans.append((begin, len(out)))
        before = token
    return out, spans


@dataclass
class Answer:
    error: tuple = None
    rows: tuple = ()
    digest: str = None


class Oracle:
    CHUNK = 95  # texts, two events each; one that makes none costs the digests of its chunk

    def __init__(self, server):
        self.server = server
        server.execute("UPDATE performance_schema.setup_consumers SET enabled = 'YES'; CREATE DATABASE words;"
                       "CREATE TABLE words.t (a int, b varchar(20), x int, `1a` int, `5` int); INSERT INTO words.t VALUES"
                       "(1, 'one', 10, 11, 5), (2, 'two', 20, 21, 5);"
                       "CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'r'; GRANT SELECT ON words.* TO reader@'127.0.0.1'")
        self.root = server.connect()
        major, minor, patch = re.match(r"(\d+)\.(\d+)\.(\d+)", server.scalar("SELECT version()")).groups()
        self.version = int(major) * 10000 + int(minor) * 100 + int(patch)
        self.connection = None
        self.connect_as = None  # a mode for the server's side, when it shall differ from ours

    def close(self):
        self.root.close()

    def _connect(self, mode: Mode):
        mode = self.connect_as or mode
        self.connection = self.server.connect("words", "reader", "r")
        self._say(f"SET NAMES {mode.charset}, sql_mode = '{mode.sql_mode}', character_set_results = binary".encode())
        self.connection.encoding = "latin1"  # any bytes are text then

    def _say(self, text: bytes) -> Answer:
        try:
            self.connection._execute_command(3, text)
            self.connection._read_query_result()
            return Answer(rows=self.connection._result.rows)
        except pymysql.err.MySQLError as problem:
            return Answer(error=problem.args)

    def _ask(self, texts: list, mode: Mode) -> list:
        self._connect(mode)
        answers = []
        for text in texts:
            answers.append(self._say(text))
            if not self.connection.open:
                self._connect(mode)
        thread = self.connection.thread_id()
        events = self._events(thread, len(texts))
        for answer, event in zip(answers, events):
            answer.digest = (event[1] or "").rstrip("; ")  # the last semicolon is cut off before
        self.connection.close()
        return answers

    def _events(self, thread: int, wanted: int) -> list:
        """One event for each text that the thread was sent behind its SET NAMES; nothing if the server counts otherwise (a
        few statements make none, or two). The last one comes a moment after its answer."""
        for _ in range(3):
            with self.root.cursor() as cursor:
                cursor.execute("SELECT sql_text, digest_text FROM performance_schema.events_statements_history JOIN "
                               "performance_schema.threads USING (thread_id) WHERE processlist_id = %s "
                               "ORDER BY event_id", (thread,))
                events = list(cursor.fetchall())
            start = [i for i, event in enumerate(events) if (event[0] or "").startswith("SET NAMES ")]
            events = events[start[-1] + 1:] if start else []
            if len(events) == wanted:
                return events
            time.sleep(0.01)
        return []

    def compare(self, texts: list, mode: Mode = Mode(), rows: bool = True) -> tuple:
        """(counts by outcome, differences). Outcomes: refused by us, digest, error, answer."""
        counts, differences = Counter(), []
        for at in range(0, len(texts), self.CHUNK):
            part = texts[at:at + self.CHUNK]
            taken = [(t, tokens) for t, tokens in zip(part, lex(part, mode, self.version)) if tokens]
            counts["refused"] += len(part) - len(taken)
            again = [respell(t, tokens, mode) for t, tokens in taken]
            asked = [sql for (t, _), (other, _) in zip(taken, again) for sql in (t, other)]
            answers = self._ask(asked, mode) if asked else []
            for i, (text, tokens) in enumerate(taken):
                outcome, same = self._same(text, tokens, *again[i], answers[2 * i], answers[2 * i + 1], rows)
                counts[outcome] += 1
                if not same:
                    differences.append((outcome, text, again[i][0], answers[2 * i], answers[2 * i + 1]))
        return counts, differences

    @staticmethod
    def _same(text, tokens, other, spans, ours, theirs, rows) -> tuple:
        if ours.error and ours.error[0] == 1064:
            return "error", bool(theirs.error) and theirs.error[0] == 1064 and bool(
                _places(text, [(t.begin, t.end) for t in tokens], ours) & _places(other, spans, theirs))
        if (ours.error or (0,))[0] != (theirs.error or (0,))[0]:
            return "error", False
        if ours.digest and theirs.digest:
            return "digest", ours.digest == theirs.digest and (not rows or ours.rows == theirs.rows)
        return ("error" if ours.error else "answer"), not rows or ours.rows == theirs.rows


def _places(text: bytes, spans: list, answer: Answer) -> set:
    """The tokens at which the server may have stopped: its message quotes 80 characters from there, or from the end of
    the token before (behind a comma)."""
    near = re.search(r"right syntax to use near '(.*)' at line", answer.error[1], re.S)
    if near is None:
        return {answer.error[1].split(" near ")[0]}
    # Up to what is in an encoding of its own.
    quoted = re.split(r"[\\?(*/]|[^\x20-\x7e]", near.group(1).removesuffix("...")[:40].lstrip())[0]
    places, before = set(), 0
    for index, (begin, end) in enumerate(spans + [(len(text), len(text))]):
        rests = [text[at:].decode("latin1") for at in (begin, before)]
        at_end = index == len(spans) or not rests[0].strip(" ;\n")
        if at_end if not near.group(1) else any(rest.lstrip().startswith(quoted) for rest in rests):
            places.add(index)
        before = end
    return places
