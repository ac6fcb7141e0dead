"""The databases that the server tests talk to: one of each placement, made once per test session.

server `main`: shop (shared, sealed), shop_guc (shared, plain variable), reference (acme's rows alone, the oracle),
bridge (schemas tenant_b1, tenant_b2), tenant_d1 and tenant_d2 (a database each).
server `silo`: shop (tenant s1), sessions (tenant s2, session pooling).
"""

import copy
from pathlib import Path

from support.fairlead import command, toml
from support.postgres import PostgresServer
from support.process import ROOT

ISOLATION = ROOT / "tests/isolation"
APP_PASSWORD = "app-secret-of-the-backend"
OWNER_PASSWORD = "owner-secret-of-the-schema"
CLIENT_PASSWORD = "client-secret-of-the-tenant"
SECRETS = (APP_PASSWORD, OWNER_PASSWORD, CLIENT_PASSWORD)
TENANT_TABLES = ("customers", "orders", "order_items", "coupons", "part")
TABLES = (*TENANT_TABLES, "plans")

ROLES = f"""
CREATE ROLE shop_owner LOGIN CREATEROLE PASSWORD '{OWNER_PASSWORD}';
CREATE ROLE fairlead_app LOGIN PASSWORD '{APP_PASSWORD}';
CREATE ROLE exempt_reporter NOLOGIN BYPASSRLS;
"""

OWN_TABLES = """
CREATE TABLE users (user_id bigint PRIMARY KEY, username text NOT NULL);
CREATE TABLE notes (id bigserial PRIMARY KEY, note text);
INSERT INTO users VALUES (1, '{tenant} first'), (2, '{tenant} second');
GRANT SELECT, INSERT, UPDATE, DELETE ON users, notes TO fairlead_app;
GRANT USAGE, SELECT ON SEQUENCE notes_id_seq TO fairlead_app;
"""


def changed(settings: dict, changes: dict) -> dict:
    """A copy with values replaced: {"backends__main__pool_size": 1}."""
    settings = copy.deepcopy(settings)
    for path, value in changes.items():
        *parents, last = path.split("__")
        target = settings
        for parent in parents:
            target = target.setdefault(parent, {})
        target[last] = value
    return settings


def users_of(*tenants) -> list:
    """A bound user for each tenant, a trusted one, and one bound to two tenants."""
    return [{"name": f"{tenant}_app", "password": "env:CLIENT_PASSWORD", "tenants": [tenant]} for tenant in tenants] + [
        {"name": "app", "password": "env:CLIENT_PASSWORD", "tenants": "*"},
        {"name": "pair", "password": "env:CLIENT_PASSWORD", "tenants": ["acme", "globex"]},
    ]


class Estate:
    def __init__(self, folder: Path, certificates):
        self.folder = folder
        self.certificates = certificates
        self.main = PostgresServer("main", certificates)
        self.silo = PostgresServer("silo")
        self.environment = {"APP_PASSWORD": APP_PASSWORD, "CLIENT_PASSWORD": CLIENT_PASSWORD}
        self._make_main()
        self._make_silo()
        self._kept = {name: self._read_rows(name) for name in ("shop", "shop_guc", "reference")}
        self._policies_installed = False

    def destroy(self):
        self.main.destroy()
        self.silo.destroy()

    def _make_main(self):
        self.main.execute(ROLES)
        for database in ("shop", "bridge", "tenant_d1", "tenant_d2"):
            self.main.execute(f"CREATE DATABASE {database} OWNER shop_owner")
        self.main.load("shop", ISOLATION / "fixture.sql")
        for copied in ("shop_guc", "reference"):
            self.main.execute(f"CREATE DATABASE {copied} TEMPLATE shop OWNER shop_owner")
        self.main.load("reference", ISOLATION / "reference.sql")
        with self.main.connect("shop_guc", "shop_owner", OWNER_PASSWORD) as connection:
            connection.execute((ISOLATION / "policies_guc.sql").read_text())
        with self.main.connect("bridge") as connection:
            for tenant in ("b1", "b2"):
                connection.execute(f"CREATE SCHEMA tenant_{tenant} AUTHORIZATION shop_owner; "
                                   f"GRANT USAGE, CREATE ON SCHEMA tenant_{tenant} TO fairlead_app; "
                                   f"SET search_path = tenant_{tenant};" + OWN_TABLES.format(tenant=tenant))
        for tenant in ("d1", "d2"):
            self.main.execute(OWN_TABLES.format(tenant=tenant), f"tenant_{tenant}")

    def _make_silo(self):
        self.silo.execute(ROLES)
        self.silo.execute("ALTER ROLE fairlead_app REPLICATION")
        for database, tenant in (("shop", "s1"), ("sessions", "s2")):
            self.silo.execute(f"CREATE DATABASE {database} OWNER shop_owner")
            self.silo.execute("GRANT CREATE ON SCHEMA public TO fairlead_app;" + OWN_TABLES.format(tenant=tenant), database)

    def settings(self, **changes) -> dict:
        """The standard configuration. `changes`: {"backends.main.pool_size": 1} as backends__main__pool_size=1."""
        settings = {
            "proxy": {"workers": 2},
            "log": {"level": "info"},
            "backends": {
                "main": {"engine": "postgres", "host": "127.0.0.1", "port": self.main.port, "user": "fairlead_app",
                         "password": "env:APP_PASSWORD", "pool_size": 10, "pool_timeout": "5s", "probe_interval": "0s"},
                "silo": {"engine": "postgres", "host": "127.0.0.1", "port": self.silo.port, "user": "fairlead_app",
                         "password": "env:APP_PASSWORD", "pool_size": 5, "pool_timeout": "5s", "probe_interval": "0s"},
            },
            "placements": {
                "shared": {"model": "pool", "backend": "main", "database": "shop", "tenant_column": "tenant_id",
                           "global_tables": ["plans"], "catalogue_refresh": "2s"},
                "shared_guc": {"model": "pool", "backend": "main", "database": "shop_guc", "tenant_column": "tenant_id",
                               "global_tables": ["plans"], "isolation": "guc"},
                "own_schema": {"model": "bridge", "backend": "main", "database": "bridge", "schema": "tenant_{id}",
                               "expose_as": "shop"},
                "own_database": {"model": "bridge", "backend": "main", "database": "tenant_{id}", "expose_as": "shop"},
                "own_server": {"model": "silo", "backend": "silo", "database": "shop"},
                "own_session": {"model": "silo", "backend": "silo", "database": "sessions", "pooling": "session",
                                "expose_as": "shop"},
            },
            "tenants": [
                {"id": "acme", "placement": ["shared", "shared_guc"]},
                {"id": "globex", "placement": ["shared", "shared_guc"]},
                {"id": "empty", "placement": "shared"},
                {"id": "b1", "placement": "own_schema"}, {"id": "b2", "placement": "own_schema"},
                {"id": "d1", "placement": "own_database"}, {"id": "d2", "placement": "own_database"},
                {"id": "s1", "placement": "own_server"}, {"id": "s2", "placement": "own_session"},
            ],
            "users": users_of("acme", "globex", "empty", "b1", "b2", "d1", "d2", "s1", "s2"),
        }
        return changed(settings, changes)

    def install_policies(self):
        """The sealed context on `shop`, by the command that a user would type. Once per session."""
        if self._policies_installed:
            return
        config = self.folder / "policies.toml"
        config.write_text(toml({**self.settings(), "listen": {"postgres": {"address": ["127.0.0.1:1"]}}}))
        result = self.policy("install", config)
        assert result.returncode == 0, f"fairlead policy install failed:\n{result.stdout}\n{result.stderr}"
        self._policies_installed = True

    def policy(self, action: str, config: Path, placement: str = "shared", role: str = "shop_owner"):
        as_owner = ["--as", role] if action == "install" else []
        return command("policy", action, "--config", config, "--placement", placement, *as_owner,
                       environment={**self.environment, "PGPASSWORD": OWNER_PASSWORD})

    # Rows of the isolation fixture

    @staticmethod
    def pause(seconds: float) -> str:
        """A statement that takes so long; its first value is the server's time, before or behind the pause."""
        return f"SELECT clock_timestamp() FROM pg_sleep({seconds})"

    def restore_all(self):
        self.restore("shop")
        self.restore("shop_guc")

    def restore(self, database: str):
        """Every row of the fixture as it was at the start."""
        with self.main.connect(database, autocommit=False, options="-c session_replication_role=replica") as connection:
            # Not TRUNCATE: for a few rows it takes ten times as long, and this runs after every statement that writes.
            connection.execute("; ".join(f"DELETE FROM {table}" for table in TABLES))
            for table, data in self._kept[database].items():
                with connection.cursor().copy(f"COPY {table} FROM STDIN") as stream:
                    stream.write(data)
            connection.execute("SELECT setval('orders_id_seq', 1000, false), setval('orders_seq', 5000, false)")

    def _read_rows(self, database: str) -> dict:
        rows = {}
        with self.main.connect(database) as connection:
            for table in TABLES:
                with connection.cursor().copy(f"COPY (SELECT * FROM {table}) TO STDOUT") as stream:
                    rows[table] = b"".join(bytes(part) for part in stream)
        return rows
