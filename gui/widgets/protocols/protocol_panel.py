"""The panel “Protocols”: how a picture is tested, and what comes of it."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui import theme
from gui.facts.protocol_look import MAP, VIEWS
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.protocols.choice_row import ChoiceRow
from gui.widgets.protocols.fusion_rows import FusionRows
from gui.widgets.protocols.pages import MapPage, ViewsPage, WholePage
from gui.widgets.protocols.pickers import AveragePicker, ProtocolPicker
from gui.widgets.protocols.protocol_words import headline, hint
from gui.widgets.protocols.run_row import ProgressLine, RunButton, is_slow
from gui.widgets.protocols.scale_row import ScaleRow
from gui.widgets.wrapped_label import WrappedLabel

_MARGIN = 3 * theme.GRID
_GAP = 2 * theme.GRID
_WHOLE = "whole"
_LOW = 330
"""In a panel lower than this many pixels what is set up is folded away at first, to leave room for the answer."""


class ProtocolPanel(QWidget):
    """Protocol, scales, flip, order of averaging and fused models; then top-5, views and dense map in pages."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state, self._facts = state, state.protocols
        self._look = state.protocols.look
        self._page: str | None = None
        """The page that a person chose; None as long as they chose none."""
        self.setObjectName("protocolPanel")
        self.setAccessibleName("Test protocols")
        inside = QWidget(self)
        self.protocol = ProtocolPicker(state, inside)
        self.caption = ElidedLabel(inside, muted=True)
        self.scales = ScaleRow(state, inside)
        self.flip = QCheckBox("Mirrored, too", inside)
        self.flip.setObjectName("protocolFlip")
        self.average = AveragePicker(state, inside)
        self.fusion = FusionRows(state, inside)
        self.run = RunButton(state, inside)
        self.more = self._make_more(inside)
        self._setup: list[QWidget] = []
        """What can be folded away."""
        self._unfolded: bool | None = None
        """What a person chose; None as long as they chose nothing."""
        self.progress = ProgressLine(state, inside)
        self.compare = self._make_compare(inside)
        self.headline = WrappedLabel(2, inside)
        self.choice = ChoiceRow("Show", inside)
        self.whole = WholePage(state, inside)
        self.views = ViewsPage(state, inside)
        self.map = MapPage(state, inside)
        self.pages = QStackedWidget(inside)
        self.answer = QStackedWidget(inside)
        self.answer.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._lay_out(inside)
        self._connect()
        self._show()

    def _lay_out(self, inside: QWidget) -> None:
        form = QGridLayout()
        form.setHorizontalSpacing(_GAP)
        form.setVerticalSpacing(theme.GRID)
        rows = (
            ("Protocol", _row(self.protocol, self.run, self.more, gap=theme.GRID)), ("", self.caption), ("Q", self.scales),
            ("Views", _row(self.flip, self.average)), ("Models", self.fusion),
        )  # fmt: skip
        for row, (title, field) in enumerate(rows):
            label = QLabel(title, inside)
            label.setProperty("muted", True)
            top = Qt.AlignmentFlag.AlignTop if field is self.fusion else Qt.AlignmentFlag.AlignVCenter
            form.addWidget(label, row, 0, top)
            form.addWidget(field, row, 1)
            self._setup += [label, field] if row else []
        form.setColumnStretch(1, 1)
        for page in (self.whole, self.views, self.map):
            self.pages.addWidget(page)
        self.answer.addWidget(self.headline)
        self.answer.addWidget(self.progress)
        shown = QHBoxLayout()
        shown.setSpacing(_GAP)
        shown.addWidget(self.choice, 1)
        shown.addWidget(self.compare)
        column = QVBoxLayout(inside)
        column.setContentsMargins(_MARGIN, _GAP, _MARGIN, theme.GRID)
        column.setSpacing(theme.GRID)
        column.addLayout(form)
        column.addSpacing(theme.GRID)
        column.addWidget(self.answer)
        column.addLayout(shown)
        column.addWidget(self.pages, 1)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(inside)
        # setWidget() has them filled; the ground is the panel's own.
        for part in (self._scroll.viewport(), inside):
            part.setAutoFillBackground(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._scroll)

    def _make_more(self, inside: QWidget) -> QToolButton:
        button = QToolButton(inside)
        button.setObjectName("protocolSetup")
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(self._unfold)
        return button

    @Slot()
    def _unfold(self) -> None:
        self._unfolded = self.scales.isHidden()
        self._fold()

    def _fold(self) -> None:
        shown = self._unfolded if self._unfolded is not None else self.height() >= _LOW
        for part in self._setup:
            part.setVisible(shown)
        self.more.setArrowType(Qt.ArrowType.UpArrow if shown else Qt.ArrowType.DownArrow)
        words = "Fold scales, mirror images and models away" if shown else "Show scales, mirror images and models"
        self.more.setToolTip(words)
        self.more.setAccessibleName(words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave room for the answer."""
        super().resizeEvent(event)
        self._fold()

    def _make_compare(self, inside: QWidget) -> QPushButton:
        button = QPushButton("Compare…", inside)
        button.setObjectName("compareProtocols")
        button.setAccessibleName("Compare protocols")
        button.setToolTip("Protocols side by side for this picture: top-5, time, agreement (Ctrl+T)")
        button.clicked.connect(self._facts.want_table)
        return button

    def _connect(self) -> None:
        state, facts = self._state, self._facts
        self.flip.toggled.connect(facts.set_flip)
        self.scales.complained.connect(self._show_caption)
        self.choice.chosen.connect(self._choose_page)
        self._fold()
        changes = (
            facts.protocol_changed, facts.answer_changed, facts.failure_changed, facts.progress_changed,
            facts.ground_changed, facts.members_changed, state.image_changed, state.classification_changed,
            state.failure_changed,
        )  # fmt: skip
        for change in changes:
            change.connect(self._show)
        facts.members_changed.connect(self._chain)
        self._chain()

    @Slot()
    def _chain(self) -> None:
        parts = (
            (self.protocol, self.run, self.more), self.scales.tab_chain, (self.flip, self.average), self.fusion.tab_chain,
            self.choice.buttons, (self.compare,), self.whole.tab_chain, self.views.tab_chain, self.map.tab_chain,
        )  # fmt: skip
        for first, second in pairwise([widget for part in parts for widget in part]):
            self.setTabOrder(first, second)

    def minimumSizeHint(self) -> QSize:
        """As wide as its controls; it scrolls in height only."""
        bar = self._scroll.verticalScrollBar().sizeHint().width()
        return QSize(self._scroll.widget().minimumSizeHint().width() + bar, 120)

    @Slot()
    def _show(self) -> None:
        facts = self._facts
        self._show_caption()
        self.flip.blockSignals(True)
        self.flip.setChecked(facts.protocol.flip or not facts.kind.takes_flip)
        self.flip.blockSignals(False)
        self.flip.setEnabled(facts.kind.takes_flip)
        self.flip.setToolTip(
            "Show the network the mirror image of each view, too" if facts.kind.takes_flip else "Mirror images belong to it"
        )
        title, detail = hint(self._state)
        words = headline(self._state) or (f"{title}. {detail}" if detail else title)
        self.headline.setText(words)
        notes = facts.answer.notices if facts.answer is not None else ()
        self.headline.setToolTip("\n".join((words, *notes)))
        self.answer.setCurrentIndex(int(is_slow(self._state)))
        self.headline.setAccessibleDescription(words)
        self.setAccessibleDescription(words)
        self._show_pages()

    @Slot()
    def _show_caption(self, wrong: str = "") -> None:
        """What the protocol is, or what is wrong with the scales that are typed."""
        facts = self._facts
        self.caption.setText(wrong or f"{facts.kind.words} · {facts.kind.reference}")
        self.caption.setProperty("tone", "error" if wrong else None)
        self.caption.setProperty("muted", not wrong)
        self.caption.style().unpolish(self.caption)
        self.caption.style().polish(self.caption)

    def _show_pages(self) -> None:
        """The page that was chosen, as far as there is such a thing; else the one that says most."""
        count, maps = len(self._look.views), len(self._look.maps)
        crops = len(self._look.crops_of(None))
        choices = [(_WHOLE, "Top 5", "The most probable categories of the whole")]
        if crops or count > 1:
            choices.append((VIEWS, f"Views {count}", "Each view's own vote; the chosen one stands out on the picture"))
        if maps:
            choices.append((MAP, "Map", "The dense map of the chosen category, cell by cell"))
        self.choice.set_choices(choices)
        names = [name for name, _, _ in choices]
        best = MAP if maps else VIEWS if crops > 2 else _WHOLE
        page = self._page if self._page in names else best
        self.choice.show_choice(page)
        self.pages.setCurrentWidget({_WHOLE: self.whole, VIEWS: self.views, MAP: self.map}[page])
        for part in (self.whole, self.views, self.map):
            # A page that is not shown takes no room.
            used = QSizePolicy.Policy.Expanding if part is self.pages.currentWidget() else QSizePolicy.Policy.Ignored
            part.setSizePolicy(QSizePolicy.Policy.Expanding, used)
        if page != _WHOLE:
            self._look.show_kind(page)

    @Slot(object)
    def _choose_page(self, page: str) -> None:
        self._page = page
        self._show_pages()

    def showEvent(self, event: QShowEvent) -> None:
        """Somebody looks: quick protocols follow by themselves."""
        super().showEvent(event)
        self._facts.set_watched(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks any more."""
        super().hideEvent(event)
        self._facts.set_watched(False)


def _row(*controls: QWidget, gap: int = _GAP) -> QWidget:
    """Controls side by side."""
    holder = QWidget(controls[0].parentWidget())
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(gap)
    for control in controls:
        row.addWidget(control)
    return holder
