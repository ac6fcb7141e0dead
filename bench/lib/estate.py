"""What it costs to know how many tables ten thousand tenant databases hold: `bench/run.sh estate`.

A private MariaDB with --databases times --tables tables, restarted so that nothing of them is cached; then
`fairlead estate`, and beside it the queries that others use. What the server did is read from its counters.
"""

import argparse
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pymysql

from processes import Process, as_user, cpu_seconds, free_port, resident_bytes

ROOT = Path(__file__).resolve().parents[2]
FULL = (10_000, 100)  # databases, tables in each: the estate that the figures are extrapolated to
COUNTERS = ("Opened_tables", "Opened_table_definitions", "Opened_files", "Innodb_data_read", "Bytes_sent")
OTHERS = {
    "one query for all names": "SELECT table_schema, COUNT(*) FROM information_schema.tables GROUP BY table_schema",
    "the same, tables only": "SELECT table_schema, COUNT(*) FROM information_schema.tables"
                             " WHERE table_type = 'BASE TABLE' GROUP BY table_schema",
    "with sizes (data_length)": "SELECT table_schema, COUNT(*), SUM(data_length) FROM information_schema.tables"
                                " GROUP BY table_schema",
}
TABLE = ("CREATE TABLE `{}`.`t{:03}` (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(64) NOT NULL,"
         " note text, changed datetime NOT NULL, KEY by_name (name)) ENGINE=InnoDB")


class Server:
    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        if os.geteuid() == 0:
            shutil.chown(folder, "mysql", "mysql")
        if not (Path(folder) / "data").exists():
            self.install()
        self.start()

    def install(self):
        folder = self.folder
        subprocess.run(as_user("mysql", ["mariadb-install-db", "--no-defaults", f"--datadir={folder}/data",
                                         "--auth-root-authentication-method=normal", "--skip-test-db"]),
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self):
        command = ["/usr/sbin/mariadbd", "--no-defaults", f"--datadir={self.folder}/data",
                   f"--socket={self.folder}/socket", f"--port={self.port}", "--bind-address=127.0.0.1",
                   "--skip-log-bin", "--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=0",
                   "--innodb-buffer-pool-dump-at-shutdown=0", "--skip-name-resolve",
                   # A server that starts removes what it takes for another's left-overs in a shared one.
                   f"--tmpdir={self.folder}",
                   # Nothing here has to survive the machine, and making a table would wait for the disk thrice.
                   "--innodb-flush-method=nosync", "--innodb-doublewrite=0", "--debug-no-sync"]
        cores = sorted(os.sched_getaffinity(0))
        self.process = Process("mariadbd", command, cores, f"{self.folder}/log", user="mysql", cwd="/")
        self.process.wait_for_port(self.port, 60)

    def restart(self):
        """A clean stop: after a crash the server would open every table by itself."""
        with self.connect() as connection:
            connection.cursor().execute("SHUTDOWN")
        self.process.child.wait(120)
        self.start()

    def connect(self):
        return pymysql.connect(unix_socket=f"{self.folder}/socket", user="root", autocommit=True)


def counters(cursor):
    cursor.execute("SHOW GLOBAL STATUS")
    values = dict(cursor.fetchall())
    return {name: int(values[name]) for name in COUNTERS}


def measure(server, work):
    """What `work` cost: milliseconds, the server's CPU and its counters, those of asking for them left out."""
    with server.connect() as connection, connection.cursor() as cursor:
        idle = counters(cursor)
        before = counters(cursor)
        cpu, start = cpu_seconds(server.process.pid)[0], time.monotonic()
        answer = work()
        taken = {"ms": (time.monotonic() - start) * 1e3, "cpu_ms": (cpu_seconds(server.process.pid)[0] - cpu) * 1e3}
        after = counters(cursor)
    taken |= {name: max(after[name] - before[name] - (before[name] - idle[name]), 0) for name in COUNTERS}
    return answer, taken


def fill(server, groups):
    with server.connect() as connection, connection.cursor() as cursor:
        for prefix, databases, tables in groups:
            for number in range(databases):
                name = f"{prefix}_{number:05}"
                cursor.execute(f"CREATE DATABASE `{name}`")
                for table in range(tables):
                    cursor.execute(TABLE.format(name, table))
        cursor.execute("CREATE USER fairlead_app IDENTIFIED BY 'app password of the bench'")
        for prefix, _, _ in groups:
            cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON `{prefix}\\_%`.* TO fairlead_app")


def write_configuration(folder, port, groups):
    lines = ['[listen.mysql]\naddress = ["127.0.0.1:1"]\n[backends.my1]\nengine = "mysql"\nhost = "127.0.0.1"',
             f'port = {port}\nuser = "fairlead_app"\npassword = "app password of the bench"',
             'tls = { mode = "disable" }']
    for prefix, _, _ in groups:
        lines.append(f'[placements.{prefix}]\nmodel = "bridge"\nbackend = "my1"\ndatabase = "{prefix}_{{id}}"')
    file = Path(folder) / "estate.toml"
    file.write_text("\n".join(lines) + "\n")
    return file


def run_estate(fairlead, configuration):
    result = subprocess.run([fairlead, "estate", "--json", "--config", str(configuration)], capture_output=True,
                            text=True)
    if result.returncode != 0:
        sys.exit(f"fairlead estate failed: {result.stderr}{result.stdout[:2000]}")
    return json.loads(result.stdout)["backends"][0], len(result.stdout)


def run_query(server, query):
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return len(cursor.fetchall())


def run_counts(server, prefix, databases):
    with server.connect() as connection, connection.cursor() as cursor:
        for number in range(databases):
            cursor.execute("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = "
                           f"'{prefix}_{number:05}'")
            cursor.fetchall()


def per_database(server, groups):
    """Milliseconds for each database by the number of its tables, warm: two points make the line."""
    points = []
    for prefix, databases, tables in groups:
        rounds = sorted(measure(server, lambda: run_counts(server, prefix, databases))[1]["ms"] for _ in range(5))
        points.append((tables, rounds[2] / databases))
    (few, cheap), (many, dear) = sorted(points)
    slope = (dear - cheap) / (many - few)
    return {"base_ms": cheap - slope * few, "table_ms": slope, "points": points}


def row(name, cost):
    return (f"| {name} | {cost['ms']:,.0f} | {cost['cpu_ms']:,.0f} | {cost['Opened_tables']:,} |"
            f" {cost['Opened_table_definitions']:,} | {cost['Opened_files']:,} |"
            f" {cost['Innodb_data_read'] / 2**20:,.1f} | {cost['Bytes_sent'] / 1024:,.0f} |")


def report(options, results):
    databases, tables = FULL
    line = results["line"]
    full_s = databases * (line["base_ms"] + line["table_ms"] * tables) / 1e3
    bytes_each = results["again"]["Bytes_sent"] / results["databases"]
    head = ["| | ms | server CPU ms | tables opened | definitions read | files opened | MiB read by InnoDB | KiB sent |",
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    rows = [row("`fairlead estate`, just after a restart", results["cold"]), row("`fairlead estate`, again", results["again"])]
    rows += [row(name, cost) for name, cost in results["others"].items()]
    return "\n".join([
        f"Command: `bench/run.sh estate{' ' + ' '.join(options.given) if options.given else ''}`, {time.strftime('%Y-%m-%d')}.", "",
        f"Machine: {results['machine']}. {results['tables']:,} tables in {results['databases']:,} databases.", "",
        *head, *rows, "",
        f"One database costs {line['base_ms'] * 1e3:.0f} us and {line['table_ms'] * 1e3:.2f} us for each of its tables"
        f" (from {' and '.join(f'{each * 1e3:.0f} us at {count} tables' for count, each in line['points'])}), and"
        f" {bytes_each:.0f} bytes from the server. {databases:,} databases of {tables} tables:"
        f" **{full_s:.1f} s** and {bytes_each * databases / 2**20:.1f} MiB for a count of all, no table opened."
        f" `serve` counts 2,000 databases with each probe: {full_s / databases * 2000:.2f} s each `probe_interval`,"
        f" all of them within {databases // 2000} probes. Memory of `fairlead` at the end: {results['rss'] / 2**20:.1f} MiB.",
    ])


def put_into_document(text):
    path = ROOT / "docs/performance.md"
    marked = re.compile(r"(<!-- bench:estate:begin -->\n).*?(<!-- bench:estate:end -->)", re.S)
    document = path.read_text()
    if not marked.search(document):
        sys.exit("docs/performance.md has no markers bench:estate")
    path.write_text(marked.sub(lambda found: f"{found[1]}\n{text}\n\n{found[2]}", document))


def peak_memory(fairlead, configuration):
    """Highest resident size of one run."""
    child = subprocess.Popen([fairlead, "estate", "--json", "--config", str(configuration)], stdout=subprocess.DEVNULL)
    highest = 0
    while child.poll() is None:
        try:
            highest = max(highest, resident_bytes(child.pid))
        except (FileNotFoundError, ProcessLookupError):
            break
        time.sleep(0.002)
    child.wait()
    return highest


def machine():
    server = subprocess.run(["/usr/sbin/mariadbd", "--version"], capture_output=True, text=True).stdout
    version = server.split("Ver ")[-1].split()[0] if "Ver " in server else "of unknown version"
    return (f"{len(os.sched_getaffinity(0))} cores, kernel {platform.release()}, load average"
            f" {os.getloadavg()[0]:.1f}; MariaDB {version}")


def measure_all(options, folder, groups):
    server = Server(folder)
    filled = Path(folder) / "filled"
    try:
        if not filled.exists():
            fill(server, groups)
            filled.touch()
        server.restart()
        configuration = write_configuration(folder, server.port, groups)
        (first, _), cold = measure(server, lambda: run_estate(options.fairlead, configuration))
        (second, _), again = measure(server, lambda: run_estate(options.fairlead, configuration))
        expected = sum(databases * tables for _, databases, tables in groups)
        if not first["tables"] == second["tables"] == expected:
            sys.exit(f"counted {first['tables']} and {second['tables']} tables instead of {expected}")
        return {"machine": machine(), "cold": cold, "again": again, "tables": expected,
                "databases": sum(databases for _, databases, _ in groups), "line": per_database(server, groups),
                "rss": peak_memory(options.fairlead, configuration),
                "others": {name: measure(server, lambda: run_query(server, query))[1] for name, query in OTHERS.items()}}
    finally:
        server.process.stop()


def main():
    parser = argparse.ArgumentParser(prog="bench/run.sh estate", description=__doc__)
    parser.add_argument("--databases", type=int, default=500)
    parser.add_argument("--tables", type=int, default=40)
    parser.add_argument("--fairlead", default=str(ROOT / "build/release/fairlead"))
    parser.add_argument("--keep", help="a folder for the server's data, which is kept and used again")
    parser.add_argument("--no-document", action="store_true", help="do not write docs/performance.md")
    options = parser.parse_args()
    sizes = (("--databases", options.databases, 500), ("--tables", options.tables, 40))
    options.given = [f"{name} {value}" for name, value, usual in sizes if value != usual]
    groups = [("tenant", options.databases, options.tables), ("small", max(options.databases // 5, 10), 5)]
    with tempfile.TemporaryDirectory(prefix="fairlead-estate-") as temporary:
        os.chmod(temporary, 0o755)
        results = measure_all(options, options.keep or temporary, groups)
    text = report(options, results)
    print(text)
    output = ROOT / "build/bench/estate.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(results, indent=2) + "\n")
    if not options.no_document:
        put_into_document(text)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # so that the server is stopped
    main()
