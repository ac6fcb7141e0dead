"""Our MySQL parser against a real MariaDB: what we take the server takes, as the same kind of statement, over the same
tables, nested in the same way."""

import random
import re

import pytest

from support.mysql import MysqlServer
from support.mysql_parser_oracle import SERVER_OPTIONS, SYNTAX, Oracle
from support.mysql_statements import Statements
from support.mysql_texts import suite

ROWS = re.compile(rb"[\s(]*(select|insert|update|delete|replace|with|values)\b", re.I)
KINDS = {"insert": ("insert", "insert_select"), "replace": ("replace", "replace_select"), "update": ("update", "update_multi"),
         "delete": ("delete", "delete_multi"), "select": ("select",)}


@pytest.fixture(scope="module")
def oracle():
    server = MysqlServer("parser", **SERVER_OPTIONS)
    oracle = Oracle(server)
    yield oracle
    oracle.close()
    server.destroy()


@pytest.fixture(scope="module")
def collected():
    """Statements of the server's own tests that touch rows; without those that its test program completes."""
    texts = [t for t in suite(share=40) if ROWS.match(t) and b"$" not in t]
    if not texts:
        pytest.skip("mariadb-test-data is not installed")
    return texts


def report(differences: list) -> str:
    return "\n".join("\n  ".join(map(str, difference)) for difference in differences[:5])


def test_what_we_take_is_a_statement_and_most_statements_we_take(oracle, collected):
    taken, theirs = {}, {}
    for text, ours in zip(collected, oracle.ours(collected)):
        error = oracle.prepare(text)
        verb = ROWS.match(text).group(1).lower()
        if error[0] == SYNTAX:
            assert not ours.accepted or len(ours.kinds) > 1, (text, error)  # it prepares one statement only
            continue
        if ours.line != "lex":  # other encodings, and names that are refused before they come to us
            theirs[verb] = theirs.get(verb, 0) + 1
            taken[verb] = taken.get(verb, 0) + ours.accepted
    rates = {verb.decode(): f"{taken[verb]}/{theirs[verb]}" for verb in theirs}
    print("taken by verb:", rates)
    for verb in (b"select", b"insert", b"update", b"delete"):
        assert taken[verb] >= 0.98 * theirs[verb], rates


def test_tables_of_collected_statements(oracle, collected):
    texts = random.Random(1).sample(collected, 700)
    counts, differences = oracle.compare_tables(texts)
    assert not differences, report(differences)
    # The server does not always come to open tables: sequences (seq_1_to_9), other errors before.
    assert counts["same"] > 500 and counts["more"] < 25, counts


@pytest.mark.parametrize("seed", [1, 2])
def test_tables_of_generated_statements(oracle, seed):
    statements = Statements(seed)
    counts, differences = oracle.compare_tables([statements.statement().encode() for _ in range(400)])
    assert not differences, report(differences)
    assert counts["same"] > 200, counts


def test_kinds(oracle, collected):
    texts = random.Random(2).sample(collected, 300)
    compared = 0
    for text, ours in zip(texts, oracle.ours(texts)):
        if not ours.accepted or len(ours.kinds) != 1 or b";" in text:
            continue
        theirs = oracle.kind(text)
        if theirs in ("unknown", "error"):
            continue
        assert theirs in KINDS[ours.kinds[0]], (text, ours.line, theirs)
        compared += 1
    assert compared > 150


@pytest.mark.parametrize("flags", ["-", "p", "h", "ph"])
def test_operators_nest_as_on_the_server(oracle, flags):
    statements = Statements(10)
    counts, differences = oracle.compare_nesting([statements.operators() for _ in range(700)], flags)
    assert not differences, report(differences)
    assert counts["same"] > 250, counts


def test_joins_nest_as_on_the_server(oracle):
    statements = Statements(20)
    counts, differences = oracle.compare_nesting([statements.joins() for _ in range(900)])
    assert not differences, report(differences)
    assert counts["same"] > 300, counts


def test_the_comparisons_notice_a_difference(oracle):
    """They would be worth nothing if they could not fail."""
    statements = Statements(30)
    texts = [statements.operators() for _ in range(300)]
    read_with_pipes = oracle.compare_nesting
    assert not read_with_pipes(texts, "-")[1]
    wrong = Oracle.canonical
    try:
        # The server reads || as a concatenation, we read OR.
        Oracle.canonical = lambda self, text: (self._execute("SET sql_mode = 'PIPES_AS_CONCAT,HIGH_NOT_PRECEDENCE'"), wrong(self, text))[1]
        assert read_with_pipes(texts, "-")[1]
    finally:
        Oracle.canonical = wrong
    hidden = oracle.ours
    try:
        def without_tables(given):
            found = hidden(given)
            for one in found:
                if one.accepted:
                    one.tables = set()
            return found
        oracle.ours = without_tables
        assert oracle.compare_tables([statements.statement().encode() for _ in range(20)])[1]
    finally:
        oracle.ours = hidden
