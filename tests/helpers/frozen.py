"""The packaged program, for the tests that run it: where it is, and how a bare system would start it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAME = "layerscope.exe" if os.name == "nt" else "layerscope"
PROGRAM = Path(os.environ.get("LAYERSCOPE_BINARY", ROOT / "dist" / "layerscope" / NAME))
"""What ``LAYERSCOPE_BINARY`` names, or else what was built."""
NOT_BUILT = f"there is no packaged program at {PROGRAM}: `make package` builds it, `make test-frozen` builds and tests it"

needs_program = pytest.mark.skipif(not PROGRAM.is_file(), reason=NOT_BUILT)


def bare_environment(home: Path | None, **more: str) -> dict[str, str]:
    """An environment with nothing of this one: no Python's variables, no display, no libraries' paths."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP") if name in os.environ}
    places = {"HOME": str(home), "LAYERSCOPE_HOME": str(home / "layerscope"), "TORCH_HOME": str(home / "torch")} if home else {}
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen", **kept, **places, **more}


def run_program(
    *arguments: str, cwd: Path, environment: dict[str, str], program: Path = PROGRAM, before: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run it to its end; ``before`` is a command that runs it in its turn."""
    return subprocess.run(
        [*before, str(program), *arguments], cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, encoding="utf-8", timeout=600, check=False,
    )  # fmt: skip
