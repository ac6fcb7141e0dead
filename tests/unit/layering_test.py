"""Each layer includes only what stands below it, and I/O libraries appear only where they belong
(docs/architecture.md, "Layers"). Every rule is tried on a small tree that breaks it, so that none can rust into a
rule that never fails."""

import subprocess

import pytest

from support import source_rules as rules
from support.process import ROOT

RULES = {
    "upward_includes": rules.upward_includes,
    "public_includes": rules.public_includes,
    "misplaced_libraries": rules.misplaced_libraries,
    "deciding_on_acting": rules.deciding_on_acting,
    "relative_includes": rules.relative_includes,
    "unguarded_headers": rules.unguarded_headers,
    "long_files": rules.long_files,
}

# rule, file, its text, and what is right about it there or elsewhere.
BREAKS = [
    ("upward_includes", "common/a.h", '#include "config/settings.h"'),
    ("upward_includes", "policy/a.cpp", '#  include "dal/pool/backend_pool.h"'),
    ("upward_includes", "dal/pool/a.cpp", '#include <proxy/net/socket.h>'),
    ("upward_includes", "proxy/worker/a.cpp", '#include "cli/command.h"'),
    ("upward_includes", "include/fairlead/a.h", '#pragma once\n#include "common/log.h"'),
    ("public_includes", "include/fairlead/a.h", '#pragma once\n#include <libpq-fe.h>'),
    ("public_includes", "include/fairlead/a.h", '#pragma once\n#include <boost/system/error_code.hpp>'),
    ("public_includes", "include/fairlead/metrics.h", '#pragma once\n#include <fmt/format.h>'),
    ("misplaced_libraries", "proxy/session/postgres/a.cpp", "#include <boost/asio/io_context.hpp>"),
    ("misplaced_libraries", "dal/pool/a.h", "#include <boost/asio/steady_timer.hpp>"),
    ("misplaced_libraries", "proxy/network/a.h", "#include <sys/socket.h>"),
    ("misplaced_libraries", "proxy/auth/a.cpp", "#include <openssl/ssl.h>"),
    ("misplaced_libraries", "proxy/wire/a.cpp", "#include <netinet/in.h>"),
    ("misplaced_libraries", "proxy/worker/a.cpp", "#include <libpq-fe.h>"),
    ("misplaced_libraries", "dal/estate/a.cpp", "#include <libpq-fe.h>"),
    ("misplaced_libraries", "proxy/worker/a.cpp", "#include <mysql.h>"),
    ("misplaced_libraries", "dal/estate/mysql/a.cpp", "#include <mariadb/mysql.h>"),
    ("misplaced_libraries", "dal/driver/postgres/a.cpp", "#include <errmsg.h>"),
    ("misplaced_libraries", "proxy/worker/a.cpp", "#include <prometheus/registry.h>"),
    ("misplaced_libraries", "proxy/session/a.cpp", "#include <pg_query.h>"),
    ("misplaced_libraries", "dal/a.cpp", "#include <toml++/toml.h>"),
    ("deciding_on_acting", "proxy/session/postgres/a.cpp", '#include "proxy/net/socket.h"'),
    ("deciding_on_acting", "proxy/auth/a.cpp", '#include "dal/driver/postgres/connection.h"'),
    ("relative_includes", "common/a.cpp", '#include "bytes.h"'),
    ("relative_includes", "common/a.cpp", '#include "common/missing.h"'),
    ("relative_includes", "common/a.cpp", '#include "fairlead/missing.h"'),
    ("unguarded_headers", "common/a.h", "// #pragma once is missing"),
    ("long_files", "dal/a.cpp", "\n" * (rules.MAX_LINES + 1)),
]
KEEPS = {
    "common/bytes.h": "#pragma once\n#include <string>\n",
    "config/loader.cpp": '#include "common/bytes.h"\n#include <toml++/toml.h>\n',
    "policy/postgres/guard/parse.cpp": "#include <pg_query.h>\n",
    "dal/driver/postgres/connection.cpp": "#include <libpq-fe.h>\n#include <poll.h>\n",
    "include/fairlead/value.h": "#pragma once\n#include <string>\n",
    "include/fairlead/async.h": '#pragma once\n#include "fairlead/value.h"\n#include <boost/asio/post.hpp>\n',
    "include/fairlead.h": "#pragma once\n#include <stddef.h>\n",
    "dal/metrics/collector.cpp": "#include <prometheus/metric_family.h>\n",
    "dal/async/reactor.cpp": '#include "fairlead/async.h"\n#include <boost/asio/post.hpp>\n',
    "dal/driver/mysql/connection.cpp": "#include <mysql.h>\n#include <poll.h>\n",
    "proxy/auth/crypto.cpp": "#include <openssl/evp.h>\n",
    "proxy/net/socket.cpp": "#include <sys/socket.h>\n#include <openssl/ssl.h>\n",
    "proxy/metrics/collector.cpp": "#include <prometheus/metric_family.h>\n",
    "cli/main.cpp": '#include "common/bytes.h"\n#include <CLI/CLI.hpp>\n',
    "policy/built_in.inc": "\n" * (rules.MAX_LINES + 1),
}


def write_tree(root, files: dict):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def tracked_files() -> list:
    """What git knows; everything, but for build output, where there is no git (an unpacked archive)."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True)
    if listed.returncode == 0:
        return [name for name in listed.stdout.split("\0") if name]
    return [f.relative_to(ROOT).as_posix() for f in ROOT.rglob("*")
            if f.relative_to(ROOT).parts[0] != "build" and "node_modules" not in f.parts]


@pytest.mark.parametrize("rule", RULES)
def test_the_tree_keeps(rule):
    assert RULES[rule](ROOT) == []


@pytest.mark.parametrize("rule", RULES)
def test_a_tree_in_order_breaks_no_rule(rule, tmp_path):
    assert RULES[rule](write_tree(tmp_path, KEEPS)) == []


@pytest.mark.parametrize("rule,file,text", BREAKS, ids=lambda value: value if len(value) < 60 else "long")
def test_a_broken_tree_is_noticed(rule, file, text, tmp_path):
    found = RULES[rule](write_tree(tmp_path, {**KEEPS, file: text}))
    assert len(found) == 1 and found[0].startswith(file)


def test_every_layer_has_sources():
    assert [layer for layer in rules.LAYERS if not rules.sources(ROOT, layer)] == []


def test_no_file_names_a_path_of_one_machine():
    files = [f for f in rules.text_files(ROOT, tracked_files()) if f.name != "layering_test.py"]
    assert len(files) > 100
    assert rules.machine_paths(files) == []


def test_every_text_file_ends_with_one_newline():
    assert rules.unclean_ends(rules.text_files(ROOT, tracked_files())) == []


@pytest.mark.parametrize("line,wrong", [
    ("root = /home/somebody/fairlead", True), ('path = "/Users/x/fairlead"', True), ("see /root/notes", True),
    ("${HOME}/home/x", False), ("COPY t TO '/tmp/x'", False), ("https://example.org/home/x", False)])
def test_machine_paths_are_noticed(line, wrong, tmp_path):
    file = tmp_path / "a.py"
    file.write_text(line + "\n")
    assert bool(rules.machine_paths([file])) is wrong


@pytest.mark.parametrize("data,wrong", [
    (b"a\n", False), (b"", False), (b"a", True), (b"a\n\n", True), (b"a\r\nb\n", True)])
def test_unclean_ends_are_noticed(data, wrong, tmp_path):
    file = tmp_path / "a.txt"
    file.write_bytes(data)
    assert bool(rules.unclean_ends([file])) is wrong
