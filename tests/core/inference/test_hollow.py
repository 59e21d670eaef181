"""Hollow passes say of every layer exactly what a pass over real zeros says."""

import subprocess
import sys

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from core.inference.hollow import ShapesOnly, hollow, hollow_out
from core.inference.measure import measure_layers
from core.weights.usual import of_architecture
from core.zoo import backend, catalog
from core.zoo.backend import BuildOptions

QUICK = ("alexnet", "nin", "resnet18", "googlenet", "mobilenet_v3_small", "shufflenet_v2_x0_5", "swin_t", "squeezenet1_1")
HUGE = ("regnet_y_128gf", "vit_h_14")  # gigabytes of real weights


def sized(name):
    how = of_architecture(name).preprocessing
    return BuildOptions(image_size=how.crop), (1, len(how.mean), how.crop, how.crop)


def measured_hollow(name):
    options, shape = sized(name)
    network = hollow_out(backend.skeleton(name, options=options))
    with torch.inference_mode(), ShapesOnly():
        return measure_layers(network, hollow(shape))


def measured_really(name):
    options, shape = sized(name)
    with torch.inference_mode():
        return measure_layers(backend.build(name, options=options), torch.zeros(shape))


def compare(name):
    (hollow_layers, output), (layers, real_output) = measured_hollow(name), measured_really(name)
    assert hollow_layers == layers
    assert output.shape == real_output.shape


@pytest.mark.parametrize("name", QUICK)
def test_layers_are_those_of_a_real_pass(name):
    compare(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in catalog.architectures() if name not in (*QUICK, *HUGE)])
def test_layers_of_all_others_are_those_of_a_real_pass(name):
    compare(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", HUGE)
def test_the_largest_networks_take_no_memory(name):
    layers, output = measured_hollow(name)
    assert output.shape == (1, 1000)
    assert sum(layer.macs for layer in layers if layer.leaf) > 100e9


CALLS = {
    "convolution": lambda x: F.conv2d(x, torch.zeros(6, 2, 3, 5), stride=(2, 1), padding=(1, 2), dilation=(2, 1), groups=2),
    "same padding": lambda x: F.conv2d(x, torch.zeros(6, 4, 3, 3), padding="same"),
    "ceil": lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True),
    "pool": lambda x: F.avg_pool2d(x, 2),
    "adaptive": lambda x: F.adaptive_avg_pool2d(x, (3, None)),
    "linear": lambda x: F.linear(x, torch.zeros(7, 9)),
    "broadcast": lambda x: x * torch.zeros(4, 1, 1) + 1,
    "in place": lambda x: F.relu_(x).add_(1),
    "reversed": lambda x: 1 / (2 - x),
    "product": lambda x: x @ torch.zeros(9, 5),
    "join": lambda x: torch.cat([x, x], -1),
    "flat": lambda x: torch.flatten(x, 1),
    "unknown": lambda x: torch.cumsum(x, 1).roll(1, 2)[:, :, ::2],
    "attention": lambda x: F.scaled_dot_product_attention(x, x, x),
}


@pytest.mark.parametrize("name", CALLS)
def test_shapes_are_those_of_torch(name):
    real = CALLS[name](torch.zeros(2, 4, 7, 9))
    with torch.inference_mode(), ShapesOnly():
        assert CALLS[name](hollow((2, 4, 7, 9))).shape == real.shape


def test_one_number_is_all_the_memory():
    network = hollow_out(backend.skeleton("vgg19"))
    assert isinstance(network.features[0], nn.Conv2d)
    assert {parameter.untyped_storage().nbytes() for parameter in network.parameters()} == {4}
    assert sum(parameter.numel() for parameter in network.parameters()) == 143_667_240


def test_nothing_heavy_is_imported():
    """What a packaged program leaves out, and what would stall a window."""
    code = (
        "import sys\nfrom core.insight.ledger.counting import count\nfrom core.types import LedgerWish\n"
        "for name in ('vgg16_bn', 'swin_t', 'efficientnet_b0'): count(LedgerWish(name))\n"
        "print([name for name in ('sympy', 'torch._dynamo', 'torch._inductor') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"
