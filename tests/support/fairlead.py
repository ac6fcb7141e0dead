"""The proxy under test: a configuration file, a process, its admin page."""

import os
import re
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from support.mysql_client import MysqlClient
from support.process import ROOT, free_port, resident_bytes, run, wait_until
from support.raw_client import RawClient

BINARY = Path(os.environ.get("FAIRLEAD_BINARY", ROOT / "build/release/fairlead"))
CLIENTS = {"postgres": RawClient, "mysql": MysqlClient}
SANITIZED = bool(os.environ.get("FAIRLEAD_SANITIZED"))


def toml(settings: dict) -> str:
    """TOML of nested dicts; a list of dicts becomes an array of tables."""
    lines = []

    def scalar(value) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, float)):
            return str(value)
        if isinstance(value, dict):
            return "{ " + ", ".join(f"{k} = {scalar(v)}" for k, v in value.items()) + " }"
        if isinstance(value, (list, tuple)):
            return "[" + ", ".join(scalar(v) for v in value) + "]"
        text = str(value).replace("\\", "\\\\").replace('"', '\\"')
        return f'"{text}"'

    def table(path: str, content: dict):
        lines.append(f"[{path}]")
        lines.extend(f"{key} = {scalar(value)}" for key, value in content.items())
        lines.append("")

    for name, content in settings.items():
        if isinstance(content, list):
            for item in content:
                lines.append(f"[[{name}]]")
                lines.extend(f"{key} = {scalar(value)}" for key, value in item.items())
                lines.append("")
        elif name in ("listen", "backends", "placements"):
            for key, inner in content.items():
                table(f"{name}.{key}", inner)
        else:
            table(name, content)
    return "\n".join(lines)


class Metrics:
    """One scrape of /metrics."""

    def __init__(self, text: str):
        self.text = text
        self.samples = []
        for line in text.splitlines():
            match = re.match(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$", line)
            if match:
                labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2] or ""))
                self.samples.append((match[1], labels, float(match[3])))

    def names(self) -> set:
        return {name for name, _, _ in self.samples}

    def sum(self, name: str, **labels) -> float:
        """Over all samples of that name that carry these labels; 0 when there is none."""
        return sum(value for n, l, value in self.samples
                   if n == name and all(l.get(k) == v for k, v in labels.items()))


def require_binary() -> Path:
    assert BINARY.exists(), f"{BINARY} is missing: build it with scripts/build.sh"
    return BINARY


class Fairlead:
    """`settings` as nested dicts (support.fairlead.toml); listen and admin addresses are filled in here: a listener for each
    engine of the backends. `port` and `raw` are those of the first backend's engine."""

    def __init__(self, folder: Path, settings: dict, environment=None, start: bool = True, wait_ready: bool = True):
        require_binary()
        self.folder = folder
        self.ports = {engine: free_port() for engine in CLIENTS}
        self.admin_port = free_port()
        self.config = folder / "fairlead.toml"
        self.log_file = folder / "fairlead.log"
        self.environment = {**os.environ, **(environment or {})}
        self.process = None
        self.write(settings)
        if start:
            self.start(wait_ready)

    def write(self, settings: dict):
        engines = list(dict.fromkeys(backend.get("engine", "postgres") for backend in settings["backends"].values()))
        self.engine, self.port = engines[0], self.ports[engines[0]]
        listen = dict(settings.get("listen", {}))
        for engine in engines:
            listen[engine] = {"address": [f"127.0.0.1:{self.ports[engine]}"], **listen.get(engine, {})}
        self.settings = {**settings, "listen": listen, "admin": {"address": f"127.0.0.1:{self.admin_port}",
                                                                 **settings.get("admin", {})}}
        self.config.write_text(toml(self.settings))

    def start(self, wait_ready: bool = True):
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen([str(BINARY), "serve", "--config", str(self.config)], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, env=self.environment, cwd=self.folder)
        if wait_ready:
            try:
                wait_until(lambda: self.process.poll() is not None or self.ready(), 30, "ready")
            except TimeoutError:
                self.stop(signal.SIGKILL)
                raise AssertionError(f"fairlead did not become ready:\n{self.log()[-4000:]}") from None
            assert self.process.poll() is None, f"fairlead ended with {self.process.returncode}:\n{self.log()[-4000:]}"

    def ready(self) -> bool:
        return self.get("/readyz")[0] == 200

    def get(self, path: str) -> tuple:
        """(status, body) from the admin page; status 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metrics(self) -> Metrics:
        status, text = self.get("/metrics")
        assert status == 200, f"/metrics answered {status}"
        return Metrics(text)

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def generation(self) -> float:
        """Of the configuration: grows when a reload has taken effect in full."""
        return self.metrics().sum("fairlead_config_generation")

    def reload(self, settings: dict):
        before = self.generation()
        self.write(settings)
        self.send_signal(signal.SIGHUP)
        wait_until(lambda: self.generation() > before, 20, "the reload has taken effect")

    def send_signal(self, number: int):
        self.process.send_signal(number)

    def stop(self, number: int = signal.SIGTERM, seconds: float = 30) -> int:
        """The exit code. Killed, and a failure, if it does not end in time."""
        if self.process is None or self.process.poll() is not None:
            return self.process.returncode if self.process else 0
        self.process.send_signal(number)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
            raise AssertionError(f"fairlead did not end within {seconds} s of signal {number}:\n{self.log()[-2000:]}") from None

    def close(self):
        """For fixtures: it must have lived until now, must end when it is told to, in the midst of whatever it does, and leave
        nothing a sanitizer complains about."""
        if self.process is None:
            return
        died = self.process.poll()
        if died is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        text = self.log()
        assert died in (None, 0), f"fairlead ended by itself with {died}:\n{text[-4000:]}"
        assert self.process.returncode == 0, f"fairlead ended with {self.process.returncode}:\n{text[-4000:]}"
        for mark in ("ERROR: AddressSanitizer", "WARNING: ThreadSanitizer", "runtime error:", "ERROR: LeakSanitizer"):
            assert mark not in text, text[-8000:]

    def rss(self) -> int:
        return resident_bytes(self.process.pid)

    def raw(self, user: str, password: str, **options):
        """A logged-in client by hand: support.raw_client or support.mysql_client."""
        return CLIENTS[self.engine].login(self.port, user, password, **options)

    def dsn(self, user: str, password: str, database: str = "shop") -> dict:
        """As the usual driver of the engine takes it: psycopg's or PyMySQL's names."""
        if self.engine == "mysql":
            return {"host": "127.0.0.1", "port": self.port, "user": user, "password": password, "database": database,
                    "connect_timeout": 15, "charset": "utf8mb4"}
        return {"host": "127.0.0.1", "port": self.port, "user": user, "password": password, "dbname": database,
                "connect_timeout": 15}


def command(*arguments, environment=None, **options):
    """Runs a subcommand of the binary to its end."""
    return run([require_binary(), *arguments], env={**os.environ, **(environment or {})}, **options)
