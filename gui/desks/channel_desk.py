"""Looks up what is known of the chosen channel, and what the categories make of the units of a vector."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Slot

from core.insight.layout import is_vector
from core.types import ActivationGrid, ChannelDetails, ChannelRequest, ClassWeightsRequest, Failure, LayerInfo, LoadRequest
from gui.conductor import Conductor
from gui.desks.desk import Desk
from gui.state import AppState


class ChannelDesk(Desk):
    """Asks only while the panel, or the view of a vector, is on the screen; each thing once."""

    kinds = (ChannelRequest, ClassWeightsRequest)

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        super().__init__(state, conductor)
        self._asked_details: tuple[str, int] | None = None
        self._asked_weights = ""
        self._weights_of: str | None = None
        """Key of the layer for which the class weights, or that there are none, are known."""
        state.channel.wanted_changed.connect(self._follow)
        state.selection.channel_changed.connect(self._follow)
        state.layer_changed.connect(self._follow)
        state.model_changed.connect(self._forget)
        state.activations_changed.connect(self._keep_channel)

    @Slot()
    def _keep_channel(self, *_: object) -> None:
        """Another layer may have fewer channels than the number that is chosen."""
        shown = self.state.activations
        if shown is not None:
            count = shown.count if isinstance(shown, ActivationGrid) else shown.values.size
            self.state.selection.set_channel(max(0, min(self.state.selection.channel, count - 1)))

    @Slot()
    def _forget(self, *_: object) -> None:
        self.call_off()
        self._weights_of = None
        self.state.channel.set_details(None)
        self.state.channel.set_class_weights(None)
        self._follow()

    @Slot()
    def _follow(self, *_: object) -> None:
        layer = self._layer()
        if layer is None or self.conductor.waits_for(LoadRequest):
            return
        self._follow_details(layer)
        self._follow_weights(layer)

    def _follow_details(self, layer: LayerInfo) -> None:
        facts, wanted = self.state.channel, (layer.key, self.state.selection.channel)
        known = facts.details is not None and (facts.details.layer, facts.details.channel) == wanted
        if known or not facts.wanted_by("panel"):
            self.conductor.call_off(ChannelRequest)
        elif not (self.conductor.waits_for(ChannelRequest) and self._asked_details == wanted):
            self._asked_details = wanted
            self.ask(ChannelRequest, *wanted)

    def _follow_weights(self, layer: LayerInfo) -> None:
        facts, vector = self.state.channel, is_vector(layer.output_shape)
        if not vector or not facts.wanted_by("panel", "vector"):
            self.conductor.call_off(ClassWeightsRequest)
            if not vector:
                self._weights_of = None
                facts.set_class_weights(None)
        elif self._weights_of != layer.key and not (
            self.conductor.waits_for(ClassWeightsRequest) and self._asked_weights == layer.key
        ):
            self._asked_weights = layer.key
            self.ask(ClassWeightsRequest, layer.key)

    def _layer(self) -> LayerInfo | None:
        """The chosen layer of the loaded model."""
        model, key = self.state.model, self.state.layer
        found = [layer for layer in (model.layers if model is not None else ()) if key in (layer.key, layer.name)]
        return found[-1] if found and key else None

    def take(self, request: Any, answer: Any) -> None:
        """Write the answer down, if it is still about what is chosen."""
        if isinstance(request, ClassWeightsRequest):
            self._weights_of = request.layer
            self.state.channel.set_class_weights(answer)
        else:
            self.state.channel.set_details(answer)

    def refuse(self, request: Any, failure: Failure) -> None:
        """Say it where the kernel would be."""
        if isinstance(request, ChannelRequest):
            self.state.channel.set_details(ChannelDetails(request.layer, request.channel, words=failure.message))
        else:
            self._weights_of = request.layer
            self.state.channel.set_class_weights(None)
