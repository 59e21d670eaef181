"""Undo over everything that can be undone: what was done last is taken back first, whatever it was."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot

DONE, UNDONE, REDONE, FORGOTTEN = "done", "undone", "redone", "forgotten"
"""What facts say of a step: made, taken back, made again; all steps are dropped."""


class Undoable(Protocol):
    """Facts that keep their own steps, and say of each what became of it: ``stepped(self, word)``."""

    stepped: SignalInstance

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to make again."""

    def undo(self) -> None:
        """Take the last step back."""

    def redo(self) -> None:
        """Make the step again that was taken back last."""


class History(QObject):
    """The order in which steps were made, by whom; each keeps what its steps were.

    It follows what is undone elsewhere, too (the lesion panel has buttons of its own), so that no step is ever taken twice.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._done: list[Undoable] = []
        self._undone: list[Undoable] = []

    def follow(self, facts: Undoable) -> None:
        """Have the steps of these facts in the history."""
        facts.stepped.connect(self._note)

    @property
    def next_undo(self) -> Undoable | None:
        """Whose step is taken back next; None where there is none."""
        return next((one for one in reversed(self._done) if one.can_undo), None)

    @property
    def next_redo(self) -> Undoable | None:
        """Whose step is made again next; None where there is none."""
        return next((one for one in reversed(self._undone) if one.can_redo), None)

    @Slot()
    def undo(self) -> None:
        """Take the last step back."""
        one = self.next_undo
        if one is not None:
            one.undo()

    @Slot()
    def redo(self) -> None:
        """Make the step again that was taken back last."""
        one = self.next_redo
        if one is not None:
            one.redo()

    @Slot(object, str)
    def _note(self, facts: Undoable, word: str) -> None:
        if word == DONE:
            self._done.append(facts)
            self._undone.clear()
        elif word == UNDONE:
            _move(facts, self._done, self._undone)
        elif word == REDONE:
            _move(facts, self._undone, self._done)
        else:
            self._done = [one for one in self._done if one is not facts]
            self._undone = [one for one in self._undone if one is not facts]
        self.changed.emit()


def _move(facts: Undoable, source: list[Undoable], target: list[Undoable]) -> None:
    for at in range(len(source) - 1, -1, -1):
        if source[at] is facts:
            del source[at]
            break
    target.append(facts)
