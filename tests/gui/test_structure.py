"""Rules of the house that the import contracts cannot see."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for room in ("core", "gui", "tests", "tools", "bench") for path in (ROOT / room).rglob("*.py"))


def imported_names(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


@pytest.mark.parametrize("path", sorted((ROOT / "gui" / "threads").glob("*.py")), ids=lambda path: path.name)
def test_threads_touch_no_widget_and_no_pixmap(path):
    forbidden = {"PySide6.QtWidgets", "PySide6.QtGui.QPixmap", "PySide6.QtGui.QIcon"}
    assert not forbidden & imported_names(path)
    assert not any(name.startswith("PySide6.QtWidgets") for name in imported_names(path))


def test_no_file_is_over_400_lines():
    long = {str(path.relative_to(ROOT)): lines for path in SOURCES if (lines := len(path.read_text().splitlines())) > 400}
    assert not long


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("gui.app", "torch torchvision PIL captum matplotlib"),
        ("gui.__main__", "PySide6 numpy torch captum matplotlib"),
        ("core.cli.main", "PySide6 torch torchvision captum matplotlib"),
    ],
)
def test_start_up_imports_nothing_heavy(module, forbidden):
    code = f"import sys, {module}; print([name for name in {forbidden.split()!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"


def test_widgets_do_not_import_their_siblings_from_other_panels():
    """A widget may be built of parts, but nothing is a part of two panels that know each other both ways."""
    graph = {
        path.stem: {name.split(".")[2] for name in imported_names(path) if name.startswith("gui.widgets.")}
        for path in (ROOT / "gui" / "widgets").glob("*.py")
    }

    def reaches(start: str, goal: str, seen: frozenset[str] = frozenset()) -> bool:
        return any(
            part == goal or (part not in seen and reaches(part, goal, seen | {part})) for part in graph.get(start, set())
        )

    assert not [name for name in graph if reaches(name, name)]
    panels = {"image_strip", "image_view", "network_input_view", "prediction_table", "layer_tree", "activation_view"}
    assert not [(one, two) for one in panels for two in panels if one != two and reaches(one, two)]
