"""Ranking the channels of the chosen layer: the button, the progress, the table, and muting from it."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.types import Lesion
from gui import theme
from gui.facts.lesion_bench import RankWish
from gui.itemmodels.lesioned_row import count_lesions
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.lesions.chosen_channel import ChosenChannel
from gui.widgets.lesions.rank_table import RankTable

FIRST_TOP = 10


class RankBox(QWidget):
    """“Rank the channels this class depends on.”"""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.rank = QPushButton(self)
        self.rank.setObjectName("rankChannels")
        self.rank.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.cancel = QPushButton("Cancel", self)
        self.cancel.setObjectName("cancelRanking")
        self.cancel.setAccessibleName("Cancel the ranking")
        self.cancel.setToolTip("Stop; the channels measured by then stay in the table")
        self.bar = QProgressBar(self)
        self.bar.setObjectName("rankProgress")
        self.bar.setAccessibleName("Progress of the ranking")
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self._about = ElidedLabel(self, muted=True)
        self._about.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.table = RankTable(state, self)
        self.mute = QPushButton("Mute", self)
        self.mute.setObjectName("muteRanked")
        self.mute.setMinimumWidth(self.mute.fontMetrics().horizontalAdvance("Unmute") + 8 * theme.GRID)
        self.mute_top = QPushButton("Mute the top", self)
        self.mute_top.setObjectName("muteTop")
        self.top = QSpinBox(self)
        self.top.setObjectName("muteTopCount")
        self._lay_out()
        self._explain()
        self._connect()
        self._show()

    def _lay_out(self) -> None:
        running = QWidget(self)
        row = QHBoxLayout(running)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.GRID)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        self._pages = QStackedWidget(self)
        self._pages.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._pages.addWidget(self.rank)
        self._pages.addWidget(running)
        below = QHBoxLayout()
        below.setSpacing(2 * theme.GRID)
        below.addWidget(self.mute)
        below.addStretch(1)
        below.addWidget(self.mute_top)
        below.addWidget(self.top)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(self._pages)
        column.addWidget(self._about)
        column.addWidget(self.table, 1)
        column.addLayout(below)

    @property
    def tab_chain(self) -> tuple[QWidget, ...]:
        """What Tab walks through, in order."""
        return self.rank, self.cancel, self.table, self.mute, self.mute_top, self.top

    def _explain(self) -> None:
        self.mute.setAccessibleName("Mute the channel chosen in the ranking")
        self.mute.setToolTip("Mute the channel of the chosen row, or take the muting off (Return)")
        self.mute_top.setAccessibleName("Mute the top channels of the ranking")
        self.mute_top.setToolTip("Mute the channels that cost the category most")
        self.top.setAccessibleName("How many of the top channels to mute")
        self.top.setToolTip("How many (Up, Down)")
        self.top.setRange(1, 100_000)
        self.top.setValue(FIRST_TOP)

    def _connect(self) -> None:
        state, bench = self._state, self._state.lesions
        for signal in (
            bench.ranking_changed, bench.progress_changed, bench.wish_changed, bench.changed, state.layer_changed,
            state.classification_changed, state.model_changed, state.selection.category_changed,
        ):  # fmt: skip
            signal.connect(self._show)
        self.rank.clicked.connect(self._want)
        self.cancel.clicked.connect(self._give_up)
        self.table.mute_wanted.connect(self._toggle)
        self.table.selectionModel().currentRowChanged.connect(self._show)
        self.mute.clicked.connect(self._mute_current)
        self.mute_top.clicked.connect(self._mute_the_top)

    @Slot()
    def _want(self) -> None:
        chosen, category = ChosenChannel.of(self._state), self._state.category
        if chosen is not None and category is not None:
            self._state.lesions.want_ranking(RankWish(chosen.layer, category))

    @Slot()
    def _give_up(self) -> None:
        self._state.lesions.want_ranking(None)

    @Slot(int)
    def _toggle(self, channel: int) -> None:
        ranking = self._state.lesions.ranking
        if ranking is not None:
            self._state.lesions.toggle_mute(ranking.layer, channel)

    @Slot()
    def _mute_current(self) -> None:
        if self.table.channel >= 0:
            self._toggle(self.table.channel)

    @Slot()
    def _mute_the_top(self) -> None:
        ranking = self._state.lesions.ranking
        if ranking is not None:
            top = ranking.channels[: self.top.value()].tolist()
            self._state.lesions.put_all([Lesion(ranking.layer, channel) for channel in top])

    @Slot()
    def _show(self) -> None:
        state, bench = self._state, self._state.lesions
        running, ranking, progress = bench.wish is not None, bench.ranking, bench.progress
        had_focus = self.rank.hasFocus() or self.cancel.hasFocus()
        self._pages.setCurrentIndex(int(running))
        if had_focus:
            (self.cancel if running else self.rank).setFocus()
        category = self._name(state.category)
        self.rank.setText(f"Rank channels for “{category}”" if category else "Rank channels")
        self.rank.setAccessibleName(self.rank.text())
        self.rank.setToolTip("Mute each channel of the layer alone and order them by what the category loses")
        self.rank.setEnabled(bool(category) and ChosenChannel.of(state) is not None)
        total = progress.total if progress is not None else 0
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(progress.done if progress is not None else 0)
        self._about.setText(self._words())
        self.table.setAccessibleDescription(self._words())
        some = ranking is not None and len(ranking.channels) > 0
        self.mute_top.setEnabled(some)
        self.top.setEnabled(some)
        self.mute.setEnabled(some and self.table.channel >= 0)
        muted = bench.muted(ranking.layer) if ranking is not None else frozenset()
        self.mute.setText("Unmute" if self.table.channel in muted else "Mute")

    def _name(self, category: int | None) -> str:
        model = self._state.model
        return model.categories[category] if model and category is not None and category < len(model.categories) else ""

    def _words(self) -> str:
        """What is ranked, and how far."""
        bench = self._state.lesions
        ranking = bench.ranking
        if ranking is None:
            return "" if bench.wish is not None else "Which channels of the layer does it depend on?"
        done, total = len(ranking.channels), ranking.total
        parts = [self._name(ranking.category)]
        if not ranking.complete:
            parts.append(f"{done:,} of {total:,} channels")
        if ranking.lesions != bench.active:
            parts.append("with other lesions")
        elif ranking.lesions:
            parts.append(f"with {count_lesions(len(ranking.lesions))}")
        elif ranking.complete:
            parts.append(f"{total:,} channels")
        return " · ".join([*parts, ranking.layer])
