"""What is previewed is what is learned from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import LayerscopeError, ModelError
from core.images.decode import decode
from core.images.preprocess import preprocess
from core.training.dataset import open_dataset
from core.training.loader import training_batch
from core.training.pictures import Pictures
from core.training.preview import preprocessing_of, preview
from core.training.recipe import preset
from core.training.setup import kept_side
from core.types import BUILTIN_SPEC, ModelSpec, Preprocessing, WeightsSpec
from core.weights.resolve import resolve

HOW = Preprocessing(40, 32, "bilinear", (0.5, 0.4, 0.3), (0.2, 0.25, 0.3), "test")


def back(batch: torch.Tensor, how: Preprocessing = HOW) -> np.ndarray:
    values = batch.numpy().transpose(1, 2, 0) * np.array(how.std, np.float32) + np.array(how.mean, np.float32)
    if how.order == "BGR":
        values = values[..., ::-1]
    return values * 255


@pytest.mark.parametrize("name", ["fine-tune", "vgg-paper", "seed-004"])
@pytest.mark.parametrize("order", ["RGB", "BGR"])
def test_the_first_epochs_of_a_picture(pictures, name, order):
    dataset, recipe, how = open_dataset(pictures), replace(preset(name), seed=5), replace(HOW, order=order)
    shown = preview(dataset, recipe, how, number=1, count=3)
    row = dataset.train.targets.tolist().index(1)
    assert (shown.category, shown.name, shown.pictures) == ("green", "train/green/0.png", 36)
    kept = Pictures(dataset.train, kept_side(recipe, how), 3, 2**24)
    for epoch, variant in enumerate(shown.variants):
        batch, targets = training_batch(kept, np.array([row]), how.crop, epoch, recipe, how)
        assert int(targets[0]) == 1
        assert variant.shape == (32, 32, 3)
        assert np.abs(variant - np.clip(back(batch[0], how), 0, 255)).max() <= 0.51
    assert len({variant.tobytes() for variant in shown.variants}) == 3


@pytest.mark.parametrize("flip", [True, False])
def test_a_new_head_learns_from_the_picture_as_it_is_and_mirrored(pictures, flip):
    dataset = open_dataset(pictures)
    shown = preview(dataset, replace(preset("quick"), flip=flip), HOW)
    wanted = back(preprocess(decode(dataset.train.pictures[0]), HOW).tensor[0])
    assert len(shown.variants) == 1 + flip
    assert np.abs(shown.variants[0] - np.clip(wanted, 0, 255)).max() <= 0.51
    assert all(np.array_equal(shown.variants[0][:, ::-1], mirrored) for mirrored in shown.variants[1:])


def test_phases_give_the_sides(pictures):
    recipe = replace(preset("fine-tune"), phases=(((16,), 2), ((24, 40), 8)), epochs=10)
    shown = preview(open_dataset(pictures), recipe, HOW, count=4)
    assert [one.shape[0] for one in shown.variants[:2]] == [16, 16]
    assert {one.shape[0] for one in shown.variants[2:]} <= {24, 40}


def test_numbers_walk_through_the_categories_and_around_the_end(pictures):
    dataset = open_dataset(pictures)
    seen = [preview(dataset, preset("quick"), HOW, number=number).name for number in range(37)]
    assert len(set(seen)) == 36
    assert seen[36] == seen[0]
    assert [one.split("/")[1] for one in seen[:4]] == ["blue", "green", "red", "blue"]


@pytest.mark.parametrize("spec", [
    BUILTIN_SPEC, ModelSpec("squeezenet1_1", WeightsSpec("random")), ModelSpec("alexnet_gray", WeightsSpec("random")),
    ModelSpec("vgg11_narrow", WeightsSpec("random"), channels=3),
])  # fmt: skip
def test_the_preprocessing_is_that_of_the_run(spec):
    assert preprocessing_of(spec) == resolve(spec).preprocessing


def test_a_network_of_ones_own_is_refused():
    with pytest.raises(ModelError, match=r"mine\.py"):
        preprocessing_of(ModelSpec.of_code(Path("mine.py")))


def test_pictures_that_cannot_be_read_are_not_counted(pictures):
    """As in a run, which draws its chance by the number of a picture among those that can be read."""
    dataset, recipe = open_dataset(pictures), preset("fine-tune")
    bad = {f"train/blue/{number}.png" for number in (0, 1)}
    shown = preview(dataset, recipe, HOW, count=1, left_out=bad)
    assert (shown.name, shown.pictures) == ("train/blue/2.png", 34)
    kept = Pictures(dataset.train.only(range(2, 36)), kept_side(recipe, HOW), 3, 2**24)
    batch, _ = training_batch(kept, np.array([0]), HOW.crop, 0, recipe, HOW)
    assert np.abs(shown.variants[0] - np.clip(back(batch[0]), 0, 255)).max() <= 0.51
    with pytest.raises(LayerscopeError, match="No picture"):
        preview(dataset, recipe, HOW, left_out={one.path.relative_to(pictures).as_posix() for one in dataset.train.pictures})
