"""Silo equivalence on MariaDB, statement by statement: as acme on shared tables, the answer, the affected rows, the
warnings and the state afterwards must equal those on a server that holds only acme's rows.

The statements: statements.jsonl here (format in tests/README.md), and those for MySQL of the file that
FAIRLEAD_ISOLATION_STATEMENTS names (default: ../shared/isolation/statements.jsonl beside the project, if present).
FAIRLEAD_ISOLATION_THROUGH says how they get there: `guard` rewrites them and the test sends what comes out, `proxy` is
the whole way, `library` that of the embedded library. What the library refuses because its API does it instead is counted,
and so is what was compared.
"""

import collections
import json
import os
import re
from pathlib import Path

import pytest

from support.library_process import BY_DESIGN
from support.mysql_equivalence import MARK, comparable, guard_side, library_side, proxy_side, reference_side
from support.process import ROOT

OTHERS = Path(os.environ.get("FAIRLEAD_ISOLATION_STATEMENTS", ROOT.parent / "shared/isolation/statements.jsonl"))
THROUGH = os.environ.get("FAIRLEAD_ISOLATION_THROUGH", "guard,proxy,library").split(",")
EXPECTATIONS = {"filtered", "forced", "refused", "allowed"}
MYSQL_8_ONLY = {"my-073-mysql8"}  # the server here has no such statement
# Answers that differ by right: the reference has the tenant as default, and a dictionary of its own.
DICTIONARY = re.compile(r"information_schema|\b(database|schema)\s*\(", re.I)
SESSION = re.compile(r"\b(set|begin|start|commit|rollback|unlock|use|prepare|execute)\b|@", re.I)
# What the proxy sets on every server connection of shared tables: see policy/mysql/guard/README.md.
REQUIRED_SETTINGS = "SET optimizer_switch = 'index_condition_pushdown=off'"


def load(path: Path) -> list:
    cases = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    for case in cases:
        assert case["expect"] in EXPECTATIONS or case["engine"] != "mysql", case
    return [case for case in cases if case["engine"] == "mysql"]


OWN = load(Path(__file__).parent / "statements.jsonl")
CASES = OWN + (load(OTHERS) if OTHERS.exists() else [])


@pytest.fixture(scope="module", params=THROUGH)
def sides(bare_estate, request):
    if request.param == "guard":
        shared = guard_side(bare_estate)
        login = shared.connect

        def connect():
            client = login()
            assert not super(type(client), client).query(REQUIRED_SETTINGS).error
            return client
        shared.connect = connect
    elif request.param == "library":
        shared = library_side(bare_estate, request.getfixturevalue("library"))
    else:
        request.getfixturevalue("estate")
        shared = proxy_side(bare_estate, request.getfixturevalue("proxy"))
    reference = reference_side(bare_estate)
    shared.compared = collections.Counter()  # "same", "refused" as expected, or the library's rule
    yield shared, reference
    shared.close()
    reference.close()


def test_the_corpus_is_there_and_its_ids_differ():
    assert len(OWN) >= 250
    ids = [case["id"] for case in CASES]
    assert len(ids) == len(set(ids))
    if "FAIRLEAD_ISOLATION_STATEMENTS" in os.environ:
        assert OTHERS.exists(), f"{OTHERS} does not exist"


def warnings(side) -> list:
    return sorted(side.run("SHOW WARNINGS").results[0].rows)


def same_answers(shared, reference, reply, expected, sql, told):
    if DICTIONARY.search(sql):
        shapes = [[([name for name, _, _ in result.columns], len(result.rows)) for result in each.results]
                  for each in (reply, expected)]
        assert shapes[0] == shapes[1], told
        return
    ordered = re.search(r"\border\s+by\b", sql, re.I) and not re.search(r"\b(union|over|group_concat)\b", sql, re.I)
    assert comparable(reply, sql, bool(ordered)) == comparable(expected, sql, bool(ordered)), told
    shared.compared["same"] += 1
    # The library tells nobody about warnings.
    if not re.match(r"\s*(explain|describe|show)\b", sql, re.I) and hasattr(shared.client, "socket"):
        assert [r.warnings for r in reply.results] == [r.warnings for r in expected.results], told
        # Texts hold values of rows, so those of shared tables lose them on their way through the proxy.
        told_whole = 3 if hasattr(shared.client, "sent") else 2
        assert [row[:told_whole] for row in warnings(shared)] == [row[:told_whole] for row in warnings(reference)], told


def check(shared, reference, case):
    sql, expect = case["sql"], case["expect"]
    reply = shared.run(sql)
    own, foreign = shared.after()
    told = f"{sql}\n-> {getattr(shared.client, 'sent', sql)}\n-> {reply.error or comparable(reply, sql)}"
    assert foreign == shared.initial[1], f"rows of another tenant changed: {told}"
    assert MARK not in reply.raw or MARK.decode() in sql, f"a value of another tenant came back: {told}"
    if expect == "refused" or case["id"] in MYSQL_8_ONLY:
        assert reply.error, f"was not refused: {told}"
        assert own == shared.initial[0], f"refused, but it had an effect: {told}"
        shared.compared["refused"] += 1
        return
    if reply.error and reply.error.get("rule") in BY_DESIGN:
        assert own == shared.initial[0], f"refused, but it had an effect: {told}"
        shared.compared[reply.error["rule"]] += 1
        return
    expected = reference.run(sql)
    if expected.error:
        assert reply.error, f"runs, but fails on the reference with {expected.error}: {told}"
        assert "[rule " not in reply.error["M"], f"refused: {told}"
    else:
        assert not reply.error, f"must run: {told}"
        same_answers(shared, reference, reply, expected, sql, f"{told}\nreference: {comparable(expected, sql)}")
    assert own == reference.after()[0], f"another state than on the reference: {told}"


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_statement(sides, case):
    try:
        check(*sides, case)
    finally:
        for side in sides:
            side.restore_if_changed(side.after(), case["sql"])
            if SESSION.search(case["sql"]):
                side.renew_client()


def test_enough_ran_and_was_compared(sides):
    """After all of the above, in the order of the file."""
    compared = sides[0].compared
    print(dict(compared))
    assert compared["same"] > 0.75 * sum(case["expect"] != "refused" for case in CASES), dict(compared)
    assert set(compared) <= BY_DESIGN | {"same", "refused"}


def test_the_oracle_can_fail(sides):
    """The mark, the rows and the comparison do notice: the same statements without any protection."""
    shared, reference = sides
    sql = "SELECT name FROM customers"
    reply, expected = shared.watcher.query(sql), reference.run(sql)
    assert MARK in reply.raw
    assert comparable(reply, sql) != comparable(expected, sql)
    assert not shared.watcher.query("UPDATE customers SET name = 'x' WHERE tenant_id = 'globex'").error
    assert shared.after()[1] != shared.initial[1]
    shared.restore_if_changed(shared.after(), sql)
