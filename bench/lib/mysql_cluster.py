"""A private MariaDB with sysbench's table, the same rows once more as rows of tenants, and tenants' own databases."""

import os
import shutil
import subprocess
import time

from cluster import PASSWORD, ROWS_PER_TENANT
from processes import Process, as_user, free_port

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MARIADBD = os.environ.get("FAIRLEAD_MARIADBD", "/usr/sbin/mariadbd")
OPTIONS = ["--bind-address=127.0.0.1", "--skip-name-resolve", "--skip-log-bin", "--innodb-buffer-pool-size=512M",
           "--innodb-log-file-size=128M", "--innodb-flush-log-at-trx-commit=0", "--max-connections=900", "--thread-cache-size=600",
           "--table-open-cache=4000", "--max-prepared-stmt-count=200000", "--back-log=600"]

# sysbench's own definition, and the same with a tenant in front of its keys.
COLUMNS = "k int NOT NULL DEFAULT 0, c char(120) NOT NULL DEFAULT '', pad char(60) NOT NULL DEFAULT ''"
VALUES = "1 + (seq * 7919) % {rows}, rpad(sha2(seq, 512), 119, '-'), rpad(sha1(seq), 59, '-')"

FILL = f"""
CREATE USER fairlead_app@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';
GRANT ALL ON *.* TO fairlead_app@'127.0.0.1';
CREATE DATABASE plain; CREATE DATABASE tenants;
CREATE TABLE plain.sbtest1 (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, {COLUMNS}, KEY k_1 (k));
USE plain;
INSERT INTO plain.sbtest1 SELECT seq, {VALUES} FROM seq_1_to_{{all}};
CREATE TABLE tenants.sbtest1 (tenant_id varchar(16) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL, id int NOT NULL AUTO_INCREMENT,
    {COLUMNS}, PRIMARY KEY (tenant_id, id), KEY k_1 (tenant_id, k), KEY (id));
INSERT INTO tenants.sbtest1 SELECT concat('t', t.seq), i.seq, {VALUES.replace('seq', 'i.seq')} FROM seq_1_to_{{tenants}} t, seq_1_to_{{rows}} i;
REVOKE ALL ON *.* FROM fairlead_app@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON plain.* TO fairlead_app@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON tenants.* TO fairlead_app@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON `own\\_%`.* TO fairlead_app@'127.0.0.1';
ANALYZE TABLE plain.sbtest1, tenants.sbtest1;
"""


class MysqlCluster:
    engine = "mysql"

    def __init__(self, folder, cores, tenants):
        self.port, self.tenants, self.folder = free_port(), tenants, folder
        self.socket = f"{folder}/mysql.sock"
        script = "source scripts/lib/common.sh; source scripts/lib/servers.sh; source scripts/lib/mysql.sh; mysql_template"
        template = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=ROOT, check=True, capture_output=True, text=True, timeout=120)
        shutil.copytree(template.stdout.strip(), f"{folder}/data")
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", "mysql:", f"{folder}/data"], check=True)
        self.process = Process("mariadbd", [MARIADBD, "--no-defaults", f"--datadir={folder}/data", f"--socket={self.socket}",
                                            f"--port={self.port}", f"--pid-file={folder}/data/pid", *OPTIONS],
                               cores, f"{folder}/mariadbd.log", user="mysql")
        try:
            self.process.wait_for_port(self.port)
            time.sleep(0.3)
            self.sql(FILL.format(all=tenants * ROWS_PER_TENANT // 2, tenants=tenants, rows=ROWS_PER_TENANT))
        except BaseException:
            self.stop()
            raise

    def sql(self, text):
        done = subprocess.run(as_user("mysql", ["mariadb", "--no-defaults", "-N", "-B", "-S", self.socket, "-u", "root"]), input=text,
                              text=True, capture_output=True, timeout=1200)
        if done.returncode != 0:
            raise RuntimeError(f"mariadb: {done.stderr}")
        return done.stdout.strip()

    def make_databases(self, count):
        """own_t1 ... own_tN, a table each."""
        for first in range(1, count + 1, 500):
            self.sql("".join(f"CREATE DATABASE own_t{n}; CREATE TABLE own_t{n}.who (id int PRIMARY KEY); INSERT INTO own_t{n}.who VALUES ({n});\n"
                             for n in range(first, min(first + 500, count + 1))))

    def bridge_connections(self):
        """Of the proxy that serves the bridge: the others that are measured have connections, too."""
        return int(self.sql("SELECT count(*) FROM information_schema.processlist WHERE user = 'fairlead_app' AND "
                            "db LIKE 'own%'"))

    def asked_for(self):
        return int(self.sql("SHOW GLOBAL STATUS LIKE 'Connections'").split()[1])

    def verifier(self):
        return PASSWORD

    def stop(self):
        self.process.stop()
