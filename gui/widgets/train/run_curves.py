"""The curves of a run: loss, accuracy, and what it says of the current picture."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QListWidget, QVBoxLayout, QWidget

from core.training.lines import MOST_WATCHED
from gui import theme
from gui.state import AppState
from gui.widgets.train.curve_plan import Curve
from gui.widgets.train.curve_view import CurveView

_TOP = 5


class RunCurves(QWidget):
    """Four places: loss, accuracy, the current picture over the epochs, and notices."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state, self._facts = state, state.training
        self.loss = CurveView("Loss", "number", "Losses come with the first batches.", self)
        self.accuracy = CurveView("Accuracy", "share", "Accuracy comes with the first epoch.", self)
        self.picture = CurveView("Current picture", "share", "", self)
        self.notices = QListWidget(self)
        self.notices.setAccessibleName("Notices")
        self.notices.setToolTip("What was done otherwise than asked")
        self.notices.setWordWrap(True)
        self.notices.setProperty("panel", True)
        self.notices.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self._count = QLabel(self)
        self._count.setProperty("heading", True)
        self._lay_out()
        facts = self._facts
        for changed in (facts.epoch_ended, facts.history_taken, facts.stage_changed, facts.outcome_changed):
            changed.connect(self._show)
        facts.progressed.connect(self._show_batches)
        facts.noticed.connect(self._show_notices)
        for changed in (facts.watched_changed, state.image_changed):
            changed.connect(self._show_picture)
        self._show()

    def _lay_out(self) -> None:
        beside = QVBoxLayout()
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(theme.GRID)
        beside.addWidget(self._count)
        beside.addWidget(self.notices, 1)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2 * theme.GRID, 0, 0)
        grid.setHorizontalSpacing(4 * theme.GRID)
        grid.setVerticalSpacing(3 * theme.GRID)
        grid.addWidget(self.loss, 0, 0)
        grid.addWidget(self.accuracy, 0, 1)
        grid.addWidget(self.picture, 1, 0)
        grid.addLayout(beside, 1, 1)
        for at in (0, 1):
            grid.setColumnStretch(at, 1)
            grid.setRowStretch(at, 1)

    @Slot()
    def _show(self) -> None:
        history = self._facts.history
        epochs = history[-1].epochs if history else self._facts.config.recipe.epochs if self._facts.config is not None else 1
        training = tuple((float(one.epoch), one.loss) for one in history)
        validation = tuple((float(one.epoch), one.val_loss) for one in history)
        self.loss.set_curves((Curve("training", training), Curve("validation", validation)), epochs)
        top1, top5 = (tuple((float(one.epoch), getattr(one, name)) for one in history) for name in ("top1", "top5"))
        told = any(share < 1 for _, share in top5)  # where there are five categories at most, it says nothing
        self.accuracy.set_curves((Curve("top-1", top1), *((Curve("top-5", top5),) if told else ())), epochs)
        self._show_batches()
        self._show_notices()
        self._show_picture()

    @Slot()
    def _show_batches(self) -> None:
        self.loss.set_faint(tuple(self._facts.losses))

    @Slot()
    def _show_notices(self) -> None:
        notices = self._facts.notices
        self._count.setText(f"Notices ({len(notices)})" if notices else "Notices")
        self.notices.clear()
        self.notices.addItems(notices or ["None: everything was done as asked."])
        self.notices.setAccessibleDescription("; ".join(notices) or "None")

    @Slot()
    def _show_picture(self) -> None:
        """The top-5 of the last look, followed back through the epochs."""
        image, looks = self._state.image, self._facts.looks
        self.picture.set_title(f"Current picture: {image.name}" if image is not None else "Current picture")
        answers = [(one.epoch, dict(said.top)) for one in looks for said in one.pictures if image and said.path == image.path]
        last = next((said for one in looks[-1:] for said in one.pictures if image and said.path == image.path), None)
        names = [name for name, _ in last.top[:_TOP]] if last is not None else list(answers[-1][1]) if answers else []
        curves = (
            Curve(name, tuple((float(epoch), top[name]) for epoch, top in answers if name in top)) for name in names
        )
        self.picture.set_empty(self._why_no_picture())
        self.picture.set_curves(tuple(curves), self._facts.config.recipe.epochs if self._facts.config is not None else 1)

    def _why_no_picture(self) -> str:
        if self._state.image is None:
            return "Open a picture in the strip to see what each epoch says of it."
        if self._facts.active:
            return (
                f"What each epoch says of the picture. The {MOST_WATCHED} pictures of the strip that are nearest to it are "
                "asked about after each epoch."
            )
        return "This picture was not asked about while the run was under way."
