"""The real window with its real threads and the built-in model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from core.settings import Settings
from core.types import BUILTIN_SPEC, ModelSpec
from gui import session, theme
from gui.app import make_application
from gui.conductor import Conductor
from gui.main_window import MainWindow
from gui.state import AppState

LONG = 60_000
"""Milliseconds that a busy machine may need for a forward or a load; nothing waits longer than it must."""


@pytest.fixture(scope="session")
def qapp(qapp_args: list[str]) -> Iterator[QApplication]:
    app = make_application()
    theme.choose(app, "light")
    yield app
    # What a test put there must not outlive Python: Qt would call back into it at the very end.
    app.clipboard().clear()


class Bench:
    """A running program: the window, its state and its threads."""

    def __init__(self, qtbot: object, spec: ModelSpec, settings: Settings) -> None:
        self.qtbot = qtbot
        self.state = AppState()
        self.state.spec = spec
        self.conductor = Conductor(self.state)
        self.window = MainWindow(self.state, self.conductor, settings)
        self.settings = settings
        session.restore(self.state, settings)
        self.notices: list[str] = []
        self.state.notice_raised.connect(self._note)

    def _note(self, failure: object) -> None:
        self.notices.append(failure.message)

    def start(self) -> None:
        self.window.show()
        self.conductor.start(self.settings.layer)

    def wait_idle(self) -> None:
        self.qtbot.waitUntil(lambda: self.conductor.idle, timeout=LONG)

    def wait_settled(self) -> None:
        """Wait for what is worked out a moment after the answer, too: the means of the layers."""

        def settled() -> bool:
            facts, image = self.state.layer_means, self.state.image
            known = facts.reason or (facts.means is not None and facts.means.image == image)
            return self.conductor.idle and bool(known or not facts.wanted)

        self.qtbot.waitUntil(settled, timeout=LONG)

    def wait_answer(self, path: Path) -> None:
        def answered() -> bool:
            found = self.state.classification
            return self.conductor.idle and found is not None and found.image.path == path

        self.qtbot.waitUntil(answered, timeout=LONG)


@pytest.fixture
def launch(qapp: QApplication, qtbot: object) -> Iterator[Callable[..., Bench]]:
    """Start a program; it is closed, and its threads have ended, when the test is over."""
    running: list[Bench] = []

    def start(spec: ModelSpec = BUILTIN_SPEC, settings: Settings | None = None, *, begin: bool = True) -> Bench:
        bench = Bench(qtbot, spec, settings or Settings())
        running.append(bench)
        if begin:
            bench.start()
        return bench

    yield start
    for bench in running:
        bench.window.close()
        assert bench.conductor.stop(LONG)
        # Here and now: left to Python's collector, timers might be destroyed by a worker's thread while they fire in this one.
        for part in (bench.window, bench.conductor, bench.state):
            part.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def picture(tmp_path: Path) -> Callable[..., Path]:
    """Draw a picture that is not like the others, and save it."""

    def draw(name: str = "orange.png", colour: str = "#f08010", size: tuple[int, int] = (160, 120)) -> Path:
        image = Image.new("RGB", size, "#204060")
        width, height = size
        ImageDraw.Draw(image).ellipse((width * 0.2, height * 0.1, width * 0.8, height * 0.9), fill=colour)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path)
        return path

    return draw


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Pictures of several sizes, full of detail."""
    made = []
    for number, size in enumerate(((120, 160), (200, 90), (150, 150))):
        path = tmp_path / f"{'abc'[number]}.png"
        Image.fromarray(np.random.default_rng(number).integers(0, 256, (*size, 3), dtype=np.uint8)).save(path)
        made.append(path)
    return made


@pytest.fixture
def bench(launch: Callable[..., Bench], photos: list[Path]) -> Bench:
    """A program that shows the first of the photos."""
    bench = launch()
    bench.conductor.open_paths(tuple(photos))
    bench.wait_answer(photos[0])
    return bench
