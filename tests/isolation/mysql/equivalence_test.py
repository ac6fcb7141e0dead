"""Silo equivalence on generated statements. Each runs through Fairlead as acme on shared tables, and directly on the
reference, which holds only acme's rows: answers, affected rows and state must be equal. A difference prints the seed and
the shrunk statement.

FAIRLEAD_SEEDS=0:5000 runs others than those of every day. FAIRLEAD_ISOLATION_THROUGH names the ways: proxy, library (the
embedded one) or guard, which leaves both out: the guard rewrites, the test sends; a difference that stays is the guard's.
"""

import collections
import os
import re

import pytest

from isolation.mysql.grammar import Grammar
from support.mysql_equivalence import (Difference, compare, guard_side, library_side, proxy_side, reference_in_texts,
                                       reference_side)
from support.shrinking import shrink

STATEMENTS = 80
FIRST, LAST = map(int, os.environ.get("FAIRLEAD_SEEDS", "0:12").split(":"))


@pytest.fixture(scope="module", params=os.environ.get("FAIRLEAD_ISOLATION_THROUGH", "proxy,library").split(","))
def sides(bare_estate, request):
    if request.param == "guard":
        shared = guard_side(bare_estate)
    elif request.param == "library":
        shared = library_side(bare_estate, request.getfixturevalue("library"))
    else:
        request.getfixturevalue("estate")
        shared = proxy_side(bare_estate, request.getfixturevalue("proxy"))
    reference = (reference_in_texts if request.param == "library" else reference_side)(bare_estate)
    shared.found = collections.Counter()  # over all seeds; what was refused, also by rule
    yield shared, reference
    shared.close()
    reference.close()


def differs(shared, reference, text, protocol) -> bool:
    try:
        compare(shared, reference, text, protocol)
    except Difference as difference:
        return "\n" in str(difference)
    except Exception:
        return False
    return False


@pytest.mark.parametrize("seed", range(FIRST, LAST))
def test_generated_statements(sides, seed, request):
    shared, reference = sides
    refusals = shared.found
    by_name = "library" not in request.node.callspec.id  # PREPARE and EXECUTE as statements
    grammar = Grammar(seed)
    for number in range(STATEMENTS):
        statement = grammar.statement()
        protocol = grammar.pick("text", "prepared")
        sql, values = (statement.prepared, statement.values) if protocol == "prepared" else (statement.text, ())
        if number % 3 == 0 and by_name and all(value is None or isinstance(value, (int, float, str)) for value in values):
            protocol = "named"
        try:
            found = compare(shared, reference, sql, protocol, values, statement.ordered)
        except Difference as difference:
            small = shrink(lambda text: differs(shared, reference, text, protocol), statement.text)
            raise AssertionError(f"seed {seed}, statement {number}: {difference}\n\nshrunk: {small}") from None
        refusals[found] += 1
        refusals[f"by {protocol}"] += 1
        if found == "refused":
            rule = re.search(r"\[rule ([\w-]+)\]", shared.run(sql, protocol, values).error["M"])
            refusals[f"rule {rule[1]}"] += 1


def test_few_were_refused_and_few_failed(sides, request):
    """A test that runs nothing proves nothing."""
    refusals = sides[0].found
    total = sum(refusals[kind] for kind in ("same", "refused", "fails"))
    print(dict(refusals))
    ways = {"text", "prepared"} if "library" in request.node.callspec.id else {"text", "prepared", "named"}
    assert all(refusals[f"by {way}"] > 0.1 * total for way in ways), dict(refusals)
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
