from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.types import Failure
from gui import theme
from gui.state import AppState
from gui.widgets.activation_view import ActivationView
from gui.widgets.layer_tree import LayerTree
from gui.widgets.notice_bar import NoticeBar
from gui.widgets.prediction_table import PredictionTable
from gui.widgets.status_line import StatusLine
from tests.gui import samples


@pytest.fixture
def dark(styled_app: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """A function that turns the whole application dark, and light again after the test."""

    def turn() -> None:
        monkeypatch.setattr(theme, "is_dark", lambda: True)
        theme.apply(styled_app)

    yield turn
    monkeypatch.undo()
    theme.apply(styled_app)


def colours_of(image: QImage) -> set[str]:
    return {QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(image.height())}


def filled(state: AppState) -> None:
    state.set_model(samples.model())
    state.set_layer("blocks.0.conv")
    state.set_classification(samples.classification((0.6, 0.4)))
    state.set_activations(samples.grid(12))


@pytest.mark.parametrize(
    ("kind", "ground"),
    [(PredictionTable, "panel"), (LayerTree, "panel"), (ActivationView, "canvas"), (StatusLine, "window"),
     (NoticeBar, "error_soft")],
)  # fmt: skip
def test_open_widgets_follow_the_theme(
    state: AppState, qtbot: QtBot, dark: object, kind: type[QWidget], ground: str
) -> None:
    filled(state)
    widget = kind(state)
    qtbot.addWidget(widget)
    widget.resize(420, 260)
    widget.show()
    state.raise_notice(Failure("weights", "“a.pt” does not fit."))
    before = colours_of(widget.grab().toImage())
    assert getattr(theme.LIGHT, ground) in before
    dark()
    QApplication.processEvents()
    after = colours_of(widget.grab().toImage())
    assert getattr(theme.DARK, ground) in after
    assert not {theme.LIGHT.panel, theme.LIGHT.window, theme.LIGHT.canvas, theme.LIGHT.error_soft} & after - {"#ffffff"}


def test_icons_are_drawn_anew(state: AppState, qtbot: QtBot, dark: object) -> None:
    filled(state)
    table = PredictionTable(state)
    qtbot.addWidget(table)
    table.show()
    before = table._copy.icon().pixmap(20).toImage()
    dark()
    QApplication.processEvents()
    assert table._copy.icon().pixmap(20).toImage() != before
