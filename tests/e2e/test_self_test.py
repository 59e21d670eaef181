"""`layerscope --self-test`: all is well here; what is broken becomes a row that says so, with the exit status."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from core.images.formats import FORMATS
from core.types import Check
from tests.helpers import program


def run(folder: Path, *more: str, **environment: str) -> tuple[int, str]:
    environment.setdefault("LAYERSCOPE_HOME", str(folder / "home"))
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    done = program.run("--self-test", *more, cwd=folder, **environment)
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr == ""
    return done.returncode, done.stdout


def checks(folder: Path, **environment: str) -> tuple[int, dict[tuple[str, str], Check]]:
    status, output = run(folder, "--json", **environment)
    told: dict[str, Any] = json.loads(output)
    assert told["ok"] == (status == 0)
    rows = [Check(**row) for row in told["checks"]]
    named = {(row.group, row.name): row for row in rows}
    assert len(named) == len(rows)
    for row in rows:
        assert row.found
        assert row.state in {"OK", "note"} or row.advice
    return status, named


def problems(rows: dict[tuple[str, str], Check]) -> list[Check]:
    return [row for row in rows.values() if row.state == "problem"]


def test_all_is_well_here_and_nothing_is_left_behind(tmp_path):
    status, rows = checks(tmp_path)
    assert problems(rows) == []
    assert status == 0
    assert rows["network", "forward"].found == "8 of 8 sample pictures are recognised"
    assert rows["network", "activations"].state == "OK"
    assert {name for group, name in rows if group == "format"} == {*FORMATS, "TGA"}
    assert {"JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF"} <= {
        name for (group, name), row in rows.items() if group == "format" and row.state == "OK"
    }
    assert rows["window", "platform"].found.startswith("offscreen")
    assert rows["program", "PySide6"].state == rows["window", "icons"].state == rows["font", "Latin"].state == "OK"
    assert list(tmp_path.iterdir()) == []


def test_problems_of_window_and_folders_are_rows_of_an_aligned_table(tmp_path):
    (tmp_path / "file").touch()
    status, output = run(tmp_path, QT_QPA_PLATFORM="nonsense", LAYERSCOPE_HOME=str(tmp_path / "file"))
    assert status == 1
    header, *rows = output.split("\n\n")[0].splitlines()
    state, found, advice = (header.index(title) for title in ("state", "found", "what to do"))
    for row in rows:
        assert row[state:found].strip() in {"OK", "note", "problem"}
    bad = [row for row in rows if row[state:].startswith("problem")]
    assert [row.split()[:2] for row in bad] == [
        ["folder", "settings"], ["folder", "cache"], ["folder", "pasted"], ["window", "Qt"],
    ]  # fmt: skip
    assert all(str(tmp_path / "file") in row and "LAYERSCOPE_HOME" in row[advice:] for row in bad[:3])
    assert "nonsense" in bad[3][found:advice]
    assert bad[3][advice:].startswith("Unset the variable QT_QPA_PLATFORM")
    assert "4 problems" in output.splitlines()[-1]


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_broken_weights_of_the_built_in_model_are_a_row(tmp_path, damage):
    for part in ("core", "gui", "resources"):
        shutil.copytree(program.ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    weights = tmp_path / "resources" / "builtin" / "weights.safetensors"
    if damage == "cut":
        weights.write_bytes(weights.read_bytes()[:5000])
    else:
        weights.unlink()
    status, rows = checks(tmp_path, PYTHONPATH=str(tmp_path))
    assert status == 1
    assert [(row.group, row.name) for row in problems(rows)] == [("network", "built-in model")]


def test_without_a_display_there_is_a_note(tmp_path):
    status, rows = checks(tmp_path, QT_QPA_PLATFORM="", DISPLAY="", WAYLAND_DISPLAY="")
    assert (status, problems(rows)) == (0, [])
    assert rows["window", "display"].state == "note"


def test_wrong_use_and_help(tmp_path):
    for words, status in ((["--help"], 0), (["--jsn"], 2), (["picture.png"], 2)):
        done = program.run("--self-test", *words, cwd=tmp_path)
        assert done.returncode == status
        assert "usage: layerscope --self-test" in done.stdout + done.stderr
