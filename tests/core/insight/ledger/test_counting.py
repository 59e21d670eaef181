"""Counts against torch, against arithmetic on paper, and against what torchvision publishes."""

import pytest
import torch
from torch import nn

from core.errors import ModelError
from core.inference.session import Session
from core.insight.ledger.counting import count, count_module
from core.insight.ledger.loaded import of_model
from core.types import LedgerWish, ModelSpec, WeightsSpec
from core.zoo import backend, catalog

EXACT = {"vgg11": 132_863_336, "vgg13": 133_047_848, "vgg16": 138_357_544, "vgg19": 143_667_240}
QUICK = ("vgg16", "resnet18", "googlenet", "inception_v3", "densenet121", "convnext_tiny", "vit_b_16", "swin_t", "nin")
HEADS_LEFT_OUT = {"googlenet": 13_004_888 - 6_624_904}
"""Parameters of the auxiliary heads, which torchvision's published GoogLeNet has not, and counts not."""


def adds_up(network):
    lines = [line for line in network.layers if not line.group]
    assert sum(line.parameters for line in lines) == network.parameters
    assert sum(line.macs for line in lines) == network.macs


@pytest.mark.parametrize("name", QUICK)
def test_parameters_are_torchs_and_lines_add_up(name):
    network = count(LedgerWish(name))
    assert network.parameters == sum(parameter.numel() for parameter in backend.skeleton(name).parameters())
    assert network.output_shape == (backend.default_classes(name),)
    adds_up(network)


@pytest.mark.parametrize("name", EXACT)
def test_the_four_exact_counts(name):
    assert count(LedgerWish(name)).parameters == EXACT[name]


def vgg16_by_hand():
    """kernel² · inputs · outputs · pixels of each convolution, then the three products."""
    total, channels, side = 0, 3, 224
    for convolutions, width in ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)):
        for _ in range(convolutions):
            total += 9 * channels * width * side * side
            channels = width
        side //= 2
    return total + 512 * 7 * 7 * 4096 + 4096 * 4096 + 4096 * 1000


def resnet18_by_hand():
    total = 49 * 3 * 64 * 112**2
    channels, side = 64, 56
    for width in (64, 128, 256, 512):
        side = side if width == 64 else side // 2
        total += 9 * channels * width * side**2 + 3 * 9 * width * width * side**2
        if channels != width:
            total += channels * width * side**2  # the 1×1 convolution of the shortcut
        channels = width
    return total + 512 * 1000


def test_multiply_adds_by_hand():
    assert count(LedgerWish("vgg16")).macs == vgg16_by_hand() == 15_470_264_320
    assert count(LedgerWish("resnet18")).macs == resnet18_by_hand()


def check_published(name):
    weights = backend._torchvision().models.get_model_weights(name)[backend.default_entry(name).name]
    network = count(LedgerWish(name))
    assert network.parameters - HEADS_LEFT_OUT.get(name, 0) == weights.meta["num_params"]
    assert network.macs / 1e9 == pytest.approx(weights.meta["_ops"], abs=0.0006)  # printed with three decimals
    adds_up(network)


@pytest.mark.parametrize("name", [name for name in QUICK if name != "nin"])
def test_what_torchvision_publishes(name):
    check_published(name)


PUBLISHED = [
    name
    for names in catalog.FAMILIES.values()
    for name in names
    if name not in QUICK and name != "compact_vgg" and names is not catalog.FAMILIES["Seed documents"]
    and "_lrn" not in name and "_1x1" not in name
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_what_torchvision_publishes_of_all_others(name):
    check_published(name)


def test_any_number_of_classes_and_channels_and_pixels():
    ten = count(LedgerWish("vgg16", classes=10, channels=1, side=32))
    assert (ten.classes, ten.input_shape, ten.output_shape) == (10, (1, 32, 32), (10,))
    assert ten.parameters == EXACT["vgg16"] - 2 * 9 * 64 - 990 * 4097
    first = next(line for line in ten.layers if line.word)
    assert first.macs == 9 * 64 * 32 * 32
    assert count(LedgerWish("vit_b_16", side=64)).input_shape == (3, 64, 64)


def test_words_shapes_and_fields():
    lines = {line.name: line for line in count(LedgerWish("vgg11_lrn")).layers}
    assert [line.word for line in lines.values() if line.word][:4] == ["conv3-64", "LRN", "maxpool", "conv3-128"]
    assert lines["features.0"].output_shape == (64, 224, 224)
    assert lines["features.0"].receptive_field == (3, 3)
    assert count(LedgerWish("vgg16")).receptive_field == (212, 212)
    inception = {line.name: line for line in count(LedgerWish("inception_v3")).layers}
    assert inception["Mixed_6b.branch7x7_2.conv"].word == "conv1×7-128"


def test_what_does_not_run_and_what_containers_hold():
    lines = {line.name: line for line in count(LedgerWish("googlenet")).layers}
    assert lines["aux1"].kind == "InceptionAux, does not run"
    assert (lines["aux1"].output_shape, lines["aux1"].macs, lines["aux1"].key) == (None, 0, "")
    vit = {line.name: line for line in count(LedgerWish("vit_b_16")).layers}
    assert vit["encoder"].parameters == 197 * 768
    assert vit["encoder"].kind == "Encoder, its own"


def test_without_auxiliary_heads():
    bare = count(LedgerWish("googlenet", heads=False))
    assert bare.parameters == 6_624_904
    assert not [line for line in bare.layers if "aux" in line.name]
    adds_up(bare)


class Tied(nn.Module):
    """Two names for one layer, one layer that runs twice, and a product of its own."""

    def __init__(self):
        super().__init__()
        self.one = nn.Linear(6, 6)
        self.two = nn.Linear(6, 6)
        self.two.weight = self.one.weight

    def forward(self, x):
        x = self.two(self.one(self.one(x.flatten(1))))
        return x @ torch.zeros(6, 4)


def test_shared_parameters_count_once_and_functions_count_too():
    network, _ = count_module("tied", Tied(), (1, 2, 3))
    assert network.parameters == 36 + 6 + 6
    assert network.macs == 3 * 36 + 24
    assert [line.name for line in network.layers if line.macs] == ["", "one@1", "one@2", "two"]
    adds_up(network)


@pytest.mark.parametrize("name", ["compact_vgg", "resnet18", "googlenet"])
def test_a_loaded_model_says_the_same(name):
    info = Session.load(ModelSpec(name, WeightsSpec("random")), "cpu").info
    loaded, counted = of_model(info), count(LedgerWish(name))
    assert (loaded.parameters, loaded.macs, loaded.weight_layers) == (counted.parameters, counted.macs, counted.weight_layers)
    assert loaded.receptive_field == counted.receptive_field
    adds_up(loaded)


def test_errors_in_words():
    with pytest.raises(ModelError, match="Did you mean"):
        count(LedgerWish("vgg61"))
    with pytest.raises(ModelError, match="googlenet_seed and compact_vgg can be had for 5"):
        count(LedgerWish("resnet18", channels=5))
    with pytest.raises(ModelError, match="inception_v3 cannot be counted at 20×20 pixels: "):
        count(LedgerWish("inception_v3", side=20))
