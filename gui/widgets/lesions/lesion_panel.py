"""The panel “Lesions”."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QScrollArea, QToolButton, QVBoxLayout, QWidget

from core.types import Lesion
from gui import theme
from gui.itemmodels.lesioned_row import count_lesions
from gui.state import AppState
from gui.widgets.lesions.chosen_channel import ChosenChannel
from gui.widgets.lesions.lesion_editor import LesionEditor
from gui.widgets.lesions.lesion_list import LesionList
from gui.widgets.lesions.rank_box import RankBox

_ICONS = ("undo", "redo", "remove")


class LesionPanel(QScrollArea):
    """Change the chosen channel, see all lesions, rank the channels of the layer."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("lesionPanel")
        self.setAccessibleName("Lesions")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._inside = QWidget()
        self.editor = LesionEditor(state, self._inside)
        self.list = LesionList(state, self._inside)
        self.ranking = RankBox(state, self._inside)
        self._count = QLabel(self._inside)
        self._count.setProperty("heading", True)
        self._several = self._make_several()
        bench = state.lesions
        self._undo = self._button("undo", "Undo", "Undo the last change of lesions (Ctrl+Z)")
        self._redo = self._button("redo", "Redo", "Redo the change of lesions (Ctrl+Shift+Z)")
        self._clear = self._button("remove", "Clear all lesions", "Take all lesions off (Shift+M)")
        for button, do in ((self._undo, bench.undo), (self._redo, bench.redo), (self._clear, bench.clear)):
            button.clicked.connect(do)
        self._lay_out()
        bench.changed.connect(self._show)
        for signal in (state.layer_changed, state.model_changed):
            signal.connect(self._show)
        self._show()

    def _button(self, icon: str, name: str, explanation: str) -> QToolButton:
        button = QToolButton(self._inside)
        button.setObjectName(f"lesion_{icon}")
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setIcon(theme.icon(icon, self))
        button.setAccessibleName(name)
        button.setToolTip(explanation)
        return button

    def _make_several(self) -> QToolButton:
        button = QToolButton(self._inside)
        button.setObjectName("severalChannels")
        button.setText("Several ▾")
        button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        button.setAutoRaise(True)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName("Several channels at once")
        button.setToolTip("Several channels of the layer at once")
        menu = QMenu(button)
        menu.addAction("Mute all channels of the layer").triggered.connect(self._mute_all)
        menu.addAction("Mute all but the chosen one").triggered.connect(self._mute_others)
        menu.addAction("Take the layer's lesions off").triggered.connect(self._clear_layer)
        button.setMenu(menu)
        return button

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.setSpacing(theme.GRID)
        header.addWidget(self._count, 1)
        for button in (self._several, self._undo, self._redo, self._clear):
            header.addWidget(button)
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(3 * theme.GRID, 2 * theme.GRID, 3 * theme.GRID, 2 * theme.GRID)
        column.setSpacing(2 * theme.GRID)
        column.addWidget(self.editor)
        column.addLayout(header)
        column.addWidget(self.list)
        column.addWidget(self.ranking, 1)
        self.setWidget(self._inside)
        self._inside.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        buttons = (self._several, self._undo, self._redo, self._clear)
        chain = (*self.editor.tab_chain, *buttons, self.list, *self.ranking.tab_chain)
        for first, second in itertools.pairwise(chain):
            self.setTabOrder(first, second)

    @Slot()
    def _show(self) -> None:
        bench = self._state.lesions
        count, on = len(bench.lesions), len(bench.active)
        self._count.setText(count_lesions(count) + (f", {on} on" if on != count else "") if count else "No lesions")
        self._undo.setEnabled(bench.can_undo)
        self._redo.setEnabled(bench.can_redo)
        self._clear.setEnabled(bool(count))
        self._several.setEnabled(ChosenChannel.of(self._state) is not None)

    @Slot()
    def _mute_all(self) -> None:
        self._mute_but(None)

    @Slot()
    def _mute_others(self) -> None:
        chosen = ChosenChannel.of(self._state)
        self._mute_but(chosen.channel if chosen is not None else None)

    def _mute_but(self, spared: int | None) -> None:
        chosen = ChosenChannel.of(self._state)
        if chosen is not None:
            channels = (channel for channel in range(chosen.count) if channel != spared)
            self._state.lesions.put_layer(chosen.layer, [Lesion(chosen.layer, channel) for channel in channels])

    @Slot()
    def _clear_layer(self) -> None:
        chosen = ChosenChannel.of(self._state)
        if chosen is not None:
            self._state.lesions.put_layer(chosen.layer, [])

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icons in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and hasattr(self, "_clear"):
            for button, icon in zip((self._undo, self._redo, self._clear), _ICONS, strict=True):
                button.setIcon(theme.icon(icon, self))
