"""MariaDB is the estate of the tests in this folder."""

import pytest

from support.estate import CLIENT_PASSWORD
from support.fairlead import Fairlead
from support.mysql_estate import bare_estate, estate  # noqa: F401
from support.mysql_sessions import ok


def with_pool(estate, tmp_path_factory, **pool):  # noqa: F811
    settings = estate.settings()
    for backend in settings["backends"].values():
        backend.update(pool)
    return Fairlead(tmp_path_factory.mktemp("proxy"), settings, estate.environment)


@pytest.fixture(scope="module")
def narrow(estate, tmp_path_factory):  # noqa: F811
    """A pool of one: every link of every tenant of a backend is the same server connection. Whoever waits because it is
    pinned gets another for that moment."""
    server = with_pool(estate, tmp_path_factory, pool_size=1, max_overflow=3)
    yield server
    server.close()


@pytest.fixture(scope="module")
def single(estate, tmp_path_factory):  # noqa: F811
    """A pool of one and no more: whoever is pinned stops everybody else."""
    server = with_pool(estate, tmp_path_factory, pool_size=1, pool_timeout="10s")
    yield server
    server.close()


@pytest.fixture
def clients(request):
    """clients("b1", "b2"): raw clients over the one server connection, closed at the end of the test."""
    made = []
    proxy = request.getfixturevalue("single" if request.node.get_closest_marker("shares") else "narrow")

    def connect(*tenants, **options):
        new = [proxy.raw(f"{tenant}_app", CLIENT_PASSWORD, **options) for tenant in tenants]
        made.extend(new)
        return new

    connect.proxy = proxy
    yield connect
    for client in made:
        client.close()


@pytest.fixture
def two(clients, pair):
    """Both clients of `pair` over the one server connection."""
    made = clients(*pair)
    for client in made:
        ok(client, "SELECT 1")
    used = clients.proxy.metrics().sum("fairlead_server_connections", backend="silo" if pair[0] == "s1" else "main")
    assert used == 1, "this test needs both clients on one server connection"
    return made
