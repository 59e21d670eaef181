"""After a crash: what the next start leaves out, offers and tells; and the diagnostics for whoever reports one."""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot, qVersion
from PySide6.QtWidgets import QApplication, QBoxLayout, QMainWindow, QWidget

from core.settings import Settings
from core.types import BUILTIN_SPEC, CODE_SUFFIX, ModelSpec, WeightsSpec
from gui import log, session
from gui.crash_journal import Crash, Journal
from gui.facts.trouble import Offer
from gui.state import AppState

if TYPE_CHECKING:
    from gui.widgets.crash_bar import CrashBar

TAIL = 80
"""Lines of the log that go into the diagnostics."""


class Recovery(QObject):
    """Knows how the last run ended. Its strip is made when there is something to offer, above ``before``."""

    told = Signal(str)

    def __init__(self, state: AppState, settings: Settings, window: QMainWindow, before: QWidget) -> None:
        super().__init__(window)
        self._state, self._settings, self._window, self._before = state, settings, window, before
        self._journal: Journal | None = None
        self.crash: Crash | None = None
        self.bar: CrashBar | None = None
        state.trouble.copy_wanted.connect(self.copy_diagnostics)
        state.trouble.load_wanted.connect(state.choose_spec)

    def begin(self, journal: Journal, crash: Crash | None, *, asked: bool) -> None:
        """Leave the model of a run that crashed out of this one, unless it is built in or was ``asked`` for just now.

        To be called when the state says what is to be loaded, and nothing is yet.
        """
        self._journal, self.crash = journal, crash
        if crash is None:
            return
        offer = offer_after(crash, asked=asked)
        if offer.without:
            self._state.spec = BUILTIN_SPEC
            self._settings.layer = ""  # the other model's
        self._show(offer)

    def _show(self, offer: Offer) -> None:
        from gui.widgets.crash_bar import CrashBar

        layout = self._window.centralWidget().layout()
        if self.bar is None and isinstance(layout, QBoxLayout):
            self.bar = CrashBar(self._state, self._window)
            layout.insertWidget(layout.indexOf(self._before), self.bar)
            QWidget.setTabOrder(self.bar.copy, self._before)
        self._state.trouble.set_offer(offer)

    @Slot()
    def copy_diagnostics(self) -> None:
        """Put into the clipboard what somebody needs who looks for the reason."""
        QApplication.clipboard().setText(self.diagnostics())
        self.told.emit("The diagnostics are in the clipboard. They name your files; read them before you pass them on.")

    def diagnostics(self) -> str:
        """Versions, device and model, the log of the run that crashed, this run, and the end of the log."""
        this = self._journal.text if self._journal is not None else Journal().text
        parts = [("This run", f"{this}{self._now()}")]
        if self.crash is not None:
            parts.insert(0, ("The run that ended unexpectedly", self.crash.text))
        tail = log.tail(TAIL)
        if tail:
            parts.append((f"The end of {log.log_file()}", "\n".join(tail)))
        return "\n".join(f"== {title} ==\n{text.rstrip()}\n" for title, text in parts)

    def _now(self) -> str:
        model, torch = self._state.model, sys.modules.get("torch")
        lines = [f"Qt {qVersion()} ({QApplication.platformName()}), torch {getattr(torch, '__version__', 'not loaded')}"]
        lines += [f"device {device.id}: {device.name}" for device in self._state.devices]
        lines.append(f"model {model.title} on {model.device}" if model is not None else "no model is loaded")
        return "now: " + "\n     ".join(lines)


def offer_after(crash: Crash, *, asked: bool) -> Offer:
    """What is offered after a crash."""
    log_path = str(crash.path)
    why = f" ({crash.cause})" if crash.cause else ""
    spec, name = crashed_model(crash.model)
    if not crash.model or spec == BUILTIN_SPEC or asked:
        using = f" while using {name}" if name else ""
        return Offer(f"Layerscope ended unexpectedly{why}{using}.", log=log_path)
    sentence = f"Layerscope ended unexpectedly{why} while using {name}. The built-in model is used now."
    if spec is None:
        sentence += " Its file can be opened again from the File menu."
    return Offer(sentence, spec, without=True, log=log_path)


def crashed_model(noted: dict[str, Any]) -> tuple[ModelSpec | None, str]:
    """The model that a journal notes, None where it must not or cannot be loaded without asking; and what to call it."""
    known = {entry.name for entry in fields(Settings)}
    settings = Settings(**{key: value for key, value in noted.items() if key in known})
    architecture, text = str(settings.architecture), str(settings.weights)
    if architecture.endswith(CODE_SUFFIX):
        return None, f"the code in \u201c{architecture}\u201d"
    spec = session.last_spec(settings)
    weights = WeightsSpec.parse(text) if text else None
    if spec is None and weights is not None and weights.kind == "file" and architecture in ("", Path(text).name):
        spec = ModelSpec(architecture, weights)
    if spec == BUILTIN_SPEC:
        return spec, "the built-in model"
    label = Path(text).name if weights is not None and weights.kind == "file" else text
    if not architecture or architecture == label:
        return spec, f"\u201c{label}\u201d" if label else ""
    return spec, f"{architecture} ({label})" if label else architecture
