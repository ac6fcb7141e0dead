"""The MySQL suite: see bench/README.md."""

import os
import sys
import threading
import time

import suite
import targets
from cluster import PASSWORD
from experiments import guarded
from load import LoadFailed
from mysql_cluster import MysqlCluster
from mysql_load import MODES, MysqlLoad
from processes import cpu_seconds, have, resident_bytes

TENANTS = 200
PARTS = ("transactions", "bridge")
ALL_TARGETS = ("direct", "forwarder", "haproxy", "fairlead")


def parse_arguments():
    parser = suite.options_of("mysql", PARTS, ALL_TARGETS, MODES)
    parser.add_argument("--bridge-databases", type=int, default=10_000)
    return suite.settle(parser.parse_args())


class MysqlSuite(suite.Suite):
    engine, parts = "mysql", PARTS

    def make_load(self):
        if not have("sysbench"):
            raise SystemExit("sysbench is missing: scripts/install-deps.sh bench")
        self.cluster = MysqlCluster(self.folder, self.plan.rest, TENANTS)
        self.load = MysqlLoad(self.cluster, self.folder, self.plan, suite.BUILD)

    def makers(self):
        return [("direct", "direct", lambda: targets.direct(self.cluster)),
                ("forwarder", "forwarder", lambda: targets.forwarder(self.cluster, self.folder, self.plan, suite.BUILD)),
                ("haproxy", "haproxy", lambda: targets.haproxy(self.cluster, self.folder, self.plan)),
                ("fairlead", "fairlead-silo", lambda: self.fairlead("silo", TENANTS, "fairlead-silo")[0]),
                ("fairlead", "fairlead-filter", lambda: self.fairlead("pool", TENANTS, "fairlead-filter")[0])]

    def fairlead(self, model, tenants, name):
        self.require_fairlead()
        return targets.fairlead(self.cluster, self.folder, self.plan, self.options.fairlead, model, tenants, name)

    def bridge(self):
        """One pool for ten thousand databases: how many connections, and what a statement costs when each is another tenant's."""
        count = self.options.bridge_databases
        print(f"  making {count} databases", flush=True)
        self.cluster.make_databases(count)
        started = guarded(f"start with {count} bridge tenants", self.data["notes"], self.fairlead, "bridge", count, "fairlead-bridge")
        if started:
            self.targets.append(started[0])
            self.data["bridge"] = guarded("bridge databases", self.data["notes"], self.ask_each, started[0], count)

    def ask_each(self, target, count):
        sys.path.insert(0, os.path.join(suite.ROOT, "tests"))
        from support.mysql_client import MysqlClient
        clients = [MysqlClient.login(target.port, f"t{n}", PASSWORD, "bench") for n in range(1, min(count, 10_000) + 1)]
        opened, wrong, most, looks, done = self.cluster.asked_for(), [], [0], [2], threading.Event()

        def ask(first, step):
            for n in range(first, len(clients), step):
                reply = clients[n].query("SELECT id FROM who")
                if reply.rows != [[str(n + 1)]]:
                    wrong.append((n + 1, reply.rows, reply.error))

        def watch():
            while not done.is_set():
                most[0] = max(most[0], self.cluster.bridge_connections())
                looks[0] += 1
                time.sleep(0.2)
        watcher = threading.Thread(target=watch)
        watcher.start()
        before, begin, rounds = cpu_seconds(target.process.pid)[0], time.monotonic(), 3
        for _ in range(rounds):
            threads = [threading.Thread(target=ask, args=(first, 32)) for first in range(32)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        elapsed, cpu = time.monotonic() - begin, cpu_seconds(target.process.pid)[0] - before
        done.set()
        watcher.join()
        if wrong:
            raise LoadFailed(f"{len(wrong)} wrong answers: {wrong[:3]}")
        found = {"databases": count, "clients": len(clients), "pool_size": targets.POOL_SIZE, "most_connections": most[0],
                 "statements": rounds, "opened": max(0, self.cluster.asked_for() - opened - looks[0]), "rate": rounds * len(clients) / elapsed,
                 "cpu_us": cpu * 1e6 / (rounds * len(clients)), "resident": resident_bytes(target.process.pid)}
        for client in clients:
            client.close()
        return found


suite.main(MysqlSuite, parse_arguments(), "mysql")
