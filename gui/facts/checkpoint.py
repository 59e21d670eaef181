"""The weights file that is being opened: what the doctor says of it, and which files were opened before."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.types import Diagnosis, KeyTable, SaveRepairedRequest

MAX_RECENT = 10


class CheckpointFacts(QObject):
    """From the wish to open a file to its load, or to its refusal. The model that is loaded stays the last good one."""

    opening_changed = Signal(object)  # Path | None: the file that is being looked at
    diagnosis_changed = Signal(object)  # Diagnosis | None: what a person is asked about
    keys_wanted = Signal(str, object)  # architecture, tuple[str, ...] of repairs
    keys_changed = Signal(object)  # KeyTable | None
    save_wanted = Signal(object)  # Path to write a repaired copy to; see ``repairs`` and ``architecture``
    saved = Signal(object)  # Path of the copy that was written
    save_failed = Signal(str)  # why there is no copy
    recent_changed = Signal(object)  # tuple[Path, ...], the newest first

    code_offered = Signal(object)  # Diagnosis of a file that has the tensors of the network that a person's code built
    code_declined = Signal(object)  # that Diagnosis: the catalogue is to be looked through instead

    opened = Signal(object, object)  # Path, architecture that a person picked | None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.opening: Path | None = None
        self.picked: str | None = None
        self.insists = False
        self.diagnosis: Diagnosis | None = None
        self.keys: KeyTable | None = None
        self.recent: tuple[Path, ...] = ()
        self.order: SaveRepairedRequest | None = None

    def open(self, path: Path, picked: str | None = None) -> None:
        """Have a file looked at, and loaded if nothing is to be asked; ``picked`` is the architecture it is meant for."""
        self.picked, self.insists = picked, False
        self.set_diagnosis(None)
        self.opening = path.absolute()
        self.opening_changed.emit(self.opening)
        self.opened.emit(self.opening, picked)

    def reconsider(self, architecture: str) -> None:
        """Have the file that a person is asked about looked at again, to be loaded as another architecture."""
        if self.diagnosis is not None:
            self.picked, self.insists = architecture, True
            self.opening = self.diagnosis.path
            self.opening_changed.emit(self.opening)
            self.opened.emit(self.diagnosis.path, architecture)

    def set_opened(self) -> None:
        """Note that the file has been looked at, or need not be any more."""
        if self.opening is not None:
            self.opening = None
            self.opening_changed.emit(None)

    def set_diagnosis(self, diagnosis: Diagnosis | None) -> None:
        """Note what a person is asked about; None when that is over."""
        if diagnosis is not self.diagnosis:
            self.diagnosis = diagnosis
            self.set_keys(None)
            self.diagnosis_changed.emit(diagnosis)

    def want_keys(self, architecture: str, repairs: tuple[str, ...]) -> None:
        """Ask for the tensors of the file, after repairs, beside those of an architecture."""
        self.keys_wanted.emit(architecture, repairs)

    def set_keys(self, keys: KeyTable | None) -> None:
        """Note the tensors of the file."""
        if keys is not self.keys:
            self.keys = keys
            self.keys_changed.emit(keys)

    def want_copy(self, order: SaveRepairedRequest) -> None:
        """Ask for a repaired copy; the id of the request is not looked at."""
        self.order = order
        self.save_wanted.emit(order)

    def set_recent(self, recent: tuple[Path, ...]) -> None:
        """Note the files that were opened before."""
        if recent != self.recent:
            self.recent = recent
            self.recent_changed.emit(recent)

    def add_recent(self, path: Path) -> None:
        """Put a file at the top of the list."""
        self.set_recent((path, *(other for other in self.recent if other != path))[:MAX_RECENT])
