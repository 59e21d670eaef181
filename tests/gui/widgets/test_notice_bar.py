from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from core.types import Failure
from gui import theme
from gui.state import AppState
from gui.widgets.notice_bar import NoticeBar

FIRST = Failure("weights", "“a.pt” does not fit vgg16. Choose another file.")
SECOND = Failure("note", "Out of memory on Fast GPU; the CPU is used.")
THIRD = Failure("unreadable", "“<b>c</b>.png” cannot be read.")


@pytest.fixture
def window(qtbot: QtBot, state: AppState) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    column = QVBoxLayout(widget)
    column.addWidget(NoticeBar(state))
    column.addWidget(QLineEdit())
    widget.resize(420, 200)
    widget.show()
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow)
    return widget


@pytest.fixture
def bar(window: QWidget) -> NoticeBar:
    return window.findChild(NoticeBar)


def said(bar: NoticeBar) -> str:
    return bar.findChild(QLabel, "noticeText").text() if bar.isVisible() else ""


def test_hidden_until_there_is_something_to_say(state: AppState, bar: NoticeBar) -> None:
    assert said(bar) == ""
    state.raise_notice(FIRST)
    assert said(bar) == FIRST.message


def test_notices_wait_and_are_counted(state: AppState, bar: NoticeBar, qtbot: QtBot) -> None:
    for failure in (FIRST, SECOND, FIRST, THIRD):
        state.raise_notice(failure)
    close = bar.findChild(QToolButton, "dismissNotice")
    shown = []
    for _ in range(3):
        shown.append((said(bar), bar._count.text()))
        qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    assert shown == [(FIRST.message, "1 of 3"), (SECOND.message, "2 of 3"), (THIRD.message, "3 of 3")]
    assert said(bar) == ""
    state.raise_notice(SECOND)
    assert said(bar) == SECOND.message
    assert not bar._count.isVisible()


def test_a_remark_looks_other_than_an_error(state: AppState, bar: NoticeBar) -> None:
    grounds = []
    for failure in (FIRST, SECOND):
        state.raise_notice(failure)
        grounds.append(bar.grab().toImage().pixelColor(bar.width() // 2, 4).name())
        bar.dismiss()
    assert grounds == [theme.colours().error_soft, theme.colours().warning_soft]


def test_escape_dismisses_from_anywhere_in_the_window(
    state: AppState, window: QWidget, bar: NoticeBar, qtbot: QtBot
) -> None:
    state.raise_notice(FIRST)
    field = window.findChild(QLineEdit)
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert said(bar) == ""


def test_the_text_is_plain_and_can_be_selected(state: AppState, bar: NoticeBar) -> None:
    state.raise_notice(THIRD)
    text = bar.findChild(QLabel, "noticeText")
    assert text.textFormat() == Qt.TextFormat.PlainText
    text.setSelection(0, 4)
    assert text.selectedText() == THIRD.message[:4]


def test_a_long_notice_wraps(state: AppState, bar: NoticeBar, qtbot: QtBot) -> None:
    state.raise_notice(FIRST)
    low = bar.sizeHint().height()
    bar.dismiss()
    state.raise_notice(Failure("unreadable", "A long sentence about a thing. " * 12))
    text = bar.findChild(QLabel, "noticeText")
    qtbot.waitUntil(lambda: bar.height() > 2 * low)
    assert text.height() >= text.heightForWidth(text.width())


def test_what_was_said_of_a_model_goes_with_it(state, bar):
    state.raise_model_notice(FIRST)
    state.raise_notice(THIRD)
    state.raise_model_notice(SECOND)
    state.end_model_notices()
    assert bar.notices == (THIRD,)
    assert said(bar) == THIRD.message
    assert not bar.findChild(QLabel, "noticeText").parent().findChildren(QLabel)[1].isVisible()  # no "1 of 3" any more
    state.end_model_notices()  # once
    bar.dismiss()
    assert said(bar) == ""
