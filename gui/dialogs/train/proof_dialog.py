"""What fine-tuning changed: the confusion matrix before and after, on pictures that were kept out."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from core.training.proof import Answered, Proof, When
from core.types import ImageRef, ModelSpec, WeightsSpec
from gui import theme
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.picker import PickerDelegate
from gui.widgets.train.confusion_view import ConfusionView

WEIGHTS = "weights.safetensors"


class ProofDialog(QDialog):
    """Two matrices of the same categories side by side, and the pictures whose answer changed, broken ones first."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state, self._facts = state, state.corrections
        self._rows: list[Answered] = []
        self.setObjectName("proofDialog")
        self.setWindowTitle("Before and after")
        self.heading = ElidedLabel(self)
        self.heading.setProperty("heading", True)
        self.words = QLabel(self)
        self.words.setProperty("muted", True)
        self.words.setWordWrap(True)
        self.titles = {when: QLabel(self) for when in ("before", "after")}
        self.matrices = {when: ConfusionView(self) for when in ("before", "after")}
        self.cell = ElidedLabel(self, muted=True)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Pictures whose answer changed")
        self.list.setItemDelegate(PickerDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setProperty("panel", True)
        self.list.setToolTip("Return or a double click opens a picture")
        self.close_button = QPushButton("Close", self)
        self.close_button.setToolTip("Close (Esc)")
        self.close_button.setAutoDefault(False)
        self.use = QPushButton("Use This Model", self)
        self.use.setObjectName("useCorrected")
        self.use.setToolTip("Load the fine-tuned model")
        self.use.setAutoDefault(False)
        self._lay_out()
        for when, matrix in self.matrices.items():
            matrix.setAccessibleName(f"Confusion matrix {when}")
            matrix.cell_marked.connect(self._say)
        self.list.itemActivated.connect(self._open)
        self.close_button.clicked.connect(self.close)
        self.use.clicked.connect(self._use)
        self._facts.proof_changed.connect(self._show)
        state.model_changed.connect(self._show_use)
        self._show()

    def _lay_out(self) -> None:
        beside = QHBoxLayout()
        beside.setSpacing(4 * theme.GRID)
        for when, matrix in self.matrices.items():
            part = QVBoxLayout()
            part.addWidget(self.titles[when])
            part.addWidget(matrix, 1)
            beside.addLayout(part, 1)
        below = QHBoxLayout()
        below.addStretch(1)
        below.addWidget(self.close_button)
        below.addWidget(self.use)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(2 * theme.GRID)
        column.addWidget(self.heading)
        column.addWidget(self.words)
        column.addLayout(beside, 3)
        column.addWidget(self.cell)
        column.addWidget(self.list, 2)
        column.addLayout(below)
        self.resize(820, 620)

    @Slot()
    def _show(self) -> None:
        proof = self._facts.proof
        if proof is None:
            return
        before, after = (theme.format_probability(proof.top1(when)) for when in ("before", "after"))
        self.heading.setText(f"Before {before}, after {after} of {len(proof.pictures):,} pictures kept out are right")
        self.words.setText(_judgement(proof))
        shown = proof.involved()
        names = tuple(proof.categories[index] for index in shown)
        self._fill("before", proof, shown, names)
        self._fill("after", proof, shown, names)
        self._say("")
        changed = (one for one in proof.pictures if one.before != one.after)
        self._rows = sorted(changed, key=lambda one: (one.fixed, not one.broken))
        self.list.clear()
        for one in self._rows:
            self.list.addItem(QListWidgetItem(_change(one, proof.categories)))
        if not self._rows:
            self.list.addItem("No answer changed.")
        self._show_use()

    def _fill(self, when: When, proof: Proof, shown: tuple[int, ...], names: tuple[str, ...]) -> None:
        counts = proof.confusion(when)
        self.matrices[when].set_matrix(names, tuple(tuple(counts.get((row, column), 0) for column in shown) for row in shown))
        self.titles[when].setText(f"{when.capitalize()}: {proof.right(when):,} of {len(proof.pictures):,} right")

    @Slot(str)
    def _say(self, words: str) -> None:
        self.cell.setText(words or "Point at a cell. Only categories of the pictures kept out, or said of one, are shown.")

    @Slot(QListWidgetItem)
    def _open(self, item: QListWidgetItem) -> None:
        row = self.list.row(item)
        if row < len(self._rows):
            image = ImageRef(Path(self._rows[row].picture))
            self._state.append_images((image,))
            self._state.set_image(image)

    def _spec(self) -> ModelSpec | None:
        config = self._facts.result
        if config is None:
            return None
        return ModelSpec(config.spec.architecture, WeightsSpec("file", path=config.output / WEIGHTS))

    @Slot()
    def _show_use(self) -> None:
        there = self._state.model is not None and self._state.model.spec == self._spec()
        self.use.setText("✓ In Use" if there else "Use This Model")
        self.use.setEnabled(not there and self._spec() is not None)

    @Slot()
    def _use(self) -> None:
        spec = self._spec()
        if spec is not None:
            self._state.choose_spec(spec)


def _judgement(proof: Proof) -> str:
    fixed, broken = sum(one.fixed for one in proof.pictures), sum(one.broken for one in proof.pictures)
    gain = proof.right("after") - proof.right("before")
    worse = "It got worse: keep the model as it was."
    verdict = "It got better." if gain > 0 else worse if gain < 0 else "As many are right as before."
    few = " So few pictures prove little; a folder of pictures to test with says more." if len(proof.pictures) < 20 else ""
    return f"{verdict} {fixed} fixed, {broken} broken.{few}"


def _change(one: Answered, categories: tuple[str, ...]) -> str:
    mark = "✓ fixed" if one.fixed else "✗ broken" if one.broken else "still wrong"
    true = categories[one.category]
    path = f"{categories[one.before]} → {categories[one.after]}"
    return f"{mark}  {Path(one.picture).name}: {path}" + ("" if one.fixed else f" (it shows {true})")
