"""Measures the effective receptive field of the unit that is pointed at, and lays it over the picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Slot

from core.insight.channel_heat import saturated
from core.types import ActivationGrid, EffectiveField, EffectiveFieldRequest, Failure
from gui.conductor import Conductor
from gui.desks.desk import Desk
from gui.state import AppState

NAME = "field"


class FieldDesk(Desk):
    """Asks when a person does; what is shown goes as soon as picture, model, layer or channel is another."""

    kinds = (EffectiveFieldRequest,)

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        super().__init__(state, conductor)
        state.channel.field_asked.connect(self.measure)
        signals = (state.image_changed, state.model_changed, state.layer_changed, state.selection.channel_changed)
        for signal in signals:
            signal.connect(self._clear)
        state.layer_changed.connect(self._forget_unit)

    @Slot()
    def measure(self, *_: object) -> None:
        """Measure the field of the hovered unit, the one clicked last, or else the strongest; again, and it goes."""
        shown, image = self.state.activations, self.state.image
        if shown is None or image is None or self.state.failure is not None:
            self._tell("There is no unit to measure yet: open a picture and choose a layer.")
            return
        if self.state.busy:
            self._tell("The picture is still being looked at. Press E again in a moment.")
            return
        row, column = self._unit()
        wanted = (shown.layer.key, self.state.selection.channel, row, column)
        known = self.state.channel.field
        if known is not None and (known.layer, known.channel, known.row, known.column) == wanted:
            self._clear()
            return
        self.state.channel.set_field(None, "Measuring…")
        self.ask(EffectiveFieldRequest, image, *wanted)

    def _unit(self) -> tuple[int, int]:
        """Row and column on the chosen map; (0, 0) of a vector, whose unit the channel names already."""
        state = self.state
        shown = state.activations
        if not isinstance(shown, ActivationGrid):
            return 0, 0
        for unit in (state.hovered_unit, state.channel.unit):
            if unit is not None and unit[0] < shown.tile_height and unit[1] < shown.tile_width:
                return unit
        values = shown.values[min(state.selection.channel, shown.count - 1)]
        strongest = int(np.argmax(np.where(np.isfinite(values), values, -np.inf)))
        return strongest // shown.tile_width, strongest % shown.tile_width

    @Slot()
    def _clear(self, *_: object) -> None:
        self.call_off()
        self.state.overlays.put(NAME, None)
        self.state.channel.set_field(None)

    @Slot()
    def _forget_unit(self, *_: object) -> None:
        self.state.channel.choose_unit(None)

    def take(self, request: Any, answer: EffectiveField) -> None:
        """Lay it over the picture, or say why there is nothing to lay."""
        self.state.overlays.put(NAME, saturated(answer.heat) if answer.heat is not None else None)
        self.state.channel.set_field(answer)
        if answer.heat is None:
            self._notify(answer.words)

    def refuse(self, request: Any, failure: Failure) -> None:
        """Say why."""
        self._tell(failure.message)

    def _tell(self, words: str) -> None:
        self.state.overlays.put(NAME, None)
        self.state.channel.set_field(None, words)
        self._notify(words)

    def _notify(self, words: str) -> None:
        """Where the panel is not on the screen, its words would not be read."""
        if not self.state.channel.wanted_by("panel"):
            self.state.raise_model_notice(Failure("note", words))
