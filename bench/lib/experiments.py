"""What is measured besides transactions: system calls, memory of idle clients, logins, start-up."""

import collections
import re
import signal
import subprocess
import time

from cluster import PASSWORD
from load import LoadFailed
from processes import cpu_seconds, resident_bytes
from wire_client import Connection, Crowd, LoginFailed

GROUPS = {"recvfrom": "recv", "read": "recv", "recvmsg": "recv", "readv": "recv", "sendto": "send", "write": "send",
          "sendmsg": "send", "writev": "send", "epoll_wait": "wait", "epoll_pwait": "wait", "epoll_pwait2": "wait"}


def _count_syscalls(pid):
    """A function for Load.measure: counts while strace is attached, and says when that was."""

    def count(window):
        tracer = subprocess.Popen(["strace", "-c", "-f", "-p", str(pid)], stderr=subprocess.PIPE, text=True)
        first = tracer.stderr.readline()
        if "attached" not in first:
            tracer.kill()
            raise LoadFailed(f"strace: {first.strip()}")
        begin = time.time()
        time.sleep(window)
        end = time.time()
        tracer.send_signal(signal.SIGINT)
        return begin, end, tracer.communicate(timeout=20)[1]

    return count


def _parse_strace(text):
    calls = collections.Counter()
    failed = 0
    for line in text.splitlines():
        # % time     seconds  usecs/call     calls    errors syscall
        match = re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(\d+\s+)?(\w+)$", line)
        if not match or match.group(3) == "total":
            continue
        calls[GROUPS.get(match.group(3), "other")] += int(match.group(1))
        if GROUPS.get(match.group(3)) in ("recv", "send"):
            failed += int(match.group(2) or 0)
    return calls, failed


def syscalls(load, target, mode, clients=16, window=2.0):
    result, trace = load.measure(target, mode, clients, window, during=_count_syscalls(target.process.pid))
    calls, failed = _parse_strace(trace)
    if not calls:
        raise LoadFailed("strace printed no table")
    per = {name: count / result["transactions"] for name, count in calls.items()}
    return {"total": sum(per.values()), **per, "failed": failed / result["transactions"]}


def _users(target, tenants):
    return [f"t{i}" for i in range(1, tenants + 1)] if target.kind == "tenants" else [target.user]


def idle_memory(target, tenants, clients, seconds=120):
    """Resident bytes for each idle client: after login, and after each has run one statement."""
    crowd = Crowd(target.port, _users(target, tenants), "bench", PASSWORD)
    pid = target.process.pid
    deadline = time.monotonic() + seconds
    try:
        crowd.grow_to(min(200, clients), deadline)  # what is taken once, such as server connections, is taken here
        crowd.each_queries("SELECT 1")
        base, first = resident_bytes(pid), len(crowd.members)
        crowd.grow_to(clients, deadline)
        time.sleep(0.5)
        logged_in = resident_bytes(pid)
        crowd.each_queries("SELECT 1")
        time.sleep(0.5)
        used = resident_bytes(pid)
        count = clients - first
        return {"clients": clients, "bytes_after_login": (logged_in - base) / count, "bytes_after_query": (used - base) / count}
    finally:
        crowd.close()


def logins(target, tenants, seconds=3.0):
    """Logins by SCRAM of one client after the other, each closed at once: rate, and CPU of the proxy for each."""
    users, stretched, pid = _users(target, tenants), {}, target.process.pid
    for user in users:
        Connection(target.port, user, "bench", PASSWORD, stretched).close()
    count = 0
    before, begin = cpu_seconds(pid)[0], time.monotonic()
    while time.monotonic() - begin < seconds:
        Connection(target.port, users[count % len(users)], "bench", PASSWORD, stretched).close()
        count += 1
    elapsed = time.monotonic() - begin
    return {"per_second": count / elapsed, "cpu_us": (cpu_seconds(pid)[0] - before) * 1e6 / count}


def guarded(what, notes, function, *arguments, **options):
    """A measurement that fails is a note in the report, not the end of the run."""
    try:
        return function(*arguments, **options)
    except (LoadFailed, LoginFailed, OSError, RuntimeError, subprocess.SubprocessError) as error:
        notes.append(f"{what}: {error}")
        print(f"  FAILED {what}: {error}", flush=True)
        return None
