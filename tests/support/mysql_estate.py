"""The databases that the MySQL tests talk to: one of each placement, made once per test session, as support.estate.

server `main`: shop (shared), tenant_b1 and tenant_b2 (a database each), other_db (nobody's, but the account of the proxy
may read it).
server `silo`: shop (tenant s1), sessions (tenant s2, session pooling).
server `reference`: shop with acme's rows alone, the oracle. A server of its own because statements name the database.
"""

from pathlib import Path

import pytest

from support.estate import APP_PASSWORD, CLIENT_PASSWORD, ISOLATION, TABLES, changed, users_of
from support.fairlead import require_binary
from support.mysql import MysqlServer

FIXTURE = ISOLATION / "mysql"

ACCOUNT = f"""
CREATE USER fairlead_app@'127.0.0.1' IDENTIFIED BY '{APP_PASSWORD}';
GRANT CREATE TEMPORARY TABLES, LOCK TABLES ON *.* TO fairlead_app@'127.0.0.1';
GRANT EXECUTE ON shop.* TO fairlead_app@'127.0.0.1';
"""

OWN_TABLES = """
CREATE TABLE users (user_id bigint PRIMARY KEY, username varchar(80) NOT NULL);
CREATE TABLE notes (id bigint AUTO_INCREMENT PRIMARY KEY, note text);
CREATE TABLE big (id bigint AUTO_INCREMENT PRIMARY KEY, data longblob);
INSERT INTO users VALUES (1, '{tenant} first'), (2, '{tenant} second');
CREATE PROCEDURE two_results() READS SQL DATA BEGIN SELECT 1 AS one; SELECT username FROM users ORDER BY user_id; END;
CREATE PROCEDURE remember(value int) SET @remembered = value;
CREATE PROCEDURE ansi() SET sql_mode = 'ANSI_QUOTES';
"""


class MysqlEstate:
    def __init__(self, folder: Path, certificates):
        self.folder = folder
        self.certificates = certificates
        self.main = MysqlServer("main", certificates)
        self.silo = MysqlServer("silo")
        self.reference = MysqlServer("reference")
        self.environment = {"APP_PASSWORD": APP_PASSWORD, "CLIENT_PASSWORD": CLIENT_PASSWORD}
        self._make_main()
        self._make_silo()

    def destroy(self):
        self.main.destroy()
        self.silo.destroy()
        self.reference.destroy()

    def _make_main(self):
        for server in (self.main, self.reference):
            server.execute(ACCOUNT)
            server.execute("CREATE DATABASE shop CHARACTER SET utf8mb4")
            server.load("shop", FIXTURE / "fixture.sql")
            server.execute("GRANT SELECT, INSERT, UPDATE, DELETE, SHOW VIEW ON shop.* TO fairlead_app@'127.0.0.1'")
        self.reference.load("shop", FIXTURE / "reference.sql")
        for server in (self.main, self.reference):
            server.execute("CREATE DATABASE kept; " + "; ".join(
                f"CREATE TABLE kept.{table} AS SELECT * FROM shop.{table}" for table in TABLES))
        self.main.execute("CREATE DATABASE other_db; CREATE TABLE other_db.customers (id int, word varchar(40)); "
                          "INSERT INTO other_db.customers VALUES (1, 'zqglobex other'); "
                          "GRANT SELECT, INSERT, UPDATE, DELETE ON other_db.* TO fairlead_app@'127.0.0.1'")
        for tenant in ("b1", "b2"):
            self._own(self.main, f"tenant_{tenant}", tenant)

    def _make_silo(self):
        self.silo.execute(ACCOUNT)
        self._own(self.silo, "shop", "s1")
        self._own(self.silo, "sessions", "s2")

    @staticmethod
    def _own(server, database, tenant):
        server.execute(f"CREATE DATABASE {database} CHARACTER SET utf8mb4; "
                       f"GRANT ALL ON `{database}`.* TO fairlead_app@'127.0.0.1'")
        server.execute(OWN_TABLES.format(tenant=tenant), database)

    @staticmethod
    def pause(seconds: float) -> str:
        """A statement that takes so long; its first value is the server's time, before or behind the pause."""
        return f"SELECT SYSDATE(6), SLEEP({seconds})"

    def settings(self, **changes) -> dict:
        """The standard configuration. `changes`: {"backends.main.pool_size": 1} as backends__main__pool_size=1."""
        backend = {"engine": "mysql", "host": "127.0.0.1", "user": "fairlead_app", "password": "env:APP_PASSWORD",
                   "pool_timeout": "5s", "probe_interval": "0s"}
        return changed({
            "proxy": {"workers": 2},
            "log": {"level": "info"},
            "backends": {"main": {**backend, "port": self.main.port, "pool_size": 10},
                         "silo": {**backend, "port": self.silo.port, "pool_size": 5}},
            "placements": {
                "shared": {"model": "pool", "backend": "main", "database": "shop", "tenant_column": "tenant_id",
                           "global_tables": ["plans"], "catalogue_refresh": "2s"},
                "own_database": {"model": "bridge", "backend": "main", "database": "tenant_{id}", "expose_as": "shop"},
                "own_server": {"model": "silo", "backend": "silo", "database": "shop"},
                "own_session": {"model": "silo", "backend": "silo", "database": "sessions", "pooling": "session",
                                "expose_as": "shop"},
            },
            "tenants": [
                *({"id": tenant, "placement": "shared"} for tenant in ("acme", "globex", "empty")),
                {"id": "b1", "placement": "own_database"}, {"id": "b2", "placement": "own_database"},
                {"id": "s1", "placement": "own_server"}, {"id": "s2", "placement": "own_session"},
            ],
            "users": users_of("acme", "globex", "empty", "b1", "b2", "s1", "s2"),
        }, changes)

    # Rows of the isolation fixture

    def restore_all(self):
        self.restore(self.main)

    def restore(self, server: MysqlServer):
        """Every row of the fixture as it was at the start, and the counter of new orders."""
        server.execute("START TRANSACTION; " + "; ".join(f"DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept.{table}"
                                                         for table in TABLES) +
                       "; COMMIT; ALTER TABLE orders AUTO_INCREMENT = 1000", "shop")


# A conftest.py that imports these makes MariaDB the estate of its folder: every other fixture is that of tests/conftest.py.

@pytest.fixture(scope="session")
def bare_estate(tmp_path_factory, certificates):
    estate = MysqlEstate(tmp_path_factory.mktemp("estate"), certificates)
    yield estate
    estate.destroy()


@pytest.fixture(scope="session")
def estate(bare_estate):
    require_binary()
    return bare_estate
