"""What the suites of both engines share: targets, rounds, notes, the report."""

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

import report
from experiments import guarded
from machine import CpuPlan, describe
from processes import have, raise_descriptor_limit

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = f"{ROOT}/build/bench"


def options_of(engine, parts, targets, modes):
    """A parser with the options that every suite has."""
    parser = argparse.ArgumentParser(prog=f"bench/run.sh {engine}")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 1.5 s instead of 5 of 3 s")
    parser.add_argument("--clients", default="1,16,64,512")
    parser.add_argument("--modes", default=",".join(modes))
    parser.add_argument("--targets", default=",".join(targets))
    parser.add_argument("--parts", default=",".join(parts))
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float, help="length of one measured window")
    parser.add_argument("--max-minutes", type=float, default=None, help="no new round begins after this; default 45, quick: 15")
    parser.add_argument("--pin", choices=("auto", "separate", "together"), default="auto",
                        help="one core for the proxy alone, or one for everything")
    parser.add_argument("--fairlead", default=f"{ROOT}/build/release/fairlead")
    parser.add_argument("--no-report", action="store_true", help="leave docs/performance.md as it is")
    return parser


def settle(options):
    options.rounds = options.rounds or (2 if options.quick else 5)
    options.seconds = options.seconds or (1.5 if options.quick else 3.0)
    options.max_minutes = options.max_minutes or (15 if options.quick else 45)
    for name in ("targets", "parts", "modes"):
        setattr(options, name, getattr(options, name).split(","))
    options.fairlead = os.path.abspath(options.fairlead)
    options.clients = [int(count) for count in options.clients.split(",")]
    return options


class Suite:
    """`engine`, `parts`, makers() and make_load() are the engine's own."""

    def __init__(self, options, folder):
        self.options, self.folder, self.plan = options, folder, CpuPlan(options.pin)
        self.end = time.monotonic() + options.max_minutes * 60
        self.data = {"engine": self.engine,
                     "command": f"bench/run.sh {self.engine} {shlex.join(sys.argv[1:])}".replace(f"{ROOT}/", "").strip(),
                     "date": datetime.date.today().isoformat(), "machine": describe(self.engine), "cpu_plan": self.plan.words(),
                     "transactions": {}, "notes": []}
        self.cluster, self.targets = None, []

    def note(self, text):
        self.data["notes"].append(text)
        print(f"  note: {text}", flush=True)

    def start(self):
        self.make_load()
        for group, name, make in self.makers():
            if group not in self.options.targets:
                continue
            if group in ("haproxy", "pgbouncer") and not have(group):
                self.note(f"{group} is not installed and was left out")
                continue
            target = guarded(f"start of {name}", self.data["notes"], make)
            if target:
                self.targets.append(target)

    def require_fairlead(self):
        if not os.access(self.options.fairlead, os.X_OK):
            raise RuntimeError("the binary is not built (cmake --preset release, cmake --build --preset release)")

    def time_left(self):
        return time.monotonic() < self.end

    def transactions(self):
        for mode in self.options.modes:
            for clients in self.options.clients:
                self.data["transactions"][f"{mode}/{clients}"] = self.rounds(mode, clients, self.targets)

    def rounds(self, mode, clients, targets, rate=None):
        """[{target: figures}] of those of `targets` that can do it."""
        rounds = []
        names = [each for each in targets if (each.modes is None or mode in each.modes) and clients <= each.most_clients]
        for round_number in range(self.options.rounds):
            if not self.time_left():
                self.note(f"out of time: {mode}, {clients} clients has {round_number} rounds")
                break
            # Every second round runs backwards, so that no target always follows the same one.
            order = names if round_number % 2 == 0 else names[::-1]
            found = {each.name: self.one_run(each, mode, clients, rate) for each in order}
            rounds.append({each.name: found[each.name] for each in names})
        return rounds

    def one_run(self, target, mode, clients, rate=None):
        options = {"rate": rate} if rate else {}
        result = guarded(f"{target.name}, {mode}, {clients} clients", self.data["notes"], self.load.measure, target, mode,
                         clients, self.options.seconds, **options)
        if not result:
            return None
        print(f"  {mode:22} {clients:4} {target.name:18} {result[0]['tps']:9.0f} /s  cpu {result[0].get('cpu_us', 0):6.2f} us"
              f"  sleeps {result[0].get('sleeps', 0):5.3f}  p50 {result[0]['p50_us']} p99 {result[0]['p99_us']}", flush=True)
        return result[0]

    def run(self):
        self.start()
        for part in self.parts:
            if part in self.options.parts:
                print(part, flush=True)
                getattr(self, part)()

    def stop(self):
        for target in self.targets:
            target.stop()
        if self.cluster:
            self.cluster.stop()

    def save(self):
        with open(f"{BUILD}/{self.engine}.json", "w") as file:
            json.dump(self.data, file, indent=1)
        text = report.markdown(self.data)
        with open(f"{BUILD}/{self.engine}.md", "w") as file:
            file.write(text)
        if not self.options.no_report:
            report.write(f"{ROOT}/docs/performance.md", self.engine, text)
        print(text)


def main(make_suite, options, server_user):
    raise_descriptor_limit()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = tempfile.mkdtemp(prefix="fairlead-bench-")
    os.chmod(folder, 0o755)
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam(server_user).pw_uid, -1)
    suite = make_suite(options, folder)
    try:
        suite.run()
        suite.save()
    finally:
        suite.stop()
        shutil.rmtree(folder, ignore_errors=True)
