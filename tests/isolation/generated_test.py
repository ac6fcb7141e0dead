"""Silo equivalence on generated statements: SELECT, INSERT, UPDATE and DELETE made from a small grammar over the fixture,
each compared with the reference as in statements_test.py, through the proxy and through the embedded library. A failure
prints the seed and the statement."""

import pytest

from isolation.grammar import Grammar
from isolation.statements_test import ISOLATIONS, MARK, Side, comparable, sides  # noqa: F401  (sides is a fixture)

STATEMENTS = 100


@pytest.mark.parametrize("through", ["proxy", "library"])
@pytest.mark.parametrize("isolation", list(ISOLATIONS))
@pytest.mark.parametrize("seed", range(3))
def test_generated_statements(sides, seed, isolation, through):  # noqa: F811
    shared: Side = sides[isolation]
    reference: Side = sides["reference"]
    grammar = Grammar(seed)
    ran = 0
    for _ in range(STATEMENTS):
        sql = grammar.statement()
        protocol = grammar.pick("simple", "extended")
        protocol = "library" if through == "library" else protocol
        expected, reply = reference.run(sql, protocol), shared.run(sql, protocol)
        own, foreign = after = shared.after()
        told = f"seed {seed}, {protocol}: {sql}\n-> {reply.error or reply.rows[:3]}\nexpected {expected.error or expected.rows[:3]}"
        assert foreign == shared.initial[1], f"rows of another tenant changed: {told}"
        assert MARK not in reply.raw, f"a value of another tenant came back: {told}"
        assert bool(reply.error) == bool(expected.error), told
        if not expected.error:
            assert comparable(reply, sql, protocol) == comparable(expected, sql, protocol), told
            ran += 1
        assert own == reference.state.own(), f"another state than on the reference: {told}"
        reference.restore_if_changed(reference.after())
        shared.restore_if_changed(after)
    assert ran > STATEMENTS * 0.8, "the grammar makes too many statements that fail"
