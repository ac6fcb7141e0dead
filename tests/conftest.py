"""Fixtures of all server tests. Servers are made once per pytest process (one test file under ctest), the proxy once
per test file unless a test asks for its own with `start_proxy`."""

import os

import pytest

from support.certificates import Certificates
from support.estate import CLIENT_PASSWORD, Estate
from support.fairlead import Fairlead, require_binary
from support.library_process import Library


def pytest_collection_modifyitems(config, items):
    if os.environ.get("FAIRLEAD_FAST"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="long, and FAIRLEAD_FAST is set"))


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def bare_estate(tmp_path_factory, certificates):
    """The databases, before any policy was installed by us. Needs no fairlead."""
    estate = Estate(tmp_path_factory.mktemp("estate"), certificates)
    yield estate
    estate.destroy()


@pytest.fixture(scope="session")
def estate(bare_estate):
    require_binary()
    bare_estate.install_policies()
    return bare_estate


@pytest.fixture(scope="module")
def proxy(estate, tmp_path_factory):
    """The standard configuration, served."""
    server = Fairlead(tmp_path_factory.mktemp("proxy"), estate.settings(), estate.environment)
    yield server
    server.close()


@pytest.fixture(scope="module")
def library(estate, tmp_path_factory):
    """The embedded library on the standard configuration."""
    with Library(tmp_path_factory.mktemp("library"), estate.settings(), estate.environment) as process:
        assert not process.opened.error, process.opened
        yield process


@pytest.fixture
def start_proxy(estate, tmp_path_factory):
    """start_proxy(settings, **options): a proxy of the test's own, stopped at its end."""
    servers = []

    def start(settings=None, environment=None, **options) -> Fairlead:
        server = Fairlead(tmp_path_factory.mktemp("proxy"), settings or estate.settings(),
                          {**estate.environment, **(environment or {})}, **options)
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def login(proxy):
    """login("acme"): a raw connection as that tenant's bound user, closed at the end of the test."""
    clients = []

    def connect(tenant: str = "acme", to: Fairlead = None, **options):
        user = options.pop("user", f"{tenant}_app")
        client = (to or proxy).raw(user, options.pop("password", CLIENT_PASSWORD), **options)
        clients.append(client)
        return client

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def restored(estate):
    """For tests that change rows of the fixture: every row is back afterwards."""
    yield estate
    estate.restore_all()
