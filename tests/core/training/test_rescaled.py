"""GoogLeNet and Inception, whose published weights want their input rescaled: what is loaded is what was trained."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from core.errors import ModelError
from core.images.decode import decode
from core.images.preprocess import preprocess
from core.inference.session import Session
from core.training.loop import train
from core.training.network import scratch_spec
from core.types import ImageRef, ModelSpec, Recipe, TrainConfig, WeightsSpec
from core.weights import resolve_file as resolving
from core.zoo import backend
from core.zoo.backend import BuildOptions
from tests.core.training.conftest import finished

SIDE = {"googlenet": 64, "inception_v3": 299}
NETWORKS = ["googlenet", "inception_v3"]
pytestmark = pytest.mark.slow


def recipe(architecture, mode):
    return Recipe(mode=mode, rate=1e-3, batch_size=12, epochs=1, phases=(((SIDE[architecture],), 1),), precision="float32")


def said_by_torchvision(outcome, architecture, paths, how):
    """The weights in a network of torchvision's own, built as the card says."""
    card = json.loads((outcome.folder / "model.json").read_text())
    module = backend.build(architecture, 3, options=BuildOptions(transform_input=card["transform_input"])).eval()
    module.load_state_dict(load_file(outcome.folder / "weights.safetensors"), strict=True)
    with torch.no_grad():
        return card["transform_input"], [module(preprocess(decode(ImageRef(one)), how).tensor)[0].numpy() for one in paths]


@pytest.mark.parametrize("architecture", NETWORKS)
def test_from_scratch_the_input_is_not_rescaled_and_stays_so(pictures, tmp_path, architecture):
    config = TrainConfig(pictures, tmp_path / "out", scratch_spec(architecture), recipe(architecture, "scratch"), "cpu")
    _, outcome = finished(train(config))
    check(outcome, architecture, pictures, rescaled=False)


@pytest.mark.parametrize("architecture", NETWORKS)
@pytest.mark.parametrize("mode", ["head", "full"])
def test_from_published_weights_it_is_rescaled_and_stays_so(pictures, tmp_path, monkeypatch, architecture, mode):
    # Random weights in the place of published ones: their hash is what is published.
    torch.manual_seed(4)
    path = tmp_path / "published.pth"
    network = backend.build(architecture).train()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None  # its statistics are those of the batch
    with torch.no_grad():
        network(torch.rand(4, 3, SIDE[architecture], SIDE[architecture]))  # without statistics its numbers would have no end
    torch.save(network.state_dict(), path)
    digest = resolving.read_weights(path).sha256
    published = [replace(one, sha256_prefix=digest[:8]) for one in backend.weights_entries(architecture)]
    monkeypatch.setattr(backend, "weights_entries", lambda name: published if name == architecture else [])
    spec = ModelSpec(architecture, WeightsSpec("file", path=path))
    _, outcome = finished(train(TrainConfig(pictures, tmp_path / "out", spec, recipe(architecture, mode), "cpu")))
    check(outcome, architecture, pictures, rescaled=True)


def test_pictures_too_small_for_the_network_are_said_in_words(pictures, tmp_path):
    small = replace(recipe("inception_v3", "scratch"), phases=(((96,), 1),))
    config = TrainConfig(pictures, tmp_path / "out", scratch_spec("inception_v3"), small, "cpu")
    with pytest.raises(ModelError, match=r"cannot be trained on pictures of 96 pixels: .* Choose larger pictures"):
        finished(train(config))


def check(outcome, architecture, pictures, *, rescaled):
    weights = outcome.folder / "weights.safetensors"
    session = Session.load(ModelSpec(architecture, WeightsSpec("file", path=weights)), "cpu")
    paths = sorted((pictures / "val").rglob("*.png"))
    how = session.info.preprocessing
    stated, plain = said_by_torchvision(outcome, architecture, paths, how)
    assert stated is rescaled
    confusion = np.zeros((3, 3), int)
    for path, expected in zip(paths, plain, strict=True):
        logits = session.forward(preprocess(decode(ImageRef(path)), how).tensor)[0].cpu().numpy()
        np.testing.assert_allclose(logits, expected, atol=1e-5)
        confusion[("blue", "green", "red").index(path.parent.name), logits.argmax()] += 1
    # What the run measured of the network that it had trained.
    assert tuple(map(tuple, confusion.tolist())) == outcome.confusion
