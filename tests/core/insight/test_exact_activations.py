"""What the inspector captures, against plain forward hooks that clone: bit for bit on the CPU, for every layer.

The truth is made in passes that keep some of the layers each, so that it never holds much memory. Weights are random, the
picture is a real one.
"""

import gc
from collections import Counter

import numpy as np
import pytest
import torch

from core import paths
from core.inference.measure import first_tensor
from core.inference.session import Session
from core.insight.inspect import Inspector
from core.insight.layers import default_layer
from core.types import BUILTIN_SPEC, ActivationGrid, ActivationVector, ImageRef, ModelSpec, WeightsSpec
from core.zoo import catalog

PICTURE = ImageRef(paths.sample_pictures()[0])

AT_ONCE = 160 << 20
"""Bytes of activations that are kept at a time."""

NAMES = (
    "vgg16", "resnet50", "googlenet", "mobilenet_v3_large", "densenet121", "vit_b_16", "swin_t", "convnext_tiny",
)  # fmt: skip


def inspector_of(name):
    spec = BUILTIN_SPEC if name == "compact_vgg" else ModelSpec(name, WeightsSpec("random", 7))
    return Inspector(Session.load(spec, "cpu"))


def truth(model, batch, wanted):
    """Clones of the outputs of the calls that are ``wanted``: (name, call) -> array; one plain pass."""
    outputs, counts, handles = {}, Counter(), []

    def hook_of(name):
        def hook(_module, _inputs, output):
            counts[name] += 1
            if (name, counts[name]) in wanted:
                outputs[name, counts[name]] = first_tensor(output).clone()

        return hook

    names = {name for name, _ in wanted}
    for name, module in model.named_modules():
        if name in names:
            handles.append(module.register_forward_hook(hook_of(name)))
    with torch.inference_mode():
        model(batch)
    for handle in handles:
        handle.remove()
    assert set(outputs) == wanted
    return outputs


def parts(layers, at_once):
    """Divide layers into runs of so many bytes."""
    part, size = [], 0
    for layer in layers:
        if part and size + layer.activation_bytes > at_once:
            yield part
            part, size = [], 0
        part.append(layer)
        size += layer.activation_bytes
    if part:
        yield part


def compare(inspector, layers):
    """Check each of the layers, all their bits and their shape; return how many were compared."""
    batch = inspector.tensor(PICTURE)
    compared = 0
    for part in parts(layers, AT_ONCE):
        expected = truth(inspector.session.model, batch, {(layer.name, layer.call) for layer in part})
        for layer in part:
            found = inspector.capture(PICTURE, layer.key).values
            plain = np.ascontiguousarray(expected.pop((layer.name, layer.call)).numpy())
            assert (found.dtype, found.shape) == (np.float32, plain.shape), layer.key
            assert np.array_equal(found.view(np.uint32), plain.view(np.uint32)), layer.key
            compared += 1
    assert not any(module._forward_hooks for module in inspector.session.model.modules())
    return compared


def outputs_of(layers):
    """All layers that are outputs of modules, which is all but attention per head."""
    return [layer for layer in layers if layer.heads is None]


def test_all_layers_of_the_built_in_model():
    inspector = inspector_of("compact_vgg")
    assert compare(inspector, outputs_of(inspector.session.info.layers)) == len(inspector.session.info.layers) == 31


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("resnet18", "conv1 bn1 relu layer1.0.bn1 layer1.0.relu@1 layer1.0.relu@2 layer1.0 layer2.0.downsample layer4 fc"),
        ("vgg11", "features.0 features.1 features.8 features.9 features avgpool classifier.0 classifier.1 classifier"),
        ("mobilenet_v3_small", "features.1.block.1.activation features.1.block.1 features.12 classifier.1"),
    ],
)
def test_layers_before_and_after_operations_in_place_and_modules_used_twice(name, keys):
    inspector = inspector_of(name)
    layers = [inspector.layer(key) for key in keys.split()]
    assert compare(inspector, layers) == len(layers)
    before, after = {"resnet18": ("bn1", "relu"), "vgg11": ("features.0", "features.1")}.get(name, ("", ""))
    if before:
        values = inspector.capture(PICTURE, before).values
        assert values.min() < 0, "the ReLU that follows in place must not reach the copy"
        np.testing.assert_array_equal(np.maximum(values, 0), inspector.capture(PICTURE, after).values)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_layer(name):
    inspector = inspector_of(name)
    layers = outputs_of(inspector.session.info.layers)
    assert compare(inspector, layers) == len(layers)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vit_b_16", "swin_t", "swin_v2_t", "maxvit_t"])
def test_attention_of_the_published_transformers(name):
    """Rows sum to 1, the keys are found by name, and predictions are not touched by looking."""
    inspector = inspector_of(name)
    expected = inspector.classify(PICTURE).classification.predictions
    attention = [layer for layer in inspector.session.info.layers if layer.heads is not None]
    assert len(attention) == {"vit_b_16": 12, "swin_t": 12, "swin_v2_t": 12, "maxvit_t": 22}[name]
    for layer in attention[:: max(1, len(attention) // 5)]:
        values = inspector.capture(PICTURE, layer.key).values
        assert values.shape == layer.output_shape
        np.testing.assert_allclose(values.sum(-1), 1, atol=1e-5)
        inspection = inspector.classify(PICTURE, layer.key)
        assert inspection.classification.predictions == expected
        assert inspection.activations.count == layer.heads


@pytest.mark.slow
@pytest.mark.parametrize("name", catalog.architectures())
def test_every_architecture_loads_lists_its_layers_and_shows_some(name):
    inspector = inspector_of(name)
    layers = inspector.session.info.layers
    first = default_layer(layers)
    grid = inspector.classify(PICTURE, first).activations
    assert isinstance(grid, ActivationGrid)
    assert grid.values.shape == (grid.count, grid.tile_height, grid.tile_width)
    assert np.isfinite(grid.values).all()
    middle = inspector.activations(PICTURE, layers[len(layers) // 2].key)
    assert isinstance(middle, ActivationGrid | ActivationVector)
    last = inspector.activations(PICTURE, layers[-1].key)
    assert isinstance(last, ActivationVector)
    assert len(last.values) == len(inspector.session.info.categories)
    del inspector
    gc.collect()
