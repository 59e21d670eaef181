"""What a person says that pictures show: corrections of predictions, and predictions that are right."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from core.types import ImageRef, Prediction, TrainConfig
from gui.facts.history import DONE, REDONE, UNDONE

if TYPE_CHECKING:
    from core.training.proof import Proof
    from gui.facts.tuning_plan import KeptOut, TuningPlan

MOST_STEPS = 200
"""So many changes can be undone."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a picture shows: the name of a category, and its index in the model that was open (None for a new one).

    ``was`` is the top-1 that the person saw, "" for none, and ``share`` its probability in [0, 1].
    """

    name: str
    index: int | None = None
    was: str = ""
    share: float | None = None

    @property
    def confirmed(self) -> bool:
        """Whether the model was right."""
        return self.name == self.was

    def index_in(self, categories: Sequence[str]) -> int | None:
        """The index of the category in a model; None where it has none of this name. Names that are alike stay apart."""
        if self.index is not None and self.index < len(categories) and categories[self.index] == self.name:
            return self.index
        return categories.index(self.name) if self.name in categories else None


class Corrections(QObject):
    """Labels by picture, with undo. They go by name, so that they outlast the model, and the session.

    Pictures that leave the strip keep theirs, which count again when they come back.
    """

    changed = Signal(object)  # tuple[ImageRef, ...] whose labels are other ones now
    stepped = Signal(object, str)  # self, a word of gui.facts.history
    kept_out_wanted = Signal(object)  # Path | None: a folder to test fine-tuning with, a folder per category in it
    kept_out_changed = Signal(object)  # gui.facts.tuning_plan.KeptOut | None
    tuning_wanted = Signal(object, object, str)  # TuningPlan, Path of the new folder, mode of the recipe
    tuning_refused = Signal(str)  # why it could not begin, in a sentence
    proof_changed = Signal(object)  # core.training.proof.Proof of the last run on corrections

    noun = "Label"

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.kept_out: KeptOut | None = None
        self.proof: Proof | None = None
        self.result: TrainConfig | None = None
        self._labels: dict[ImageRef, Label] = {}
        self._done: list[dict[ImageRef, Label | None]] = []
        self._undone: list[dict[ImageRef, Label | None]] = []

    @property
    def labels(self) -> Mapping[ImageRef, Label]:
        """All labels, in the order in which they came; read-only."""
        return MappingProxyType(self._labels)

    def of(self, image: ImageRef) -> Label | None:
        """The label of a picture, if it has one."""
        return self._labels.get(image)

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is a change to make again."""
        return bool(self._undone)

    def put(self, labels: Mapping[ImageRef, Label | None]) -> None:
        """Label pictures, or take their labels away (None), as one step of undo."""
        new = {image: label for image, label in labels.items() if label != self._labels.get(image)}
        if not new:
            return
        self._done.append(self._swap(new))
        del self._done[:-MOST_STEPS]
        self._undone.clear()
        self.stepped.emit(self, DONE)

    def correct(self, said: Mapping[ImageRef, Prediction | None], name: str, index: int | None) -> None:
        """Say that pictures show a category; ``said`` is the top-1 of each, as far as there is one.

        What was said when a picture was first labelled stays noted.
        """
        self.put({image: self._label(image, top, name, index) for image, top in said.items()})

    def confirm(self, said: Mapping[ImageRef, Prediction | None]) -> None:
        """Say that the top-1 of pictures is right; pictures without one stay as they are."""
        right = ((image, top) for image, top in said.items() if top is not None)
        self.put({image: Label(top.category, top.index, top.category, top.probability) for image, top in right})

    def _label(self, image: ImageRef, top: Prediction | None, name: str, index: int | None) -> Label:
        before = self._labels.get(image)
        if before is not None and before.was:
            return Label(name, index, before.was, before.share)
        return Label(name, index, top.category, top.probability) if top is not None else Label(name, index)

    @Slot()
    def undo(self) -> None:
        """Take the last change back."""
        if self._done:
            self._undone.append(self._swap(self._done.pop()))
            self.stepped.emit(self, UNDONE)

    @Slot()
    def redo(self) -> None:
        """Make the change again that was taken back last."""
        if self._undone:
            self._done.append(self._swap(self._undone.pop()))
            self.stepped.emit(self, REDONE)

    def _swap(self, new: Mapping[ImageRef, Label | None]) -> dict[ImageRef, Label | None]:
        """Put labels; return those that were there."""
        before = {image: self._labels.get(image) for image in new}
        for image, label in new.items():
            if label is None:
                self._labels.pop(image, None)
            else:
                self._labels[image] = label
        self.changed.emit(tuple(new))
        return before

    def want_kept_out(self, folder: Path | None) -> None:
        """Choose a folder to test with; None keeps some of the labelled pictures out."""
        self.kept_out_wanted.emit(folder)

    def set_kept_out(self, kept_out: KeptOut | None) -> None:
        """Note what is in that folder."""
        self.kept_out = kept_out
        self.kept_out_changed.emit(kept_out)

    def want_tuning(self, plan: TuningPlan, output: Path, mode: str) -> None:
        """Ask for a run."""
        self.tuning_wanted.emit(plan, output, mode)

    def refuse_tuning(self, sentence: str) -> None:
        """Say why there is none."""
        self.tuning_refused.emit(sentence)

    def set_proof(self, proof: Proof, result: TrainConfig) -> None:
        """Note what a run on corrections changed, and which run it was."""
        self.proof, self.result = proof, result
        self.proof_changed.emit(proof)

    def as_texts(self) -> list[str]:
        """All labels as the settings keep them: a JSON object each."""
        return [
            json.dumps({"path": str(image.path), "name": one.name, "index": one.index, "was": one.was, "share": one.share})
            for image, one in self._labels.items()
        ]

    def restore(self, texts: Iterable[str]) -> None:
        """Take labels from the settings; texts that are none are left out. It is no step of undo."""
        found = dict(filter(None, map(_from_text, texts)))
        self._labels.update(found)
        if found:
            self.changed.emit(tuple(found))


def _from_text(text: str) -> tuple[ImageRef, Label] | None:
    try:
        row: dict[str, Any] = json.loads(text)
        path, name, index, was, share = (row[key] for key in ("path", "name", "index", "was", "share"))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    good = (
        isinstance(path, str) and isinstance(name, str) and name and isinstance(was, str)
        and (index is None or (isinstance(index, int) and index >= 0))
        and (share is None or isinstance(share, int | float))
    )  # fmt: skip
    return (ImageRef(Path(path)), Label(name, index, was, share)) if good else None
