"""Protocols side by side as rows: what was tried, its top-5, time, number of views, agreement; and the same as text."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal, Slot

from core.types import PROTOCOLS, Failure, Protocol, ProtocolAnswer
from gui import theme
from gui.itemmodels.view_words import AGREES, DIFFERS, scales_text
from gui.state import AppState

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

NAME, SCALES, TOP, TIME, VIEWS, AGREEMENT = range(6)
"""The columns."""

HEADERS = ("Protocol", "Q", "Top-5", "Time", "Views", "Agreement")
FAILED_ROLE = Role.UserRole + 40
"""Whether a row says why it has no answer."""

_SHOWN = 5
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class TrialModel(QAbstractTableModel):
    """A row for each of :data:`PROTOCOLS`, which a person checks; those of a table that is begun fill one after the other."""

    checked_changed = Signal()

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._facts = state.protocols
        self._trials = state.protocols.trials
        self._names = tuple(PROTOCOLS)
        self._checked = set(self._names)
        for signal in (
            self._trials.plan_changed, self._trials.outcomes_changed, self._trials.progress_changed,
            self._facts.protocol_changed, self._facts.ground_changed,
        ):  # fmt: skip
            signal.connect(self._refresh)

    @Slot()
    def _refresh(self) -> None:
        self.dataChanged.emit(self.index(0, 0), self.index(len(self._names) - 1, AGREEMENT))

    def wanted(self) -> tuple[Protocol, ...]:
        """The checked protocols, with what a person chose for each."""
        return tuple(self._facts.with_name(name) for name in self._names if name in self._checked)

    def outcome(self, row: int) -> ProtocolAnswer | Failure | None:
        """What came of the protocol of a row; None as long as there is nothing."""
        return self._outcomes().get(self._names[row])

    def _outcomes(self) -> dict[str, ProtocolAnswer | Failure]:
        return {one.name: outcome for one, outcome in zip(self._trials.plan, self._trials.outcomes, strict=False)}

    def _protocol(self, row: int) -> Protocol:
        """The protocol of a row: as it was tried, or as it would be."""
        name = self._names[row]
        return next((one for one in self._trials.plan if one.name == name), self._facts.with_name(name))

    def common(self) -> int | None:
        """The category that is the top-1 of most rows, of several the one that came first; None before any answer."""
        tops = [one.predictions[0].index for one in self._outcomes().values() if isinstance(one, ProtocolAnswer)]
        return Counter(tops).most_common(1)[0][0] if tops else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """One row a protocol."""
        return 0 if parent.isValid() else len(self._names)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Protocol, scales, top-5, time, views, agreement."""
        return 0 if parent.isValid() else len(HEADERS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """The names have boxes to check."""
        return super().flags(index) | (Qt.ItemFlag.ItemIsUserCheckable if index.column() == NAME else Qt.ItemFlag.NoItemFlags)

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        """Check or uncheck a row."""
        if role != Role.CheckStateRole or index.column() != NAME:
            return False
        name = self._names[index.row()]
        if Qt.CheckState(value) == Qt.CheckState.Checked:
            self._checked.add(name)
        else:
            self._checked.discard(name)
        self.dataChanged.emit(index, index)
        self.checked_changed.emit()
        return True

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Answer for one cell."""
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == Role.CheckStateRole and column == NAME:
            return Qt.CheckState.Checked if self._names[row] in self._checked else Qt.CheckState.Unchecked
        if role == Role.DisplayRole:
            return self.texts(row)[column]
        if role == FAILED_ROLE:
            return isinstance(self.outcome(row), Failure)
        if role == Role.TextAlignmentRole:
            return _RIGHT if column in (TIME, VIEWS) else _LEFT
        if role == Role.ToolTipRole:
            return self._tip(row, column)
        if role in (Role.AccessibleTextRole, Role.AccessibleDescriptionRole):
            texts = self.texts(row)
            return ", ".join(f"{title} {text}" for title, text in zip(HEADERS, texts, strict=True) if text)
        return None

    def _tip(self, row: int, column: int) -> str:
        kind, outcome = PROTOCOLS[self._names[row]], self.outcome(row)
        if isinstance(outcome, Failure):
            return outcome.message
        if isinstance(outcome, ProtocolAnswer) and column == TOP:
            return "\n".join(_prediction(one.category, one.probability) for one in outcome.predictions[:_SHOWN])
        words = outcome.words if isinstance(outcome, ProtocolAnswer) else kind.words
        return f"{words}\n{kind.reference}"

    def texts(self, row: int) -> tuple[str, ...]:
        """The cells of a row as they are shown."""
        protocol, outcome = self._protocol(row), self.outcome(row)
        title = PROTOCOLS[protocol.name].title
        if isinstance(outcome, ProtocolAnswer):
            top = ", ".join(_prediction(one.category, one.probability) for one in outcome.predictions[:_SHOWN])
            scales = scales_text(sorted({view.scale for view in outcome.views}))
            time, views = format_time(outcome.milliseconds), str(len(outcome.views))
            return title, scales, top, time, views, self._agreement(outcome)
        scales = scales_text(protocol.scales or self._facts.usual.get(protocol.name, ()))
        if isinstance(outcome, Failure):
            return title, scales, outcome.message, "", "", ""
        return title, scales, self._waiting(protocol), "", "", ""

    def _waiting(self, protocol: Protocol) -> str:
        plan, done = self._trials.plan, len(self._trials.outcomes)
        if protocol not in plan or self._trials.progress is None:
            return ""
        return "Running…" if plan.index(protocol) == done else "Waiting"

    def _agreement(self, answer: ProtocolAnswer) -> str:
        """Whether the top-1 is that of most rows, and how many views have it: "✓ 48 of 50 views"."""
        mine = answer.predictions[0].index
        sign = AGREES if mine == self.common() else DIFFERS
        if len(answer.views) == 1:
            return sign
        return f"{sign} {_agreeing(answer)} of {len(answer.views)} views"

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Name the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(HEADERS):
            return None
        if role == Role.DisplayRole:
            return HEADERS[section]
        if role == Role.ToolTipRole and section == AGREEMENT:
            return f"{AGREES} the top-1 is that of most rows; and how many of the views have the top-1 of their row"
        if role == Role.TextAlignmentRole:
            return _RIGHT if section in (TIME, VIEWS) else _LEFT
        return None

    def done(self) -> tuple[int, ...]:
        """The rows that are filled, with an answer or with the reason why there is none."""
        return tuple(row for row in range(len(self._names)) if self.outcome(row) is not None)

    def as_csv(self) -> str:
        """Write the filled rows as CSV (RFC 4180) with a header; probabilities unrounded, times in milliseconds."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        ranks = [f"{what}_{rank}" for rank in range(1, _SHOWN + 1) for what in ("category", "probability")]
        writer.writerow(("protocol", "scales", "milliseconds", "views", "views_agreeing", "top1_is_common", *ranks, "failure"))
        for row in self.done():
            writer.writerow(self._csv_row(row))
        return out.getvalue()

    def _csv_row(self, row: int) -> tuple[str, ...]:
        name, outcome, texts = self._names[row], self.outcome(row), self.texts(row)
        empty = ("",) * (2 * _SHOWN)
        if not isinstance(outcome, ProtocolAnswer):
            return name, texts[SCALES], "", "", "", "", *empty, outcome.message if outcome is not None else ""
        top = [text for one in outcome.predictions[:_SHOWN] for text in (one.category, repr(float(one.probability)))]
        time, views = f"{outcome.milliseconds:.1f}", str(len(outcome.views))
        common = str(outcome.predictions[0].index == self.common()).lower()
        return name, texts[SCALES], time, views, str(_agreeing(outcome)), common, *top, *empty[len(top) :], ""

    def as_markdown(self) -> str:
        """Write the filled rows as a Markdown table, as they are shown."""
        rows = [HEADERS, ("---",) * len(HEADERS), *(self.texts(row) for row in self.done())]
        cells = ([text.replace("|", "\\|") for text in row] for row in rows)
        return "".join(f"| {' | '.join(row)} |\n" for row in cells)


def _agreeing(answer: ProtocolAnswer) -> int:
    """How many views have the top-1 of the whole."""
    mine = answer.predictions[0].index
    return sum(bool(view.predictions) and view.predictions[0].index == mine for view in answer.views)


def _prediction(category: str, probability: float) -> str:
    return f"{category} {theme.format_probability(probability)}"


def format_time(milliseconds: float) -> str:
    """Write a duration: "812 ms", "3.4 s"."""
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"
