"""The rules that sources keep, as functions of a tree: each takes its root and returns what breaks the rule."""

import re
from pathlib import Path

# include/ is what applications see, so it stands on nothing of ours.
LAYERS = ("include", "common", "config", "policy", "dal", "proxy", "cli")
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.M)
MAX_LINES = 600

# Where bytes meet descriptors. Codecs and session state machines are sans-I/O: that is what lets them be fuzzed.
IO_FOLDERS = ("proxy/net", "proxy/worker", "proxy/admin", "dal/driver", "cli")

# The public headers for applications that have Boost.
ASIO_PARTS = ("bulk_load", "completion", "queries", "session", "transaction")
ASIO_HEADERS = ("async.h", *(f"async_{part}.h" for part in ASIO_PARTS))

# Headers that begin like this -> the only folders that may include them.
ONLY_IN = {
    "boost/asio": (*IO_FOLDERS, "dal/async", *(f"include/fairlead/{name}" for name in ASIO_HEADERS)),
    "boost/beast": ("proxy/admin",),
    # TLS on a descriptor. Hashes and random numbers (openssl/evp.h, hmac.h, sha.h, rand.h) are no I/O.
    "openssl/ssl.h": IO_FOLDERS,
    "openssl/bio.h": IO_FOLDERS,
    "sys/socket.h": IO_FOLDERS,
    "sys/epoll.h": IO_FOLDERS,
    "sys/un.h": IO_FOLDERS,
    "netinet/": IO_FOLDERS,
    "arpa/inet.h": IO_FOLDERS,
    "netdb.h": IO_FOLDERS,
    "poll.h": IO_FOLDERS,
    "libpq": ("dal/driver/postgres",),
    "postgresql/": ("dal/driver/postgres",),
    "mysql": ("dal/driver/mysql",),
    "mariadb": ("dal/driver/mysql",),
    "errmsg.h": ("dal/driver/mysql",),
    "prometheus/": ("proxy/metrics", "dal/metrics"),
    "pg_query": ("policy/postgres",),
    "toml++/": ("config",),
    "CLI/": ("cli",),
}

# The standard headers that fairlead.h, which is C, may use.
C_HEADERS = ("stdbool.h", "stddef.h", "stdint.h")

# Folders of proxy/ that decide; those that act may include them, never the other way.
SANS_IO = ("proxy/wire", "proxy/auth", "proxy/session")
ACTING = ("proxy/net/", "proxy/worker/", "proxy/admin/", "dal/driver/")

# A path of one developer's machine. /tmp is somebody's data only inside a string of a test.
MACHINE_PATH = re.compile(r'(?<![\w.}/-])/(work|home|root|Users)/\w')
TEXT_SUFFIXES = {".h", ".cpp", ".inc", ".py", ".sh", ".md", ".txt", ".cmake", ".toml", ".sql", ".json", ".jsonl", ".js",
                 ".mjs", ".ini"}


def sources(root: Path, *folders: str) -> list:
    """Headers and sources of the product's layers, or of those below `folders`."""
    return sorted(f for folder in folders or LAYERS for f in (root / folder).rglob("*") if f.suffix in (".h", ".cpp"))


def text_files(root: Path, tracked: list) -> list:
    return [root / name for name in tracked if Path(name).suffix in TEXT_SUFFIXES and (root / name).is_file()]


def place(root: Path, file: Path) -> str:
    return file.relative_to(root).as_posix()


def includes(file: Path) -> list:
    return INCLUDE.findall(file.read_text())


def below(name: str, folders) -> bool:
    """In one of the folders, or one of the files, that are named."""
    return any(name == folder or name.startswith(folder.rstrip("/") + "/") for folder in folders)


def upward_includes(root: Path) -> list:
    return [f"{place(root, file)}: {name}" for i, layer in enumerate(LAYERS) for file in sources(root, layer)
            for name in includes(file) if name.split("/")[0] in LAYERS[i + 1:]]


def public_includes(root: Path) -> list:
    """What a public header includes beside the standard library and other public headers: an application has nothing
    else. A standard header has no folder in its name."""
    return [f"{place(root, file)}: {name}" for file in sources(root, "include") for name in includes(file)
            if not name.startswith("fairlead/") and ("/" in name or name.endswith(".h") and name not in C_HEADERS)
            and not (file.name in ASIO_HEADERS and name.startswith("boost/"))]


def misplaced_libraries(root: Path) -> list:
    return [f"{place(root, file)}: {name}" for file in sources(root) for name in includes(file)
            for prefix, folders in ONLY_IN.items()
            if name.startswith(prefix) and not below(place(root, file), folders)]


def deciding_on_acting(root: Path) -> list:
    """Includes by which a sans-I/O folder would reach sockets through a header of ours."""
    return [f"{place(root, file)}: {name}" for file in sources(root, *SANS_IO) for name in includes(file)
            if name.startswith(ACTING)]


def relative_includes(root: Path) -> list:
    """Quoted includes start at the root of the project, or of include/, so they name a file that is there."""
    quoted = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
    return [f"{place(root, file)}: {name}" for file in sources(root) for name in quoted.findall(file.read_text())
            if not (root / "include" / name).is_file()
            and (name.split("/")[0] not in LAYERS or not (root / name).is_file())]


def unguarded_headers(root: Path) -> list:
    return [place(root, f) for f in sources(root) if f.suffix == ".h" and not re.search(r"^#pragma once$", f.read_text(), re.M)]


def long_files(root: Path) -> list:
    # .inc is generated data.
    return [f"{place(root, f)}: {n} lines" for f in sources(root) if (n := len(f.read_text().splitlines())) > MAX_LINES]


def machine_paths(files: list) -> list:
    return [f"{file}:{number}: {line.strip()[:100]}" for file in files
            for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1) if MACHINE_PATH.search(line)]


def unclean_ends(files: list) -> list:
    """Text files that do not end with exactly one newline, or hold carriage returns."""
    wrong = []
    for file in files:
        data = file.read_bytes()
        if data and (not data.endswith(b"\n") or data.endswith(b"\n\n") or b"\r\n" in data):
            wrong.append(str(file))
    return wrong
