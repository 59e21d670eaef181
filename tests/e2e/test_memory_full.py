"""Memory that is full in the middle of a tool's work: the model goes on on the CPU, and a person is told, once."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from core.types import (
    ActivationRequest,
    CompareRequest,
    ContributionRequest,
    EffectiveFieldRequest,
    ExplainRequest,
    ImageRef,
    LayerMeansRequest,
    Lesion,
    LesionRequest,
    RankRequest,
    StripRequest,
)
from tests.e2e.conftest import LONG, Bench


def fill_memory(bench: Bench) -> None:
    """Let the model, which nobody asks for anything now, lie on a device that has no memory at all."""
    session = bench.conductor.inference._inspector.session
    session._device = torch.device("meta")
    to = session.model.to

    def refuse(device: Any) -> torch.nn.Module:
        if torch.device(device).type == "meta":
            raise torch.OutOfMemoryError("out of memory")
        return to(device)

    session.model.to = refuse


def requests(image: ImageRef, other: ImageRef, layer: str) -> dict[str, tuple[type, tuple[Any, ...]]]:
    return {
        "maps": (ActivationRequest, (image, "features.0")),
        "strip": (StripRequest, ((other,),)),
        "contribution": (ContributionRequest, (image, layer, 0)),
        "field": (EffectiveFieldRequest, (image, layer, 0, 1, 1)),
        "means": (LayerMeansRequest, (image,)),
        "why": (ExplainRequest, (image, "gradcam", 0, "")),
        "lesions": (LesionRequest, (image, (Lesion(layer, 0, "mute"),))),
        "ranking": (RankRequest, (image, layer, 0)),
        "comparison": (CompareRequest, (image, other, None, layer)),
    }


@pytest.mark.parametrize(
    "tool", ["maps", "strip", "contribution", "field", "means", "why", "lesions", "ranking", "comparison"]
)
def test_whatever_the_work_a_person_is_told_once_and_the_bar_shows_the_cpu(bench: Bench, tool: str) -> None:
    bench.wait_settled()
    before = list(bench.notices)
    moves: list[Any] = []
    bench.conductor.inference.moved.connect(moves.append)
    fill_memory(bench)
    images = bench.state.images
    kind, what = requests(images[0], images[1], bench.state.layer)[tool]
    bench.conductor.ask(kind(bench.conductor.next_id(), *what))
    bench.qtbot.waitUntil(lambda: bool(moves), timeout=LONG)
    bench.wait_settled()
    assert [notice for notice in bench.notices if notice not in before] == [bench.notices[-1]]
    assert "The memory of meta is full: the model runs on the CPU now." in bench.notices[-1]
    assert bench.notices.count(bench.notices[-1]) == 1
    assert [info.device for info in moves] == ["cpu"] == [bench.state.model.device]


def test_what_is_shown_stays_true_when_the_model_moves(bench: Bench) -> None:
    bench.wait_settled()
    means, activations = bench.state.layer_means.means, bench.state.activations
    bench.state.selection.set_channel(3)
    bench.wait_settled()
    fill_memory(bench)
    bench.conductor.ask(LesionRequest(bench.conductor.next_id(), bench.state.image, (Lesion("features.0", 0, "mute"),)))
    bench.qtbot.waitUntil(lambda: bench.state.model.device == "cpu" and bench.conductor.idle, timeout=LONG)
    assert bench.state.layer_means.means is means
    assert bench.state.activations is activations
    assert bench.state.selection.channel == 3
