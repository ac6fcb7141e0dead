"""Where things run and in which words the report names the machine."""

import os
import platform
import subprocess

from cluster import PG_BIN


class CpuPlan:
    """separate: the proxy has a core of its own, so that its CPU time does not hold what the server and the load
    generator do to its caches; they share the other cores. together: all on one core, where waking each other needs no
    interrupt between cores, which virtual machines pay dearly for. auto: together below four cores."""

    def __init__(self, pin):
        cores = sorted(os.sched_getaffinity(0))
        if pin == "auto":
            pin = "together" if len(cores) < 4 else "separate"
        self.proxy = cores[-1:]
        self.rest = cores[-1:] if pin == "together" else cores[:-1] or cores

    def words(self):
        return f"proxy on core {self.proxy[0]}, server and load on {','.join(map(str, self.rest))}"


def _first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=10).stdout.splitlines()[0]
    except (OSError, IndexError, subprocess.SubprocessError):
        return "unknown"


def _cpu_model():
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


PROGRAMS = {
    "postgres": ((f"{PG_BIN}/postgres", "--version"), ("pgbouncer", "--version"), ("haproxy", "-v")),
    "mysql": (("/usr/sbin/mariadbd", "--version"), ("sysbench", "--version"), ("haproxy", "-v")),
}


def describe(engine):
    versions = [_first_line(*command) for command in PROGRAMS[engine]]
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": _cpu_model(),
        "kernel": platform.release(),
        "programs": [version.removeprefix("/usr/sbin/").replace("  Ver ", " ").split(" for ")[0].split("-1")[0] for version in versions],
        "load_average": os.getloadavg()[0],
    }
