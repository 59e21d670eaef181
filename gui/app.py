"""Start-up, wiring and shutdown of the window."""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from core import paths
from core.settings import Settings, load_settings
from core.types import BUILTIN_SPEC, USUAL_WEIGHTS, Failure, ModelSpec, WeightsSpec
from core.version import program_version
from gui import commands, crash_journal, incoming, log, session, theme
from gui.application import Application
from gui.arrivals import Arrivals
from gui.conductor import Conductor
from gui.crash_journal import Journal
from gui.crash_relay import CrashRelay
from gui.display import has_display
from gui.garbage import GarbageCollector
from gui.main_window import MainWindow
from gui.options import Options
from gui.run_notes import RunNotes
from gui.screenshot import Screenshot
from gui.signals import Signals
from gui.single_instance import Door
from gui.state import AppState
from gui.timing import note_moments

PATIENCE = 4000
"""Milliseconds that a busy thread gets to finish at exit; everything is saved by then, so nothing is lost after it."""


def run(options: Options, door: Door | None = None) -> int:
    """Show the window until it is closed, or render it once; return the exit status.

    Files of later starts come in through the ``door``, unless the options want a window that is on its own.
    """
    if options.screenshot is None and not has_display():
        print("No display found: rendering the window to layerscope.png instead.", flush=True)
        options = replace(options, screenshot=Path("layerscope.png").absolute(), headless=True, restore=False)
    if door is not None and (options.new_window or options.screenshot is not None):
        door.close()
        door = None
    if options.screenshot is not None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    log.begin()
    app = make_application()
    journal = crash_journal.begin() if options.screenshot is None else None
    status = _show(app, options, door, journal)
    if options.headless and status == 0:
        from core.cli.main import main as run_command

        brought = incoming.sort(options.paths)
        pictures = brought.paths or paths.sample_pictures()
        if not pictures:
            return 0
        if brought.weights and options.spec is None:
            options = replace(options, spec=ModelSpec("", WeightsSpec("file", path=brought.weights[0])))
        return run_command(["classify", *_model_arguments(options), *(str(path) for path in pictures)])
    return status


def make_application() -> QApplication:
    """Make the QApplication with the names, the icon and the style that the program has everywhere."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else Application(sys.argv[:1])
    app.setApplicationName("layerscope")
    app.setApplicationDisplayName("Layerscope")
    app.setApplicationVersion(program_version())
    app.setDesktopFileName("layerscope")
    app.setWindowIcon(QIcon(str(theme.ICONS / "layerscope.svg")))
    app.setStyle("Fusion")
    if app.findChild(GarbageCollector) is None:
        GarbageCollector(app)
    return app


def _show(app: QApplication, options: Options, door: Door | None, journal: Journal | None) -> int:
    settings, damage = load_settings() if options.restore else (Settings(), "")
    theme.choose(app, options.theme or settings.theme)
    state = AppState()
    conductor = Conductor(state)
    window = MainWindow(state, conductor, settings)
    relay = CrashRelay(state)
    relay.install()
    camera = Screenshot(window, state, conductor, options.screenshot) if options.screenshot is not None else None
    if options.panel:
        window.inspect.details.show_panel(options.panel)
    if options.size is not None:
        window.resize(*options.size)
    window.saves_session = camera is None
    note_moments(window, state)
    window.show()
    if damage:
        state.raise_notice(Failure("unreadable", damage))
    signals = Signals(window)
    arrivals = Arrivals(window, door)
    opening = Opening(state, conductor, settings, options)
    opening.begun.connect(arrivals.begin)
    if journal is not None:
        opening.settled.connect(RunNotes(journal, window).begin)
    # The window is painted before torch is loaded; what is dropped meanwhile waits and is answered.
    QTimer.singleShot(0, opening.begin)
    status = app.exec()
    arrivals.stop()
    signals.uninstall()
    relay.uninstall()
    log.end()
    return _stop(conductor, camera.status if camera is not None else status, journal)


class Opening(QObject):
    """What is opened at the start: the arguments first, else the last session, else the samples."""

    settled = Signal(bool)  # the state says what to load, nothing is loaded yet; whether it was asked for just now
    begun = Signal()

    def __init__(self, state: AppState, conductor: Conductor, settings: Settings, options: Options) -> None:
        super().__init__(conductor)
        self._state, self._conductor, self._settings, self._options = state, conductor, settings, options

    @Slot()
    def begin(self) -> None:
        """Start the threads and open the pictures."""
        options = self._options
        session.restore(self._state, self._settings, options.spec)
        brought = incoming.sort(options.paths)
        if brought.weights and options.spec is None:
            self._state.spec = BUILTIN_SPEC  # no use in loading the last session's first
        if options.spec is not None:
            self._state.spec = options.spec
        if options.device is not None:
            self._state.device = options.device
        self._state.selection.set_channel(max(0, options.channel))
        if options.protocol is not None:
            self._state.protocols.restore(options.protocol)
            self._state.protocols.want()
        self.settled.emit(options.spec is not None or bool(brought.weights))
        self._conductor.start(options.layer or self._settings.layer)
        if options.paths:
            commands.open_files(self._state, self._conductor, options.paths)
        if not (brought.paths or self._state.images):
            self._conductor.open_paths(paths.sample_pictures())
        self.begun.emit()


def _stop(conductor: Conductor, status: int, journal: Journal | None = None) -> int:
    """Let the threads finish; one that is stuck in a long load is left behind, for everything is saved."""
    stopped = conductor.stop(PATIENCE)
    if journal is not None:
        journal.end()
    if stopped:
        return status
    logging.shutdown()
    sys.stdout.flush()  # there is one, see streams
    os._exit(status)


def _model_arguments(options: Options) -> list[str]:
    arguments: list[str] = []
    if options.spec is not None:
        if options.spec.code is not None:
            arguments += ["--model", str(options.spec.code.path), "--run-code"]
        elif options.spec.architecture:
            arguments += ["--model", options.spec.architecture]
        if options.spec.weights != USUAL_WEIGHTS:
            arguments += ["--weights", str(options.spec.weights)]
        arguments += [f"--classes={options.spec.classes}"] if options.spec.classes is not None else []
        arguments += [f"--channels={options.spec.channels}"] if options.spec.channels is not None else []
    if options.device is not None:
        arguments += ["--device", options.device]
    if options.protocol is not None:
        scales = ",".join(str(scale) for scale in options.protocol.scales)
        arguments += ["--protocol", options.protocol.name, "--average", options.protocol.average]
        arguments += ["--scales", scales] if scales else []
        arguments += ["--flip"] if options.protocol.flip else []
    return arguments
