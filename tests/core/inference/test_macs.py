"""Multiply-adds against published numbers and by hand."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from core.inference.measure import measure_layers
from core.inference.trace import Trace
from core.zoo import backend, catalog
from core.zoo.own import NETWORKS


def total(name):
    """Multiply-adds of a whole architecture, in the size that its weights ask for."""
    side = backend.default_entry(name).preprocessing.crop
    options = backend.BuildOptions(image_size=side if backend.is_vision_transformer(name) else None)
    spent = []
    batch = torch.zeros(1, 3, side, side, device="meta")
    with torch.inference_mode(), Trace(batch, spent.append):
        backend.skeleton(name, options=options).to("meta")(batch)
    return sum(spent)


def published(name):
    """What torchvision states, in 10^9."""
    return backend._torchvision().models.get_model_weights(name).DEFAULT.meta["_ops"]


def test_exact():
    assert total("vgg16") == 15_470_264_320
    assert total("resnet50") == 4_089_184_256


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_small", "vit_b_32", "swin_t", "maxvit_t", "convnext_tiny"])
def test_published(name):
    assert total(name) / 1e9 == pytest.approx(published(name), abs=0.006)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in catalog.architectures() if name not in {"compact_vgg", *NETWORKS}])
def test_published_of_all(name):
    assert total(name) / 1e9 == pytest.approx(published(name), abs=0.006)


def test_containers_add_up_what_is_inside_and_what_they_do_themselves():
    class Block(nn.Sequential):
        def forward(self, x):
            return super().forward(x).flatten(2) @ torch.ones(49, 2)

    model = nn.Sequential(Block(nn.Conv2d(3, 4, 3, groups=1), nn.ReLU(), nn.Conv2d(4, 4, 1, groups=2)), nn.Linear(2, 5))
    layers, _ = measure_layers(model, torch.zeros(1, 3, 9, 9))
    macs = {layer.name: layer.macs for layer in layers}
    assert macs == {"0": 5292 + 392 + 392, "0.0": 4 * 49 * 27, "0.1": 0, "0.2": 4 * 49 * 2, "1": 4 * 2 * 5}


def spent(function):
    numbers = []
    with Trace(torch.zeros(1), numbers.append):
        function()
    return numbers


ONES = torch.ones


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda: F.conv_transpose2d(ONES(1, 3, 4, 4), ONES(3, 5, 2, 2)), 48 * 20),
        (lambda: ONES(2, 3) @ ONES(3, 4), 24),
        (lambda: ONES(2, 3).__rmatmul__(ONES(4, 2)), 24),
        (lambda: torch.bmm(ONES(2, 3, 4), ONES(2, 4, 5)), 120),
        (lambda: torch.addmm(ONES(5), ONES(3, 4), ONES(4, 5)), 60),
        (lambda: torch.einsum("bid, bjd -> bij", ONES(2, 3, 4), ONES(2, 5, 4)), 120),
        (lambda: F.scaled_dot_product_attention(ONES(2, 3, 4), ONES(2, 5, 4), ONES(2, 5, 6)), 2 * 3 * 5 * 10),
        (lambda: F.linear(input=ONES(2, 3), weight=ONES(4, 3)), 24),
        (lambda: nn.MultiheadAttention(4, 2, batch_first=True).eval()(*[ONES(1, 3, 4)] * 3)[0], 4 * 48 + 2 * 36),
    ],
)
def test_functions(function, expected):
    assert spent(function) == [expected]


def test_what_cannot_be_counted_is_unknown_and_harms_nothing():
    class Odd(nn.Module):
        def forward(self, x):
            return torch.einsum("i,i,i->i", x[0], x[0], x[0])[None]

    layers, output = measure_layers(nn.Sequential(nn.Linear(3, 3), nn.Sequential(Odd())), ONES(1, 3))
    assert [layer.macs for layer in layers] == [9, None, None]
    assert output.shape == (1, 3)
