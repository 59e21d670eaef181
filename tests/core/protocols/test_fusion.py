from __future__ import annotations

import gc
import math
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.errors import ModelError, UsageError, WeightsError
from core.inference.session import Session
from core.insight.inspect import Inspector
from core.protocols import fusion
from core.protocols.apply import apply_protocol, prepare
from core.types import BUILTIN_SPEC, FusionMember, ImageRef, ModelSpec, Protocol, ProtocolRequest, WeightsSpec
from tests.core.insight.work import finished
from tests.core.protocols.asking import asked

CLOSE = {"rtol": 0, "atol": 1e-6}


def random(seed: int, architecture: str = "compact_vgg") -> ModelSpec:
    return ModelSpec(architecture, WeightsSpec("random", seed=seed))


@pytest.fixture
def inspector() -> Inspector:
    """The built-in model as members are loaded, too: with the side of its weights."""
    return Inspector(Session.load(BUILTIN_SPEC, "cpu"))


def by_itself(spec: ModelSpec, picture: ImageRef, protocol: Protocol) -> np.ndarray[Any, Any]:
    return asked(Inspector(Session.load(spec, "cpu")), picture, protocol).probabilities.astype(np.float64)


@pytest.mark.parametrize("order", ["softmax", "logits"])
def test_fusion_is_the_explicit_average_of_softmax(inspector: Inspector, picture: ImageRef, order: Any) -> None:
    protocol = Protocol("ten-crop", (101,), average=order)
    members = (FusionMember(random(1), 1.0), FusionMember(random(2), 3.0))
    answer = asked(inspector, picture, protocol, members, 4.0)
    each = [by_itself(spec, picture, protocol) for spec in (BUILTIN_SPEC, random(1), random(2))]
    np.testing.assert_allclose(answer.probabilities, (4 * each[0] + 1 * each[1] + 3 * each[2]) / 8, **CLOSE)
    assert [member.spec for member, _ in answer.members] == [BUILTIN_SPEC, random(1), random(2)]
    assert [member.weight for member, _ in answer.members] == [0.5, 0.125, 0.375]
    for (_, predictions), shares in zip(answer.members, each, strict=True):
        assert predictions[0].probability == pytest.approx(shares.max(), abs=1e-6)
    assert len(answer.views) == 10
    assert answer.words.endswith("; then the softmax of 3 models averaged, 0.5 : 0.125 : 0.375")
    assert any("random (seed 2)" in notice for notice in answer.notices)
    assert answer.predictions[0].probability == answer.probabilities.max()


def test_each_model_has_its_own_preprocessing_and_usual_scales(picture: ImageRef) -> None:
    first, other = random(1, "squeezenet1_1"), random(2, "efficientnet_b1")
    inspector = Inspector(Session.load(first, "cpu"))
    answer = asked(inspector, picture, Protocol("scale"), (FusionMember(other),))
    each = [by_itself(spec, picture, Protocol("scale")) for spec in (first, other)]
    np.testing.assert_allclose(answer.probabilities, (each[0] + each[1]) / 2, **CLOSE)
    kept = inspector.members[other]
    assert kept is not None
    assert kept.session.info.preprocessing.crop != inspector.session.info.preprocessing.crop
    with pytest.raises(UsageError, match=r"Q = 230 is below .* efficientnet_b1 looks at, 240 pixels"):
        asked(inspector, picture, Protocol("scale", (230,)), (FusionMember(other),))


def test_models_are_loaded_once_and_let_go_when_they_are_not_wanted(inspector: Inspector, picture: ImageRef) -> None:
    members = (FusionMember(random(1)), FusionMember(random(2)))
    request = ProtocolRequest(1, picture, Protocol(), members)
    texts = [step.text for step in apply_protocol(inspector, request)]
    assert [text for text in texts if "Loading" in text] == ["Loading compact_vgg (random:1)", "Loading compact_vgg (random:2)"]
    assert not any("Loading" in step.text for step in apply_protocol(inspector, request))
    gone, stays = (inspector.members[member.spec] for member in members)
    assert gone is not None
    assert stays is not None
    watched = weakref.ref(gone.session.model)
    del gone
    finished(apply_protocol(inspector, ProtocolRequest(2, picture, Protocol(), members[1:])))
    gc.collect()
    assert watched() is None
    assert inspector.members == {members[1].spec: stays}
    finished(apply_protocol(inspector, ProtocolRequest(3, picture, Protocol())))
    assert not inspector.members


def test_without_memory_each_is_loaded_when_it_is_its_turn(
    inspector: Inspector, picture: ImageRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = (FusionMember(random(1)), FusionMember(random(2)))
    expected = asked(inspector, picture, Protocol(), members).probabilities
    fusion.let_go(inspector, ())
    monkeypatch.setattr(fusion, "free_bytes", lambda device: 1_000)
    alive: list[weakref.ref[torch.nn.Module]] = []
    load = Session.load

    def watched(*arguments: Any) -> Session:
        gc.collect()
        assert sum(one() is not None for one in alive) == 0
        session = load(*arguments)
        alive.append(weakref.ref(session.model))
        return session

    monkeypatch.setattr(Session, "load", watched)
    np.testing.assert_array_equal(asked(inspector, picture, Protocol(), members).probabilities, expected)
    assert len(alive) == 4
    assert set(inspector.members.values()) == {None}
    # What was found to fit is not loaded only to be looked at again.
    np.testing.assert_array_equal(asked(inspector, picture, Protocol(), members).probabilities, expected)
    assert len(alive) == 6


def test_the_loaded_model_itself_is_not_loaded_again(inspector: Inspector, picture: ImageRef) -> None:
    work = apply_protocol(inspector, ProtocolRequest(1, picture, Protocol(), (FusionMember(BUILTIN_SPEC, 2.0),)))
    assert not any("Loading" in step.text for step in work)
    answer = asked(inspector, picture, Protocol(), (FusionMember(BUILTIN_SPEC, 2.0),))
    np.testing.assert_allclose(answer.probabilities, asked(inspector, picture, Protocol()).probabilities, **CLOSE)
    assert not inspector.members


def test_progress_says_which_model_it_is_about(inspector: Inspector, picture: ImageRef) -> None:
    request = ProtocolRequest(1, picture, Protocol("ten-crop", (101,)), (FusionMember(random(1, "compact_vgg")),))
    steps = list(apply_protocol(inspector, request))
    assert [step.text for step in steps[:2]] == ["Loading compact_vgg (random:1)", "compact_vgg (random:1) is loaded"]
    assert steps[2].text == "Beginning"
    assert steps[-1].done == steps[-1].total == 20
    assert steps[-1].text == "compact_vgg: view 20 of 20"


def test_the_threads_are_those_of_the_loaded_model_at_every_step(inspector: Inspector, picture: ImageRef) -> None:
    threads = torch.get_num_threads()
    request = ProtocolRequest(1, picture, Protocol("scale"), (FusionMember(random(1)),))
    for _ in apply_protocol(inspector, request):
        assert torch.get_num_threads() == threads


def test_other_categories_are_refused_with_both_models_and_the_first_difference(
    inspector: Inspector, picture: ImageRef
) -> None:
    with pytest.raises(UsageError) as caught:
        asked(inspector, picture, Protocol(), (FusionMember(random(3, "squeezenet1_1")),))
    words = caught.value.message
    assert words.startswith("compact_vgg (builtin) and squeezenet1_1 (random:3) do not have the same categories: ")
    assert "number 0 is “" in words
    assert "of 102 and 1,000" in words
    assert words.endswith("Choose models that were trained on the same categories.")
    assert not inspector.members


@pytest.mark.parametrize("weight", [0.0, -1.0, math.nan, math.inf])
def test_weights_are_numbers_above_zero(inspector: Inspector, picture: ImageRef, weight: float) -> None:
    with pytest.raises(UsageError, match="number above 0"):
        asked(inspector, picture, Protocol(), (FusionMember(random(1), weight),))
    with pytest.raises(UsageError, match="number above 0"):
        asked(inspector, picture, Protocol(), (FusionMember(random(1)),), weight)


def test_a_model_that_is_not_to_be_had_is_found_out_before_anything_is_looked_at(inspector: Inspector, tmp_path: Path) -> None:
    missing = FusionMember(ModelSpec("compact_vgg", WeightsSpec("file", path=tmp_path / "gone.pth")))
    with pytest.raises(WeightsError, match=r"gone\.pth"):
        finished(prepare(inspector, Protocol(), (missing,)))
    with pytest.raises(ModelError, match="nonsense"):
        finished(prepare(inspector, Protocol(), (FusionMember(random(0, "nonsense")),)))
    threads = torch.get_num_threads()
    assert not inspector.members
    assert torch.get_num_threads() == threads
