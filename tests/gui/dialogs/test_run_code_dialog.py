"""The question whether a file's code may be run."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pytestqt.qtbot import QtBot

from core.types import ModelSpec
from gui.dialogs.run_code_dialog import LINES, Program, RunCodeDialog
from gui.state import AppState


def dialog(qtbot: QtBot, path: Path, source: bytes) -> tuple[AppState, RunCodeDialog]:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(source)
    state = AppState()
    made = RunCodeDialog(state, Program.read(path))
    qtbot.addWidget(made)
    made.show()
    return state, made


def test_the_first_lines_are_shown_and_how_many_there_are(qtbot: QtBot, tmp_path: Path) -> None:
    source = "".join(f"line_{number} = 0\n" for number in range(1, 101)).encode()
    _, made = dialog(qtbot, tmp_path / "net.py", source)
    shown = made.code.toPlainText().splitlines()
    assert shown == [f"line_{number} = 0" for number in range(1, LINES + 1)]


def test_characters_that_deceive_are_shown_by_number(qtbot: QtBot, tmp_path: Path) -> None:
    _, made = dialog(qtbot, tmp_path / "net.py", "x = '\u202eevil\u2066'\n\tö = 1\n".encode() + b"\xff\x00")
    text = made.code.toPlainText()
    assert "\u202e" not in text
    assert r"\u202eevil\u2066" in text
    assert "\tö = 1" in text


def test_a_long_path_and_long_lines_do_not_widen_it(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "/".join(["a_folder_with_a_long_name"] * 6) / "net.py"
    _, made = dialog(qtbot, path, b"x = " + b"1" * 5000)
    assert made.width() <= 640
    assert made.where.minimumSizeHint().width() < 520
    assert str(path) in made.where.accessibleName()


def test_running_chooses_the_file_as_it_was_seen(qtbot: QtBot, tmp_path: Path) -> None:
    path, source = tmp_path / "net.py", b"def build_model(): ...\n"
    state, made = dialog(qtbot, path, source)
    with qtbot.waitSignal(state.spec_chosen) as chosen:
        made.run_button.click()
    assert chosen.args == [ModelSpec.of_code(path, sha256=hashlib.sha256(source).hexdigest())]


def test_return_does_not_run_even_where_the_code_has_the_keyboard(qtbot: QtBot, tmp_path: Path) -> None:
    state, made = dialog(qtbot, tmp_path / "net.py", b"x = 1\n")
    before = state.spec
    assert made.cancel_button.isDefault()
    assert not made.run_button.autoDefault()
    made.cancel_button.click()
    assert state.spec == before
