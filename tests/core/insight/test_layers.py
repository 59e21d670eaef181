import numpy as np
import pytest
import torch

from core.errors import LayerError
from core.inference.measure import measure_layers
from core.insight.layers import default_layer, find_layer
from core.insight.layout import as_maps, axis_order, is_vector
from core.types import LayerInfo
from core.weights import usual
from core.zoo import backend, catalog


def layer(name, kind="Conv2d", shape=(1, 8, 28, 28), call=1, calls=1, leaf=True):
    return LayerInfo(name, kind, shape, 0, call, calls, leaf)


LAYERS = (layer("stem"), layer("relu", call=1, calls=2), layer("relu", call=2, calls=2), layer("block.conv1"))


def test_layers_are_found_by_name_and_call():
    assert find_layer(LAYERS, "stem") is LAYERS[0]
    assert find_layer(LAYERS, "relu") is find_layer(LAYERS, "relu@2") is LAYERS[2]
    assert find_layer(LAYERS, "relu@1") is LAYERS[1]


@pytest.mark.parametrize(
    ("key", "words"),
    [("relu@3", "runs 2 times"), ("stem@x", "runs 1 time;"), ("blok.conv1", "Did you mean block.conv1"), ("?", "lists")],
)
def test_a_layer_that_is_not_there(key, words):
    with pytest.raises(LayerError, match=words):
        find_layer(LAYERS, key)


def meta_layers(name):
    """The layers of a network that never had any memory."""
    how = usual.of_architecture(name).preprocessing
    side = how.crop
    options = backend.BuildOptions(image_size=side if backend.is_vision_transformer(name) else None)
    module = backend.skeleton(name, options=options).to("meta")
    with torch.inference_mode():
        return measure_layers(module, torch.zeros(1, len(how.mean), side, side, device="meta"))[0]


def check(name):
    layers = meta_layers(name)
    chosen = find_layer(layers, default_layer(layers))
    height, width = chosen.output_shape[2:]
    assert min(height, width) >= (7 if name in {"vit_b_32", "vit_l_32"} else 14), name
    assert chosen.kind.startswith("Conv"), name
    assert next(layer for layer in layers if layer.kind == "Conv2d").receptive_field is not None, name
    for one in layers:
        assert one.macs is not None, (name, one)
        assert one.activation_bytes > 0, (name, one)
        order = axis_order(layers, one)
        if one.heads is not None:
            assert (order, one.output_shape[1]) == ("channels first", one.heads)
        elif len(one.output_shape) == 4 and not is_vector(one.output_shape):
            channels = one.output_shape[1 if order == "channels first" else 3]
            space = one.output_shape[2:] if order == "channels first" else one.output_shape[1:3]
            square = space[0] == space[1] or name == "maxvit_t"  # which has windows and grids, too
            assert square, (name, one)
            assert channels >= 3


@pytest.mark.parametrize("name", ["compact_vgg", "resnet18", "squeezenet1_1", "convnext_tiny", "swin_t"])
def test_first_layer_shown_and_axes(name):
    check(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", catalog.architectures())
def test_first_layer_shown_and_axes_of_all(name):
    check(name)


def test_first_layer_of_networks_without_convolutions():
    assert default_layer(()) == ""
    assert default_layer((layer("fc", "Linear", (1, 10)),)) == "fc"
    assert default_layer((layer("fc", "Linear", (1, 10)), layer("act", "ReLU", (1, 8, 6, 6)))) == "act"


def test_axes_follow_the_kinds():
    rows = [
        ("net", "Sequential", (1, 4, 4, 4), False, "channels first"),
        ("net.a", "Conv2d", (1, 4, 4, 4), True, "channels first"),
        ("net.b", "Permute", (1, 4, 4, 4), True, "channels last"),
        ("net.c", "Sequential", (1, 4, 4, 4), False, "channels last"),
        ("net.c.d", "LayerNorm", (1, 4, 4, 4), True, "channels last"),
        ("net.c.e", "GELU", (1, 4, 4, 4), True, "channels last"),
        ("net.f", "Permute", (1, 4, 4, 4), True, "channels first"),
        ("net.g", "LayerNorm2d", (1, 4, 4, 4), True, "channels first"),
    ]
    layers = [layer(name, kind, shape, leaf=leaf) for name, kind, shape, leaf, _ in rows]
    assert [axis_order(layers, one) for one in layers] == [order for *_, order in rows]


def test_vectors():
    assert is_vector((1, 10))
    assert is_vector((1, 10, 1, 1))
    assert is_vector((1, 1, 10))
    assert not is_vector((1, 10, 2, 1))


def numbered(*shape):
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


def test_layouts():
    maps = as_maps(numbered(1, 2, 3, 4), "channels first")
    assert (maps.values.shape, maps.note) == ((2, 3, 4), "")
    maps = as_maps(numbered(1, 3, 4, 2), "channels last")
    assert (maps.values.shape, maps.note) == ((2, 3, 4), "channels last")
    np.testing.assert_array_equal(maps.values[1], numbered(1, 3, 4, 2)[0, :, :, 1])
    maps = as_maps(numbered(1, 10, 5), "channels first")
    assert (maps.values.shape, maps.note) == ((5, 3, 3), "tokens as a 3×3 map, class token left out")
    np.testing.assert_array_equal(maps.values[2].ravel(), numbered(1, 10, 5)[0, 1:, 2])
    assert as_maps(numbered(1, 9, 5), "channels first").note == "tokens as a 3×3 map"
    maps = as_maps(numbered(1, 7, 5), "channels first")
    assert (maps.values.shape, maps.note) == ((1, 7, 5), "7 rows of 5 values, as one picture")
    maps = as_maps(numbered(2, 3, 4, 5, 6), "channels first")
    assert maps.values.shape == (3, 20, 6)
    assert "2×3×4×5×6" in maps.note
    assert "first of 2" in maps.note
