"""Our MySQL lexer against a real MariaDB: where the two cut a text differently, ours must report an error."""

import pytest

from support.mysql import MysqlServer
from support.mysql_oracle import SERVER_OPTIONS, Mode, Oracle
from support.mysql_texts import Texts, suite

MODES = [Mode(), Mode(ansi_quotes=True), Mode(no_backslash_escapes=True), Mode(ignore_space=True), Mode("latin1"),
         Mode("binary"), Mode("ascii", True, True, True), Mode("utf8mb3")]


@pytest.fixture(scope="module")
def oracle():
    server = MysqlServer("lexer", **SERVER_OPTIONS)
    oracle = Oracle(server)
    yield oracle
    oracle.close()
    server.destroy()


def report(differences: list) -> str:
    return "\n".join(f"{outcome}: {text!r}\n  as   {other!r}\n  {ours}\n  {theirs}"
                     for outcome, text, other, ours, theirs in differences[:5])


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_generated_statements(oracle, mode):
    texts = Texts(MODES.index(mode))
    counts, differences = oracle.compare([texts.statement() for _ in range(1500)], mode)
    assert not differences, report(differences)
    assert counts["digest"] > 300 and counts["refused"] < 1000


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_damaged_statements(oracle, mode):
    texts = Texts(100 + MODES.index(mode))
    counts, differences = oracle.compare([texts.noise() for _ in range(1000)], mode)
    assert not differences, report(differences)
    assert counts["error"] > 150


def test_statements_of_the_servers_own_tests(oracle):
    texts = suite(share=15)
    if not texts:
        pytest.skip("mariadb-test-data is not installed")
    counts, differences = oracle.compare(texts, rows=False)
    assert not differences, report(differences)
    assert counts["refused"] < len(texts) / 20


def test_the_comparison_notices_a_wrong_mode(oracle):
    """It would be worth nothing if it could not fail."""
    texts = Texts(7)
    texts = [texts.statement() for _ in range(300)] + [b"select\xa01"]
    for wrong, right in ((Mode(), Mode(ansi_quotes=True)), (Mode(), Mode(no_backslash_escapes=True)),
                         (Mode(charset="latin1"), Mode())):
        oracle.connect_as = right
        assert oracle.compare(texts, wrong)[1], (wrong, right)
    oracle.connect_as = None
    version, oracle.version = oracle.version, 101000
    assert oracle.compare(texts)[1]
    oracle.version = version
