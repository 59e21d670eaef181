"""Which layers have a map, and which of them is the last."""

from __future__ import annotations

import pytest
import torch

from core.errors import LayerError
from core.inference.measure import measure_layers
from core.inference.session import Session
from core.insight.layers import find_layer
from core.insight.map_layers import default_map_layer, map_shape, need_map
from core.types import BUILTIN_SPEC, LayerInfo
from core.zoo import backend
from tests.core.insight.attribution.nets import Last, Plain, Tokens, seeded, session_of

EXPECTED = {
    "alexnet": "features.11", "squeezenet1_1": "features", "resnet18": "layer4", "vgg11": "features.19",
    "densenet121": "features", "googlenet": "inception5b", "inception_v3": "Mixed_7c", "mobilenet_v2": "features",
    "mobilenet_v3_small": "features", "shufflenet_v2_x0_5": "conv5", "mnasnet0_5": "layers", "efficientnet_b0": "features",
    "regnet_y_400mf": "trunk_output", "convnext_tiny": "features", "swin_t": "norm", "maxvit_t": "blocks.3",
    "vit_b_16": "encoder.layers.encoder_layer_11.ln_1",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("architecture", EXPECTED)
def test_the_last_map_of_each_family(architecture):
    side = 299 if architecture == "inception_v3" else 224
    with torch.inference_mode():
        layers, _ = measure_layers(backend.build(architecture).eval(), torch.zeros(1, 3, side, side))
    assert default_map_layer(layers, 1000) == EXPECTED[architecture]
    shape = map_shape(find_layer(layers, EXPECTED[architecture]), layers)
    assert shape.height == shape.width >= 7


def test_the_last_map_of_small_networks():
    assert default_map_layer(Session.load(BUILTIN_SPEC, "cpu").info.layers, 102) == "features"
    for make, expected in ((Plain, "body"), (Last, "grow"), (Tokens, "first")):
        assert default_map_layer(session_of(seeded(make)).info.layers, 5) == expected


def layers_of(*shapes):
    kinds = {4: "Conv2d", 3: "LayerNorm", 2: "Linear"}
    return tuple(LayerInfo(f"l{place}", kinds.get(len(shape), "Odd"), shape, 0) for place, shape in enumerate(shapes))


def test_small_maps_are_taken_only_where_there_are_no_larger_ones():
    layers = layers_of((1, 8, 4, 4), (1, 8, 2, 2), (1, 8, 1, 1), (1, 5))
    assert default_map_layer(layers, 5) == "l0"
    assert default_map_layer(layers[1:], 5) == "l1"
    assert default_map_layer(layers[2:], 5) == ""
    assert default_map_layer((), 5) == ""


def test_maps_of_the_categories_belong_to_the_classifier():
    assert default_map_layer(layers_of((1, 8, 6, 6), (1, 5, 6, 6)), 5) == "l0"


def test_shapes():
    layers = layers_of((1, 8, 6, 7), (1, 37, 16), (1, 36, 16), (1, 30, 16), (64, 49, 16), (1, 10), (1, 2, 3, 4, 5))
    found = [map_shape(layer, layers) for layer in layers]
    assert [shape and (shape.order, shape.channels, shape.height, shape.width, shape.extra) for shape in found] == [
        ("channels first", 8, 6, 7, 0), ("tokens", 16, 6, 6, 1), ("tokens", 16, 6, 6, 0), None, None, None, None,
    ]  # fmt: skip


def test_what_has_no_map_is_refused_with_the_layer_to_choose():
    layers = layers_of((1, 8, 6, 6), (1, 12))
    assert need_map(layers[0], layers, "Grad-CAM").height == 6
    with pytest.raises(LayerError, match=r"“l1” puts out 1×12, which is no map .* Grad-CAM needs one\. .* last one is “l0”"):
        need_map(layers[1], layers, "Grad-CAM")
    with pytest.raises(LayerError, match="No layer of this model has one"):
        need_map(layers[1], layers[1:], "Grad-CAM")
