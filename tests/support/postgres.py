"""A private PostgreSQL server: own data folder, own port on loopback, gone at the end."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

import psycopg

from support.process import command_as, free_port, give_to, remove_folder, server_folder

BIN = Path(os.environ.get("FAIRLEAD_PG_BIN", "/usr/lib/postgresql/15/bin"))
USER = "postgres"  # whom the server runs as when we are root
SUPER_PASSWORD = "super-secret-of-the-test"

# First match wins: some roles exist to log in with an older method.
HBA = """local all all trust
host all md5_login 127.0.0.1/32 md5
host all plain_login 127.0.0.1/32 password
hostnossl all tls_login 127.0.0.1/32 reject
host all all 127.0.0.1/32 scram-sha-256
host replication all 127.0.0.1/32 scram-sha-256
"""


class PostgresServer:
    def __init__(self, name: str, certificates=None):
        self.folder = server_folder(name, USER)
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.port = free_port()
        password_file = self.folder / "pw"
        password_file.write_text(SUPER_PASSWORD)
        give_to(USER, password_file)
        self._run("initdb", "-D", self.data, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
                  "--auth=trust", f"--pwfile={password_file}")
        (self.data / "pg_hba.conf").write_text(HBA)
        settings = {
            "port": self.port, "listen_addresses": "'127.0.0.1'", "unix_socket_directories": f"'{self.folder}'",
            "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "shared_buffers": "64MB",
            "max_connections": 150, "wal_level": "logical", "max_wal_size": "2GB", "log_min_messages": "warning",
            "log_line_prefix": "'%m [%p] %u@%d '", "max_prepared_transactions": 5,
        }
        if certificates:
            self._put_certificate(certificates, "server")
            settings["ssl"] = "on"
        with open(self.data / "postgresql.conf", "a") as file:
            file.writelines(f"{key} = {value}\n" for key, value in settings.items())
        self.start()

    def _put_certificate(self, certificates, name: str):
        for kind in ("crt", "key"):
            target = self.data / f"server.{kind}"
            shutil.copy(certificates.path(f"{name}.{kind}"), target)
            give_to(USER, target)
            target.chmod(0o600)

    @contextlib.contextmanager
    def presenting(self, certificates, name: str):
        """New connections are shown another certificate than server.crt."""
        try:
            self._put_certificate(certificates, name)
            self.execute("SELECT pg_reload_conf()")
            yield
        finally:
            self._put_certificate(certificates, "server")
            self.execute("SELECT pg_reload_conf()")

    def start(self):
        self._run("pg_ctl", "-D", self.data, "-l", self.log, "-w", "-t", "60", "-s", "start")

    def stop(self, mode: str = "fast"):
        self._run("pg_ctl", "-D", self.data, "-m", mode, "-w", "-t", "60", "-s", "stop")

    def restart(self, mode: str = "fast"):
        self._run("pg_ctl", "-D", self.data, "-l", self.log, "-m", mode, "-w", "-t", "60", "-s", "restart")

    def destroy(self):
        try:
            self.stop("immediate")
        except AssertionError:
            pass  # it was not running
        remove_folder(self.folder)

    def connect(self, database: str = "postgres", user: str = "postgres", password: str = SUPER_PASSWORD, **options):
        """A direct connection, by default of the superuser, in autocommit."""
        options.setdefault("autocommit", True)
        return psycopg.connect(host="127.0.0.1", port=self.port, dbname=database, user=user, password=password, **options)

    def execute(self, sql: str, database: str = "postgres", parameters=None) -> list:
        with self.connect(database) as connection:
            cursor = connection.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []

    def scalar(self, sql: str, database: str = "postgres"):
        return self.execute(sql, database)[0][0]

    def load(self, database: str, *files: Path):
        with self.connect(database) as connection:
            for file in files:
                connection.execute(Path(file).read_text())

    def backends(self, user: str = "fairlead_app", where: str = "true") -> int:
        """How many server connections this role has open, as the server counts them."""
        return self.scalar(f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{user}' AND {where}")

    def _run(self, program: str, *arguments):
        result = subprocess.run(command_as(USER, [BIN / program, *arguments]), cwd="/", stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, timeout=120)
        if result.returncode != 0:
            log = self.log.read_text()[-2000:] if self.log.exists() else ""
            raise AssertionError(f"{program} failed: {result.stdout or ''}\n{log}")
