"""libfairlead and the programs built on it, as the build left them."""

import os
import sys
from pathlib import Path

from support.process import ROOT, run

BUILD = Path(os.environ.get("FAIRLEAD_BUILD", ROOT / "build/release"))
LIBRARY = Path(os.environ.get("FAIRLEAD_LIBRARY", BUILD / "libfairlead.so"))
EXAMPLES = Path(os.environ.get("FAIRLEAD_EXAMPLES", BUILD / "examples"))
SANITIZERS = {"address": "libasan.so", "thread": "libtsan.so"}


def example(name: str) -> Path:
    program = EXAMPLES / name
    assert program.exists(), f"{program} is missing: build it with scripts/build.sh"
    return program


def python_with_library(script: Path, *arguments, environment: dict):
    """Runs a script that loads libfairlead. A sanitizer's runtime must be in the process before it."""
    environment = {**os.environ, **environment, "FAIRLEAD_LIBRARY": str(LIBRARY), "PYTHONDONTWRITEBYTECODE": "1"}
    kind = os.environ.get("FAIRLEAD_SANITIZED", "").split(",")[0]
    if kind:
        runtime = run(["g++", f"-print-file-name={SANITIZERS[kind]}"]).stdout.strip()
        # What the interpreter itself never frees is not ours to report.
        environment |= {"LD_PRELOAD": runtime, "ASAN_OPTIONS": "detect_leaks=0"}
    return run([sys.executable, script, *arguments], env=environment)
