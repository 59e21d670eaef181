"""Which architectures of the catalogue slide, and that those which do say at their usual size what they always say."""

import pytest
import torch

from core.inference.session import Session
from core.protocols.dense import dense_form, why_not_dense
from core.types import BUILTIN_MODEL, ModelSpec, WeightsSpec
from core.zoo import catalog
from tests.core.protocols.test_dense import assert_equal

QUICK = ("squeezenet1_1", "resnet18", "mobilenet_v3_small", "shufflenet_v2_x0_5")
"""One that classifies before it pools, one that pools first, one with a head that is not linear, one with functions."""

WINDOWED = "its attention compares positions within windows of"
EMBEDDED = "it adds an embedding of its own to each of"
REFUSED = {"Vision Transformer": EMBEDDED, "Swin Transformer": WINDOWED, "MaxViT": WINDOWED}
"""By family; all others slide."""

STRIDES = {BUILTIN_MODEL: 16, "squeezenet1_0": 16, "squeezenet1_1": 16, "nin": 4}
"""Where they are not 32."""


def load(architecture):
    return Session.load(ModelSpec(architecture, WeightsSpec("builtin" if architecture == BUILTIN_MODEL else "random")), "cpu")


def check(architecture):
    session = load(architecture)
    reason = REFUSED.get(catalog.family(architecture))
    if reason is not None:
        assert reason in why_not_dense(session)
        return
    dense = dense_form(session)
    channels = len(session.info.preprocessing.mean)
    picture = torch.randn(1, channels, dense.side, dense.side, generator=torch.Generator().manual_seed(5))
    scores = dense.scores(picture)
    assert scores.shape == (1, len(session.info.categories), 1, 1)
    assert_equal(scores[..., 0, 0], session.forward(picture))
    assert dense.side == session.info.preprocessing.crop
    stride = STRIDES.get(architecture)
    assert dense.stride == ((stride, stride) if stride else (32, 32))


@pytest.mark.parametrize("architecture", QUICK)
def test_a_quick_architecture(architecture):
    check(architecture)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", [name for name in catalog.architectures() if name not in QUICK])
def test_every_architecture(architecture):
    check(architecture)
