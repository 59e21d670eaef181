import itertools

import pytest

from core.insight.stages import find_stages, map_side
from core.types import LayerInfo
from core.zoo import catalog
from tests.core.insight.test_layers import meta_layers

VGG16 = [
    ("224×224", "features.0 … features.3", "2 × Conv2d", 38_720),
    ("112×112", "features.4 … features.8", "2 × Conv2d", 221_440),
    ("56×56", "features.9 … features.15", "3 × Conv2d", 1_475_328),
    ("28×28", "features.16 … features.22", "3 × Conv2d", 5_899_776),
    ("14×14", "features.23 … features.29", "3 × Conv2d", 7_079_424),
    ("7×7", "features.30 … avgpool", "MaxPool2d", 0),
    ("vector", "classifier", "3 × Linear", 123_642_856),
]
RESNET50 = [
    ("112×112", "conv1 … relu", "Conv2d", 9_536),
    ("56×56", "maxpool … layer1", "3 × Bottleneck", 215_808),
    ("28×28", "layer2", "4 × Bottleneck", 1_219_584),
    ("14×14", "layer3", "6 × Bottleneck", 7_098_368),
    ("7×7", "layer4", "3 × Bottleneck", 14_964_736),
    ("vector", "avgpool … fc", "Linear", 2_049_000),
]
NAMES = {
    "compact_vgg": [
        "96×96 features.0 … features.2", "48×48 features.3 … features.6", "24×24 features.7 … features.13",
        "12×12 features.14 … features.20", "6×6 features.21 … features.27", "vector avgpool … classifier",
    ],
    "googlenet": [
        "112×112 conv1", "56×56 maxpool1 … conv3", "28×28 maxpool2 … inception3b", "14×14 maxpool3 … inception4e",
        "7×7 maxpool4 … inception5b", "vector avgpool … fc",
    ],
    "mobilenet_v3_large": [
        "112×112 features.0 … features.1", "56×56 features.2 … features.3", "28×28 features.4 … features.6",
        "14×14 features.7 … features.12", "7×7 features.13 … features.16", "vector avgpool … classifier",
    ],
    "densenet121": [
        "112×112 features.conv0 … features.relu0", "56×56 features.pool0 … features.denseblock1",
        "28×28 features.transition1 … features.denseblock2", "14×14 features.transition2 … features.denseblock3",
        "7×7 features.transition3 … features.norm5", "vector classifier",
    ],
    "swin_t": [
        "56×56 features.0 … features.1", "28×28 features.2 … features.3", "14×14 features.4 … features.5",
        "7×7 features.6 … permute", "vector avgpool … head",
    ],
    "convnext_tiny": [
        "56×56 features.0 … features.2.0", "28×28 features.2.1 … features.4.0", "14×14 features.4.1 … features.6.0",
        "7×7 features.6.1 … features.7", "vector avgpool … classifier",
    ],
    "vit_b_16": [
        "14×14 conv_proj … encoder.dropout",
        *(f"14×14 encoder.layers.encoder_layer_{number}" for number in range(12)),
        "14×14 encoder.ln", "vector heads.head",
    ],
    "maxvit_t": [
        "112×112 stem", "56×56 blocks.0", "28×28 blocks.1", "14×14 blocks.2", "7×7 blocks.3", "vector classifier",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "expected"), [("vgg16", VGG16), ("resnet50", RESNET50)])
def test_stages_and_what_they_are_made_of(name, expected):
    found = find_stages(meta_layers(name))
    assert [(stage.resolution, stage.name, stage.content, stage.parameters) for stage in found] == expected


@pytest.mark.parametrize("name", NAMES)
def test_stages(name):
    assert [f"{stage.resolution} {stage.name}" for stage in find_stages(meta_layers(name))] == NAMES[name]


def test_the_content_of_transformers():
    found = {stage.last.key: stage.content for stage in find_stages(meta_layers("swin_t"))}
    assert found["features.5"] == "6 × SwinTransformerBlock"
    found = {stage.last.key: stage.content for stage in find_stages(meta_layers("vit_b_16"))}
    assert found["encoder.layers.encoder_layer_3"] == "EncoderBlock"


def check(name):
    """Stages are a partition of the network: all parameters and multiply-adds once, in order, sides never the same twice."""
    layers = meta_layers(name)
    stages = find_stages(layers)
    parts = [part for stage in stages for part in stage.parts]
    assert [layers.index(part) for part in parts] == sorted({layers.index(part) for part in parts})
    names = [part.name for part in parts]
    assert not [(one, other) for one in names for other in names if other.startswith(f"{one}.")]
    leaves = [layer for layer in layers if layer.leaf and layer.heads is None]
    assert all(any(f"{leaf.name}.".startswith(f"{path}.") for path in names) for leaf in leaves)
    assert sum(stage.macs for stage in stages) == sum(part.macs for part in parts)
    for stage in stages:
        assert all(map_side(part, layers) == stage.side for part in stage.parts)
    sides = [stage.side for stage in stages]
    if not name.startswith("vit"):
        assert all(one != other for one, other in itertools.pairwise(sides))
    assert (4 if name == "nin" else 5) <= len(stages) <= 35


@pytest.mark.parametrize("name", ["vgg16", "resnet50", "mobilenet_v3_large", "vit_b_16", "swin_t"])
def test_nothing_is_left_out_or_counted_twice(name):
    check(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", catalog.architectures())
def test_nothing_is_left_out_or_counted_twice_in_all(name):
    check(name)


def layer(name, kind, shape, **more):
    return LayerInfo(name, kind, shape, 1, **more)


def test_small_and_odd_networks():
    assert find_stages(()) == ()
    (only,) = find_stages((layer("", "Linear", (1, 3)),))
    assert (only.resolution, only.last.key) == ("vector", "")
    reused = [
        layer("conv", "Conv2d", (1, 4, 8, 8)), layer("relu", "ReLU", (1, 4, 8, 8), calls=2),
        layer("pool", "MaxPool2d", (1, 4, 4, 4)), layer("relu", "ReLU", (1, 4, 4, 4), call=2, calls=2),
    ]  # fmt: skip
    found = find_stages(reused)
    assert [(stage.name, stage.parameters) for stage in found] == [("conv … relu@1", 2), ("pool … relu@2", 2)]
    unknown = find_stages([layer("a", "Conv2d", (1, 4, 8, 8), macs=3), layer("b", "Odd", (1, 4, 4, 4), macs=None)])
    assert [stage.macs for stage in unknown] == [3, None]
