"""The attention of a transformer is a layer that is read only: every tool answers about it, or says so in words."""

from __future__ import annotations

import pytest

from core.errors import LayerError
from core.insight.attribution import explain
from core.insight.channel import look_up
from core.insight.contribution import contributions
from core.insight.effective_field import measure_field
from core.insight.inspect import Inspector
from core.insight.layer_means import layer_means
from core.insight.lesions import classify_with_lesions, rank_channels
from core.types import (
    METHODS,
    ChannelRequest,
    ContributionRequest,
    EffectiveFieldRequest,
    ExplainRequest,
    LayerMeansRequest,
    Lesion,
    LesionRequest,
    RankRequest,
)
from tests.core.insight.lesion_networks import Tokens, inspector_of, noise, remembered, untouched
from tests.core.insight.lesion_networks import run as finish

KEY = "attention#attention"
"""Of Tokens."""


@pytest.fixture(scope="module")
def inspector() -> Inspector:
    return inspector_of(Tokens)


TOOLS = {
    ChannelRequest: look_up, ContributionRequest: contributions, EffectiveFieldRequest: measure_field,
    ExplainRequest: explain, LayerMeansRequest: layer_means, LesionRequest: classify_with_lesions,
    RankRequest: rank_channels,
}  # fmt: skip


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    return noise(tmp_path_factory.mktemp("pictures") / "noise.png")


def answer(inspector, request):
    return finish(TOOLS[type(request)](inspector, request))


def test_lesions_on_it_are_left_out_and_a_notice_names_the_layer_to_choose(inspector, picture):
    plain = answer(inspector, LesionRequest(1, picture, ()))
    found = answer(inspector, LesionRequest(1, picture, (Lesion(KEY, 0), Lesion("norm", 2))))
    assert found.lesions == (Lesion("norm", 2),)
    assert any("only read" in notice and "“attention”" in notice for notice in found.notices)
    assert answer(inspector, LesionRequest(1, picture, (Lesion(KEY, 0),))).predictions == plain.predictions


@pytest.mark.parametrize(
    "request_of",
    [
        lambda image: RankRequest(1, image, KEY, 2),
        lambda image: ContributionRequest(1, image, KEY, 2),
        lambda image: EffectiveFieldRequest(1, image, KEY, 0, 0, 0),
        *(
            (lambda image, key=method.key: ExplainRequest(1, image, key, 2, KEY))
            for method in METHODS.values()
            if method.needs_layer
        ),
    ],
)
def test_what_needs_a_layer_that_can_be_changed_or_differentiated_says_which_to_choose(inspector, picture, request_of):
    before = remembered(inspector.session.model)
    with pytest.raises(LayerError) as refusal:
        answer(inspector, request_of(picture))
    assert "attention" in refusal.value.message
    assert "Choose" in refusal.value.message
    assert untouched(inspector.session.model, before)


def test_a_head_has_no_kernel_and_its_mean_is_there(inspector, picture):
    details = answer(inspector, ChannelRequest(1, KEY, 0))
    assert details.kernel is None
    assert "no kernel" in details.words
    assert answer(inspector, LayerMeansRequest(1, picture)) is not None
