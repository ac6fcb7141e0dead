"""Processes, ports, folders."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AS_ROOT = os.geteuid() == 0


def free_port() -> int:
    """A loopback port that is this process's from now on: a server can listen there, since it sets SO_REUSEADDR and we never
    listen, but nobody else is given it meanwhile, neither another test nor a client's connection."""
    holder = socket.socket()
    holder.bind(("127.0.0.1", 0))
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # not before: two holders would share a port
    os.dup(holder.fileno())  # stays open until the process ends
    return holder.getsockname()[1]


def wait_until(condition, seconds: float, what: str, interval: float = 0.02):
    """Calls `condition` until it returns something true, which is returned; TimeoutError says `what` did not happen."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(interval)


def command_as(user: str, arguments: list) -> list:
    """The command as `user` when we are root: database servers refuse to run as root. setpriv becomes the program, so the
    process that was started is the server itself."""
    arguments = [str(a) for a in arguments]
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--", *arguments] if AS_ROOT else arguments


def give_to(user: str, path: Path):
    if AS_ROOT:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def server_folder(name: str, user: str) -> Path:
    """A new folder that `user` can reach, with a path short enough for a unix socket."""
    folder = Path(tempfile.mkdtemp(prefix=f"fairlead-{name}."))
    folder.chmod(0o755)
    give_to(user, folder)
    return folder


def remove_folder(folder: Path):
    shutil.rmtree(folder, ignore_errors=True)


def run(arguments: list, **options) -> subprocess.CompletedProcess:
    """Runs and captures; the caller looks at the return code."""
    options.setdefault("timeout", 60)
    return subprocess.run([str(a) for a in arguments], capture_output=True, text=True, **options)


def resident_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"process {pid} has no VmRSS")


def sockets_to(pid: int, port: int) -> set:
    """(inode, local port) of the process's TCP connections to that port of this machine, begun or open. Not read in one
    moment: only what is in two answers, one after the other, was there at the same time."""
    inodes = set()
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            target = os.readlink(f"/proc/{pid}/fd/{number}")
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[len("socket:["):-1])
    found = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, state, *_, inode = line.split()[:10]
        if inode in inodes and int(remote.split(":")[1], 16) == port and state in ("01", "02"):
            found.add((inode, int(local.split(":")[1], 16)))
    return found
