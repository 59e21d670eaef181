"""The card beside weights says how pictures are prepared, if it is about them."""

import json

import pytest
from safetensors.torch import save_file

from core.types import ModelSpec, WeightsSpec
from core.weights.resolve import resolve
from core.zoo import backend
from core.zoo.backend import BuildOptions

HOW = {"resize": 72, "crop": 60, "interpolation": "bicubic", "mean": [0.1, 0.2, 0.3], "std": [0.5, 0.6, 0.7], "order": "BGR"}
CARD = {"architecture": "squeezenet1_1", "categories": ["a", "b"], "preprocessing": HOW}


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "weights.safetensors"
    save_file(backend.build("squeezenet1_1", options=BuildOptions(num_classes=2)).state_dict(), path)
    return path


def prepared(path):
    return resolve(ModelSpec("squeezenet1_1", WeightsSpec("file", path=path))).preprocessing


def test_the_card_of_the_run_is_used_and_named(weights):
    (weights.parent / "model.json").write_text(json.dumps(CARD))
    found = prepared(weights)
    assert (found.resize, found.crop, found.interpolation, found.order) == (72, 60, "bicubic", "BGR")
    assert (found.mean, found.std) == ((0.1, 0.2, 0.3), (0.5, 0.6, 0.7))
    assert found.source == "model.json beside the weights file"


@pytest.mark.parametrize(
    "card",
    [
        "", "{", "[]", "{}", '{"architecture": "squeezenet1_1"}',
        json.dumps({**CARD, "architecture": "vgg16"}),
        json.dumps({**CARD, "categories": ["a"]}),
        json.dumps({**CARD, "preprocessing": {**HOW, "crop": -3}}),
        json.dumps({**CARD, "preprocessing": {**HOW, "interpolation": "guess"}}),
        json.dumps({**CARD, "preprocessing": {**HOW, "mean": [0.5], "std": [0.5]}}),
    ],
)  # fmt: skip
def test_a_card_of_something_else_is_left_alone(weights, card):
    before = prepared(weights)
    (weights.parent / "model.json").write_text(card)
    assert prepared(weights) == before


@pytest.mark.parametrize("stated", [True, False])
def test_whether_the_input_was_rescaled_stands_in_the_card(tmp_path, stated):
    state = backend.build("googlenet", options=BuildOptions(num_classes=2)).state_dict()
    state["conv1.bn.running_mean"].fill_(0.0 if stated else 0.1)  # what is guessed from, without a card, says the contrary
    path = tmp_path / "weights.safetensors"
    save_file(state, path)
    spec = ModelSpec("googlenet", WeightsSpec("file", path=path))
    assert resolve(spec).options.transform_input is not stated
    card = {**CARD, "architecture": "googlenet", "transform_input": stated}
    (tmp_path / "model.json").write_text(json.dumps(card))
    assert resolve(spec).options.transform_input is stated
    (tmp_path / "model.json").write_text(json.dumps({**card, "transform_input": "perhaps"}))
    assert resolve(spec).options.transform_input is not stated
