"""The panel “Patches”: what excites a channel most in the person's own pictures."""

from __future__ import annotations

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from gui import theme
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.patches import patch_words
from gui.widgets.patches.patch_grid import PatchGrid
from gui.widgets.patches.source_row import SourceRow
from gui.widgets.wrapped_label import WrappedLabel

_MARGIN = 3 * theme.GRID
_LOW = 300
"""A panel lower than this many pixels gives up the second line of its summary."""


class PatchesPanel(QWidget):
    """Heading and “Find”, the source, how far it is, the grid, and a summary."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("patchesPanel")
        self.setAccessibleName("Strongest patches")
        self._heading = ElidedLabel(self)
        self._heading.setProperty("heading", True)
        self.button = QPushButton(self)
        self.button.setObjectName("findPatches")
        self.source = SourceRow(state, self)
        self._bar = self._make_bar()
        self.grid = PatchGrid(state, self)
        self._summary = WrappedLabel(2, self)
        self._summary.setProperty("muted", True)
        self._lay_out()
        self._connect()
        self._show()

    def _make_bar(self) -> QProgressBar:
        bar = QProgressBar(self)
        bar.setTextVisible(False)
        bar.setFixedHeight(theme.GRID)
        bar.setAccessibleName("Progress of the search")
        policy = bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        bar.setSizePolicy(policy)
        return bar

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(2 * theme.GRID)
        top.addWidget(self._heading, 1)
        top.addWidget(self.button)
        head = QVBoxLayout()
        head.setContentsMargins(_MARGIN, 2 * theme.GRID, _MARGIN, 0)
        head.setSpacing(theme.GRID)
        head.addLayout(top)
        head.addWidget(self.source)
        head.addWidget(self._bar)
        foot = QHBoxLayout()
        foot.setContentsMargins(_MARGIN, theme.GRID, _MARGIN, theme.GRID)
        foot.addWidget(self._summary)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        grid = QHBoxLayout()
        grid.setContentsMargins(_MARGIN - theme.GRID, 0, 0, 0)
        grid.addWidget(self.grid)
        column.addLayout(grid, 1)
        column.addLayout(foot)
        # The wider of its two words: nothing moves when one takes the other's place.
        widths = [self.button.fontMetrics().horizontalAdvance(word) for word in ("Find", "Cancel")]
        self.button.setFixedWidth(max(widths) + 6 * theme.GRID)

    def _connect(self) -> None:
        state, facts = self._state, self._state.patches
        self.button.clicked.connect(self._press)
        self.grid.opened.connect(facts.open)
        self.grid.left.connect(facts.leave)
        facts.answer_changed.connect(self._show_answer)
        facts.progress_changed.connect(self._show)
        facts.opened_changed.connect(self._repaint)
        for signal in (
            facts.folder_changed, state.model_changed, state.layer_changed, state.selection.channel_changed,
            state.images_appended, state.images_removed,
        ):  # fmt: skip
            signal.connect(self._show)

    @Slot()
    def _press(self) -> None:
        facts = self._state.patches
        if facts.progress is None:
            facts.find()
        else:
            facts.stop()

    @Slot()
    def _show_answer(self) -> None:
        self.grid.set_answer(self._state.patches.answer)
        self._show()

    @Slot()
    def _show(self) -> None:
        state = self._state
        self._heading.setText(patch_words.heading(state))
        self._show_button()
        self._show_progress()
        summary, reasons = patch_words.summary(state), patch_words.reasons(state.patches.answer)
        self._summary.setText(summary)
        self._summary.setToolTip("\n".join(filter(None, (summary, reasons))))
        self._summary.setAccessibleDescription(reasons)
        title, detail = patch_words.hint(state)
        self.grid.set_hint(title, detail)
        empty = not (state.patches.answer and state.patches.answer.patches)
        words = f"{title}. {detail}" if empty else f"{patch_words.heading(state)}: {summary}"
        self.grid.setAccessibleDescription(words)

    def _show_button(self) -> None:
        state = self._state
        searching = state.patches.progress is not None
        self.button.setText("Cancel" if searching else "Find")
        layers = state.model.layers if state.model is not None else ()
        chosen = next((layer for layer in layers if state.layer in (layer.key, layer.name)), None)
        name = patch_words.name_channel(chosen, state.selection.channel).lower() if chosen is not None else "the channel"
        words = "Cancel the search (Ctrl+.)" if searching else f"Find the strongest patches of {name} of {state.layer} (P)"
        self.button.setToolTip(words)
        self.button.setAccessibleName(words.partition(" (")[0])
        somewhere = state.patches.folder is not None or bool(state.images)
        self.button.setEnabled(searching or (chosen is not None and somewhere))

    def _show_progress(self) -> None:
        progress = self._state.patches.progress
        self._bar.setVisible(progress is not None)
        if progress is not None:
            # QProgressBar repaints at once what is to be repainted anywhere; without updates it waits its turn.
            self._bar.setUpdatesEnabled(False)
            self._bar.setRange(0, progress.total)
            self._bar.setValue(progress.done)
            self._bar.setUpdatesEnabled(True)

    @Slot()
    def _repaint(self) -> None:
        self.grid.viewport().update()

    def minimumSizeHint(self) -> QSize:
        """Room for two columns of patches."""
        return QSize(200, 160)

    def showEvent(self, event: QShowEvent) -> None:
        """Patches are worth looking up now."""
        super().showEvent(event)
        self._state.patches.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """They are not any more."""
        super().hideEvent(event)
        self._state.patches.watch(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give up a line where it is low."""
        super().resizeEvent(event)
        self._summary.set_lines(1 if self.height() < _LOW else 2)
