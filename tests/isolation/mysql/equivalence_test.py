"""Silo equivalence on generated statements. Each runs through Fairlead as acme on shared tables, and directly on the
reference, which holds only acme's rows: answers, affected rows and state must be equal. A difference prints the seed and
the shrunk statement.

FAIRLEAD_SEEDS=0:5000 runs others than those of every day. FAIRLEAD_ISOLATION_THROUGH=guard leaves the proxy out: the guard
rewrites, the test sends; a difference that stays is the guard's.
"""

import collections
import os
import re

import pytest

from isolation.mysql.grammar import Grammar
from support.mysql_equivalence import Difference, compare, guard_side, proxy_side, reference_side, shrink

STATEMENTS = 80
FIRST, LAST = map(int, os.environ.get("FAIRLEAD_SEEDS", "0:12").split(":"))


@pytest.fixture(scope="module")
def sides(bare_estate, request):
    if os.environ.get("FAIRLEAD_ISOLATION_THROUGH") == "guard":
        shared = guard_side(bare_estate)
    else:
        request.getfixturevalue("estate")
        shared = proxy_side(bare_estate, request.getfixturevalue("proxy"))
    reference = reference_side(bare_estate)
    yield shared, reference
    shared.close()
    reference.close()


@pytest.fixture(scope="module")
def refusals():
    """What was refused, and by which rule: counted over all seeds."""
    return collections.Counter()


def differs(shared, reference, text, protocol) -> bool:
    try:
        compare(shared, reference, text, protocol)
    except Difference as difference:
        return "\n" in str(difference)
    except Exception:
        return False
    return False


@pytest.mark.parametrize("seed", range(FIRST, LAST))
def test_generated_statements(sides, refusals, seed):
    shared, reference = sides
    grammar = Grammar(seed)
    for number in range(STATEMENTS):
        statement = grammar.statement()
        protocol = grammar.pick("text", "prepared")
        sql, values = (statement.prepared, statement.values) if protocol == "prepared" else (statement.text, ())
        try:
            found = compare(shared, reference, sql, protocol, values, statement.ordered)
        except Difference as difference:
            small = shrink(lambda text: differs(shared, reference, text, protocol), statement.text)
            raise AssertionError(f"seed {seed}, statement {number}: {difference}\n\nshrunk: {small}") from None
        refusals[found] += 1
        if found == "refused":
            rule = re.search(r"\[rule ([\w-]+)\]", shared.run(sql, protocol, values).error["M"])
            refusals[f"rule {rule[1]}"] += 1


def test_few_were_refused_and_few_failed(refusals):
    """A test that runs nothing proves nothing."""
    total = sum(refusals[kind] for kind in ("same", "refused", "fails"))
    print(dict(refusals))
    assert total == (LAST - FIRST) * STATEMENTS
    assert refusals["same"] > 0.75 * total, dict(refusals)
    assert refusals["refused"] < 0.1 * total, dict(refusals)


def test_the_oracle_can_fail(bare_estate, sides):
    """Without protection the comparison notices: rows of others, and a state that is not acme's."""
    from support.estate import APP_PASSWORD
    from support.mysql_client import MysqlClient
    from support.mysql_equivalence import Side
    direct = Side(bare_estate, bare_estate.main, lambda: MysqlClient.login(bare_estate.main.port, "fairlead_app", APP_PASSWORD))
    try:
        for sql, told in (("SELECT name FROM customers", "came back"), ("SELECT count(*) FROM customers", "another answer"),
                          ("DELETE FROM customers WHERE id = 1", "another tenant changed"),
                          ("INSERT INTO orders (tenant_id, note) VALUES ('globex', 'x')", "another tenant changed")):
            with pytest.raises(Difference, match=told):
                compare(direct, sides[1], sql)
        text = "SELECT c.id, (SELECT count(*) FROM orders) FROM customers c WHERE c.id > 0 AND (c.name IS NOT NULL OR 1 = 1) ORDER BY 1"
        small = shrink(lambda candidate: differs(direct, sides[1], candidate, "text"), text)
        assert len(small) < 45, small
    finally:
        direct.close()
