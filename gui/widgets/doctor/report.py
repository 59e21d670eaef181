"""What the doctor says of a weights file, from its headline to the names in its pickle."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.types import Diagnosis, Finding
from gui import theme
from gui.itemmodels.checkup_words import NEW_HEAD, classes_words, format_words, headline, is_harmless, offered, size_words
from gui.widgets.doctor.candidate_table import CandidateTable
from gui.widgets.doctor.finding_row import FindingRow
from gui.widgets.doctor.repair_row import RepairRow

_LINES_OF_NAMES = 4
_MOST_CLASSES = 100_000
_USUAL_CLASSES = 1000


def wrapped(text: str = "") -> QLabel:
    """A label of as many lines as its text needs."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    # Before the wrapping, which notes in the policy that the height depends on the width.
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
    label.setWordWrap(True)
    label.setText(text)
    return label


class Report(QWidget):
    """Sections one under the other; those that have nothing to say are hidden. ``headline`` is laid out by who shows this."""

    architecture_chosen = Signal(str)
    ticked = Signal()  # a repair was ticked, or not

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: dict[str, QCheckBox] = {}
        self.problems: list[FindingRow] = []
        self.headline = wrapped()
        self.headline.setObjectName("doctorHeadline")
        self.headline.setProperty("heading", True)
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(4 * theme.GRID)
        self._facts.setVerticalSpacing(theme.GRID)
        self._facts.setColumnStretch(1, 1)
        self._titles = {name: self._title(name) for name in ("Problems", "Repairs", "Models it may be", "Names in the pickle")}
        self._problem_column, self._repair_column = QVBoxLayout(), QVBoxLayout()
        self.classes = self._make_classes()
        self.candidates = CandidateTable(self)
        self.candidates.architecture_chosen.connect(self.architecture_chosen)
        self.names = self._make_names()
        self._lay_out()

    def _title(self, text: str) -> QLabel:
        title = QLabel(text, self)
        title.setProperty("heading", True)
        return title

    def _make_classes(self) -> QSpinBox:
        classes = QSpinBox(self)
        classes.setObjectName("newClasses")
        classes.setRange(1, _MOST_CLASSES)
        classes.setAccessibleName("Number of classes of the new classifier")
        classes.setToolTip("Number of classes of the new classifier")
        classes.setFixedWidth(96)
        return classes

    def _classes_row(self, repair: RepairRow) -> QHBoxLayout:
        caption = QLabel("Classes")
        caption.setProperty("muted", True)
        self.classes.setEnabled(repair.box.isChecked())
        repair.box.toggled.connect(self.classes.setEnabled)
        row = QHBoxLayout()
        row.setContentsMargins(6 * theme.GRID, 0, 0, 0)
        row.addWidget(caption)
        row.addWidget(self.classes)
        row.addStretch(1)
        self.classes.show()
        return row

    def _make_names(self) -> QPlainTextEdit:
        names = QPlainTextEdit(self)
        names.setObjectName("pickleNames")
        names.setReadOnly(True)
        names.setTabChangesFocus(True)
        names.setAccessibleName("Names in the pickle")
        names.setToolTip("What loading the file the ordinary way would have called; nothing of it was run")
        # Margins of the text would scroll with it, and show the top of a line too many.
        names.document().setDocumentMargin(0)
        names.setViewportMargins(*[theme.GRID] * 4)
        return names

    def _fit_names(self, lines: int) -> None:
        """Give the names the room of whole lines."""
        shown = max(1, min(_LINES_OF_NAMES, lines))
        around = 2 * (self.names.frameWidth() + theme.GRID) + 1  # Qt scrolls what fits to the pixel
        self.names.setFixedHeight(shown * self.names.fontMetrics().lineSpacing() + around)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 2 * theme.GRID, 0)
        column.setSpacing(2 * theme.GRID)
        column.addLayout(self._facts)
        for title, body in (
            ("Problems", self._problem_column),
            ("Repairs", self._repair_column),
            ("Models it may be", self.candidates),
            ("Names in the pickle", self.names),
        ):
            column.addSpacing(theme.GRID)
            column.addWidget(self._titles[title])
            if isinstance(body, QWidget):
                column.addWidget(body)
            else:
                body.setSpacing(theme.GRID)
                column.addLayout(body)
        column.addStretch(1)

    def show_diagnosis(
        self, diagnosis: Diagnosis, picked: str | None, size: int | None, chosen: str | None, *, final: bool
    ) -> None:
        """Show another diagnosis; ticks that were set stay for the repairs that are still there.

        With ``final`` the file is refused for good, and there is nothing to choose.
        """
        words = headline(diagnosis, picked)
        self.headline.setText(words)
        self.headline.setAccessibleName(words)
        self.classes.setValue(diagnosis.num_classes or _USUAL_CLASSES)
        self._show_facts(diagnosis, size)
        self._show_problems(diagnosis, words)
        self._show_repairs(offered(diagnosis))
        self.candidates.show_candidates(() if final else diagnosis.candidates, chosen)
        self._show_section("Models it may be", self.candidates, bool(diagnosis.candidates) and not final)
        self.names.setPlainText("\n".join(diagnosis.globals))
        self._fit_names(len(diagnosis.globals))
        self._show_section("Names in the pickle", self.names, diagnosis.executes_code and bool(diagnosis.globals))

    def _show_section(self, title: str, body: QWidget | None, visible: bool) -> None:
        self._titles[title].setVisible(visible)
        if body is not None:
            body.setVisible(visible)

    def _show_facts(self, diagnosis: Diagnosis, size: int | None) -> None:
        _empty(self._facts)
        rows = [("File", diagnosis.path.name), ("Format", format_words(diagnosis)), ("Size", size_words(size))]
        if diagnosis.verdict != "refused":
            rows.append(("Classes", classes_words(diagnosis)))
        if diagnosis.executes_code and not any(one.kind == "executes_code" for one in diagnosis.problems):
            rows.append(("Code", "Loading it the ordinary way would run code that is not torch's own. None of it was run."))
        for number, (name, text) in enumerate((name, text) for name, text in rows if text):
            caption, value = QLabel(name), wrapped(text)
            caption.setProperty("muted", True)
            caption.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            value.setAccessibleName(f"{name}: {text}")
            value.setToolTip(str(diagnosis.path) if name == "File" else "")
            self._facts.addWidget(caption, number, 0)
            self._facts.addWidget(value, number, 1)

    def _show_problems(self, diagnosis: Diagnosis, said: str) -> None:
        """List the problems, but not the one that the headline has said."""
        _empty(self._problem_column)
        self.problems = [FindingRow(one) for one in diagnosis.problems if one.message not in said]
        for row in self.problems:
            self._problem_column.addWidget(row)
        self._show_section("Problems", None, bool(self.problems))

    def _show_repairs(self, repairs: tuple[Finding, ...]) -> None:
        before = {kind: box.isChecked() for kind, box in self.boxes.items()}
        self.classes.setParent(self)
        self.classes.hide()
        _empty(self._repair_column)
        self.boxes = {}
        for repair in repairs:
            row = RepairRow(repair)
            row.box.setChecked(before.get(repair.kind, is_harmless(repair)))
            row.box.toggled.connect(self.ticked)
            self.boxes[repair.kind] = row.box
            self._repair_column.addWidget(row)
            if repair.kind == NEW_HEAD:
                self._repair_column.addLayout(self._classes_row(row))
        self._show_section("Repairs", None, bool(self.boxes))

    def minimumSizeHint(self) -> QSize:
        """As high as its width asks for, which is for the scroll area to find out.

        The layout's own minimum is that of its narrowest width, where sentences have more lines, and would scroll what fits.
        """
        return QSize(super().minimumSizeHint().width(), 0)

    @property
    def new_classes(self) -> int | None:
        """Number of classes of a new classifier; None where none is started."""
        return self.classes.value() if NEW_HEAD in self.repairs else None

    @property
    def repairs(self) -> tuple[str, ...]:
        """Kinds of the repairs that are ticked."""
        return tuple(kind for kind, box in self.boxes.items() if box.isChecked())


def _empty(layout: QGridLayout | QBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        inner = item.layout()
        if isinstance(inner, QHBoxLayout):
            _empty(inner)
            inner.deleteLater()
