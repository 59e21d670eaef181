"""Gradient x activation of each channel against plain autograd: a hook that keeps the gradient of a clone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.errors import LayerError, ModelError
from core.inference.measure import first_tensor, with_first_tensor
from core.inference.session import Session
from core.insight.contribution import channel_sums, contributions
from core.insight.inspect import Inspector
from core.paths import sample_pictures
from core.types import (
    BUILTIN_SPEC,
    ActivationGrid,
    ContributionRequest,
    ImageRef,
    JobProgress,
    LayerInfo,
    ModelSpec,
    WeightsSpec,
)

IMAGE = ImageRef(sample_pictures()[0])


def load(architecture):
    spec = BUILTIN_SPEC if architecture == "compact_vgg" else ModelSpec(architecture, WeightsSpec("random", seed=1))
    return Inspector(Session.load(spec, "cpu"))


def answer(inspector, key, category):
    work = contributions(inspector, ContributionRequest(1, IMAGE, key, category))
    try:
        while True:
            assert isinstance(next(work), JobProgress)
    except StopIteration as end:
        return end.value


def by_autograd(inspector, layer, category):
    """The product of activation and gradient in the layer's own shape."""
    kept, calls = [], 0

    def hook(_module, _inputs, output):
        nonlocal calls
        calls += 1
        if calls == layer.call:
            kept.append(first_tensor(output).clone())
            kept[0].retain_grad()
            return with_first_tensor(output, kept[0].clone())
        return None

    model, batch = inspector.session.model, inspector.tensor(IMAGE).clone().requires_grad_()
    handle = model.get_submodule(layer.name).register_forward_hook(hook)
    logits = model(batch)
    handle.remove()
    logits[0, category].backward()
    return (kept[0] * kept[0].grad).detach().numpy(), float(logits[0, category].detach())


def by_maps(inspector, layer, product, count):
    """Add up over everything but the channels, told from the count of maps that the window shows."""
    first = product[0].astype(np.float64)
    if first.ndim == 2 and first.shape[1] == count:
        side = int(np.sqrt(len(first)))
        return first[len(first) - side * side :].sum(0)
    axis = {count: index for index, count in reversed(list(enumerate(first.shape)))}[count]
    return np.moveaxis(first, axis, 0).reshape(count, -1).sum(1)


def check(architecture, keys):
    inspector = load(architecture)
    category = inspector.classify(IMAGE).classification.predictions[1].index
    for key in keys:
        layer = inspector.layer(key)
        product, score = by_autograd(inspector, layer, category)
        shown, found = inspector.activations(IMAGE, layer.key), answer(inspector, layer.key, category)
        count = shown.count if isinstance(shown, ActivationGrid) else shown.values.size
        assert (found.image, found.layer, found.category) == (IMAGE, layer.key, category)
        assert found.values.shape == (count,)
        assert found.values.dtype == np.float32
        assert not found.values.flags.writeable
        expected = by_maps(inspector, layer, product, count)
        scale = np.abs(product).sum() / count + 1e-12
        np.testing.assert_allclose(found.values / scale, expected / scale, atol=1e-4, err_msg=layer.key)
        assert found.score == pytest.approx(score, rel=1e-4, abs=1e-5)
    assert not any(module._forward_hooks for module in inspector.session.model.modules())


def test_builtin_model():
    inspector = load("compact_vgg")
    check("compact_vgg", [layer.key for layer in inspector.session.info.layers if layer.leaf])


def test_resnet18_with_its_reused_in_place_relus():
    check("resnet18", ["conv1", "layer1.0.bn1", "layer1.0.relu@1", "layer1.0.relu@2", "layer2", "avgpool", "fc"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("architecture", "keys"),
    [
        ("vgg16", ["features.0", "features.10", "features.11", "features.28", "avgpool", "classifier.3", "classifier.6"]),
        ("googlenet", ["conv1", "inception3a", "inception3a.branch1.bn", "inception4d.branch2.1.conv", "inception5b", "fc"]),
        ("vit_b_32", ["conv_proj", "encoder.layers.encoder_layer_3", "encoder.layers.encoder_layer_3.mlp.0",
                      "encoder.layers.encoder_layer_5.self_attention", "encoder.ln", "heads.head"]),
        ("swin_t", ["features.0", "features.0.1", "features.1.0", "features.3.1.mlp", "features.4.reduction", "norm",
                    "permute", "avgpool", "head"]),
    ],
)  # fmt: skip
def test_other_layouts(architecture, keys):
    check(architecture, keys)


def test_the_last_layer_of_all_contributes_its_own_logit_only():
    inspector = load("compact_vgg")
    last = inspector.session.info.layers[-1]
    found = answer(inspector, last.key, 7)
    assert np.flatnonzero(found.values).tolist() == [7]
    assert found.values[7] == pytest.approx(found.score)


def test_contributions_predict_what_muting_a_channel_of_a_linear_tail_costs():
    inspector = load("resnet18")
    found = answer(inspector, "avgpool", 3)
    layer = inspector.layer("avgpool")

    def mute(_module, _inputs, output):
        output = output.clone()
        output[:, 5] = 0
        return output

    handle = inspector.session.model.get_submodule(layer.name).register_forward_hook(mute)
    muted = float(inspector.session.forward(inspector.tensor(IMAGE))[0, 3])
    handle.remove()
    assert found.score - muted == pytest.approx(float(found.values[5]), abs=1e-4)


def test_what_cannot_be_answered():
    inspector = load("compact_vgg")
    with pytest.raises(LayerError):
        answer(inspector, "nowhere", 0)
    for category in (-1, 102):
        with pytest.raises(ModelError, match="0 to 101"):
            answer(inspector, "features.0", category)


def test_it_can_be_closed_before_the_pass():
    inspector = load("compact_vgg")
    work = contributions(inspector, ContributionRequest(1, IMAGE, "features.0", 0))
    next(work)
    work.close()
    assert not any(module._forward_hooks for module in inspector.session.model.modules())


def test_of_a_batch_of_windows_the_first_counts_as_in_the_maps():
    layer = LayerInfo("conv", "Conv2d", (4, 3, 5, 5), 0)
    values = np.random.default_rng(0).normal(size=(4, 3, 5, 5)).astype(np.float32)
    np.testing.assert_allclose(channel_sums(values, layer, (layer,)), values[0].sum((1, 2)), rtol=1e-5)
    assert channel_sums(np.ones((1, 7), np.float32), layer, (layer,)).shape == (7,)
    assert torch.is_grad_enabled()
