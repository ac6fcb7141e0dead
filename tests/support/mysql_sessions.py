"""Clients that share one server connection: which, and what is asked of them."""

import pytest

PAIRS = [("s1", "s1"), ("b1", "b1"), ("b1", "b2"), ("acme", "globex")]
pairs = pytest.mark.parametrize("pair", PAIRS, ids="-".join)
full_sql = pytest.mark.parametrize("pair", PAIRS[:3], ids="-".join)
SEEN = "SELECT DISTINCT tenant_id FROM orders"


def ok(client, sql):
    reply = client.query(sql)
    assert not reply.error, f"{sql}: {reply.error}"
    return reply


def value(client, sql):
    return ok(client, sql).rows[0][0]
