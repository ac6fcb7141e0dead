"""MariaDB is the estate of the tests in this folder."""

import pytest

from support.estate import CLIENT_PASSWORD
from support.fairlead import Fairlead
from support.mysql_estate import bare_estate, estate  # noqa: F401


@pytest.fixture(scope="module")
def narrow(estate, tmp_path_factory):  # noqa: F811
    """A pool of one: every link of every tenant of a backend is the same server connection. Whoever waits because it is
    pinned gets another for that moment."""
    settings = estate.settings()
    for backend in settings["backends"].values():
        backend.update({"pool_size": 1, "max_overflow": 3})
    server = Fairlead(tmp_path_factory.mktemp("proxy"), settings, estate.environment)
    yield server
    server.close()


@pytest.fixture
def clients(narrow):
    """clients("b1", "b2"): raw clients over the one server connection, closed at the end of the test."""
    made = []

    def connect(*tenants, **options):
        new = [narrow.raw(f"{tenant}_app", CLIENT_PASSWORD, **options) for tenant in tenants]
        made.extend(new)
        return new

    yield connect
    for client in made:
        client.close()
