"""Effective receptive fields against plain autograd on an untouched copy of the network."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from core.errors import ImageError, LayerError
from core.inference.measure import first_tensor
from core.inference.session import Session
from core.insight.activations import Capture
from core.insight.effective_field import concentration, measure_field, unit_place
from core.insight.inspect import Inspector
from core.types import BUILTIN_SPEC, EffectiveFieldRequest, ImageRef, LayerInfo, ModelSpec, WeightsSpec
from tests.core.insight.work import finished


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    path = tmp_path_factory.mktemp("pictures") / "noise.png"
    Image.fromarray(np.random.default_rng(5).integers(0, 256, (80, 90, 3), dtype=np.uint8)).save(path)
    return ImageRef(path)


@pytest.fixture(scope="module")
def builtin():
    return Inspector(Session.load(BUILTIN_SPEC, "cpu"))


def measured(inspector, picture, layer, channel, row=0, column=0):
    return finished(measure_field(inspector, EffectiveFieldRequest(1, picture, layer, channel, row, column)))


def plainly(inspector, picture, layer, pick):
    """|d unit / d input| by autograd through a copy of the network in which nothing is done in place."""
    network = copy.deepcopy(inspector.session.model)
    for module in network.modules():
        if getattr(module, "inplace", False):
            module.inplace = False
    outputs = []
    network.get_submodule(layer.name).register_forward_hook(lambda _m, _i, output: outputs.append(first_tensor(output)))
    pixels = inspector.tensor(picture).clone().requires_grad_()
    network(pixels)
    (gradient,) = torch.autograd.grad(pick(outputs[layer.call - 1]), pixels)
    return gradient[0].abs().sum(0).numpy()


def middle(shape):
    return shape[-2] // 2, shape[-1] // 2


def agree(inspector, picture, key, channel=1):
    layer = inspector.layer(key)
    row, column = middle(layer.output_shape)
    found = measured(inspector, picture, key, channel, row, column)
    expected = plainly(inspector, picture, layer, lambda output: output[0, channel, row, column])
    if found.heat is None:
        assert not expected.any(), key
        return 0
    np.testing.assert_allclose(found.heat.values, expected, rtol=1e-3, atol=1e-4 * expected.max(), err_msg=key)
    return 1


@pytest.mark.parametrize("layer", ["features.0", "features.1", "features.2", "features.9", "features.10", "features.20"])
def test_built_in_model(builtin, picture, layer):
    agree(builtin, picture, layer)


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        # Before and after an in-place ReLU, a reused one in both calls, blocks, and what lies after joins.
        ("resnet18", ["conv1", "bn1", "relu", "layer1.0.relu@1", "layer1.0.relu@2"]),
        pytest.param("resnet18", ["maxpool", "layer2.0", "layer3.1.conv2", "layer4.1.relu@2"], marks=pytest.mark.slow),
        pytest.param("vgg16", ["features.0", "features.1", "features.16", "features.28"], marks=pytest.mark.slow),
        pytest.param("googlenet", ["conv1.bn", "inception3a", "inception4c.branch2.1.conv"], marks=pytest.mark.slow),
    ],
)
def test_equals_plain_autograd(picture, name, layers):
    inspector = Inspector(Session.load(ModelSpec(name, WeightsSpec("random")), "cpu"))
    assert sum(agree(inspector, picture, layer, channel) for layer in layers for channel in (1, 2)) >= len(layers)


@pytest.mark.slow
def test_tokens_of_a_transformer(picture):
    inspector = Inspector(Session.load(ModelSpec("vit_b_32", WeightsSpec("random")), "cpu"))
    key = "encoder.layers.encoder_layer_1"
    found = measured(inspector, picture, key, 7, 2, 3)
    expected = plainly(inspector, picture, inspector.layer(key), lambda output: output[0, 1 + 2 * 7 + 3, 7])
    np.testing.assert_allclose(found.heat.values, expected, rtol=1e-3, atol=1e-4 * expected.max())
    assert "all of which it can see" in found.words


def test_unit_of_a_vector(builtin, picture):
    found = measured(builtin, picture, "classifier", 9)
    expected = plainly(builtin, picture, builtin.layer("classifier"), lambda output: output[0, 9])
    np.testing.assert_allclose(found.heat.values, expected, rtol=1e-3, atol=1e-5 * expected.max())
    assert found.words.startswith("95 % of the gradient of unit 9 lies in ")


def test_gradient_stays_inside_the_theoretical_field(builtin, picture):
    layer = builtin.layer("features.8")
    found = measured(builtin, picture, layer.key, 0, 4, 5)
    rows, columns = (found.heat.values > 0).any(1).nonzero()[0], (found.heat.values > 0).any(0).nonzero()[0]
    for reached, axis, place in ((rows, 0, 4), (columns, 1, 5)):
        centre, half = layer.offset[axis] + layer.stride[axis] * place, (layer.receptive_field[axis] - 1) / 2
        assert max(0, centre - half) <= reached[0]
        assert reached[-1] <= centre + half
    assert found.heat.box == builtin.network_input(picture).box
    assert found.heat.values.shape == (builtin.session.info.preprocessing.crop,) * 2
    assert not found.heat.values.flags.writeable
    assert 0 < found.share <= 1
    assert "of its theoretical field (" in found.words


def test_a_unit_that_a_relu_has_switched_off_is_told_in_words(builtin, picture):
    values = builtin.activations(picture, "features.2").values
    channel, row, column = (int(index[0]) for index in np.nonzero(values == 0))
    found = measured(builtin, picture, "features.2", channel, row, column)
    assert found.heat is None
    assert found.share is None
    assert f"unit ({row}, {column}) of channel {channel} is zero: it is 0, switched off by a ReLU" in found.words


def test_nothing_is_left_on_the_network(builtin, picture):
    before = {name: value.clone() for name, value in builtin.session.model.state_dict().items()}
    measured(builtin, picture, "features.8", 0)
    with pytest.raises(LayerError, match="no unit"):
        measured(builtin, picture, "features.8", 0, 400, 0)
    with pytest.raises(ImageError):
        measured(builtin, ImageRef(picture.path.with_name("gone.png")), "features.8", 0)
    modules = list(builtin.session.model.modules())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in modules)
    assert all(torch.equal(value, before[name]) for name, value in builtin.session.model.state_dict().items())
    assert not any(parameter.requires_grad or parameter.grad is not None for parameter in builtin.session.model.parameters())


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("compact_vgg", "features.8"), ("compact_vgg", "avgpool"), ("compact_vgg", "classifier"),
        pytest.param("swin_t", "features.1.0.norm1", marks=pytest.mark.slow),
        pytest.param("swin_t", "features.1.0.attn", marks=pytest.mark.slow),
        pytest.param("vit_b_16", "encoder.ln", marks=pytest.mark.slow),
    ],
)  # fmt: skip
def test_place_of_a_unit_is_where_its_value_is_shown(picture, name, layer):
    spec = BUILTIN_SPEC if name == "compact_vgg" else ModelSpec(name, WeightsSpec("random"))
    inspector = Inspector(Session.load(spec, "cpu"))
    info = inspector.layer(layer)
    capture = Capture(info, stop=True)
    inspector.session.run(capture.run, inspector.tensor(picture))
    flat, shown = capture.values().ravel(), inspector.activations(picture, layer).values
    shown = shown.reshape(len(shown), -1, shown.shape[-1] if shown.ndim == 3 else 1)
    for channel, row, column in ((0, 0, 0), (7, 0, 0), (3, shown.shape[1] - 1, shown.shape[2] - 1)):
        place = unit_place(inspector.session.info.layers, info, channel, row, column)
        assert flat[place] == shown[channel, row, column]


def test_a_network_that_begins_in_place_and_a_gradient_that_is_not_a_number():
    from core.insight.effective_field import input_gradient

    network = nn.Sequential(nn.ReLU(inplace=True), nn.Conv2d(3, 2, 3))
    layer = LayerInfo("1", "Conv2d", (1, 2, 4, 4), 0)
    _value, gradient = input_gradient(network, torch.ones(1, 3, 6, 6), layer, 0)
    np.testing.assert_allclose(gradient[:, :3, :3], network[1].weight[0].detach().numpy())
    with pytest.raises(LayerError, match="not reached"):
        input_gradient(network, torch.ones(1, 3, 6, 6), LayerInfo("1", "Conv2d", (1, 2, 4, 4), 0, call=2, calls=2), 0)


def test_concentration_is_the_least_number_of_pixels():
    assert concentration(np.array([[1.0, 0.0], [0.0, 0.0]])) == 1
    assert concentration(np.ones((10, 10))) == 95
    assert concentration(np.array([90.0, 5.0, 4.0, 1.0])) == 2
