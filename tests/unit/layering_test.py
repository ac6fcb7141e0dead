"""Each layer includes only what stands below it, and I/O libraries appear only where they belong."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ["common", "config", "policy", "dal", "proxy", "cli"]
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.M)

# Header prefix -> folders that may include it.
ONLY_IN = {
    "boost/asio": ["proxy/net", "proxy/worker", "proxy/admin", "dal/driver", "cli"],
    "libpq": ["dal/driver"],
    "mysql": ["dal/driver"],
    "mariadb": ["dal/driver"],
    "prometheus": ["proxy/metrics", "proxy/admin", "dal/metrics", "cli"],
}


def sources(layer: str) -> list:
    files = [f for f in (ROOT / layer).rglob("*") if f.suffix in (".h", ".cpp")]
    assert files, f"no sources in {layer}"
    return files


def includes(file: Path) -> list:
    return INCLUDE.findall(file.read_text())


@pytest.mark.parametrize("layer", LAYERS)
def test_includes_go_down_only(layer):
    above = LAYERS[LAYERS.index(layer) + 1:]
    wrong = [f"{file.relative_to(ROOT)}: {name}" for file in sources(layer) for name in includes(file)
             if name.split("/")[0] in above]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("library", ONLY_IN)
def test_io_libraries_stay_in_their_place(library):
    wrong = []
    for layer in LAYERS:
        for file in sources(layer):
            place = str(file.relative_to(ROOT))
            if not place.startswith(tuple(folder + "/" for folder in ONLY_IN[library])):
                wrong += [f"{place}: {name}" for name in includes(file) if name.startswith(library)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("layer", LAYERS)
def test_headers_are_included_once(layer):
    assert [f for f in sources(layer) if f.suffix == ".h" and "#pragma once" not in f.read_text()] == []


@pytest.mark.parametrize("layer", LAYERS)
def test_no_file_is_longer_than_600_lines(layer):
    long = [f"{f.relative_to(ROOT)}: {n}" for f in sources(layer) if (n := len(f.read_text().splitlines())) > 600]
    assert not long, "\n".join(long)
