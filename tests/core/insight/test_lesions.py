"""Lesions against copies of the network with other weights, and against a forward pass written out by hand."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import LayerError, ModelError
from core.inference.session import Session
from core.insight.inspect import Inspector
from core.insight.lesion_plan import plan_lesions
from core.insight.lesions import classify_with_lesions
from core.insight.output_changes import OutputChanges, forward_with
from core.types import BUILTIN_SPEC, Lesion, LesionRequest
from tests.core.insight.lesion_networks import (
    NETWORKS,
    LastChannels,
    Plain,
    Residual,
    Tokens,
    hooks_on,
    inspector_of,
    noise,
    remembered,
    run,
    untouched,
)


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    return noise(tmp_path_factory.mktemp("pictures") / "noise.png")


@pytest.fixture(scope="module")
def builtin():
    return Inspector(Session.load(BUILTIN_SPEC, "cpu"))


def lesioned(inspector, picture, *lesions):
    return run(classify_with_lesions(inspector, LesionRequest(1, picture, lesions)))


def plain(module, inspector, picture):
    with torch.inference_mode():
        return torch.softmax(module(inspector.tensor(picture))[0], 0).numpy()


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.__name__)
def test_without_lesions_it_is_the_plain_forward_pass_bit_for_bit(network, picture):
    inspector = inspector_of(network)
    answer = lesioned(inspector, picture)
    np.testing.assert_array_equal(answer.probabilities, plain(inspector.session.model, inspector, picture))
    assert answer.predictions == inspector.classify(picture).classification.predictions
    assert not answer.probabilities.flags.writeable


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.__name__)
def test_scaling_every_channel_of_every_layer_by_one_changes_nothing(network, picture):
    inspector = inspector_of(network)
    layers = inspector.session.info.layers
    lesions = [Lesion(layer.key, 0, "scale", 1.0) for layer in layers if layer.heads is None]
    before = remembered(inspector.session.model)
    np.testing.assert_array_equal(
        lesioned(inspector, picture, *lesions).probabilities, lesioned(inspector, picture).probabilities
    )
    assert untouched(inspector.session.model, before)


def test_attention_is_only_read_and_a_lesion_on_it_is_left_out_in_words(picture):
    inspector = inspector_of(Tokens)
    answer = lesioned(inspector, picture, Lesion("attention#attention", 0))
    assert answer.lesions == ()
    assert answer.notices == (
        "A lesion is left out. The attention “attention#attention” is only read, not changed or differentiated. "
        "Choose “attention” for that.",
    )


@pytest.mark.parametrize("layer", ["features.0", "features.3", "classifier.0", "classifier.2"])
def test_muting_is_zeroing_the_filter_and_scaling_is_scaling_it(picture, layer):
    inspector = inspector_of(Plain)
    for channel in range(inspector.session.model.get_submodule(layer).weight.shape[0]):
        for lesion, factor in ((Lesion(layer, channel), 0.0), (Lesion(layer, channel, "scale", 1.75), 1.75)):
            other = copy.deepcopy(inspector.session.model)
            with torch.no_grad():
                other.get_submodule(layer).weight[channel] *= factor
                other.get_submodule(layer).bias[channel] *= factor
            expected = plain(other, inspector, picture)
            np.testing.assert_allclose(lesioned(inspector, picture, lesion).probabilities, expected, atol=1e-6)


def test_muting_on_the_built_in_model_is_zeroing_the_filter(builtin, picture):
    for name, channel in (("features.0", 3), ("features.11", 100), ("features.25", 17)):
        other = copy.deepcopy(builtin.session.model)
        with torch.no_grad():
            other.get_submodule(name).weight[channel] = 0
        np.testing.assert_allclose(
            lesioned(builtin, picture, Lesion(name, channel)).probabilities, plain(other, builtin, picture), atol=1e-6
        )


def test_clamping_is_zeroing_the_weights_and_setting_the_bias(picture):
    inspector = inspector_of(Plain)
    other = copy.deepcopy(inspector.session.model)
    with torch.no_grad():
        other.features[3].weight[4] = 0
        other.features[3].bias[4] = 0.6
    answer = lesioned(inspector, picture, Lesion("features.3", 4, "clamp", 0.6))
    np.testing.assert_allclose(answer.probabilities, plain(other, inspector, picture), atol=1e-6)


def test_batch_norm_is_lesioned_as_it_is_in_evaluation_mode(picture):
    inspector = inspector_of(Residual)
    other = copy.deepcopy(inspector.session.model)
    with torch.no_grad():
        other.layers[1].bn2.weight[5] = 0
        other.layers[1].bn2.bias[5] = 0
    answer = lesioned(inspector, picture, Lesion("layers.1.bn2", 5))
    np.testing.assert_allclose(answer.probabilities, plain(other, inspector, picture), atol=1e-6)


def test_only_the_call_that_was_meant_is_changed(picture):
    inspector = inspector_of(Residual)
    module = inspector.session.model
    calls = [layer.key for layer in inspector.session.info.layers if layer.name == "relu"]
    assert calls == [f"relu@{call}" for call in range(1, 8)]
    for meant in (1, 4, 7):
        seen = []

        def zero(_module, _inputs, output, meant=meant, seen=seen):
            seen.append(1)
            mask = torch.ones(8)
            mask[2] = 0
            return output * mask[:, None, None] if len(seen) == meant else None

        handle = module.relu.register_forward_hook(zero)
        expected = plain(module, inspector, picture)
        handle.remove()
        answer = lesioned(inspector, picture, Lesion(f"relu@{meant}", 2))
        np.testing.assert_array_equal(answer.probabilities, expected)


def test_a_channel_of_tokens_runs_over_all_of_them_and_of_the_class_token(picture):
    inspector = inspector_of(Tokens)
    other = copy.deepcopy(inspector.session.model)
    with torch.no_grad():
        for layer, channel in ((other.norm, 3), (other.mix[2], 6)):
            layer.weight[channel] = 0
            layer.bias[channel] = 0
        other.attention.out_proj.weight[1] = 0
        other.attention.out_proj.bias[1] = 0
    lesions = (Lesion("norm", 3), Lesion("mix.2", 6), Lesion("attention", 1))
    answer = lesioned(inspector, picture, *lesions)
    np.testing.assert_allclose(answer.probabilities, plain(other, inspector, picture), atol=1e-6)
    assert answer.lesions == lesions


def test_channels_last(picture):
    inspector = inspector_of(LastChannels)
    other = copy.deepcopy(inspector.session.model)
    with torch.no_grad():
        other.mix.weight[7] = 0
        other.mix.bias[7] = 0
        other.stem[2].weight[1] *= 2
        other.stem[2].bias[1] *= 2
    answer = lesioned(inspector, picture, Lesion("mix", 7), Lesion("stem.2", 1, "scale", 2.0))
    np.testing.assert_allclose(answer.probabilities, plain(other, inspector, picture), atol=1e-6)


def test_several_lesions_on_one_channel_are_done_in_their_order(picture):
    inspector = inspector_of(Plain)
    clamp, scale = Lesion("features.0", 1, "clamp", 0.5), Lesion("features.0", 1, "scale", 3.0)
    both = lesioned(inspector, picture, clamp, scale).probabilities
    once = lesioned(inspector, picture, Lesion("features.0", 1, "clamp", 1.5)).probabilities
    np.testing.assert_array_equal(both, once)
    np.testing.assert_array_equal(
        lesioned(inspector, picture, scale, clamp).probabilities, lesioned(inspector, picture, clamp).probabilities
    )


def test_what_the_model_does_not_have_is_left_out_in_words(picture):
    inspector = inspector_of(Plain)
    good = Lesion("features.3", 2)
    answer = lesioned(inspector, picture, Lesion("layer4.2.conv3", 0), good, Lesion("features.0", 6), Lesion("features.0", -1))
    assert answer.lesions == (good,)
    np.testing.assert_array_equal(answer.probabilities, lesioned(inspector, picture, good).probabilities)
    assert len(answer.notices) == 3
    assert "no layer “layer4.2.conv3”" in answer.notices[0]
    assert "“features.0” has channels 0 to 5; there is no channel 6" in answer.notices[1]


def test_ranks_are_those_of_the_lesioned_order(builtin, picture):
    answer = lesioned(builtin, picture, Lesion("features.0", 0), Lesion("features.6", 3, "scale", 2.0))
    assert [answer.rank(row.index) for row in answer.predictions] == [row.rank for row in answer.predictions]
    for row in answer.predictions:
        assert row.probability == float(answer.probabilities[row.index])
    assert float(answer.probabilities.sum()) == pytest.approx(1, abs=1e-5)


def test_an_output_that_is_no_number_is_an_error_in_words_and_leaves_nothing_behind(picture):
    inspector = inspector_of(Plain)
    before = remembered(inspector.session.model)
    with pytest.raises(ModelError, match=r"not a number any more.*Clamp or scale less"):
        lesioned(inspector, picture, Lesion("classifier.2", 0, "clamp", float("inf")))
    assert untouched(inspector.session.model, before)


class Moody(Plain):
    """Takes its hidden linear layer only while it is asked to."""

    hidden = True

    def forward(self, x):
        if not self.hidden:
            return self.classifier[2](self.features(x).flatten(1)[:, :11])
        return super().forward(x)


def test_a_layer_that_is_not_reached_is_an_error_in_words(picture):
    inspector = inspector_of(Moody)
    before = remembered(inspector.session.model)
    inspector.session.model.hidden = False
    with pytest.raises(LayerError, match=r"“classifier\.0” was not reached"):
        lesioned(inspector, picture, Lesion("classifier.0", 0))
    assert untouched(inspector.session.model, before)


def test_hooks_are_gone_after_success_error_and_close(picture, builtin):
    model = builtin.session.model
    before = remembered(model)
    lesioned(builtin, picture, Lesion("features.0", 0), Lesion("features.12", 5, "scale", 2.0))
    assert untouched(model, before)
    work = classify_with_lesions(builtin, LesionRequest(1, picture, (Lesion("features.0", 0),)))
    next(work)
    assert untouched(model, before)
    work.close()
    assert untouched(model, before)
    changes = plan_lesions(builtin.session.info.layers, (Lesion("features.0", 0),)).changes
    with OutputChanges(model, changes):
        assert hooks_on(model) == 2
    assert untouched(model, before)
    with pytest.raises(RuntimeError, match="stop"), OutputChanges(model, changes):
        raise RuntimeError("stop")
    assert untouched(model, before)


# --- the built-in model written out


def by_hand(state, x, lesions):
    """The forward pass of the built-in model with functions only; lesions are multiplied and added in."""

    def change(name, value):
        for lesion in lesions:
            if lesion.layer == name:
                keep = torch.ones(value.shape[1])
                keep[lesion.channel] = lesion.value if lesion.action == "scale" else 0.0
                put = torch.zeros(value.shape[1])
                put[lesion.channel] = lesion.value if lesion.action == "clamp" else 0.0
                shape = (-1, *(1 for _ in value.shape[2:]))
                value = value * keep.reshape(shape) + put.reshape(shape)
        return value

    place = 0
    for item in (32, "M", 64, "M", 128, 128, "M", 256, 256, "M", 256, 256):
        if item == "M":
            x = change(f"features.{place}", F.max_pool2d(x, 2, 2))
            place += 1
            continue
        x = change(f"features.{place}", F.conv2d(x, state[f"features.{place}.weight"], padding=1))
        norm = [state[f"features.{place + 1}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
        x = change(f"features.{place + 1}", F.batch_norm(x, *norm))
        x = change(f"features.{place + 2}", torch.relu(x))
        place += 3
    x = change("features", x)
    x = change("avgpool", x.mean((2, 3), keepdim=True)).flatten(1)
    return change("classifier", F.linear(x, state["classifier.weight"], state["classifier.bias"]))


_WIDTHS = {
    "features.0": 32, "features.1": 32, "features.2": 32, "features.3": 32, "features.5": 64, "features.8": 128,
    "features.13": 128, "features.16": 256, "features.24": 256, "features": 256, "avgpool": 256, "classifier": 102,
}  # fmt: skip


@st.composite
def any_lesion(draw):
    layer = draw(st.sampled_from(sorted(_WIDTHS)))
    channel = draw(st.integers(0, _WIDTHS[layer] - 1))
    action = draw(st.sampled_from(("mute", "clamp", "scale")))
    return Lesion(layer, channel, action, draw(st.floats(-3, 3, width=32)))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(lesions=st.lists(any_lesion(), max_size=6))
def test_any_lesions_do_what_a_forward_pass_by_hand_does(builtin, picture, lesions):
    with torch.inference_mode():
        logits = by_hand(builtin.session.model.state_dict(), builtin.tensor(picture), lesions)
    answer = lesioned(builtin, picture, *lesions)
    assert answer.notices == ()
    np.testing.assert_allclose(answer.probabilities, torch.softmax(logits[0], 0).numpy(), atol=2e-5)


# --- one after another, as while a slider is dragged


def sizes(module, name):
    """Note the batch of each run of a convolution."""
    ran = []
    convolution = module.get_submodule(name)
    original = convolution._conv_forward

    def counted(inputs, *others):
        ran.append(len(inputs))
        return original(inputs, *others)

    convolution._conv_forward = counted
    return ran


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.__name__)
def test_a_dragged_slider_gets_the_answers_of_whole_passes_bit_for_bit(network, picture):
    inspector = inspector_of(network)
    layers = [layer.key for layer in inspector.session.info.layers if layer.heads is None]
    before = remembered(inspector.session.model)
    for first, second in zip(layers, [*layers[2:], *layers[:2]], strict=True):
        for step in range(5):
            lesions = (Lesion(second, step % 3, "scale", 0.4 * step), Lesion(first, 1, "clamp", 0.1 * step - 0.2))
            changes = plan_lesions(inspector.session.info.layers, lesions).changes
            expected, _ = forward_with(inspector.session, inspector.tensor(picture), changes)
            answer = lesioned(inspector, picture, *lesions)
            np.testing.assert_array_equal(answer.probabilities, torch.softmax(expected[0], 0).numpy())
            assert untouched(inspector.session.model, before)
            assert not any("forward" in vars(part) for part in inspector.session.model.modules())


def test_what_comes_before_the_lesions_is_run_twice_only(picture, tmp_path):
    inspector = inspector_of(Residual)
    early, late = sizes(inspector.session.model, "stem"), sizes(inspector.session.model, "layers.2.conv1")
    for step in range(6):
        lesioned(inspector, picture, Lesion("layers.1.conv2", 3, "scale", step / 2))
    assert (len(early), len(late)) == (2, 7)  # the second pass is checked by one from memory
    other = noise(tmp_path / "other.png")
    lesioned(inspector, other, Lesion("layers.1.conv2", 3))
    assert len(early) == 3
    lesioned(inspector, other, Lesion("layers.1.conv2", 3), Lesion("stem", 1))
    assert len(early) == 4


def test_a_pass_from_memory_that_fails_is_made_anew(picture):
    inspector = inspector_of(Residual)
    model, lesion = inspector.session.model, Lesion("layers.1.conv2", 3)
    for _ in range(3):
        expected = lesioned(inspector, picture, lesion).probabilities
    early = sizes(model, "stem")
    model.layers.forward = failing_once(model.layers.forward)
    np.testing.assert_array_equal(lesioned(inspector, picture, lesion).probabilities, expected)
    assert early == [1]


def failing_once(original):
    left = [1]

    def forward(x):
        if left:
            left.pop()
            raise RuntimeError("shapes")
        return original(x)

    return forward
