"""The question whether a file's code may be run: the only way into the window for a network that code builds."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from core.types import ModelSpec
from gui import theme
from gui.state import AppState

LINES = 40
"""So many lines of the file are shown."""

_WIDE = 400
_LIMIT = 4_000_000


@dataclass(frozen=True, slots=True)
class Program:
    """A file as a person looks at it: its first lines, how many there are, and the hash of what they agree to."""

    path: Path
    lines: tuple[str, ...]
    total: int
    sha256: str

    @classmethod
    def read(cls, path: Path) -> Program:
        """Read a file, running nothing; OSError if that cannot be done."""
        with path.open("rb") as file:
            source = file.read(_LIMIT)
        lines = source.decode("utf-8", "replace").splitlines()
        return cls(path, tuple(map(_visible, lines[:LINES])), len(lines), hashlib.sha256(source).hexdigest())


def _visible(line: str) -> str:
    """Show characters that would hide others, or turn their order around, by their numbers."""
    shown = "".join(one if one.isprintable() or one == "\t" else ascii(one)[1:-1] for one in line[:_WIDE])
    return f"{shown} \u2026" if len(line) > _WIDE else shown


def _breakable(path: str) -> str:
    """Let a line end behind every folder: a path has no spaces to end at."""
    return path.replace(os.sep, f"{os.sep}\u200b")


class RunCodeDialog(QDialog):
    """Shows what would be run and from where; Cancel is what Return and Esc do. Run chooses the model."""

    def __init__(self, state: AppState, program: Program, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state, self._program = state, program
        self.setObjectName("runCodeDialog")
        self.setWindowTitle("Run code")
        self.setModal(True)
        self.question = self._words(f"Run the code in {_visible(program.path.name)}?", "heading")
        self.where = self._words(_breakable(_visible(str(program.path))))
        self.where.setAccessibleName(f"The file is {program.path}")
        self.where.setToolTip(str(program.path))
        self.warning = self._words(
            "This is a program, not only weights. It can do anything that you can: read, change and delete your files, and "
            "use the network. Run it only if you know who wrote it. It runs once for each time the model is loaded, and not by "
            "itself when Layerscope starts again."
        )
        self.code = self._make_code()
        self.run_button = QPushButton("&Run the Code", self)
        self.run_button.setAutoDefault(False)
        self.run_button.setToolTip(f"Run {program.path.name} and look at the network that its build_model() returns")
        self.cancel_button = QPushButton("Cancel", self)
        self.cancel_button.setDefault(True)
        self.cancel_button.setToolTip("Run nothing; the model stays as it is (Esc)")
        self._lay_out()
        self.run_button.clicked.connect(self.accept)
        self.cancel_button.clicked.connect(self.reject)
        self.accepted.connect(self._choose)
        self.finished.connect(self.deleteLater)
        self.cancel_button.setFocus()

    def _words(self, text: str, role: str = "") -> QLabel:
        label = QLabel(text, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        if role:
            label.setProperty(role, True)
        return label

    def _make_code(self) -> QPlainTextEdit:
        code = QPlainTextEdit("\n".join(self._program.lines), self)
        code.setReadOnly(True)
        code.setTabChangesFocus(True)
        code.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        code.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        code.setAccessibleName(f"The beginning of {self._program.path.name}")
        code.setToolTip("The beginning of the file; it cannot be changed here")
        return code

    def _lay_out(self) -> None:
        total = self._program.total
        shown = f"The first {LINES} of its {total:,} lines:" if total > LINES else "All of it:"
        caption = self._words(shown if total else "The file is empty.", "muted")
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.run_button)
        buttons.addWidget(self.cancel_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(3 * theme.GRID)
        for part in (self.question, self.where, self.warning, caption):
            column.addWidget(part)
        column.addWidget(self.code, 1)
        column.addLayout(buttons)
        self.setMinimumWidth(520)
        self.resize(640, 520)
        self.setTabOrder(self.code, self.run_button)
        self.setTabOrder(self.run_button, self.cancel_button)

    @Slot()
    def _choose(self) -> None:
        self._state.choose_spec(ModelSpec.of_code(self._program.path, sha256=self._program.sha256))
