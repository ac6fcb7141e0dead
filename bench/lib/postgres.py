"""The PostgreSQL suite: see bench/README.md."""

import argparse
import datetime
import json
import os
import pwd
import shlex
import shutil
import signal
import sys
import tempfile
import time

import experiments
import report
import targets
from cluster import PG_BIN, Cluster
from experiments import guarded
from load import Load, median
from machine import CpuPlan, describe
from processes import have, raise_descriptor_limit, resident_bytes

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = f"{ROOT}/build/bench"
TENANTS = 200
PARTS = ("transactions", "syscalls", "memory", "logins", "directory")
ALL_TARGETS = ("direct", "forwarder", "haproxy", "pgbouncer", "fairlead")


def parse_arguments():
    parser = argparse.ArgumentParser(prog="bench/run.sh postgres")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 1.5 s instead of 5 of 3 s")
    parser.add_argument("--clients", default="1,16,64,512")
    parser.add_argument("--modes", default="simple,prepared")
    parser.add_argument("--targets", default=",".join(ALL_TARGETS))
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float, help="length of one measured window")
    parser.add_argument("--idle-clients", type=int, default=None, help="default 10000; quick: 3000")
    parser.add_argument("--directory-tenants", type=int, default=100_000)
    parser.add_argument("--max-minutes", type=float, default=None, help="no new round begins after this; default 45, quick: 15")
    parser.add_argument("--pin", choices=("auto", "separate", "together"), default="auto",
                        help="one core for the proxy alone, or one for everything")
    parser.add_argument("--fairlead", default=f"{ROOT}/build/release/fairlead")
    parser.add_argument("--no-report", action="store_true", help="leave docs/performance.md as it is")
    options = parser.parse_args()
    options.rounds = options.rounds or (2 if options.quick else 5)
    options.seconds = options.seconds or (1.5 if options.quick else 3.0)
    options.idle_clients = options.idle_clients or (3_000 if options.quick else 10_000)
    options.max_minutes = options.max_minutes or (15 if options.quick else 45)
    for name in ("targets", "parts", "modes"):
        setattr(options, name, getattr(options, name).split(","))
    options.clients = [int(count) for count in options.clients.split(",")]
    return options


class Suite:
    def __init__(self, options, folder):
        self.options, self.folder, self.plan = options, folder, CpuPlan(options.pin)
        self.end = time.monotonic() + options.max_minutes * 60
        self.data = {"command": f"bench/run.sh postgres {shlex.join(sys.argv[1:])}".replace(f"{ROOT}/", "").strip(),
                     "date": datetime.date.today().isoformat(), "machine": describe(PG_BIN), "cpu_plan": self.plan.words(),
                     "transactions": {}, "syscalls": [], "memory": {}, "logins": {}, "directory": {}, "notes": []}
        self.cluster, self.targets = None, []

    def note(self, text):
        self.data["notes"].append(text)
        print(f"  note: {text}", flush=True)

    def start(self):
        self.cluster = Cluster(self.folder, self.plan.rest, TENANTS)
        self.load = Load(self.cluster, self.folder, self.plan, BUILD)
        wanted = self.options.targets
        makers = [("direct", "direct", lambda: targets.direct(self.cluster)),
                  ("forwarder", "forwarder", lambda: targets.forwarder(self.cluster, self.folder, self.plan, BUILD)),
                  ("haproxy", "haproxy", lambda: targets.haproxy(self.cluster, self.folder, self.plan)),
                  ("fairlead", "fairlead-silo", lambda: self.fairlead(False, TENANTS, "fairlead-silo")[0]),
                  ("pgbouncer", "pgbouncer", lambda: targets.pgbouncer(self.cluster, self.folder, self.plan, "transaction")),
                  ("pgbouncer", "pgbouncer-session", lambda: targets.pgbouncer(self.cluster, self.folder, self.plan, "session")),
                  ("fairlead", "fairlead-sealed", lambda: self.fairlead(True, TENANTS, "fairlead-sealed")[0])]
        for group, name, make in makers:
            if group not in wanted:
                continue
            if group in ("haproxy", "pgbouncer") and not have(group):
                self.note(f"{group} is not installed and was left out")
                continue
            target = guarded(f"start of {name}", self.data["notes"], make)
            if target:
                self.targets.append(target)

    def fairlead(self, sealed, tenants, name):
        if not os.access(self.options.fairlead, os.X_OK):
            raise RuntimeError("the binary is not built (cmake --preset release, cmake --build --preset release)")
        return targets.fairlead(self.cluster, self.folder, self.plan, self.options.fairlead, sealed, tenants, name)

    def time_left(self):
        return time.monotonic() < self.end

    def transactions(self):
        for mode in self.options.modes:
            for clients in self.options.clients:
                self.data["transactions"][f"{mode}/{clients}"] = rounds = []
                names = [each for each in self.targets if mode in each.modes and clients <= each.most_clients]
                for round_number in range(self.options.rounds):
                    if not self.time_left():
                        self.note(f"out of time: {mode}, {clients} clients has {round_number} rounds")
                        break
                    # Every second round runs backwards, so that no target always follows the same one.
                    order = names if round_number % 2 == 0 else names[::-1]
                    found = {each.name: self.one_run(each, mode, clients) for each in order}
                    rounds.append({each.name: found[each.name] for each in names})

    def one_run(self, target, mode, clients):
        result = guarded(f"{target.name}, {mode}, {clients} clients", self.data["notes"], self.load.measure, target, mode,
                         clients, self.options.seconds)
        if not result:
            return None
        print(f"  {mode:8} {clients:4} {target.name:18} {result[0]['tps']:9.0f} tps  cpu {result[0].get('cpu_us', 0):6.2f} us"
              f"  p50 {result[0]['p50_us']} p99 {result[0]['p99_us']}", flush=True)
        return result[0]

    def syscalls(self):
        if not have("strace"):
            return self.note("strace is not installed: no system calls counted")
        for mode in self.options.modes:
            for target in self.targets:
                if target.process is None or mode not in target.modes or not self.time_left():
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

    def run(self):
        self.start()
        for part in PARTS:  # memory after transactions: a process that has worked is what users have
            if part in self.options.parts:
                print(part, flush=True)
                getattr(self, part)()

    def stop(self):
        for target in self.targets:
            target.stop()
        if self.cluster:
            self.cluster.stop()

    def save(self):
        with open(f"{BUILD}/postgres.json", "w") as file:
            json.dump(self.data, file, indent=1)
        text = report.markdown(self.data)
        with open(f"{BUILD}/postgres.md", "w") as file:
            file.write(text)
        if not self.options.no_report:
            report.write(f"{ROOT}/docs/performance.md", text)
        print(text)


def main():
    options = parse_arguments()
    raise_descriptor_limit()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = tempfile.mkdtemp(prefix="fairlead-bench-")
    os.chmod(folder, 0o755)
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
    suite = Suite(options, folder)
    try:
        suite.run()
        suite.save()
    finally:
        suite.stop()
        shutil.rmtree(folder, ignore_errors=True)


main()
