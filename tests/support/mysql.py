"""A private MariaDB server: own data folder, own port on loopback, gone at the end."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pymysql

from support.process import ROOT, command_as, free_port, give_to, remove_folder, run, server_folder, wait_until

PROGRAM = os.environ.get("FAIRLEAD_MARIADBD", "/usr/sbin/mariadbd")
USER = "mysql"  # whom the server runs as when we are root
SUPER_PASSWORD = "super-secret-of-the-test"

SETTINGS = {
    "bind-address": "127.0.0.1", "skip-name-resolve": None, "skip-log-bin": None, "innodb-buffer-pool-size": "32M",
    "innodb-log-file-size": "4M", "innodb-flush-log-at-trx-commit": 0, "innodb-buffer-pool-dump-at-shutdown": 0,
    "max-connections": 300, "max-allowed-packet": "64M", "local-infile": 1, "log-warnings": 1, "thread-cache-size": 32,
}


def template() -> Path:
    """An installed data folder to copy: making one takes seconds, so the scripts keep one under build/."""
    sources = "; ".join(f"source {ROOT}/scripts/lib/{name}.sh" for name in ("common", "servers", "mysql"))
    result = run(["bash", "-euo", "pipefail", "-c", f"{sources}; mysql_template"], timeout=120)
    assert result.returncode == 0, f"no MariaDB data folder: {result.stdout}\n{result.stderr}"
    return Path(result.stdout.strip())


class MysqlServer:
    """`options`: further options of the server, {"lower-case-table-names": 1}."""

    def __init__(self, name: str, certificates=None, **options):
        self.folder = server_folder(name, USER)
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.socket = self.folder / "socket"
        self.port = free_port()
        self.process = None
        shutil.copytree(template(), self.data)
        give_to(USER, self.data)
        for path in self.data.rglob("*"):
            give_to(USER, path)
        self.settings = {**SETTINGS, "datadir": self.data, "port": self.port, "socket": self.socket, "log-error": self.log,
                         "pid-file": self.folder / "pid", **options}
        if certificates:
            for file in ("ca.crt", "server.crt", "server.key"):
                shutil.copy(certificates.path(file), self.folder / file)
                give_to(USER, self.folder / file)
            self.settings |= {f"ssl-{key}": self.folder / file
                              for key, file in (("ca", "ca.crt"), ("cert", "server.crt"), ("key", "server.key"))}
        self.start()
        with pymysql.connect(unix_socket=str(self.socket), user="root", autocommit=True) as connection:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM mysql.global_priv WHERE User = '' OR Host NOT IN ('localhost', '127.0.0.1')")
                cursor.execute("FLUSH PRIVILEGES")
                cursor.execute("GRANT ALL ON *.* TO root@'127.0.0.1' IDENTIFIED BY %s WITH GRANT OPTION", (SUPER_PASSWORD,))
                cursor.execute("ALTER USER root@localhost IDENTIFIED BY %s", (SUPER_PASSWORD,))

    def start(self):
        arguments = [f"--{key}" if value is None else f"--{key}={value}" for key, value in self.settings.items()]
        self.process = subprocess.Popen(command_as(USER, [PROGRAM, "--no-defaults", *arguments]), cwd="/",
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: self.process.poll() is not None or self._accepts(), 60, "mariadbd accepts connections")
        except TimeoutError:
            self.stop(signal.SIGKILL)
            raise
        if self.process.poll() is not None:
            raise AssertionError(f"mariadbd ended with {self.process.returncode}:\n{self.log_text()[-3000:]}")

    def stop(self, number: int = signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(60)

    def restart(self, number: int = signal.SIGTERM):
        self.stop(number)
        self.start()

    def destroy(self):
        self.stop(signal.SIGKILL)
        remove_folder(self.folder)

    def log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def connect(self, database: str = None, user: str = "root", password: str = SUPER_PASSWORD, **options):
        """A direct connection, by default of the superuser, in autocommit."""
        options.setdefault("autocommit", True)
        options.setdefault("charset", "utf8mb4")
        return pymysql.connect(host="127.0.0.1", port=self.port, database=database, user=user, password=password, **options)

    def execute(self, sql: str, database: str = None, parameters=None) -> list:
        """Rows of the last of one or several statements."""
        with self.connect(database, client_flag=pymysql.constants.CLIENT.MULTI_STATEMENTS) as connection:
            with connection.cursor() as cursor:
                cursor.execute(sql, parameters)
                rows = cursor.fetchall()
                while cursor.nextset():
                    rows = cursor.fetchall()
                return list(rows)

    def scalar(self, sql: str, database: str = None, parameters=None):
        return self.execute(sql, database, parameters)[0][0]

    def load(self, database: str, *files: Path):
        for file in files:
            self.execute(Path(file).read_text(), database)

    def backends(self, user: str = "fairlead_app", where: str = "true") -> int:
        """How many server connections this account has open, as the server counts them."""
        return self.scalar(f"SELECT count(*) FROM information_schema.processlist WHERE user = '{user}' AND {where}")

    def _accepts(self) -> bool:
        try:
            pymysql.connect(unix_socket=str(self.socket), user="nobody at all", connect_timeout=5).close()
        except pymysql.err.OperationalError as problem:
            return problem.args[0] == 1045  # refused by name: it serves
        return True
