"""Kernels, normalisation and origin of a channel, against the modules themselves."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from core.errors import LayerError
from core.inference.session import Session
from core.insight.channel import look_up
from core.insight.inspect import Inspector
from core.types import BUILTIN_SPEC, ChannelDetails, ChannelRequest, ModelSpec, WeightsSpec
from tests.core.insight.work import finished


def inspector(name: str) -> Inspector:
    spec = BUILTIN_SPEC if name == "compact_vgg" else ModelSpec(name, WeightsSpec("random"))
    return Inspector(Session.load(spec, "cpu"))


@pytest.fixture(scope="module")
def builtin() -> Inspector:
    return inspector("compact_vgg")


@pytest.fixture(scope="module")
def shufflenet() -> Inspector:
    return inspector("shufflenet_v2_x0_5")


@pytest.fixture(scope="module")
def resnet() -> Inspector:
    return inspector("resnet18")


def details(inspector: Inspector, layer: str, channel: int) -> ChannelDetails:
    return finished(look_up(inspector, ChannelRequest(1, layer, channel)))


def test_kernel_of_a_convolution_makes_its_map(builtin):
    found = details(builtin, "features.4", 5).kernel
    module = builtin.session.model.features[4]
    pixels = torch.rand(1, 32, 9, 9)
    expected = module(pixels)[0, 5]
    made = F.conv2d(pixels, torch.from_numpy(found.weights.copy())[None], None, padding=1)[0, 0]
    assert torch.allclose(made, expected, atol=1e-5)
    assert found.bias is None
    assert (found.layer, found.first_input, found.groups, found.is_linear) == ("features.4", 0, 1, False)
    assert found.norm == pytest.approx(float(module.weight[5].norm()), rel=1e-5)
    assert found.norms == pytest.approx(module.weight[5].flatten(1).norm(dim=1).numpy(), rel=1e-5)
    with pytest.raises(ValueError, match="read-only"):
        found.weights[0] = 0


def test_answers_do_not_alias_the_network(builtin):
    weight = builtin.session.model.features[0].weight
    found = details(builtin, "features.0", 0).kernel.weights
    assert not np.shares_memory(found, weight.numpy())


def test_row_of_a_linear_layer(builtin):
    found = details(builtin, "classifier", 7).kernel
    module = builtin.session.model.classifier
    assert found.is_linear
    assert found.weights.shape == (module.in_features, 1, 1)
    np.testing.assert_array_equal(found.weights.ravel(), module.weight[7].numpy())
    assert found.bias == float(module.bias[7])


def test_batch_norm_has_its_numbers_and_the_kernel_before_it(builtin):
    found = details(builtin, "features.1", 3)
    module = builtin.session.model.features[1]
    numbers = found.normalisation
    values = torch.tensor([-1.0, 0.0, 2.5])
    made = (values - numbers.mean) / (numbers.variance + numbers.epsilon) ** 0.5 * numbers.gamma + numbers.beta
    expected = module(values.reshape(1, 1, 1, 3).expand(1, 32, 1, 3))[0, 3, 0]
    assert torch.allclose(made, expected, atol=1e-5)
    assert found.kernel.layer == "features.0"
    assert found.words == "BatchNorm2d has no kernel of its own; the convolution “features.0” feeds it."


@pytest.mark.parametrize("layer", ["features.2", "features.3"])
def test_relu_and_pooling_in_a_sequence_are_fed_by_its_convolution(builtin, layer):
    found = details(builtin, layer, 3)
    assert found.kernel.layer == "features.0"
    np.testing.assert_array_equal(found.kernel.weights, builtin.session.model.features[0].weight[3].numpy())
    assert "no kernel of its own" in found.words


def test_where_a_shortcut_may_join_nothing_certain_is_said(resnet):
    found = details(resnet, "layer1.0.relu@2", 3)
    assert found.kernel is None
    assert found.words == "ReLU has no kernel of its own. The last convolution that ran before it is “layer1.0.conv2”."
    assert details(resnet, "layer1.0.bn2", 3).kernel.layer == "layer1.0.conv2"
    assert details(resnet, "layer2.0.downsample", 3).kernel.layer == "layer2.0.downsample.0"
    assert details(resnet, "layer2.0", 3).kernel is None


def test_channel_of_a_group_convolution_names_the_channels_it_reads(shufflenet):
    module = shufflenet.session.model.get_submodule("stage2.1.branch2.3")
    assert module.groups == module.out_channels > 5
    found = details(shufflenet, "stage2.1.branch2.3", 5)
    assert (found.kernel.first_input, found.kernel.groups, found.kernel.weights.shape) == (5, module.groups, (1, 3, 3))
    assert "input channel 5 only" in found.words


def only_channel_changes(inspector: Inspector, channel: int) -> int:
    """Change one channel of each feeder that is certain: only that channel of the layer it feeds may change."""
    network, batch = inspector.session.model, torch.rand(1, 3, 64, 64)
    tried = 0
    for layer in inspector.session.info.layers:
        found = details(inspector, layer.key, channel).kernel
        if found is None or found.layer == layer.key or "@" in layer.key:
            continue
        module = network.get_submodule(layer.name)
        outputs: list[torch.Tensor] = []
        watch = module.register_forward_hook(lambda _m, _i, output, kept=outputs: kept.append(output.clone()))

        def shift(_module: object, _inputs: object, output: torch.Tensor) -> torch.Tensor:
            changed = output.clone()
            changed[:, channel] += 3.0
            return changed

        with torch.inference_mode():
            network(batch)
            push = network.get_submodule(found.layer).register_forward_hook(shift)
            network(batch)
        push.remove()
        watch.remove()
        moved = (outputs[0] != outputs[1]).transpose(0, 1).flatten(1).any(1).nonzero().flatten().tolist()
        assert moved in ([channel], []), (layer.key, found.layer)
        tried += moved == [channel]
    return tried


def test_what_feeds_a_layer_moves_its_channel_and_no_other(builtin):
    assert only_channel_changes(builtin, 2) >= 10


@pytest.mark.slow
def test_what_feeds_a_layer_in_networks_that_branch(resnet, shufflenet):
    assert only_channel_changes(resnet, 2) >= 20
    assert only_channel_changes(shufflenet, 2) >= 20


@pytest.mark.slow
def test_groups_of_several_channels():
    found = details(inspector("resnext50_32x4d"), "layer1.0.conv2", 9)
    assert (found.kernel.first_input, found.kernel.weights.shape) == (8, (4, 3, 3))
    assert found.words == "Group 3 of 32: it reads input channels 8 to 11."


def test_a_channel_or_layer_that_is_not_there(builtin):
    assert details(builtin, "features.0", 4000).kernel is None
    with pytest.raises(LayerError):
        details(builtin, "nonsense", 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vit_b_16", "swin_t", "convnext_tiny", "densenet121", "googlenet", "maxvit_t"])
def test_every_layer_of_every_kind_of_network_has_an_answer(name):
    """The words are always there, and a kernel that is named makes what it should: as many outputs as there are channels."""
    looked_at = inspector(name)
    for layer in looked_at.session.info.layers:
        found = details(looked_at, layer.key, 0)
        assert found.kernel is not None or found.words, layer
        if found.kernel is not None and found.kernel.layer != layer.key:
            source = looked_at.session.model.get_submodule(found.kernel.layer.partition("@")[0])
            assert len(source.weight) in layer.output_shape, layer
