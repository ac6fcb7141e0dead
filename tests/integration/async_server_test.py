"""examples/async_server: 1,000 requests at a time of 200 tenants on 20 server connections, on PostgreSQL and on MariaDB."""

import os
import re
import tomllib

import pytest

from support.fairlead import toml
from support.library import example
from support.process import run
from support.shop import SHOPS

TENANTS, AT_ONCE, REQUESTS, CONNECTIONS = 200, 1000, 5000, 20


@pytest.fixture(scope="module", params=SHOPS)
def shop(request, tmp_path_factory):
    made = SHOPS[request.param](tmp_path_factory.mktemp("shop"))
    settings = tomllib.loads(made.config.read_text())
    (shared,) = (name for name, placement in settings["placements"].items() if placement["model"] == "pool")
    settings["backends"][settings["placements"][shared]["backend"]] |= {"pool_size": CONNECTIONS, "pool_timeout": "30s"}
    settings["tenants"] += [{"id": f"guest{number}", "placement": shared} for number in range(1, TENANTS + 1)]
    made.config.write_text(toml(settings))
    yield made
    made.destroy()


def serve(shop, *arguments):
    return run([example("async_server"), shop.config, *map(str, arguments)], env={**os.environ, **shop.environment})


def test_requests_of_all_tenants_share_the_connections_and_see_only_their_own(shop):
    result = serve(shop, "guest", TENANTS, AT_ONCE, REQUESTS)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "wrong rows: 0, failed: 0" in result.stdout
    answered, connections = re.search(r"^(\d+) requests .*, (\d+) server connections$", result.stdout, re.M).groups()
    assert int(answered) == REQUESTS
    # None beyond the pool; requests that are over quickly need not have all of it.
    assert CONNECTIONS // 2 < int(connections) <= CONNECTIONS
    assert shop.users("guest7") == [(1, "guest7")], "what the requests changed was rolled back"
    assert shop.users("tenant2") == [(1, "Nakamura"), (2, "Takahashi")], "others have what they had"


def test_rows_that_are_not_the_tenants_would_be_noticed(shop):
    """The check itself: a row that bears another name is wrong."""
    shop.main.execute("CREATE TRIGGER other_name BEFORE INSERT ON users FOR EACH ROW SET NEW.username = 'somebody else'", "shop") \
        if "mysql" in shop.config.read_text() else \
        shop.main.execute("CREATE FUNCTION other_name() RETURNS trigger LANGUAGE plpgsql AS "
                          "$$ BEGIN NEW.username = 'somebody else'; RETURN NEW; END $$; "
                          "CREATE TRIGGER other_name BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION other_name()", "shop")
    result = serve(shop, "guest", 3, 10, 30)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "wrong rows: 30" in result.stdout


def test_a_failure_is_told(shop):
    result = serve(shop, "nobody")
    assert result.returncode == 1
    assert "nobody1" in result.stderr
