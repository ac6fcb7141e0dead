"""One pgbench run, measured in a window inside it: logins at its start and its end are in no figure."""

import glob
import os
import shutil
import statistics
import subprocess
import time

from cluster import PASSWORD, PG_BIN, ROWS_PER_TENANT
from processes import cpu_seconds, sleeps

PLAIN = "\\set aid random(1, {rows})\nSELECT abalance FROM pgbench_accounts WHERE aid = :aid;\n"
TENANTS = "\\set aid random(1, {rows})\nSELECT abalance FROM accounts WHERE aid = :aid;\n"


class LoadFailed(Exception):
    pass


def _last_time(path):
    """Time of the last whole line of a pgbench log, 0 when there is none."""
    with open(path, "rb") as file:
        file.seek(max(0, os.path.getsize(path) - 300))
        lines = file.read().split(b"\n")[:-1]
    fields = lines[-1].split() if lines else []
    return int(fields[4]) + int(fields[5]) * 1e-6 if len(fields) >= 6 else 0


class Load:
    def __init__(self, cluster, folder, plan, build):
        self.cluster, self.folder, self.plan, self.build = cluster, folder, plan, build
        self.count = 0
        for name, text, rows in (("plain", PLAIN, cluster.tenants * ROWS_PER_TENANT), ("tenants", TENANTS, ROWS_PER_TENANT)):
            with open(f"{folder}/{name}.sql", "w") as file:
                file.write(text.format(rows=rows))

    def start(self, target, mode, clients, rate=None):
        self.count += 1
        self.logs = f"{self.folder}/run{self.count}"
        os.makedirs(self.logs)
        environment = {**os.environ, "PGPASSWORD": PASSWORD, "PGSSLMODE": "disable", "PGCONNECT_TIMEOUT": "20"}
        if target.kind == "tenants":
            environment |= {"LD_PRELOAD": f"{self.build}/tenant_users.so", "BENCH_TENANTS": str(self.cluster.tenants)}
        # -T counts from before the logins, which may take seconds: so it is only the bound, and finish() ends the run.
        command = ["taskset", "-c", ",".join(map(str, self.plan.rest)), f"{PG_BIN}/pgbench", "-n", "-M", mode, "-c",
                   str(clients), "-j", "1", "-T", "180", "-f", f"{self.folder}/{target.kind}.sql", "-l",
                   "--log-prefix", f"{self.logs}/log", "-h", "127.0.0.1", "-p", str(target.port), "-U", target.user, "bench"]
        command += ["-R", str(rate)] if rate else []
        with open(f"{self.logs}/output", "w") as output:
            return subprocess.Popen(command, env=environment, stdout=output, stderr=output)

    def wait_until_logged(self, child, moment, seconds):
        """Until the log, which pgbench writes by blocks, holds a transaction that ended after `moment`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and child.poll() is None:
            if any(_last_time(path) > moment for path in glob.glob(f"{self.logs}/log*")):
                return
            time.sleep(0.02)
        self._fail(child)

    def _end(self, child):
        child.kill()
        child.wait()
        with open(f"{self.logs}/output") as file:
            return [line.strip() for line in file if "error" in line.lower() or "aborted" in line.lower()]

    def _fail(self, child):
        complaints = self._end(child)
        shutil.rmtree(self.logs, ignore_errors=True)
        raise LoadFailed(" | ".join(complaints)[:400] or "pgbench stands still")

    def finish(self, child, end):
        self.wait_until_logged(child, end, 30)
        complaints = self._end(child)
        if complaints:
            shutil.rmtree(self.logs, ignore_errors=True)
            raise LoadFailed(" | ".join(complaints)[:400])

    def latencies(self, begin, end):
        """Microseconds of the transactions that ended between the two wall-clock times, sorted."""
        found = []
        for path in glob.glob(f"{self.logs}/log*"):
            with open(path) as file:
                for line in file:
                    fields = line.split()
                    if len(fields) < 6 or fields[2] in ("skipped", "failed"):
                        continue
                    if begin <= int(fields[4]) + int(fields[5]) * 1e-6 < end:
                        found.append(int(fields[2]))
        shutil.rmtree(self.logs, ignore_errors=True)
        return sorted(found)

    def measure(self, target, mode, clients, window, during=None, rate=None):
        """`during(window)` may take the place of sleeping and returns something for the caller. `rate`: transactions a second
        that are begun, in place of as many as the clients can."""
        warm_up = 0.3 + clients * 0.004  # a new server process reads its catalogues at its first statement
        child = self.start(target, mode, clients, rate)
        self.wait_until_logged(child, 0, 90)
        time.sleep(warm_up)
        pid = target.process.pid if target.process else None
        before = cpu_seconds(pid) if pid else None
        slept = sleeps(pid) if pid else 0
        begin = time.time()
        extra = during(window) if during else time.sleep(window)
        if isinstance(extra, tuple):  # what was measured had edges of its own
            begin, end, extra = extra
        else:
            end = time.time()
        after = cpu_seconds(pid) if pid else None
        slept = sleeps(pid) - slept if pid else 0
        self.finish(child, end)
        found = self.latencies(begin, end)
        if not found:
            raise LoadFailed("no transaction ended within the window")
        result = {"tps": len(found) / (end - begin), "p50_us": found[len(found) // 2],
                  "p99_us": found[min(len(found) - 1, len(found) * 99 // 100)], "transactions": len(found)}
        if pid:
            result["sleeps"] = slept / len(found)
            result["cpu_us"] = (after[0] - before[0]) * 1e6 / len(found)
            ticks = [now - then for now, then in zip(after[1], before[1])]
            result["user_share"] = ticks[0] / sum(ticks) if sum(ticks) else None
        return result, extra


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None
