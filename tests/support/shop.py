"""examples/shop on private servers, with its own configuration cut down to one engine: what the examples of the embedded
library and the installed package run against."""

import tomllib
from pathlib import Path

from support.fairlead import command, toml
from support.mysql import MysqlServer
from support.postgres import BIN, SUPER_PASSWORD, PostgresServer
from support.process import ROOT, run

SHOP = ROOT / "examples/shop"
APP_PASSWORD = "app-secret-of-the-shop"
OWNER_PASSWORD = "owner-secret-of-the-shop"


def settings_of(engine: str, ports: dict) -> dict:
    """The example's configuration with what belongs to the other engine left out. `ports`: of its servers, by the port that
    the example gives."""
    settings = tomllib.loads((SHOP / "fairlead.toml").read_text())
    backends = {name: {**backend, "port": ports[backend["port"]]} for name, backend in settings["backends"].items()
                if backend["engine"] == engine}
    placements = {name: placement for name, placement in settings["placements"].items() if placement["backend"] in backends}
    tenants = [{**tenant, "placement": [name for name in tenant["placement"] if name in placements]}
               for tenant in settings["tenants"]]
    # The library listens nowhere, but it is the proxy's file, and the commands for policies read it too.
    return {"listen": {engine: settings["listen"][engine]}, "backends": backends, "placements": placements, "tenants": tenants}


class Shop:
    """`config`: the file; `environment`: what it needs; `users(tenant)`: the rows of a shared tenant, past Fairlead."""

    def __init__(self, engine: str, folder: Path):
        self.engine = engine
        self.main, self.silo = self._servers()
        self.environment = {"SHOP_APP_PASSWORD": APP_PASSWORD}
        self.config = folder / "fairlead.toml"
        try:
            self.config.write_text(toml(settings_of(engine, self._ports())))
            self._load()
        except BaseException:
            self.destroy()
            raise

    def destroy(self):
        self.main.destroy()
        self.silo.destroy()

    def users(self, tenant: str) -> list:
        return [tuple(row) for row in self.main.execute(
            f"SELECT user_id, username FROM users WHERE tenant_id = '{tenant}' ORDER BY user_id", "shop")]


class PostgresShop(Shop):
    def __init__(self, folder: Path):
        super().__init__("postgres", folder)

    @staticmethod
    def _servers():
        return PostgresServer("shop-main"), PostgresServer("shop-silo")

    def _ports(self):
        return {5432: self.main.port, 5433: self.silo.port}

    def _load(self):
        for server in (self.main, self.silo):
            self._psql(server, "postgres", "postgres", SUPER_PASSWORD, "roles.sql", "-v", f"owner_password={OWNER_PASSWORD}",
                       "-v", f"app_password={APP_PASSWORD}")
        for server, database, file in ((self.main, "shop", "schema.sql"), (self.main, "shop_schemas", "bridge.sql"),
                                       (self.silo, "shop", "silo.sql")):
            self._psql(server, database, "shop_owner", OWNER_PASSWORD, file)
        result = command("policy", "install", "--config", self.config, "--placement", "shared", "--as", "shop_owner",
                         environment={**self.environment, "PGPASSWORD": OWNER_PASSWORD})
        assert result.returncode == 0, result.stdout + result.stderr

    @staticmethod
    def _psql(server, database, user, password, file, *options):
        result = run([BIN / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", server.port, "-U", user,
                      "-d", database, *options, "-f", SHOP / "postgres" / file], env={"PGPASSWORD": password})
        assert result.returncode == 0, result.stderr


class MysqlShop(Shop):
    def __init__(self, folder: Path):
        super().__init__("mysql", folder)

    @staticmethod
    def _servers():
        return MysqlServer("shop-main"), MysqlServer("shop-silo")

    def _ports(self):
        return {3306: self.main.port, 3307: self.silo.port}

    def _load(self):
        for server in (self.main, self.silo):
            server.execute(f"SET @app_password = '{APP_PASSWORD}'; " + (SHOP / "mysql/accounts.sql").read_text())
        self.main.load("shop", SHOP / "mysql/schema.sql", SHOP / "mysql/bridge.sql")
        self.silo.load("shop", SHOP / "mysql/silo.sql")


SHOPS = {"postgres": PostgresShop, "mysql": MysqlShop}
