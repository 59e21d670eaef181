"""The ranking of channels against an explicit loop of single lesions."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from core.errors import ImageError, LayerError
from core.inference.session import Session
from core.insight.ablation import Ablation
from core.insight.channel_axis import channel_axis
from core.insight.inspect import Inspector
from core.insight.layers import find_layer
from core.insight.lesion_plan import plan_lesions
from core.insight.lesions import rank_channels
from core.insight.replay import Replay
from core.types import BUILTIN_SPEC, ImageRef, Lesion, ModelSpec, RankProgress, RankRequest, WeightsSpec
from tests.core.insight.lesion_networks import (
    NETWORKS,
    OneByOne,
    Residual,
    Sideways,
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


def by_loop(inspector, image, layer, category, lesions=(), every=1):
    """Changes of probability and logit, channel by channel: a plain hook each, nothing batched, nothing remembered."""
    module, layers = inspector.session.model, inspector.session.info.layers
    wanted = find_layer(layers, layer)
    where = channel_axis(layers, wanted)

    def logits(mutes):
        calls, handles = {}, []
        for one in {mute.layer for mute in mutes}:
            about = find_layer(layers, one)

            def hook(_module, _inputs, output, about=about, one=one):
                calls[about.name, one] = calls.get((about.name, one), 0) + 1
                if calls[about.name, one] != about.call:
                    return None
                first = output[0] if isinstance(output, tuple) else output
                axis = channel_axis(layers, about).axis
                keep = torch.ones(first.shape[axis])
                for mute in mutes:
                    if mute.layer == one:
                        keep[mute.channel] = mute.value if mute.action == "scale" else 0.0
                shape = [1] * first.ndim
                shape[axis] = -1
                first = first * keep.reshape(shape)
                return (first, *output[1:]) if isinstance(output, tuple) else first

            handles.append(module.get_submodule(about.name).register_forward_hook(hook))
        try:
            with torch.inference_mode():
                return module(inspector.tensor(image))[0].double()
        finally:
            for handle in handles:
                handle.remove()

    before = logits(lesions)
    channels = range(0, where.count, every)
    after = [logits((*lesions, Lesion(layer, channel))) for channel in channels]
    probability = [float(torch.softmax(one, 0)[category] - torch.softmax(before, 0)[category]) for one in after]
    logit = [float(one[category] - before[category]) for one in after]
    return dict(zip(channels, zip(probability, logit, strict=True), strict=True))


def compare(ranking, expected, atol=1e-5):
    assert sorted(ranking.channels.tolist()) == list(range(ranking.total))
    assert ranking.complete
    changes = zip(ranking.probability_changes.tolist(), ranking.logit_changes.tolist(), strict=True)
    found = dict(zip(ranking.channels.tolist(), changes, strict=True))
    for channel, (probability, logit) in expected.items():
        assert found[channel][0] == pytest.approx(probability, abs=atol)
        assert found[channel][1] == pytest.approx(logit, abs=30 * atol)
    assert (np.diff(ranking.probability_changes) >= 0).all()


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.__name__)
def test_every_layer_is_ranked_as_a_loop_of_single_lesions_does(network, picture):
    inspector = inspector_of(network)
    before = remembered(inspector.session.model)
    for layer in inspector.session.info.layers:
        if layer.heads is not None:
            continue
        ranking = run(rank_channels(inspector, RankRequest(1, picture, layer.key, 2)))
        compare(ranking, by_loop(inspector, picture, layer.key, 2))
        assert untouched(inspector.session.model, before)


@pytest.mark.parametrize("layer", ["relu@1", "layers.1.conv2", "relu@5", "layers.2.shortcut"])
def test_lesions_that_are_on_already_stay_on(layer, picture):
    inspector = inspector_of(Residual)
    lesions = (
        Lesion("stem", 3), Lesion("relu@2", 1, "scale", 2.0), Lesion("relu@6", 4, "scale", 0.5),
        Lesion("layers.1.conv2", 0), Lesion("layers.0.bn1", 2),
    )  # fmt: skip
    ranking = run(rank_channels(inspector, RankRequest(1, picture, layer, 4, lesions)))
    compare(ranking, by_loop(inspector, picture, layer, 4, lesions))
    assert ranking.lesions == lesions


@pytest.fixture(scope="module")
def builtin():
    return Inspector(Session.load(BUILTIN_SPEC, "cpu"))


@pytest.mark.parametrize("layer", ["features.4", "features.17", "avgpool", "classifier"])
def test_the_built_in_model(builtin, layer, picture):
    category = builtin.classify(picture).classification.predictions[0].index
    ranking = run(rank_channels(builtin, RankRequest(1, picture, layer, category)))
    compare(ranking, by_loop(builtin, picture, layer, category, every=7))
    assert ranking.probability == pytest.approx(builtin.classify(picture).classification.predictions[0].probability)


def test_partial_results_come_with_the_progress_the_most_promising_first(builtin, picture):
    category = builtin.classify(picture).classification.predictions[0].index
    request = RankRequest(1, picture, "features.22", category)
    steps = [step for step in rank_channels(builtin, request) if isinstance(step, RankProgress)]
    full = run(rank_channels(builtin, request))
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert done[-1] == steps[-1].total == full.total == builtin.session.model.classifier.in_features
    for step in steps:
        assert len(step.ranking.channels) == step.done
        assert step.ranking.complete == (step.done == step.total)
    first = next(step for step in steps if len(step.ranking.channels) - (full.probability_changes == 0).sum() >= 8)
    early = set(first.ranking.channels[:3].tolist())
    assert early & set(full.channels[:10].tolist())


def test_channels_that_are_zero_everywhere_change_nothing_at_all(builtin, picture):
    layer = "features.27"
    values = builtin.activations(picture, layer).values
    silent = np.flatnonzero((values == 0).all((1, 2)))
    assert len(silent)
    ranking = run(rank_channels(builtin, RankRequest(1, picture, layer, 5)))
    found = dict(zip(ranking.channels.tolist(), ranking.probability_changes.tolist(), strict=True))
    assert all(found[channel] == 0 for channel in silent.tolist())


def test_it_can_be_closed_at_any_step_and_leaves_nothing_behind(builtin, picture):
    model = builtin.session.model
    before = remembered(model)
    request = RankRequest(1, picture, "features.8", 5, (Lesion("features.0", 1),))
    for stop in (0, 1, 2, 3, 4, 5, 6, 7, 1000):
        work = rank_channels(builtin, request)
        for _ in itertools.islice(work, stop):
            assert not hooks_on(model)
            assert not any("forward" in vars(part) for part in model.modules())
        work.close()
        assert untouched(model, before)


def test_an_error_on_the_way_leaves_nothing_behind(picture):
    inspector = inspector_of(Residual)
    model = inspector.session.model
    before = remembered(model)
    work = rank_channels(inspector, RankRequest(1, picture, "layers.1.conv1", 0))
    next(work)
    model.head = nn.Linear(9, 7).requires_grad_(False)
    with pytest.raises(RuntimeError, match="shapes"):
        run(work)
    assert not hooks_on(model)
    assert not any("forward" in vars(part) for part in model.modules())
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in before.items() if "head" not in name)


def test_what_is_not_there_is_an_error_in_words(builtin, picture, tmp_path):
    for request, error, words in (
        (RankRequest(1, picture, "layer9", 0), LayerError, "no layer “layer9”"),
        (RankRequest(1, picture, "features.0", 102), LayerError, "categories 0 to 101"),
        (RankRequest(1, ImageRef(tmp_path / "none.png"), "features.0", 0), ImageError, "none.png"),
    ):
        with pytest.raises(error, match=words):
            run(rank_channels(builtin, request))


def set_up(inspector, image, layer, category=2):
    layers = inspector.session.info.layers
    wanted = find_layer(layers, layer)
    request = RankRequest(1, image, layer, category)
    where = channel_axis(layers, wanted)
    return Ablation(inspector.session, inspector.tensor(image), wanted, where, plan_lesions(layers, ()), request)


def test_the_beginning_of_the_network_is_not_run_again(picture):
    inspector = inspector_of(Residual)
    ran = []
    for name in ("stem", "layers.0.conv1", "layers.1.conv1", "layers.1.conv2", "layers.2.conv1"):
        count_runs(inspector.session.model.get_submodule(name), name, ran)
    ablation = set_up(inspector, picture, "layers.1.conv2")
    steps = ablation.steps()
    next(step for step in steps if step.done >= 1)
    ran.clear()
    list(steps)
    assert set(ran) == {"layers.2.conv1"}


def count_runs(convolution, name, ran):
    original = convolution._conv_forward

    def counted(*inputs):
        ran.append(name)
        return original(*inputs)

    convolution._conv_forward = counted


@pytest.mark.parametrize(("network", "layer"), [(Sideways, "second"), (OneByOne, "conv")])
def test_a_network_that_cannot_be_replayed_or_batched_is_found_out(network, layer, picture):
    inspector = inspector_of(network)
    ablation = set_up(inspector, picture, layer)
    for _ in ablation.steps():
        pass
    assert ablation._replay is None
    compare(ablation.ranking(), by_loop(inspector, picture, layer, 2))


def test_replay_of_a_sequence_keeps_only_what_is_read(picture):
    inspector = inspector_of(Residual)
    ablation = set_up(inspector, picture, "layers.2.conv1")
    replay = ablation._record()
    assert isinstance(replay, Replay)
    layers = inspector.session.model.layers
    assert replay._kept[id(layers[0])][0].output is None
    assert replay._kept[id(layers[1])][0].output.shape == (1, 8, 8, 8)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("architecture", "layer"),
    [
        ("vgg11", "features.16"), ("resnet18", "layer3.0.relu@1"), ("googlenet", "inception4c.branch2.0.bn"),
        ("densenet121", "features.denseblock3.denselayer4.conv2"), ("squeezenet1_1", "features.9.expand1x1"),
        ("vit_b_16", "encoder.layers.encoder_layer_9.self_attention"), ("swin_t", "features.5.2.mlp.0"),
        ("convnext_tiny", "features.5.4.block.3"), ("mobilenet_v3_small", "features.7.block.2.fc1"),
        ("shufflenet_v2_x0_5", "stage3.1.branch2.3"), ("maxvit_t", "blocks.2.layers.0.layers.window_attention.attn_layer.0"),
    ],
)  # fmt: skip
def test_architectures_of_torchvision(architecture, layer, tmp_path):
    path = tmp_path / "noise.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (240, 240, 3), dtype=np.uint8)).save(path)
    inspector, image = Inspector(Session.load(ModelSpec(architecture, WeightsSpec("random", seed=1)), "cpu")), ImageRef(path)
    before = remembered(inspector.session.model)
    last = None
    for last in rank_channels(inspector, RankRequest(1, image, layer, 3)):
        if last.done > 12:
            break
    assert untouched(inspector.session.model, before)
    ranking = last.ranking
    some = ranking.channels[:3].tolist() + ranking.channels[-2:].tolist()
    expected = {channel: single(inspector, image, layer, channel, 3) for channel in some}
    found = dict(zip(ranking.channels.tolist(), ranking.logit_changes.tolist(), strict=True))
    for channel in some:
        assert found[channel] == pytest.approx(expected[channel], abs=2e-4)


def single(inspector, image, layer, channel, category):
    module, layers = inspector.session.model, inspector.session.info.layers
    about = find_layer(layers, layer)
    axis, calls = channel_axis(layers, about).axis, []

    def hook(_module, _inputs, output):
        calls.append(1)
        if len(calls) != about.call:
            return None
        first = (output[0] if isinstance(output, tuple) else output).clone()
        first.select(axis, channel).zero_()
        return (first, *output[1:]) if isinstance(output, tuple) else first

    with torch.inference_mode():
        before = module(inspector.tensor(image))[0, category]
        handle = module.get_submodule(about.name).register_forward_hook(hook)
        after = module(inspector.tensor(image))[0, category]
        handle.remove()
    return float(after - before)
