"""The first tenths of a second: the application, and a window that is seen and takes drops before the rest is loaded.

Imports little more than Qt. What the rest needs is imported afterwards, in a thread, so that the window goes on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QDeadlineTimer, QEventLoop, QObject, Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from core.inference.preload import map_torch
from core.settings import Settings, load_settings
from gui import log, theme
from gui.application import Application
from gui.garbage import GarbageCollector
from gui.main_window import MainWindow
from gui.steps import step
from gui.timing import Moments

if TYPE_CHECKING:
    from gui.crash_journal import Journal
    from gui.signals import Signals

PLAIN = {"--no-restore", "--new-window"}
"""Options that a window can be shown for before all are understood; others may end in a sentence, or a picture."""

PATIENCE = 300
"""Milliseconds that the window gets to come onto the screen before the rest is loaded all the same."""

LIBRARIES = ("numpy", "PySide6.QtSvg", "array", "csv", "socket", "unicodedata", "uuid")
"""Modules with compiled parts. They come before torch's kernels are mapped: the system's loader does one thing at a time, and
an import that waits for it holds Python's lock meanwhile."""

PARTS = (
    "gui.state", "gui.conductor", "gui.inspect_workspace", "gui.takeaway", "gui.desks.all_desks", "gui.actions",
    "gui.admission", "gui.correction_windows", "gui.preferences", "gui.protocol_windows", "gui.recovery",
    "gui.training_windows", "gui.widgets.download_bar", "gui.widgets.model_bar", "gui.widgets.notice_bar",
    "gui.widgets.status_line", "gui.session", "gui.app",
)  # fmt: skip
"""What else fills the window; between two of them it is seen whether the window was closed."""


class Early:
    """The window that is there already, the settings it was placed by, and what was wrong with them ("" if nothing)."""

    def __init__(self, app: QApplication, settings: Settings, damage: str) -> None:
        self.app, self.settings, self.damage = app, settings, damage
        self.window = MainWindow()
        self.moments = Moments.asked_for(self.window)
        self.shown = False
        self.journal: Journal | None = None
        self._signals: Signals | None = None

    @property
    def closed(self) -> bool:
        """Whether the person has closed it while it loaded."""
        return self.shown and not self.window.isVisible()

    def show(self) -> None:
        """Bring it onto the screen."""
        self.window.show_cards(self.settings.geometry)
        self.window.show()
        patience = QDeadlineTimer(PATIENCE)
        while not (self.window.painted or patience.hasExpired()):
            self.app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
        self.app.processEvents()
        self.shown = True
        step("frame painted")
        self.heed_signals()

    def heed_signals(self) -> None:
        """Let signals close the window as its button does."""
        from gui.signals import Signals

        self._signals = self._signals or Signals(self.window)

    def leave(self) -> int:
        """The person has closed it before it was filled: nothing is left behind; return the exit status."""
        log.end()
        return self.leave_signals()

    def leave_signals(self) -> int:
        """Let signals do again what they did before; return the exit status that one asked for, or 0."""
        if self._signals is None:
            return 0
        self._signals.uninstall()
        return self._signals.status

    def load(self) -> None:
        """Import what fills the window, and have torch's kernels mapped beside, while the window goes on."""
        Imports(self.app, self._begin_journal).carry_out()

    def _begin_journal(self) -> None:
        from gui import crash_journal

        self.journal = crash_journal.begin()

    def go_through(self, steps: Iterator[object]) -> bool:
        """Take the steps, and let the window draw and take drops between them; False if it was closed meanwhile."""
        for _ in steps:
            if self.shown:
                self.app.processEvents()
            if self.closed:
                return False
        return not self.closed


class Imports(QObject):
    """Imports in a thread of its own; Python's lock changes hands often enough for the window to draw and take drops."""

    done = Signal()

    def __init__(self, app: QApplication, first: Callable[[], None]) -> None:
        super().__init__(app)
        self._first = first
        self._needless = False
        self._error: BaseException | None = None
        app.lastWindowClosed.connect(self._stop)

    def carry_out(self) -> None:
        """Wait for the imports with an event loop; whatever one of them raises is raised here."""
        loop = QEventLoop()
        self.done.connect(loop.quit)
        thread = Thread(target=self._run, name="imports")
        thread.start()
        loop.exec()
        thread.join()  # where the loop was ended by something else
        self.deleteLater()
        if self._error is not None:
            raise self._error

    @Slot()
    def _stop(self) -> None:
        self._needless = True

    def _run(self) -> None:
        try:
            # Before torch's kernels are mapped, which ends the process where they do not suit it.
            self._first()
            for name in LIBRARIES:
                import_module(name)
            step("libraries imported")
            # No daemon: Python waits for it at its end, and would crash in the middle of it otherwise.
            Thread(target=_map, name="map torch").start()
            for name in PARTS:
                if not self._needless:
                    import_module(name)
            step("modules imported")
        except BaseException as error:
            self._error = error
        finally:
            self.done.emit()


def _map() -> None:
    map_torch()
    step("torch mapped")


def open_window(arguments: Sequence[str]) -> Early | None:
    """Show the window, and load what fills it; None where the arguments must be understood first."""
    if any(argument.startswith("-") and argument not in PLAIN for argument in arguments):
        return None
    step("Qt imported")
    log.begin()
    app = make_application()
    settings, damage = (Settings(), "") if "--no-restore" in arguments else load_settings()
    theme.choose(app, settings.theme, dressed=False)
    early = Early(app, settings, damage)
    early.show()
    early.load()
    return early


def make_application() -> QApplication:
    """Make the QApplication with the names, the icon and the style that the program has everywhere."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else Application(sys.argv[:1])
    app.setApplicationName("layerscope")
    app.setApplicationDisplayName("Layerscope")
    app.setDesktopFileName("layerscope")
    app.setWindowIcon(QIcon(str(theme.ICONS / "layerscope.svg")))
    app.setStyle("Fusion")
    if app.findChild(GarbageCollector) is None:
        GarbageCollector(app)
    return app
