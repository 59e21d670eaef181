"""Lays the chosen channel over the picture."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from core.insight.channel_heat import channel_heat
from core.types import ActivationGrid
from gui.facts.channel_facts import BLENDED
from gui.state import AppState

NAME = "channel"


class ChannelOverlay(QObject):
    """Keeps the overlay "channel" of :attr:`AppState.overlays` what mode, channel, layer and picture say."""

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._current = False
        """Whether the activations are those of the current picture and model."""
        state.channel.mode_changed.connect(self._follow)
        state.selection.channel_changed.connect(self._follow)
        state.activations_changed.connect(self._take)
        for signal in (state.image_changed, state.model_changed, state.network_input_changed):
            signal.connect(self._doubt)

    @Slot()
    def _doubt(self, *_: object) -> None:
        self._current = False
        self._state.overlays.put(NAME, None)

    @Slot()
    def _take(self, *_: object) -> None:
        self._current = True
        self._follow()

    @Slot()
    def _follow(self, *_: object) -> None:
        state = self._state
        shown, seen, channel = state.activations, state.network_input, state.selection.channel
        if not self._current or state.channel.mode != BLENDED or not isinstance(shown, ActivationGrid) or seen is None:
            state.overlays.put(NAME, None)
        elif 0 <= channel < shown.count:
            state.overlays.put(NAME, channel_heat(shown, channel, seen))
