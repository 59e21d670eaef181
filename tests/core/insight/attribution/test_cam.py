"""Grad-CAM and Grad-CAM++ against their formulas, written with plain autograd."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.errors import LayerError
from core.inference.measure import first_tensor
from core.insight.attribution.cam import grad_cam, grad_cam_plus_plus
from core.insight.layers import find_layer
from core.insight.map_layers import map_shape
from tests.core.insight.attribution.nets import (
    Functional,
    Last,
    Plain,
    Reused,
    Tokens,
    finish,
    seeded,
    session_of,
    some_input,
    untouched,
)

NETS = {
    "plain": lambda: seeded(Plain),
    "in place": lambda: seeded(Plain, True),
    "functional": lambda: Functional(seeded(Plain)),
    "reused": lambda: seeded(Reused),
    "channels last": lambda: seeded(Last),
    "tokens": lambda: seeded(Tokens),
}
LAYERS = {
    "plain": ("body.0", "body.1", "body.2", "body.3", "body.6", "body"),
    "in place": ("body.0", "body.1", "body.2", "body.6", "body"),
    "functional": ("plain.body.1", "plain.body.6"),
    "reused": ("stem", "conv@1", "conv@2", "conv@4", "relu@1", "relu@3", "relu@5"),
    "channels last": ("stem", "norm", "grow"),
    "tokens": ("stem", "first"),
}
CASES = [(net, layer) for net, layers in LAYERS.items() for layer in layers]


def truth(session, batch, category, layer):
    """Activations and gradient of one call of a layer as (channels, height, width), float64, and the logit."""
    kept, calls = [], []

    def hook(_module, _inputs, output):
        calls.append(1)
        if len(calls) == layer.call:
            kept.append(first_tensor(output))
            return first_tensor(output).clone()  # what follows may write in place
        return None

    module = session.model
    leaf = batch.clone().requires_grad_()
    handle = module.get_submodule(layer.name).register_forward_hook(hook)
    with torch.enable_grad():
        logit = module(leaf.clone())[0, category]
    handle.remove()
    (gradient,) = torch.autograd.grad(logit, kept[0])
    return chw(kept[0].detach(), layer), chw(gradient, layer), logit.item()


def chw(output, layer):
    if layer.name in ("norm", "grow"):
        output = output.permute(0, 3, 1, 2)
    elif layer.name == "first":
        output = output[:, 1:].transpose(1, 2).reshape(1, 16, 6, 6)
    return output[0].double().numpy()


@pytest.mark.parametrize("category", [0, 3])
@pytest.mark.parametrize(("net", "key"), CASES, ids=[f"{net}-{layer}" for net, layer in CASES])
def test_both_equal_their_formulas_and_leave_the_network_alone(net, key, category):
    session, batch = session_of(NETS[net]()), some_input()
    layer = find_layer(session.info.layers, key)
    shape = map_shape(layer, session.info.layers)
    maps, slope, logit = truth(session, batch, category, layer)
    # Selvaraju et al., equations 1 and 2.
    weights = slope.mean((1, 2))
    expected = np.maximum(np.einsum("k,kij->ij", weights, maps), 0)
    with untouched(session, batch):
        found = finish(grad_cam(session, batch, category, layer, shape))
        plus = finish(grad_cam_plus_plus(session, batch, category, layer, shape))
    scale = np.abs(expected).max() or np.abs(weights).max()
    np.testing.assert_allclose(found.values, expected, atol=1e-5 * scale, rtol=1e-4)
    assert float(found.logits[0, category]) == pytest.approx(logit, rel=1e-5, abs=1e-6)
    # Chattopadhay et al., equation 19: alpha by place and channel, then the weights of their equation 10.
    alpha = np.zeros_like(slope)
    for channel, row, column in np.argwhere(slope != 0):
        g = slope[channel, row, column]
        alpha[channel, row, column] = g**2 / (2 * g**2 + maps[channel].sum() * g**3)
    expected = np.maximum(np.einsum("k,kij->ij", (alpha * np.maximum(slope, 0)).sum((1, 2)), maps), 0)
    np.testing.assert_allclose(plus.values, expected, atol=1e-4 * np.abs(expected).max(), rtol=2e-3)
    assert np.isfinite(plus.values).all()


def test_a_layer_that_does_not_matter_is_named():
    session, batch = session_of(seeded(Tokens)), some_input()
    layer = find_layer(session.info.layers, "second")
    shape = map_shape(layer, session.info.layers)
    # The tokens of the picture after the last attention never reach the class token.
    for method in (grad_cam, grad_cam_plus_plus):
        found = finish(method(session, batch, 0, layer, shape))
        assert not found.values.any()
        assert "nothing in this layer speaks" in found.note


class Beside(Plain):
    """Runs a layer for nothing."""

    def forward(self, x):
        self.body(x)
        return self.head(x.mean((1, 2, 3))[:, None].expand(-1, 12))


def test_a_layer_that_the_score_never_sees_is_refused_in_words():
    session, batch = session_of(seeded(Beside)), some_input()
    layer = find_layer(session.info.layers, "body.6")
    for method in (grad_cam, grad_cam_plus_plus):
        with untouched(session, batch), pytest.raises(LayerError, match=r"does not depend on the layer “body\.6”"):
            finish(method(session, batch, 0, layer, map_shape(layer, session.info.layers)))
