"""One sysbench run. It resets its counters at the end of the warm-up (--report-checkpoints), so logins are in no figure."""

import os
import re
import subprocess

from cluster import PASSWORD, ROWS_PER_TENANT
from load import LoadFailed
from processes import cpu_seconds

# mode -> (test, options, statements in a transaction)
MODES = {
    "point_select text": ("oltp_point_select", ["--db-ps-mode=disable"]),
    "point_select prepared": ("oltp_point_select", ["--db-ps-mode=auto"]),
    "read_write text": ("oltp_read_write", ["--db-ps-mode=disable"]),
    "read_write prepared": ("oltp_read_write", ["--db-ps-mode=auto"]),
}


class MysqlLoad:
    def __init__(self, cluster, folder, plan, build):
        self.cluster, self.folder, self.plan, self.build = cluster, folder, plan, build

    def command(self, target, mode, clients, seconds, warm_up):
        test, options = MODES[mode]
        tenants = target.kind == "tenants"
        rows = ROWS_PER_TENANT if tenants else self.cluster.tenants * ROWS_PER_TENANT // 2
        database = "plain" if target.process is None or target.name in ("haproxy", "forwarder") else "bench"
        return ["stdbuf", "-oL", "taskset", "-c", ",".join(map(str, self.plan.rest)), "sysbench", test, *options, "--db-driver=mysql",
                "--mysql-host=127.0.0.1", f"--mysql-port={target.port}", f"--mysql-user={target.user}", f"--mysql-password={PASSWORD}",
                f"--mysql-db={database}", "--tables=1", f"--table-size={rows}", "--rand-type=uniform", f"--threads={clients}",
                "--histogram=on", f"--time={warm_up + seconds}", f"--report-checkpoints={warm_up}", "run"]

    def measure(self, target, mode, clients, window, during=None):
        """({tps: queries a second, ...}, None), as load.Load.measure."""
        warm_up, seconds = 1 + clients // 200, max(2, round(window))
        environment = {**os.environ}
        if target.kind == "tenants":
            environment |= {"LD_PRELOAD": f"{self.build}/tenant_users.so", "BENCH_TENANTS": str(self.cluster.tenants)}
        child = subprocess.Popen(self.command(target, mode, clients, seconds, warm_up), env=environment, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True)
        pid = target.process.pid if target.process else None
        before, after, lines, warm = None, None, [], False
        for line in child.stdout:
            lines.append(line)
            if "Checkpoint report" in line:
                before, warm, lines = cpu_seconds(pid) if pid else None, True, []
            elif "SQL statistics" in line and warm:  # the checkpoint's own, then the last
                after = cpu_seconds(pid) if pid else None
        child.wait(30)
        text = "".join(lines)
        queries = (list(re.finditer(r"^\s+queries:\s+(\d+)\s+\(([\d.]+) per sec", text, re.M)) or [None])[-1]  # the checkpoint's is first
        if child.returncode != 0 or not queries or not int(queries[1]):
            raise LoadFailed(" | ".join(line.strip() for line in lines if "FATAL" in line or "error" in line)[:400] or f"sysbench ended with {child.returncode}")
        return self.figures(text, queries, before, after), None

    @staticmethod
    def figures(text, queries, before, after):
        count = int(queries[1])
        found = [(float(value) * 1000, int(number)) for value, number in re.findall(r"^\s+([\d.]+) \|\**\s+(\d+)$", text, re.M)]
        result = {"tps": float(queries[2]), "transactions": count, "p50_us": quantile(found, 0.5), "p99_us": quantile(found, 0.99)}
        if before:
            result["cpu_us"] = (after[0] - before[0]) * 1e6 / count
            ticks = [now - then for now, then in zip(after[1], before[1])]
            result["user_share"] = ticks[0] / sum(ticks) if sum(ticks) else None
        return result


def quantile(buckets, share):
    """Of [(microseconds, count)] in ascending order."""
    left = share * sum(count for _, count in buckets)
    for value, count in buckets:
        left -= count
        if left <= 0:
            return round(value)
    return 0
