import numpy as np
import pytest
import torch
from torch import nn

from core.errors import LayerError
from core.inference.measure import first_tensor, measure_layers
from core.insight.activations import Capture, is_last, present
from core.types import ActivationGrid, ActivationVector, LayerInfo
from core.zoo import backend

BATCH = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(3))


def build(name):
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(0)
        return backend.build(name).eval()


def hooked(model, batch):
    """Every output of every module, by plain forward hooks that clone: name -> tensors in order of the calls."""
    outputs, handles = {}, []
    for name, module in model.named_modules():
        def hook(_module, _inputs, output, name=name):
            outputs.setdefault(name, []).append(first_tensor(output).clone())

        handles.append(module.register_forward_hook(hook))
    with torch.inference_mode():
        model(batch)
    for handle in handles:
        handle.remove()
    return outputs


@pytest.mark.parametrize("name", ["squeezenet1_1", "resnet18", "vgg11_bn", "googlenet", "compact_vgg"])
def test_activations_are_those_of_a_plain_hook_bit_for_bit(name):
    model = build(name)
    expected = hooked(model, BATCH)
    with torch.inference_mode():
        layers, _ = measure_layers(model, BATCH)
        assert {(layer.name, layer.call) for layer in layers} == {
            (key, call) for key, calls in expected.items() if key for call in range(1, len(calls) + 1)
        }
        for layer in layers:
            capture = Capture(layer, stop=True)
            capture.run(model, BATCH)
            values = capture.values()
            assert values.shape == layer.output_shape
            np.testing.assert_array_equal(values, expected[layer.name][layer.call - 1].numpy(), err_msg=layer.key)
    assert not any(module._forward_hooks for module in model.modules())


def test_reused_in_place_relu_of_resnet():
    model = build("resnet18")
    with torch.inference_mode():
        layers, output = measure_layers(model, BATCH)
        relus = [layer for layer in layers if layer.name == "layer1.0.relu"]
        assert [layer.call for layer in relus] == [1, 2]
        normed = next(layer for layer in layers if layer.name == "layer1.0.bn1")
        captures = {layer.key: Capture(layer) for layer in (*relus, normed)}
        assert all(torch.equal(capture.run(model, BATCH), output) for capture in captures.values())
    values = [capture.values() for capture in captures.values()]
    assert values[2].min() < 0
    np.testing.assert_array_equal(np.maximum(values[2], 0), values[0])
    assert not np.array_equal(values[0], values[1])


def test_a_layer_that_is_not_reached_is_an_error_and_leaves_no_hook():
    model = nn.Sequential(nn.Linear(4, 2))
    for name, call in (("0", 2), ("gone", 1)):
        with pytest.raises(LayerError):
            Capture(LayerInfo(name, "Linear", (1, 2), 0, call)).run(model, torch.zeros(1, 4))
    with pytest.raises(RuntimeError, match="shapes"):
        Capture(LayerInfo("0", "Linear", (1, 2), 0)).run(model, torch.zeros(1, 5))
    assert not model[0]._forward_hooks
    with pytest.raises(LayerError):
        Capture(LayerInfo("0", "Linear", (1, 2), 0)).values()


def test_the_pass_ends_at_the_layer():
    ran = []
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    model[1].register_forward_hook(lambda *_: ran.append(1))
    assert Capture(LayerInfo("0", "Linear", (1, 4), 0), stop=True).run(model, torch.zeros(1, 4)) is None
    assert not ran


def test_maps_and_vectors():
    layer = LayerInfo("conv", "Conv2d", (1, 5, 4, 4), 0)
    values = np.random.default_rng(0).normal(size=(1, 5, 4, 4)).astype(np.float32)
    values[0, 2, 0, 0] = np.nan
    grid = present(values, layer, (layer,))
    assert isinstance(grid, ActivationGrid)
    assert (grid.count, grid.tile_height, grid.tile_width) == (5, 4, 4)
    assert grid.note == "1 of 5 maps hold values that are not finite"
    head = LayerInfo("head", "Linear", (1, 4), 0)
    vector = present(np.array([[0.5, np.nan, 3, -1]], np.float32), head, (layer, head), ("a", "b", "c", "d"))
    assert isinstance(vector, ActivationVector)
    assert vector.strongest == (2, 0, 3, 1)
    assert vector.labels == ("c", "a", "d", "b")
    assert not vector.values.flags.writeable
    assert present(np.zeros((1, 3, 1, 1), np.float32), layer, (layer,)).labels == ()


def test_the_last_layer_has_the_names():
    layers = (LayerInfo("body", "X", (1,), 0), LayerInfo("head", "X", (1,), 0), LayerInfo("head.fc", "Linear", (1,), 0))
    assert [is_last(layer, layers) for layer in layers] == [False, True, True]
