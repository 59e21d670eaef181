"""The gradient of a score with respect to one layer's output, against plain autograd."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.errors import LayerError
from core.inference.session import Session
from core.insight.gradients import layer_gradient
from core.insight.layers import find_layer
from core.types import BUILTIN_SPEC, ModelSpec, WeightsSpec


def plain(module: nn.Module, batch: torch.Tensor, name: str, call: int, category: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Autograd through the whole network, from the picture on, every in-place operation taken out."""
    kept: list[torch.Tensor] = []

    def hook(_module: nn.Module, _inputs: object, output: torch.Tensor) -> torch.Tensor:
        kept.append(output.clone())
        kept[-1].retain_grad()
        return kept[-1].clone()

    handle = module.get_submodule(name).register_forward_hook(hook)
    with torch.enable_grad():
        logits = module(batch.clone().requires_grad_())
    handle.remove()
    logits[0, category].backward()
    return kept[call - 1].detach(), kept[call - 1].grad


def check(spec: ModelSpec, key: str, category: int = 5) -> None:
    session = Session.load(spec, "cpu")
    side = session.info.preprocessing.crop
    batch = torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(0))
    layer = find_layer(session.info.layers, key)
    found = layer_gradient(session, batch, layer, lambda logits: logits[0, category])
    activations, gradient = plain(session.model, batch, layer.name, layer.call, category)
    assert torch.equal(found.activations, activations)
    torch.testing.assert_close(found.gradient, gradient, rtol=1e-4, atol=1e-7)
    assert found.gradient.abs().max() > 0
    torch.testing.assert_close(found.logits, session.forward(batch))
    assert found.score == pytest.approx(found.logits[0, category].item())
    assert not any(parameter.requires_grad or parameter.grad is not None for parameter in session.model.parameters())
    assert not any(module._forward_hooks for module in session.model.modules())


@pytest.mark.parametrize("key", ["features.0", "features.1", "features.2", "features"])
def test_built_in_model(key):
    check(BUILTIN_SPEC, key)


@pytest.mark.parametrize(
    ("model", "key"),
    [
        ("resnet18", "layer1.0.bn1"),  # an in-place ReLU follows
        ("resnet18", "layer1.0.relu@1"),  # and runs a second time
        ("vgg11", "features.0"),
        pytest.param("googlenet", "inception4a.branch1.bn", marks=pytest.mark.slow),
        pytest.param("vit_b_32", "encoder.layers.encoder_layer_3.self_attention", marks=pytest.mark.slow),  # a tuple
        pytest.param("swin_t", "features.3.1", marks=pytest.mark.slow),
    ],
)
def test_torchvision(model, key):
    if model == "vit_b_32":
        session = Session.load(ModelSpec(model, WeightsSpec("random")), "cpu")
        # A new vision transformer's head is zero, and so is every gradient.
        torch.nn.init.normal_(session.model.heads.head.weight)
        batch = torch.randn(1, 3, 224, 224)
        found = layer_gradient(session, batch, find_layer(session.info.layers, key), lambda logits: logits[0, 5])
        assert found.gradient.shape == found.activations.shape == (1, 50, 768)
        assert found.gradient.abs().max() > 0
        return
    check(ModelSpec(model, WeightsSpec("random")), key)


def test_a_layer_beside_the_way_to_the_score_is_refused_and_leaves_no_hook():
    session = Session.load(BUILTIN_SPEC, "cpu")
    batch = torch.zeros(1, 3, 64, 64)
    with pytest.raises(LayerError, match="does not depend"):
        layer_gradient(session, batch, find_layer(session.info.layers, "features.0"), lambda logits: torch.zeros(()) + 1)
    assert not any(module._forward_hooks for module in session.model.modules())


