"""The real window under hands that know nothing: whatever they press, click, choose and resize, nothing goes wrong."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QMenuBar, QWidget

from core import paths
from core.types import BUILTIN_SPEC, ModelSpec, WeightsSpec
from gui import theme
from tests.e2e.conftest import Bench

STEPS = 700
LEFT_OUT = {"quit", "open_code"}
NAMES = ("squeezenet1_1", "shufflenet_v2_x0_5", "mobilenet_v3_small", "googlenet", "vgg11_narrow", "nin")
MODELS = (BUILTIN_SPEC, *(ModelSpec(name, WeightsSpec("random", seed=1)) for name in NAMES))
KEYS = [
    Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageDown,
    Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Delete,
    Qt.Key.Key_F2, Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Menu, *(Qt.Key(ord(letter)) for letter in "ABCEMOPSTUWYZ15/"),
]  # fmt: skip
NONE, CONTROL, SHIFT = (
    Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
)  # fmt: skip


class Hands:
    """Do something, whatever it is; ``done`` tells what."""

    def __init__(self, bench: Bench, seed: int) -> None:
        self._bench = bench
        self._dice = random.Random(seed)
        self.done: list[str] = []

    def act(self) -> None:
        ways: dict[Callable[[], str], int] = {
            self._action: 25, self._layer: 10, self._model: 2, self._key: 18, self._click: 35, self._resize: 3, self._open: 2,
            self._theme: 1, self._wait: 4,
        }  # fmt: skip
        (way,) = self._dice.choices(list(ways), list(ways.values()))
        self._bench.window.show()  # Escape and Ctrl+W may have closed it
        self.done.append(way())

    def _widget(self) -> QWidget:
        top = self._dice.choice([one for one in QApplication.topLevelWidgets() if one.isVisible()])
        inside = [one for one in top.findChildren(QWidget) if one.isVisible() and not isinstance(one, QMenuBar | QMenu)]
        return self._dice.choice(inside or [top])

    def _action(self) -> str:
        key = self._dice.choice([key for key in self._bench.window.actions_by_key if key not in LEFT_OUT])
        action = self._bench.window.actions_by_key[key]
        if action.isEnabled():
            action.trigger()
        return f"action {key}"

    def _layer(self) -> str:
        model = self._bench.state.model
        key = self._dice.choice(model.layers).key if model is not None else ""
        if key:
            self._bench.state.set_layer(key)
        return f"layer {key}"

    def _model(self) -> str:
        spec = self._dice.choice(MODELS)
        self._bench.state.choose_spec(spec)
        return f"model {spec.architecture}"

    def _key(self) -> str:
        widget, key = self._widget(), self._dice.choice(KEYS)
        told = f"key {key.name} in {type(widget).__name__}"
        QTest.keyClick(widget, key, self._dice.choice([NONE, NONE, NONE, CONTROL, SHIFT]))
        return told

    def _click(self) -> str:
        widget = self._widget()
        told = f"click {type(widget).__name__} {widget.objectName()}"
        at = QPoint(self._dice.randrange(max(1, widget.width())), self._dice.randrange(max(1, widget.height())))
        way = self._dice.choice([QTest.mouseClick] * 5 + [QTest.mouseDClick])
        way(widget, Qt.MouseButton.LeftButton, pos=at)
        return told

    def _resize(self) -> str:
        size = self._dice.randrange(700, 1700), self._dice.randrange(500, 1100)
        self._bench.window.resize(*size)
        return f"resize {size}"

    def _open(self) -> str:
        self._bench.conductor.open_paths(tuple(self._dice.sample(paths.sample_pictures(), 2)))
        return "open"

    def _theme(self) -> str:
        name = self._dice.choice(["light", "dark"])
        theme.choose(QApplication.instance(), name)
        return name

    def _wait(self) -> str:
        self._bench.qtbot.wait(self._dice.choice([20, 100, 300]))
        return "wait"


@pytest.fixture
def leave_dialogs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is there to answer a dialog that waits: Escape comes a moment later; a file dialog gives nothing."""
    for name, nothing in (("getOpenFileName", ("", "")), ("getOpenFileNames", ([], "")), ("getSaveFileName", ("", ""))):
        monkeypatch.setattr(QFileDialog, name, lambda *_, nothing=nothing, **__: nothing)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, **__: "")
    timer = QTimer(interval=150)

    def leave() -> None:
        popup, dialog = QApplication.activePopupWidget(), QApplication.activeModalWidget()
        if popup is not None:
            popup.close()
        elif dialog is not None:
            QTest.keyClick(dialog, Qt.Key.Key_Escape)

    timer.timeout.connect(leave)
    timer.start()
    yield
    timer.stop()
    theme.choose(QApplication.instance(), "light")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_nothing_that_is_done_at_random_is_an_error_of_the_program(launch, leave_dialogs, caplog, seed: int) -> None:
    bench = launch()
    bench.conductor.open_paths(tuple[Path, ...](paths.sample_pictures()[:4]))
    hands = Hands(bench, seed)
    with caplog.at_level(logging.ERROR):
        for _ in range(STEPS):
            hands.act()
            bench.qtbot.wait(1)
            wrong = [one for one in bench.notices if "went wrong" in one] + [one.getMessage() for one in caplog.records]
            assert wrong == [], hands.done[-12:]
    for one in QApplication.topLevelWidgets():
        if one is not bench.window:
            one.close()
    bench.wait_idle()
