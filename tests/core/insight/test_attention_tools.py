"""Attention is read, not changed: each tool says so in words, and none takes it for a map of the picture by itself."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from PIL import Image

from core.errors import LayerError
from core.inference.classify import top_predictions
from core.inference.session import Session
from core.insight.attribution import explaining
from core.insight.channel import look_up
from core.insight.effective_field import measure_field
from core.insight.inspect import Inspector
from core.insight.lesions import classify_with_lesions, rank_channels
from core.insight.map_layers import default_map_layer
from core.types import (
    ATTENTION,
    ChannelRequest,
    EffectiveFieldRequest,
    ExplainRequest,
    ImageRef,
    Lesion,
    LesionRequest,
    ModelSpec,
    RankRequest,
    WeightsSpec,
)


def run(work: Any) -> Any:
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> ImageRef:
    path = tmp_path_factory.mktemp("pictures") / "red.png"
    Image.new("RGB", (80, 60), "red").save(path)
    return ImageRef(path)


@pytest.fixture(scope="module", params=[pytest.param("vit_b_16", marks=pytest.mark.slow), "swin_t"])
def inspector(request: pytest.FixtureRequest) -> Inspector:
    return Inspector(Session.load(ModelSpec(request.param, WeightsSpec("random")), "cpu"))


def attention(inspector: Inspector) -> str:
    return next(layer.key for layer in inspector.session.info.layers if layer.heads is not None)


def test_the_default_layer_of_an_explanation_is_a_module(inspector: Inspector, image: ImageRef) -> None:
    last = default_map_layer(inspector.session.info.layers, 1000)
    assert last
    assert ATTENTION not in last
    found = run(explaining.explain(inspector, ExplainRequest(1, image, "gradcam", 0, "")))
    assert found.layer == last
    with pytest.raises(LayerError, match="no map of the picture"):
        run(explaining.explain(inspector, ExplainRequest(2, image, "gradcam", 0, attention(inspector))))


def test_what_changes_or_differentiates_refuses_in_words(inspector: Inspector, image: ImageRef) -> None:
    key = attention(inspector)
    with pytest.raises(LayerError, match="is only read"):
        run(measure_field(inspector, EffectiveFieldRequest(1, image, key, 0, 1, 1)))
    with pytest.raises(LayerError, match="is only read"):
        run(rank_channels(inspector, RankRequest(2, image, key, 0)))
    answer = run(classify_with_lesions(inspector, LesionRequest(3, image, (Lesion(key, 0),))))
    assert answer.lesions == ()
    assert "A lesion is left out" in answer.notices[0]
    assert "is only read" in answer.notices[0]


def test_the_channel_of_an_attention_has_no_kernel(inspector: Inspector) -> None:
    found = run(look_up(inspector, ChannelRequest(1, attention(inspector), 0)))
    assert found.kernel is None
    assert found.normalisation is None
    assert attention(inspector).removesuffix(ATTENTION) in found.words


def test_equals_come_in_the_order_of_the_categories() -> None:
    names = tuple(map(str, range(1000)))
    for count in (1, 5, 10):
        assert [row.index for row in top_predictions(torch.zeros(1, 1000), names, count)] == list(range(count))
