"""Weights from unit to class: with the bias, the contributions sum up to the logits."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.inference.session import Session
from core.insight.class_weights import look_up_weights
from core.insight.inspect import Inspector
from core.insight.layout import is_vector
from core.insight.readout import ACTIVATIONS, as_read, contributions, speaks_against, speaks_for
from core.types import BUILTIN_SPEC, ClassWeights, ClassWeightsRequest, ImageRef, ModelSpec, WeightsSpec, frozen
from tests.core.insight.work import finished


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    path = tmp_path_factory.mktemp("pictures") / "noise.png"
    Image.fromarray(np.random.default_rng(3).integers(0, 256, (80, 90, 3), dtype=np.uint8)).save(path)
    return ImageRef(path)


def read_layers(name, picture):
    """Compare every vector whose readout is known with the network's own logits; return their keys and what lies between."""
    spec = BUILTIN_SPEC if name == "compact_vgg" else ModelSpec(name, WeightsSpec("random"))
    inspector = Inspector(Session.load(spec, "cpu"))
    logits = inspector.session.forward(inspector.tensor(picture))[0].double().numpy()
    found = {}
    for layer in inspector.session.info.layers:
        if not is_vector(layer.output_shape):
            continue
        weights = finished(look_up_weights(inspector, ClassWeightsRequest(1, layer.key)))
        if weights is None:
            continue
        values = inspector.activations(picture, layer.key).values
        for category in (0, 17, len(logits) - 1):
            total = contributions(values, weights, category).sum() + weights.bias[category]
            assert total == pytest.approx(logits[category], abs=2e-4 * max(1, np.abs(logits).max())), layer.key
        found[layer.key] = weights.through
    return found


def test_pooled_maps_are_what_the_built_in_model_reads(picture):
    assert read_layers("compact_vgg", picture) == {"avgpool": ()}


def test_a_network_that_ends_with_a_convolution_has_no_such_weights(picture):
    assert read_layers("squeezenet1_1", picture) == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("resnet18", {"avgpool": ()}),
        ("alexnet", {"classifier.4": ("ReLU",), "classifier.5": ()}),
        ("vgg11", {"classifier.3": ("ReLU",), "classifier.4": (), "classifier.5": ()}),
        ("mobilenet_v3_small", {"classifier.0": ("Hardswish",), "classifier.1": (), "classifier.2": ()}),
        ("efficientnet_b0", {"avgpool": (), "classifier.0": ()}),
        ("googlenet", {"avgpool": (), "dropout": ()}),
        ("swin_t", {"avgpool": (), "flatten": ()}),
        ("convnext_tiny", {"classifier.0": (), "classifier.1": ()}),
        ("maxvit_t", {"classifier.3": ("Tanh",), "classifier.4": ()}),
        ("densenet121", {}),
        ("vit_b_16", {}),
    ],
)
def test_contributions_sum_up_to_the_logits(picture, name, known):
    assert read_layers(name, picture) == known


@pytest.mark.parametrize("kind", sorted(ACTIVATIONS))
def test_activations_are_those_of_torch(kind):
    import torch

    values = torch.linspace(-90, 90, 1001, dtype=torch.float64)
    np.testing.assert_allclose(ACTIVATIONS[kind](values.numpy()), getattr(torch.nn, kind)()(values).numpy(), atol=1e-12)


def weights(rows):
    array = np.array(rows, np.float32)
    return ClassWeights("a", "b", frozen(array), frozen(np.zeros(len(array), np.float32)), ("ReLU",))


def test_what_a_unit_speaks_for_and_against():
    found = weights([[0.5], [-2.0], [3.0], [0.0], [-0.1], [1.0], [2.0], [0.7], [0.6]])
    assert speaks_for(found, 0) == (2, 6, 5, 7, 8)
    assert speaks_against(found, 0) == (1, 4)


def test_values_that_are_not_finite_stay_so():
    found = weights([[1.0, 1.0, -1.0]])
    read = as_read(np.array([np.nan, np.inf, -np.inf], np.float32), found)
    assert np.isnan(read[0])
    assert list(read[1:]) == [np.inf, 0.0]
    assert np.isnan(contributions(np.array([np.nan, 1, 1], np.float32), found, 0)[0])
