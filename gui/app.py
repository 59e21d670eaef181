"""Start-up, wiring and shutdown of the window."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication

from core import paths
from core.settings import Settings, load_settings
from core.types import BUILTIN_SPEC, USUAL_WEIGHTS, Failure, ModelSpec, WeightsSpec
from gui import commands, crash_journal, incoming, log, session, theme
from gui.arrivals import Arrivals
from gui.conductor import Conductor
from gui.crash_journal import Journal
from gui.crash_relay import CrashRelay
from gui.display import has_display
from gui.early import Early, make_application
from gui.options import Options
from gui.run_notes import RunNotes
from gui.screenshot import Screenshot
from gui.shell import Shell
from gui.single_instance import Door
from gui.state import AppState
from gui.steps import step

PATIENCE = 4000
"""Milliseconds that a busy thread gets to finish at exit; everything is saved by then, so nothing is lost after it."""


def run(options: Options, door: Door | None = None, early: Early | None = None) -> int:
    """Show the window until it is closed, or render it once; return the exit status.

    Files of later starts come in through the ``door``, unless the options want a window that is on its own. ``early`` is the
    window that is there already, where there is one.
    """
    if options.screenshot is None and not has_display():
        print("No display found: rendering the window to layerscope.png instead.", flush=True)
        options = replace(options, screenshot=Path("layerscope.png").absolute(), headless=True, restore=False)
    if door is not None and (options.new_window or options.screenshot is not None):
        door.close()
        door = None
    if options.screenshot is not None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if early is None:
        log.begin()
    app = make_application()
    journal = early.journal if early is not None else None
    if journal is None and options.screenshot is None:
        journal = crash_journal.begin()
    status = _show(app, options, early, door, journal)
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


def _show(
    app: QApplication, options: Options, early: Early | None, door: Door | None = None, journal: Journal | None = None
) -> int:
    if early is None:
        settings, damage = load_settings() if options.restore else (Settings(), "")
        theme.choose(app, options.theme or settings.theme)
        early = Early(app, settings, damage)
    state = AppState()
    conductor = Conductor(state)
    relay = CrashRelay(state)
    relay.install()
    status = 0
    if early.go_through(_fill(early, state, conductor)):
        early.heed_signals()
        camera, arrivals = _begin(early, options, state, conductor, door, journal)
        status = app.exec()
        status = camera.status if camera is not None else status
        arrivals.stop()
        early.leave_signals()
    else:
        status = early.leave_signals()
        if door is not None:
            door.close()
    relay.uninstall()
    log.end()
    return _stop(conductor, status, journal)


def _fill(early: Early, state: AppState, conductor: Conductor) -> Iterator[None]:
    """Build what is in the window, and give it the style that a window on the screen does without until then."""
    yield from early.window.furnish(state, conductor, early.settings)
    step("panels built")
    if early.shown:
        yield
        theme.dress(early.app)
        early.window.inspect.apply_sizes()
        step("panels dressed")
        yield


def _begin(
    early: Early,
    options: Options,
    state: AppState,
    conductor: Conductor,
    door: Door | None = None,
    journal: Journal | None = None,
) -> tuple[Screenshot | None, Arrivals]:
    """Show the window whose panels are there, and have what is asked for opened."""
    window = early.window
    camera = Screenshot(window, state, conductor, options.screenshot) if options.screenshot is not None else None
    if options.panel:
        window.inspect.details.show_panel(options.panel)
    if options.size is not None:
        window.resize(*options.size)
    window.saves_session = camera is None
    if early.moments is not None:
        early.moments.watch(state, window.inspect.predictions.view.viewport())
    window.show()
    if early.damage:
        state.raise_notice(Failure("unreadable", early.damage))
    opening = Opening(state, conductor, early.settings, options, window)
    if journal is not None:
        opening.settled.connect(RunNotes(journal, window).begin)
    arrivals = Arrivals(window, door)
    opening.begun.connect(arrivals.begin)
    # The window is painted before torch is loaded; what is dropped meanwhile waits and is answered.
    QTimer.singleShot(0, opening.begin)
    return camera, arrivals


class Opening(QObject):
    """What is opened at the start: the arguments first, else the last session, else the samples; then what was dropped."""

    settled = Signal(bool)  # the state says what to load, nothing is loaded yet; whether it was asked for just now
    begun = Signal()

    def __init__(
        self, state: AppState, conductor: Conductor, settings: Settings, options: Options, window: Shell
    ) -> None:
        super().__init__(conductor)
        self._state, self._conductor, self._settings, self._options = state, conductor, settings, options
        self._window = window

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
        if not (brought.paths or self._state.images or self._window.early):
            self._conductor.open_paths(paths.sample_pictures())
        for mime in self._window.release_drops():
            commands.take_in(self._state, self._conductor, mime)
        self.begun.emit()
        step("session opened")


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
