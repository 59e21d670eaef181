"""Training, first page: the pictures to learn from, the model to begin with, and the recipe."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from core.errors import LayerscopeError
from core.training.plan import read_plan
from core.types import Failure, TrainConfig
from gui import theme
from gui.dialogs.train.data_panel import DataPanel
from gui.dialogs.train.model_form import ModelForm
from gui.dialogs.train.output_row import OutputRow
from gui.dialogs.train.recipe_panel import RecipePanel
from gui.facts.survey import PreviewWish, SurveyWish
from gui.state import AppState
from gui.widgets.download_bar import DownloadBar
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.train.preview_strip import PreviewStrip

_BAR_WIDTH = 12
_LOW_PREVIEW, _ANY_HEIGHT = 84, 16_777_215


class SetupPage(QWidget):
    """Choose a folder and look at it, choose a model and a recipe, and start; a run is asked for through the facts."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state, self._facts, self._survey = state, state.training, state.survey
        self._number = 0
        self.folder = QLineEdit(self)
        self.browse = QPushButton("&Browse…", self)
        self.data = DataPanel(state.survey, self)
        self.model = ModelForm(state, self)
        self.downloads = DownloadBar(state, self)
        self.downloads.layout().setContentsMargins(0, 0, 0, 0)
        self.recipe = RecipePanel(self)
        self.preview = PreviewStrip(self)
        self.another = QPushButton("Another picture", self)
        self.output = OutputRow(self)
        self.reason = ElidedLabel(self, muted=True)
        self.close_button = QPushButton("Close", self)
        self.start = QPushButton("&Start training", self)
        self._name()
        self._lay_out()
        for field in self.findChildren(QLineEdit):
            field.setAcceptDrops(False)  # what is dropped is a folder to learn from, wherever it falls
        self._connect()
        self._take_data(self._facts.data)

    def _name(self) -> None:
        self.folder.setPlaceholderText("A folder with a folder of pictures for each category")
        self.folder.setObjectName("dataFolder")
        self.start.setObjectName("startTraining")
        self.start.setDefault(True)
        for widget, name, tip in (
            (self.folder, "Folder of pictures", "The folder to learn from; it can be dropped here, too"),
            (self.browse, "Browse for a folder of pictures", "Choose a folder to learn from"),
            (self.another, "Another picture", "Try the recipe on another picture"),
            (self.close_button, "Close", "Close this window (Esc)"),
            (self.start, "Start training", "Start training (Return)"),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)

    def _lay_out(self) -> None:
        label = QLabel("&Pictures in", self)
        label.setBuddy(self.folder)
        self.output.label.setMinimumWidth(label.sizeHint().width())
        top = QHBoxLayout()
        top.setSpacing(2 * theme.GRID)
        top.addWidget(label)
        top.addWidget(self.folder, 1)
        top.addWidget(self.browse)
        middle = QHBoxLayout()
        middle.setSpacing(4 * theme.GRID)
        middle.addWidget(self.data, 3)
        middle.addWidget(self._make_right(), 2)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * theme.GRID)
        buttons.addWidget(self.reason, 1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(4 * theme.GRID,) * 4)
        column.setSpacing(3 * theme.GRID)
        column.addLayout(top)
        column.addWidget(self.downloads)
        column.addLayout(middle, 1)
        column.addWidget(self.output)
        column.addLayout(buttons)

    def _make_right(self) -> QWidget:
        choices = QWidget()
        inner = QVBoxLayout(choices)
        inner.setContentsMargins(0, 0, 2 * theme.GRID, 0)
        inner.setSpacing(4 * theme.GRID)
        inner.addWidget(self.model)
        inner.addWidget(self.recipe)
        inner.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setObjectName("choices")
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setAccessibleName("Model and recipe")
        scroll.setWidget(choices)
        scroll.viewport().setAutoFillBackground(False)
        choices.setAutoFillBackground(False)
        heading = QLabel("What the network is shown", self)
        heading.setProperty("heading", True)
        right = QWidget(self)
        right.setMinimumWidth(choices.minimumSizeHint().width() + _BAR_WIDTH)
        right.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        grid = QGridLayout(right)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2 * theme.GRID)
        grid.addWidget(scroll, 0, 0, 1, 2)
        grid.addWidget(heading, 1, 0)
        grid.addWidget(self.another, 1, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.preview, 2, 0, 1, 2)
        grid.setRowStretch(0, 3)
        grid.setRowStretch(2, 2)
        grid.setColumnStretch(0, 1)
        return right

    def _connect(self) -> None:
        self.folder.editingFinished.connect(self._take_typed)
        self.browse.clicked.connect(self._ask)
        self.recipe.more.toggled.connect(self._make_room)
        self.another.clicked.connect(self._show_another)
        self.preview.another_wanted.connect(self._show_another)
        self.start.clicked.connect(self.begin)
        self.close_button.clicked.connect(self._close)
        self.output.resume_wanted.connect(self._go_on)
        self._facts.data_changed.connect(self._take_data)
        self._facts.stage_changed.connect(self._judge)
        self._survey.found.connect(self._follow_survey)
        self._survey.failed.connect(self._judge)
        self._survey.preview_changed.connect(self.preview.show_preview)
        for changed in (self.model.changed, self.recipe.changed, self.output.changed):
            changed.connect(self._follow)

    @Slot(bool)
    def _make_room(self, values: bool) -> None:
        """The preview gives way to the values, and stays in sight while they are changed."""
        self.preview.setMaximumHeight(_LOW_PREVIEW if values else _ANY_HEIGHT)

    # --- what is chosen

    def config(self) -> TrainConfig | None:
        """The run that would be started; None while something is missing."""
        data, output = self._facts.data, self.output.output
        if data is None or output is None:
            return None
        return TrainConfig(
            data, output, self.model.spec, self.recipe.recipe, self._state.device, self.recipe.val_share
        )

    def problem(self) -> str:
        """Why a run cannot be started now, in a sentence; "" where nothing is known to stand in the way."""
        if self._facts.active:
            return "A run is under way."
        if self._facts.data is None:
            return "Choose a folder of pictures."
        if self._survey.failure is not None:
            return "There is nothing to learn from in this folder."
        if self._survey.survey is None:
            return "The folder is being looked at."
        recipe, spec = self.recipe.recipe, self.model.spec
        if recipe.mode == "head" and spec.weights.kind == "random":
            return "A new head on random weights learns little: choose weights, or the mode “scratch”."
        return self.model.problem or self.recipe.problem or self.output.problem

    # --- following

    @Slot(object)
    def _take_data(self, data: Path | None) -> None:
        self.folder.setText(str(data) if data is not None else "")
        self._number = 0
        self.output.set_data(data)
        self._follow()

    @Slot()
    def _follow(self) -> None:
        """Ask for what is to be seen of what is chosen, and say whether it can be started."""
        self.model.set_scratch(self.recipe.recipe.mode == "scratch")
        if self.isVisible():
            self._survey.want(self._wish())
            self._ask_for_preview()
        self._judge()

    @Slot(object)
    def _follow_survey(self, survey: object) -> None:
        self.recipe.set_seeded(survey is None or self._survey.survey.seeded)
        if self.isVisible():
            self._ask_for_preview()
        self._judge()

    def _wish(self) -> SurveyWish | None:
        data = self._facts.data
        seeded = self._survey.survey is None or self._survey.survey.seeded
        if data is None:
            return None
        if self._survey.wish is not None and self._survey.wish.folder == data and not seeded:
            return self._survey.wish  # nothing of it depends on share and seed
        return SurveyWish(data, self.recipe.val_share, self.recipe.recipe.seed)

    def _ask_for_preview(self) -> None:
        wish, survey = self._wish(), self._survey.survey
        if wish is not None and survey is not None and not self.model.problem:
            left_out = frozenset(one.name for one in survey.unreadable)
            self._survey.want_preview(PreviewWish(wish, self.model.spec, self.recipe.recipe, self._number, left_out))

    @Slot()
    def _judge(self, *_: object) -> None:
        problem = self.problem()
        self.start.setEnabled(not problem)
        self.reason.setText(problem)
        self.start.setAccessibleDescription(problem)
        self.another.setEnabled(self._survey.survey is not None)

    # --- doing

    @Slot()
    def begin(self) -> None:
        """Ask for the run, unless something stands in the way."""
        self.output.look()
        self._judge()
        config = self.config()
        if config is not None and self.start.isEnabled():
            self._facts.want_run(config)

    @Slot(object)
    def _go_on(self, folder: Path) -> None:
        try:
            config = read_plan(folder)
        except LayerscopeError as error:
            self._state.raise_notice(Failure.of(error))
            self.reason.setText(error.message)
            return
        self._facts.want_run(config, resume=True)

    @Slot()
    def _take_typed(self) -> None:
        text = self.folder.text().strip()
        self._facts.set_data(Path(text).expanduser().absolute() if text else None)

    @Slot()
    def _ask(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "A folder to learn from", self.folder.text())
        if name:
            self._facts.set_data(Path(name))

    @Slot()
    def _show_another(self) -> None:
        self._number += 1
        self._ask_for_preview()

    @Slot()
    def _close(self) -> None:
        self.window().close()

    def showEvent(self, event: QShowEvent) -> None:
        """Look at the folder, the model and the disk as they are now."""
        super().showEvent(event)
        if not event.spontaneous():
            self.output.look()
            self.model.look()
            self._follow()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks any more: what is under way is given up."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._survey.want(None)

    def changeEvent(self, event: QEvent) -> None:
        """Draw the preview's frame in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "preview"):
            self.preview.update()
