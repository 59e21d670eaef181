"""A person's code, run from source and in the packaged program, and what it told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.helpers.frozen import bare_environment, run_program
from tests.helpers.program import run as run_from_source


def told_by(code: str, folder: Path, home: Path, **more: str) -> tuple[Any, Any]:
    """What code with a ``build_model()`` leaves as JSON beside itself: from source, and in the packaged program.

    ``more`` are variables of its environment.
    """
    environment = bare_environment(home, **more)
    told = []
    for name in ("source", "frozen"):
        file = folder / f"{name}.py"
        file.write_text(code, "utf-8")
        words = ["layers", "--model", str(file), "--run-code"]
        done = (
            run_from_source(*words, cwd=folder, **environment) if name == "source"
            else run_program(*words, cwd=folder, environment=environment)
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        told.append(json.loads(file.with_suffix(".json").read_text("utf-8")))
    return told[0], told[1]
