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
    parser.add_argument("--pin", choices=("auto", "separate", "together"), default="auto",
                        help="client and servers on one core (below four cores the default), or on different ones")
    parser.add_argument("--build", default=f"{ROOT}/build/release", help="where dal_bench is built")
    parser.add_argument("--fairlead", default=f"{ROOT}/build/release/fairlead", help="what installs the policies")
    parser.add_argument("--no-report", action="store_true", help="leave docs/performance.md as it is")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 9)
    options.queries = options.queries or (5_000 if options.quick else 20_000)
    options.seconds = options.seconds or (1.0 if options.quick else 3.0)
    options.build, options.fairlead = os.path.abspath(options.build), os.path.abspath(options.fairlead)
    return options


def run_engine(options, folder, engine):
    """What each round has found."""
    make, user, database, plain, tenants = ENGINES[engine]
    home = f"{folder}/{engine}"
    os.makedirs(home)
    if os.geteuid() == 0:
        os.chown(home, pwd.getpwnam(user).pw_uid, -1)
    plan = CpuPlan(options.pin)
    cluster = make(home, plan.rest, TENANTS)
    try:
        files = [targets.write_configuration(cluster, f"{home}/{model}", options.fairlead, model, TENANTS)[0]
                 for model in ("silo", "pool")]
        command = [f"{options.build}/dal_bench", engine, cluster.port, "fairlead_app", PASSWORD, database, plain, tenants, *files,
                   TENANTS, ROWS_PER_TENANT, options.rounds, options.queries, options.seconds]
        limit = 120 + options.rounds * (options.queries * 0.003 + 6 * options.seconds)
        command = ["taskset", "-c", ",".join(map(str, plan.proxy)), *command]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=limit)
        if done.returncode != 0:
            raise RuntimeError(f"dal_bench {engine}: {done.stderr or done.stdout}")
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    finally:
        cluster.stop()


def figures(rounds):
    """Medians over rounds; differences and ratios are taken within a round."""
    found = {key: median([each[key] for each in rounds]) for key in rounds[0]}
    for kind in ("silo", "pool"):
        found[f"{kind}_more_us"] = median([each[f"{kind}_us"] - each["bare_us"] for each in rounds])
        found[f"{kind}_share"] = median([each[f"{kind}_rate"] / each["bare_rate"] for each in rounds])
    return found


def markdown(data):
    machine = data["machine"]
    lines = [f"Command: `{data['command']}`, {data['date']}.", "",
             f"Machine: {machine['cores']} cores, {machine['cpu']}, kernel {machine['kernel']}, load average at the start "
             f"{machine['load_average']:.2f}.", ""]
    for engine, rounds in data["rounds"].items():
        now = figures(rounds)
        lines += [f"### {engine}, {len(rounds)} rounds", "",
                  "| | CPU us / query, one thread | of it user | more than bare, us | queries / s | CPU us / query, there | share of bare |",
                  "| --- | --- | --- | --- | --- | --- | --- |",
                  f"| bare | {now['bare_us']:.2f} | {now['bare_user_us']:.1f} | | {now['bare_rate']:.0f} | {now['bare_loop_us']:.2f} | |"]
        for kind, words in (("silo", "library, silo"), ("pool", "library, shared tables")):
            lines.append(f"| {words} | {now[f'{kind}_us']:.2f} | {now[f'{kind}_user_us']:.1f} | {now[f'{kind}_more_us']:+.2f} | "
                         f"{now[f'{kind}_rate']:.0f} | {now[f'{kind}_async_us']:.2f} | {now[f'{kind}_share'] * 100:.1f} % |")
        lines.append("")
    return "\n".join(lines)


def main():
    options = parse_arguments()
    raise_descriptor_limit()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = tempfile.mkdtemp(prefix="fairlead-bench-")
    os.chmod(folder, 0o755)
    try:
        data = {"command": " ".join(["bench/run.sh dal", *sys.argv[1:]]).replace(f"{ROOT}/", ""),
                "date": datetime.date.today().isoformat(), "machine": describe("postgres"), "pin": CpuPlan(options.pin).words().replace("proxy", "client").replace("server and load", "servers"),
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
