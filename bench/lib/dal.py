"""The embedded library beside the client libraries alone: see bench/README.md."""

import argparse
import datetime
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile

import report
import targets
from cluster import PASSWORD, ROWS_PER_TENANT, Cluster
from load import median
from machine import CpuPlan, describe
from mysql_cluster import MysqlCluster
from processes import raise_descriptor_limit
from suite import BUILD, ROOT

TENANTS = 200
ENGINES = {
    "postgres": (Cluster, "postgres", "bench", "SELECT abalance FROM pgbench_accounts WHERE aid = $1",
                 "SELECT abalance FROM accounts WHERE aid = $1"),
    "mysql": (MysqlCluster, "mysql", "plain", "SELECT k FROM sbtest1 WHERE id = ?", "SELECT k FROM sbtest1 WHERE id = ?"),
}


def parse_arguments():
    parser = argparse.ArgumentParser(prog="bench/run.sh dal")
    parser.add_argument("--quick", action="store_true", help="3 rounds of 5,000 queries and 1 s instead of 9 of 20,000 and 3 s")
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--queries", type=int, help="of each kind in a round")
    parser.add_argument("--seconds", type=float, help="of each kind in a round")
    parser.add_argument("--build", default=f"{ROOT}/build/release", help="where dal_bench is built")
    parser.add_argument("--fairlead", default=f"{ROOT}/build/release/fairlead", help="what installs the policies")
    parser.add_argument("--no-report", action="store_true", help="leave docs/performance.md as it is")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 9)
    options.queries = options.queries or (5_000 if options.quick else 20_000)
    options.seconds = options.seconds or (1.0 if options.quick else 3.0)
    options.build, options.fairlead = os.path.abspath(options.build), os.path.abspath(options.fairlead)
    return options


def pin(pid, cores):
    """The server with all its processes and threads, and those they will make."""
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()
    for each in [str(pid), *children]:
        try:
            for thread in os.listdir(f"/proc/{each}/task"):
                os.sched_setaffinity(int(thread), cores)
        except (FileNotFoundError, ProcessLookupError):
            pass  # it has ended meanwhile


def run_program(options, plan, mode, amount, arguments):
    """What each round has found."""
    command = ["taskset", "-c", ",".join(map(str, plan.proxy)), f"{options.build}/dal_bench", mode, *arguments, options.rounds, amount]
    limit = 120 + options.rounds * (options.queries * 0.003 + 6 * options.seconds)
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=limit)
    if done.returncode != 0:
        raise RuntimeError(f"dal_bench {arguments[0]}: {done.stderr or done.stdout}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def run_engine(options, folder, engine):
    """The rounds of each part: one thread, and many requests at once with client and servers apart and together."""
    make, user, database, plain, tenants = ENGINES[engine]
    home = f"{folder}/{engine}"
    os.makedirs(home)
    if os.geteuid() == 0:
        os.chown(home, pwd.getpwnam(user).pw_uid, -1)
    together = CpuPlan("together")
    cluster = make(home, together.rest, TENANTS)
    try:
        files = [targets.write_configuration(cluster, f"{home}/{model}", options.fairlead, model, TENANTS)[0]
                 for model in ("silo", "pool")]
        arguments = [engine, cluster.port, "fairlead_app", PASSWORD, database, plain, tenants, *files, TENANTS, ROWS_PER_TENANT]
        found = {"one-thread": run_program(options, together, "one-thread", options.queries, arguments)}
        for placed in ("separate", "together"):
            plan = CpuPlan(placed)
            pin(cluster.process.pid, plan.rest)
            found[placed] = run_program(options, plan, "at-once", options.seconds, arguments)
        return found
    finally:
        cluster.stop()


def figures(rounds):
    """Medians over rounds; differences and ratios are taken within a round."""
    found = {key: median([each[key] for each in rounds]) for key in rounds[0]}
    for kind in ("silo", "pool"):
        found[f"{kind}_more_us"] = median([each[f"{kind}_us"] - each["bare_us"] for each in rounds])
        if "bare_rate" in found:
            found[f"{kind}_share"] = median([each[f"{kind}_rate"] / each["bare_rate"] for each in rounds])
    return found


KINDS = (("silo", "library, silo"), ("pool", "library, shared tables"))


def one_thread(now):
    lines = ["| one thread | CPU us / query | of it user | more than bare, us |", "| --- | --- | --- | --- |",
             f"| bare | {now['bare_us']:.2f} | {now['bare_user_us']:.1f} | |"]
    return lines + [f"| {words} | {now[f'{kind}_us']:.2f} | {now[f'{kind}_user_us']:.1f} | {now[f'{kind}_more_us']:+.2f} |"
                    for kind, words in KINDS]


def at_once(found):
    lines = ["| 1,000 requests, 20 connections | queries / s, a core each | CPU us / query | share of bare | one core for both | CPU us / query | share of bare |",
             "| --- | --- | --- | --- | --- | --- | --- |"]
    both = [figures(found["separate"]), figures(found["together"])]
    for kind, words in (("bare", "bare, 20 connections of its own"), *KINDS):
        cells = [f"{now[f'{kind}_rate']:.0f} | {now[f'{kind}_us']:.2f} | " + (f"{now[f'{kind}_share'] * 100:.1f} %" if kind != "bare" else "")
                 for now in both]
        lines.append(f"| {words} | {' | '.join(cells)} |")
    return lines


def markdown(data):
    machine = data["machine"]
    lines = [f"Command: `{data['command']}`, {data['date']}.", "",
             f"Machine: {machine['cores']} cores, {machine['cpu']}, kernel {machine['kernel']}, load average at the start "
             f"{machine['load_average']:.2f}.", ""]
    for engine, found in data["rounds"].items():
        lines += [f"### {engine}, {len(found['one-thread'])} rounds", "", *one_thread(figures(found["one-thread"])), "", *at_once(found), ""]
    return "\n".join(lines)


def main():
    options = parse_arguments()
    raise_descriptor_limit()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = tempfile.mkdtemp(prefix="fairlead-bench-")
    os.chmod(folder, 0o755)
    try:
        data = {"command": " ".join(["bench/run.sh dal", *sys.argv[1:]]).replace(f"{ROOT}/", ""),
                "date": datetime.date.today().isoformat(), "machine": describe("postgres"),
                "rounds": {engine: run_engine(options, folder, engine) for engine in options.engines.split(",")}}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    with open(f"{BUILD}/dal.json", "w") as file:
        json.dump(data, file, indent=1)
    text = markdown(data)
    if not options.no_report:
        report.write(f"{ROOT}/docs/performance.md", "dal", text)
    print(text)


if __name__ == "__main__":
    main()
