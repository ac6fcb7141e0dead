"""The proxies to compare, each started with one thread and, where it pools, the same pool size."""

import os
import subprocess
import time
import urllib.error
import urllib.request

from cluster import PASSWORD
from processes import Process, free_port

POOL_SIZE = 20
SESSION_POOL_SIZE = 64  # PgBouncer 1.18 has prepared statements in session pooling only: one connection a client

PGBOUNCER_INI = """
[databases]
bench = host=127.0.0.1 port={server_port} dbname=bench user=fairlead_app password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/userlist.txt
pool_mode = {mode}
default_pool_size = {pool_size}
max_client_conn = 15000
log_connections = 0
log_disconnections = 0
log_stats = 0
ignore_startup_parameters = extra_float_digits
"""

HAPROXY_CFG = """
global
    nbthread 1
    maxconn 2000
defaults
    mode tcp
    timeout connect 5s
    timeout client 10m
    timeout server 10m
listen bench
    bind 127.0.0.1:{port}
    server one 127.0.0.1:{server_port}
"""

FAIRLEAD_TOML = """
[proxy]
workers = 1
[log]
level = "warning"
[listen.{engine}]
address = ["127.0.0.1:{port}"]
[admin]
address = "127.0.0.1:{admin_port}"
[backends.one]
engine = "{engine}"
host = "127.0.0.1"
port = {server_port}
user = "fairlead_app"
password = "{password}"
pool_size = {pool_size}
pool_timeout = "30s"
probe_interval = "0s"
tls = {{ mode = "disable" }}
[placements.main]
backend = "one"
{placement}
[directory]
source = "file:tenants.toml"
"""

PLACEMENTS = {
    ("postgres", "silo"): """model = "silo"
database = "bench"
""",
    ("postgres", "pool"): """model = "pool"
database = "bench"
tenant_column = "tenant_id"
isolation = "sealed"
global_tables = ["pgbench_accounts", "pgbench_branches", "pgbench_tellers", "pgbench_history"]
""",
    ("mysql", "silo"): """model = "silo"
database = "plain"
expose_as = "bench"
""",
    ("mysql", "pool"): """model = "pool"
database = "tenants"
expose_as = "bench"
tenant_column = "tenant_id"
""",
    ("mysql", "bridge"): """model = "bridge"
database = "own_{id}"
expose_as = "bench"
""",
}


class Target:
    """`kind` chooses the load: "plain" asks the table without tenants as one user, "tenants" the table of tenants, each
    connection as the next tenant. `modes`: None, every one."""

    def __init__(self, name, port, process, kind="plain", modes=None, most_clients=10**9, user="fairlead_app"):
        self.name, self.port, self.process, self.kind = name, port, process, kind
        self.modes, self.most_clients, self.user = modes, most_clients, user

    def stop(self):
        if self.process:
            self.process.stop()


def direct(cluster):
    return Target("direct", cluster.port, None)


def forwarder(cluster, folder, plan, build):
    port = free_port()
    process = Process("forwarder", [f"{build}/forwarder", str(port), str(cluster.port)], plan.proxy, f"{folder}/forwarder.log")
    return Target("forwarder", port, process.wait_for_port(port))


def haproxy(cluster, folder, plan):
    port = free_port()
    with open(f"{folder}/haproxy.cfg", "w") as file:
        file.write(HAPROXY_CFG.format(port=port, server_port=cluster.port))
    process = Process("haproxy", ["/usr/sbin/haproxy", "-db", "-f", f"{folder}/haproxy.cfg"], plan.proxy, f"{folder}/haproxy.log")
    return Target("haproxy", port, process.wait_for_port(port))


def pgbouncer(cluster, folder, plan, mode):
    port = free_port()
    with open(f"{folder}/userlist.txt", "w") as file:
        file.write(f'"fairlead_app" "{cluster.verifier()}"\n')
    ini = f"{folder}/pgbouncer-{mode}.ini"
    with open(ini, "w") as file:
        file.write(PGBOUNCER_INI.format(port=port, server_port=cluster.port, password=PASSWORD, folder=folder, mode=mode,
                                        pool_size=POOL_SIZE if mode == "transaction" else SESSION_POOL_SIZE))
    process = Process(f"pgbouncer-{mode}", ["/usr/sbin/pgbouncer", ini], plan.proxy, f"{folder}/pgbouncer-{mode}.log", user="postgres")
    process.wait_for_port(port)
    if mode == "session":
        return Target("pgbouncer-session", port, process, modes=("prepared",), most_clients=SESSION_POOL_SIZE)
    return Target("pgbouncer", port, process, modes=("simple",))


def _tenants_toml(secret, model, tenants, bound_users):
    tenants = 1 if model == "silo" else tenants  # a silo is one tenant's
    parts = [f'[[tenants]]\nid = "t{i}"\nplacement = "main"\n' for i in range(1, tenants + 1)]
    names = [] if model == "silo" else [(f"t{i}", f"t{i}") for i in range(1, bound_users + 1)]
    names.append(("fairlead_app", "t1"))
    parts += [f'[[users]]\nname = "{user}"\npassword = "{secret}"\ntenants = ["{tenant}"]\n' for user, tenant in names]
    return "\n".join(parts)


def _install_policy(binary, config, folder):
    done = subprocess.run([binary, "policy", "install", "--config", config, "--placement", "main", "--as", "bench_owner"],
                          capture_output=True, text=True, timeout=60, env={**os.environ, "PGPASSWORD": PASSWORD}, cwd=folder)
    if done.returncode != 0:
        raise RuntimeError(f"fairlead policy install: {done.stdout}{done.stderr}")


def _wait_until_ready(process, admin_port, seconds):
    """Time from here to the first 200 of /readyz."""
    begin = time.monotonic()
    answer = "no answer"
    while time.monotonic() - begin < seconds and process.child.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{admin_port}/readyz", timeout=2) as response:
                if response.status == 200:
                    return time.monotonic() - begin
        except urllib.error.HTTPError as error:
            answer = error.read().decode(errors="replace")
        except OSError:
            pass
        time.sleep(0.005)
    raise RuntimeError(f"{process.name} is not ready: {answer} {process.log_tail()}")


def write_configuration(cluster, home, binary, model, tenants, pool_size=POOL_SIZE):
    """In `home`, which it makes; installs the policies where there are any. The file, and the ports of proxy and admin."""
    os.makedirs(home)
    port, admin_port = free_port(), free_port()
    with open(f"{home}/tenants.toml", "w") as file:
        file.write(_tenants_toml(cluster.verifier(), model, tenants, cluster.tenants if model == "pool" else tenants))
    config = f"{home}/fairlead.toml"
    with open(config, "w") as file:
        file.write(FAIRLEAD_TOML.format(engine=cluster.engine, port=port, admin_port=admin_port, server_port=cluster.port,
                                        password=PASSWORD, pool_size=pool_size, placement=PLACEMENTS[cluster.engine, model]))
    if (cluster.engine, model) == ("postgres", "pool"):
        _install_policy(binary, config, home)
    return config, port, admin_port


def fairlead(cluster, folder, plan, binary, model, tenants, name, pool_size=POOL_SIZE):
    """The target, and the seconds from exec to ready."""
    home = f"{folder}/{name}"
    config, port, admin_port = write_configuration(cluster, home, binary, model, tenants, pool_size)
    process = Process(name, [binary, "serve", "--config", config], plan.proxy, f"{home}/log", cwd=home)
    try:
        seconds = _wait_until_ready(process, admin_port, 30)
    except RuntimeError:
        process.stop()
        raise
    return Target(name, port, process, kind="tenants" if model == "pool" else "plain"), seconds
