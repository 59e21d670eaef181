"""The tools of the inspector: long or short work on the loaded model, done a step at a time between requests."""

from __future__ import annotations

import importlib
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from core.types import (
    ChannelRequest,
    ClassWeightsRequest,
    CompareOptionsRequest,
    CompareRequest,
    ContributionRequest,
    EffectiveFieldRequest,
    ExplainRequest,
    ExportRequest,
    HeadsRequest,
    JobProgress,
    KnownPatchesRequest,
    LayerMeansRequest,
    LesionRequest,
    PatchesRequest,
    ProtocolRequest,
    ProtocolTrialRequest,
    RankRequest,
)

if TYPE_CHECKING:
    from core.insight.inspect import Inspector

    Work = Generator[JobProgress, None, Any]

TOOLS: dict[type, str] = {
    ChannelRequest: "core.insight.channel:look_up",
    ClassWeightsRequest: "core.insight.class_weights:look_up_weights",
    EffectiveFieldRequest: "core.insight.effective_field:measure_field",
    LesionRequest: "core.insight.lesions:classify_with_lesions",
    ContributionRequest: "core.insight.contribution:contributions",
    CompareRequest: "core.insight.comparison:compare",
    CompareOptionsRequest: "core.insight.comparison:options",
    HeadsRequest: "core.insight.heads:ask_heads",
    ExplainRequest: "core.insight.attribution:explain",
    ProtocolRequest: "core.protocols.apply:apply_protocol",
    LayerMeansRequest: "core.insight.layer_means:layer_means",
    RankRequest: "core.insight.lesions:rank_channels",
    KnownPatchesRequest: "core.jobs.patches:strongest_patches",
    ExportRequest: "core.jobs.export_strip:export_pictures",
    ProtocolTrialRequest: "core.protocols.apply:apply_protocol",
    PatchesRequest: "core.jobs.patches:strongest_patches",
}
"""Who answers a kind of request, the most urgent first: ``function(inspector, request)``, a generator.

It yields a :class:`JobProgress` after each step, so short that a person does not notice it, and returns the answer. Between
steps other work is done with the model, so it takes its hooks off before it yields; it may be closed at any step. Errors
are :class:`LayerscopeError`.
"""

BACKGROUND = (PatchesRequest,)
"""Kinds that wait until the pictures of the strip have their top-1."""


class Toolbox:
    """The work that is going on, one of a kind."""

    def __init__(self) -> None:
        self._going: dict[type, tuple[Any, Work]] = {}

    def begin(self, inspector: Inspector, request: Any) -> None:
        """Begin to answer a request; the work on an earlier one of its kind is given up."""
        self.drop(type(request))
        module, _, name = TOOLS[type(request)].partition(":")
        self._going[type(request)] = (request, getattr(importlib.import_module(module), name)(inspector, request))

    def drop(self, kind: type) -> None:
        """Give up what is going on of a kind."""
        if kind in self._going:
            self._going.pop(kind)[1].close()

    def drop_all(self) -> None:
        """Give up everything: the model goes."""
        for kind in list(self._going):
            self.drop(kind)

    def busy(self, *, background: bool) -> bool:
        """Whether there is anything to go on with, of the kinds that wait or of the others."""
        return any((kind in BACKGROUND) == background for kind in self._going)

    def next_request(self, *, background: bool) -> Any:
        """The request whose work is the most urgent."""
        return next(self._going[kind][0] for kind in TOOLS if kind in self._going and (kind in BACKGROUND) == background)

    def step(self, request: Any) -> tuple[bool, Any]:
        """Do a step for a request: (False, its progress), or (True, the answer)."""
        kind = type(request)
        try:
            return False, next(self._going[kind][1])
        except StopIteration as end:
            del self._going[kind]
            return True, end.value
        except BaseException:
            self._going.pop(kind, None)
            raise
