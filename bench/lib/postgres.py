"""The PostgreSQL suite: see bench/README.md."""

import experiments
import report
import suite
import targets
from cluster import Cluster
from experiments import guarded
from load import Load, median
from processes import have, resident_bytes

TENANTS = 200
PARTS = ("transactions", "paced", "syscalls", "memory", "logins", "directory")  # memory after transactions: as users have it
ALL_TARGETS = ("direct", "forwarder", "haproxy", "pgbouncer", "fairlead")


def parse_arguments():
    parser = suite.options_of("postgres", PARTS, ALL_TARGETS, ("simple", "prepared"))
    parser.add_argument("--idle-clients", type=int, default=None, help="default 10000; quick: 3000")
    parser.add_argument("--directory-tenants", type=int, default=100_000)
    parser.add_argument("--rate", type=int, default=4000, help="transactions / s of the paced part")
    options = suite.settle(parser.parse_args())
    options.idle_clients = options.idle_clients or (3_000 if options.quick else 10_000)
    return options


class PostgresSuite(suite.Suite):
    engine, parts = "postgres", PARTS

    def __init__(self, options, folder):
        super().__init__(options, folder)
        self.data |= {"rate": options.rate, "paced": {}, "syscalls": [], "memory": {}, "logins": {}, "directory": {}}

    def make_load(self):
        self.cluster = Cluster(self.folder, self.plan.rest, TENANTS)
        self.load = Load(self.cluster, self.folder, self.plan, suite.BUILD)

    def makers(self):
        return [("direct", "direct", lambda: targets.direct(self.cluster)),
                ("forwarder", "forwarder", lambda: targets.forwarder(self.cluster, self.folder, self.plan, suite.BUILD)),
                ("haproxy", "haproxy", lambda: targets.haproxy(self.cluster, self.folder, self.plan)),
                ("fairlead", "fairlead-silo", lambda: self.fairlead(False, TENANTS, "fairlead-silo")[0]),
                ("pgbouncer", "pgbouncer", lambda: targets.pgbouncer(self.cluster, self.folder, self.plan, "transaction")),
                ("pgbouncer", "pgbouncer-session", lambda: targets.pgbouncer(self.cluster, self.folder, self.plan, "session")),
                ("fairlead", "fairlead-sealed", lambda: self.fairlead(True, TENANTS, "fairlead-sealed")[0])]

    def fairlead(self, sealed, tenants, name):
        self.require_fairlead()
        return targets.fairlead(self.cluster, self.folder, self.plan, self.options.fairlead, "pool" if sealed else "silo", tenants, name)

    def paced(self):
        for clients in (each for each in self.options.clients if each > 1):
            self.data["paced"][clients] = self.rounds("simple", clients, self.poolers(), self.options.rate)

    def syscalls(self):
        if not have("strace"):
            return self.note("strace is not installed: no system calls counted")
        for mode in self.options.modes:
            for target in self.targets:
                if target.process is None or (target.modes and mode not in target.modes) or not self.time_left():
                    continue
                found = guarded(f"system calls of {target.name}, {mode}", self.data["notes"], experiments.syscalls, self.load,
                                target, mode)
                if found:
                    self.data["syscalls"].append((target.name, mode, found))

    def poolers(self):
        return [each for each in self.targets if each.name == "pgbouncer" or each.name.startswith("fairlead")]

    def memory(self):
        for target in self.poolers():
            self.data["memory"][target.name] = guarded(f"idle clients of {target.name}", self.data["notes"],
                                                       experiments.idle_memory, target, TENANTS, self.options.idle_clients)

    def logins(self):
        for target in self.poolers():
            self.data["logins"][target.name] = guarded(f"logins to {target.name}", self.data["notes"], experiments.logins,
                                                       target, TENANTS)

    def directory(self):
        few = next((each for each in self.targets if each.name == "fairlead-sealed"), None)
        if few is None:
            return
        count = self.options.directory_tenants
        started = guarded(f"start with {count} tenants", self.data["notes"], self.fairlead, True, count, "fairlead-many")
        if not started:
            return
        many, seconds = started
        self.targets.append(many)
        found = {"tenants": count, "few_tenants": TENANTS, "start_seconds": seconds, "resident": resident_bytes(many.process.pid)}
        rounds = [{each.name: self.one_run(each, "simple", 64) for each in (few, many)} for _ in range(self.options.rounds)]
        found["few_cpu_us"] = median([each[few.name]["cpu_us"] for each in rounds if each[few.name]])
        found["many_cpu_us"] = median([each[many.name]["cpu_us"] for each in rounds if each[many.name]])
        found["ratio"] = report.ratios(rounds, many.name, few.name, "cpu_us")
        self.data["directory"] = found


suite.main(PostgresSuite, parse_arguments(), "postgres")
