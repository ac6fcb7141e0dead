"""A private PostgreSQL with the tables of pgbench and the same rows once more as rows of tenants."""

import os
import subprocess
import time

from processes import Process, as_user, free_port

PG_BIN = os.environ.get("PG_BIN", "/usr/lib/postgresql/15/bin")
PASSWORD = "bench-password"
ROWS_PER_TENANT = 1000

SETTINGS = """
listen_addresses = '127.0.0.1'
max_connections = 900
shared_buffers = 256MB
fsync = off
synchronous_commit = off
autovacuum = off
password_encryption = scram-sha-256
log_min_messages = fatal
"""

ROLES = f"""
CREATE ROLE fairlead_app LOGIN PASSWORD '{PASSWORD}';
CREATE ROLE bench_owner LOGIN PASSWORD '{PASSWORD}';
CREATE DATABASE bench OWNER bench_owner;
"""

TENANT_TABLE = """
CREATE TABLE accounts (tenant_id text NOT NULL, aid int NOT NULL, abalance int NOT NULL DEFAULT 0,
                       PRIMARY KEY (tenant_id, aid));
INSERT INTO accounts SELECT 't' || t, a, a FROM generate_series(1, {tenants}) t, generate_series(1, {rows}) a;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO fairlead_app;
"""


class Cluster:
    engine = "postgres"

    def __init__(self, folder, cores, tenants):
        self.data = f"{folder}/pgdata"
        self.port = free_port()
        self.tenants = tenants
        self._run(f"{PG_BIN}/initdb", "-D", self.data, "-U", "postgres", "-A", "scram-sha-256",
                  f"--pwfile={self._password_file(folder)}", "-E", "UTF8", "--no-sync", "--locale=C")
        with open(f"{self.data}/postgresql.conf", "a") as file:
            file.write(SETTINGS + f"port = {self.port}\nunix_socket_directories = '{folder}'\n")
        self.process = Process("postgres", [f"{PG_BIN}/postgres", "-D", self.data], cores, f"{folder}/postgres.log",
                               user="postgres")
        try:
            self.process.wait_for_port(self.port)
            self._wait_until_accepting()
            self._fill()
        except BaseException:
            self.stop()
            raise

    def _wait_until_accepting(self):
        for _ in range(200):
            if subprocess.run([f"{PG_BIN}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)], timeout=10).returncode == 0:
                return
            time.sleep(0.1)
        raise RuntimeError(f"postgres does not accept connections: {self.process.log_tail()}")

    def _password_file(self, folder):
        path = f"{folder}/pwfile"
        with open(path, "w") as file:
            file.write(PASSWORD)
        os.chmod(path, 0o644)
        return path

    def _run(self, *command):
        subprocess.run(as_user("postgres", list(command)), check=True, stdout=subprocess.DEVNULL, timeout=120)

    def sql(self, text, database="postgres", user="postgres"):
        done = subprocess.run([f"{PG_BIN}/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port),
                               "-U", user, database], input=text, text=True, capture_output=True, timeout=120,
                              env={**os.environ, "PGPASSWORD": PASSWORD})
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr}")
        return done.stdout.strip()

    def _fill(self):
        self.sql(ROLES)
        scale = max(1, self.tenants * ROWS_PER_TENANT // 100_000)
        subprocess.run([f"{PG_BIN}/pgbench", "-i", "-q", "-s", str(scale), "-h", "127.0.0.1", "-p", str(self.port), "-U",
                        "bench_owner", "bench"], check=True, capture_output=True, timeout=300,
                       env={**os.environ, "PGPASSWORD": PASSWORD})
        self.sql(TENANT_TABLE.format(tenants=self.tenants, rows=ROWS_PER_TENANT), "bench", "bench_owner")
        self.sql("VACUUM ANALYZE; CHECKPOINT;", "bench")

    def verifier(self):
        """The SCRAM verifier of PASSWORD, which both proxies check their clients against: neither has to stretch a
        plain password at each login."""
        return self.sql("SELECT rolpassword FROM pg_authid WHERE rolname = 'fairlead_app'")

    def stop(self):
        subprocess.run(as_user("postgres", [f"{PG_BIN}/pg_ctl", "-D", self.data, "-m", "immediate", "stop"]),
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
        self.process.stop()
