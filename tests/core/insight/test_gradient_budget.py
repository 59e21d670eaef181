"""Memory of going back through a network: predicted from its layers, against what autograd really remembers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

from core import paths
from core.errors import LayerError
from core.inference.measure import first_tensor, measure_layers
from core.inference.session import Session
from core.insight.attribution import explain
from core.insight.budget import VARIABLE, check_gradient, predict_gradient
from core.insight.contribution import contributions
from core.insight.effective_field import measure_field
from core.insight.inspect import Inspector
from core.insight.lesions import rank_channels
from core.types import (
    BUILTIN_SPEC,
    ContributionRequest,
    EffectiveFieldRequest,
    ExplainRequest,
    ImageRef,
    LayerInfo,
    RankRequest,
)
from core.zoo import backend
from tests.core.insight.lesion_networks import run

CPU = torch.device("cpu")
PICTURE = ImageRef(paths.sample_pictures()[0])


@pytest.fixture(scope="module")
def inspector():
    return Inspector(Session.load(BUILTIN_SPEC, "cpu"))


def remembered(module, batch):
    """Bytes of what autograd keeps in a forward pass, each memory once and weights left out."""
    weights = {one.untyped_storage().data_ptr() for one in (*module.parameters(), *module.buffers())}
    kept, sizes = [], {}

    def note(tensor):
        kept.append(tensor)
        memory = tensor.untyped_storage()
        if memory.data_ptr() not in weights:
            sizes[memory.data_ptr()] = memory.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        first_tensor(module(batch.clone().requires_grad_().clone()))
    return sum(sizes.values())


SLOW = ("densenet121", "efficientnet_b0", "vit_b_32", "swin_t", "convnext_tiny", "maxvit_t", "inception_v3")


@pytest.mark.parametrize(
    "architecture",
    ["compact_vgg", "resnet18", "googlenet", "squeezenet1_1", "mobilenet_v3_small", "shufflenet_v2_x0_5",
     *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)],
)  # fmt: skip
def test_autograd_remembers_no_more_than_predicted(architecture):
    module = backend.build(architecture).eval().requires_grad_(False)
    batch = torch.zeros(1, 3, *(2 * (64 if architecture == "compact_vgg" else 224,)))
    with torch.inference_mode():
        layers, _ = measure_layers(module, batch)
    predicted = predict_gradient(layers)
    assert predicted / 5 <= remembered(module, batch) <= predicted


def sized(name, kind, size, **more):
    return LayerInfo(name, kind, (1, size // 4), 0, activation_bytes=size, **more)


def test_only_what_lies_on_the_way_counts():
    layers = (
        sized("a", "Sequential", 800, leaf=False), sized("a.0", "Conv2d", 400), sized("a.1", "Conv2d", 800),
        sized("b", "Linear", 80), sized("b#attention", "Attention", 4000, heads=2), sized("c", "Linear", 40),
    )  # fmt: skip
    everything = 2 * (400 + 800 + 80 + 40)
    assert predict_gradient(layers) == everything
    assert predict_gradient(layers, after=layers[1]) == 3 * 400 + 2 * (800 + 80 + 40)
    assert predict_gradient(layers, after=layers[0]) == 3 * 800 + 2 * (80 + 40)
    assert predict_gradient(layers, until=layers[1]) == 2 * 400
    assert predict_gradient(layers, until=layers[0]) == 2 * (400 + 800)
    ways = [predict_gradient(layers, until=layer) for layer in layers[1:]]
    assert all(one <= other for one, other in pairwise(ways))


def test_the_sentence_and_how_many_fit(monkeypatch):
    layers = (sized("a", "Conv2d", 3 << 20),)
    monkeypatch.setenv(VARIABLE, "20")
    assert check_gradient(layers, CPU, "It", "less") == 3
    monkeypatch.setenv(VARIABLE, "5")
    with pytest.raises(LayerError) as refusal:
        check_gradient(layers, CPU, "It", "a later layer")
    assert refusal.value.message == (
        "It needs 6 MiB of memory to go back through the network, and the budget is 5 MiB. Choose a later layer, close "
        "other programs, or set LAYERSCOPE_ACTIVATION_BUDGET to more MiB."
    )
    monkeypatch.delenv(VARIABLE)
    assert check_gradient(layers, CPU, "It", "less") >= 1


@pytest.mark.parametrize(
    ("tool", "request_"),
    [
        (contributions, ContributionRequest(1, PICTURE, "features.0", 2)),
        (explain, ExplainRequest(1, PICTURE, "gradcam", 2, "features.0")),
        (explain, ExplainRequest(1, PICTURE, "gradcam++", 2, "features.0")),
        (explain, ExplainRequest(1, PICTURE, "integrated-gradients", 2, "")),
        (explain, ExplainRequest(1, PICTURE, "guided-backprop", 2, "")),
        (measure_field, EffectiveFieldRequest(1, PICTURE, "features.17", 0, 1, 1)),
    ],
)
def test_every_tool_that_goes_back_refuses_before_it_begins(monkeypatch, inspector, tool, request_):
    inspector.tensor(PICTURE)
    monkeypatch.setenv(VARIABLE, "1")
    with pytest.raises(LayerError, match=rf"needs \d+ MiB .* Choose .* or set {VARIABLE}"):
        run(tool(inspector, request_))


def test_what_needs_less_goes_on_with_less(monkeypatch, inspector):
    plenty = {
        name: run(explain(inspector, ExplainRequest(1, PICTURE, name, 2, "")))
        for name in ("gradcam", "integrated-gradients")
    }
    ranked = run(rank_channels(inspector, RankRequest(1, PICTURE, "features.17", 2)))
    monkeypatch.setenv(VARIABLE, "1")
    assert (run(explain(inspector, ExplainRequest(1, PICTURE, "gradcam", 2, ""))).values == plenty["gradcam"].values).all()
    again = run(rank_channels(inspector, RankRequest(1, PICTURE, "features.17", 2)))
    assert sorted(again.channels) == sorted(ranked.channels)
    need = predict_gradient(inspector.session.info.layers)
    monkeypatch.setenv(VARIABLE, str(1 + need // (1 << 20)))
    found = run(explain(inspector, ExplainRequest(1, PICTURE, "integrated-gradients", 2, "")))
    # A batch of another size rounds otherwise, which flips a few ReLUs that are almost at zero.
    assert np.corrcoef(found.values.ravel(), plenty["integrated-gradients"].values.ravel())[0, 1] > 0.999
    assert found.values.sum() == pytest.approx(plenty["integrated-gradients"].values.sum(), abs=0.01)
