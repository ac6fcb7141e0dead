"""The examples of the embedded library do what they say, on PostgreSQL and on MariaDB, by the shop's own configuration."""

import os
import re

import pytest

from support.library import BUILD, example, python_with_library
from support.process import ROOT, run
from support.shop import SHOPS

HOME = {"tenant1": "1 Suzuki; 2 Sato;", "tenant2": "1 Nakamura; 2 Takahashi;", "tenant3": "1 Yamada;",
        "tenant4": "1 Kobayashi;", "tenant5": "1 Ito; 2 Watanabe;"}
SHARED = [(1, "Suzuki"), (2, "Sato")]


@pytest.fixture(scope="module", params=SHOPS)
def shop(request, tmp_path_factory):
    made = SHOPS[request.param](tmp_path_factory.mktemp("shop"))
    yield made
    made.destroy()


def program(name):
    return lambda shop: run([example(name), shop.config], env={**os.environ, **shop.environment})


def python_shop(shop):
    return python_with_library(ROOT / "examples/c_api/shop.py", shop.config, environment=shop.environment)


RUNS = {"embedded_shop": program("embedded_shop"), "c_api": program("c_api"), "shop.py": python_shop}


@pytest.mark.parametrize("name", RUNS)
def test_the_shop(shop, name):
    result = RUNS[name](shop)
    assert result.returncode == 0, result.stdout + result.stderr
    lines = result.stdout.splitlines()
    assert lines[:5] == [f"{tenant}: {users}" for tenant, users in HOME.items()]

    refused = re.search(r"^refused: (.+)\n  rule: (\S+)\n  remedy: (.+)$", result.stdout, re.M)
    assert refused and refused[2] == "truncate", result.stdout

    committed, rolled_back = (line for line in lines if line.startswith(("committed", "rolled back")))
    assert committed.startswith("committed: tenant1 has 3 users")
    assert rolled_back == "rolled back (something else failed): tenant1 has 3 users"
    # Neither what was refused nor what was rolled back left anything, and nobody else lost a row.
    assert shop.users("tenant1") == SHARED
    assert shop.users("tenant2") == [(1, "Nakamura"), (2, "Takahashi")]


def test_the_rest_of_the_c_interface(shop):
    result = run([BUILD / "tests/c_api_calls", shop.config, shop.engine], env={**os.environ, **shop.environment})
    assert (result.returncode, result.stdout) == (0, "all checks passed\n"), result.stderr
    assert shop.users("tenant2") == [(1, "Nakamura"), (2, "Takahashi")]
    assert shop.users("tenant1") == SHARED


@pytest.mark.parametrize("name", ["embedded_shop", "c_api"])
def test_a_configuration_that_is_wrong_is_told_in_full(name, tmp_path):
    config = tmp_path / "fairlead.toml"
    config.write_text('[backends.main]\nengine = "postgres"\nhosst = "127.0.0.1"\n')
    result = run([example(name), config])
    assert result.returncode == 1
    assert "hosst" in result.stderr, result.stderr


def test_an_unknown_tenant_is_an_error_not_an_empty_result(shop, tmp_path):
    settings = shop.config.read_text().replace('id = "tenant5"', 'id = "somebody"')
    config = tmp_path / "fairlead.toml"
    config.write_text(settings)
    result = run([example("embedded_shop"), config], env={**os.environ, **shop.environment})
    assert result.returncode == 1
    assert "tenant5" in result.stderr and "tenant4: 1 Kobayashi;" in result.stdout
