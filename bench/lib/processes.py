"""Child processes: pinned, with many descriptors, their CPU time and memory read from /proc."""

import os
import resource
import shutil
import signal
import socket
import subprocess
import time

DESCRIPTORS = min(65536, resource.getrlimit(resource.RLIMIT_NOFILE)[1])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def as_user(user, command):
    """Servers refuse to run as root; run them as `user` then. setpriv, unlike runuser, keeps the descriptor limit, and
    the process identity is the program's own."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--", *command]


def raise_descriptor_limit():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(DESCRIPTORS, hard), hard))


class Process:
    def __init__(self, name, command, cores, log, user=None, environment=None, cwd=None):
        self.name = name
        self.log_path = log
        if user:
            command = as_user(user, command)
        with open(log, "ab") as output:
            self.child = subprocess.Popen(
                ["taskset", "-c", ",".join(map(str, cores)), *command], stdout=output, stderr=output,
                stdin=subprocess.DEVNULL, env={**os.environ, **(environment or {})}, cwd=cwd,
                preexec_fn=raise_descriptor_limit, start_new_session=True)
        self.pid = self.child.pid  # taskset and setpriv become the program, they do not stay in between

    def wait_for_port(self, port, seconds=20, interval=0.02):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.child.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return self
            except OSError:
                time.sleep(interval)
        raise RuntimeError(f"{self.name} does not listen: {self.log_tail()}")

    def log_tail(self):
        with open(self.log_path, errors="replace") as file:
            return " | ".join(file.read().splitlines()[-8:])

    def stop(self):
        if self.child.poll() is not None:
            return
        os.killpg(self.child.pid, signal.SIGTERM)
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait(5)


def cpu_seconds(pid):
    """(total, user share) of all threads. schedstat counts nanoseconds; stat, in ticks of 10 ms, only gives the share."""
    total = 0
    ticks = [0, 0]
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
                total += int(file.read().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
        ticks = [int(fields[11]), int(fields[12])]
    return total * 1e-9, ticks


def sleeps(pid):
    """How often its threads had nothing to do and gave up their core, since they began."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/status") as file:
                total += int(next(line for line in file if line.startswith("voluntary_ctxt")).split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total


def resident_bytes(pid):
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return 0


def have(program):
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") is not None
