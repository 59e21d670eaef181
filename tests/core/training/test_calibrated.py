"""Weights that a run leaves are calibrated by themselves, and say below what they are not sure."""

import json

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

from core.inference.session import Session
from core.training.calibrate import fold, half_right_below
from core.training.loop import train
from core.training.plots import confusion_png, curves_png
from core.training.recipe import PRESETS, changed
from core.types import BUILTIN_SPEC, EpochMetrics, ModelSpec, TrainConfig, WeightsSpec, is_sure


def finished(work):
    try:
        while True:
            next(work)
    except StopIteration as end:
        return end.value


def test_folding_divides_the_logits():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 5, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    batch = torch.randn(6, 3, 8, 8)
    with torch.no_grad():
        before = network(batch)
        assert fold(network, "1", 2.5)
        assert torch.allclose(network(batch) * 2.5, before, atol=1e-6)
    assert not fold(network, "2", 2.5)


def test_below_the_threshold_more_are_wrong_than_right():
    dice = torch.Generator().manual_seed(0)
    targets = torch.randint(0, 5, (500,), generator=dice)
    logits = 2 * torch.randn(500, 5, generator=dice) + 2 * F.one_hot(targets, 5)
    shares = torch.softmax(logits, 1)
    threshold = half_right_below(shares, targets)
    sure, said = shares.max(1)

    def judged(limit):
        return int((((said == targets) & (sure >= limit)) | ((said != targets) & (sure < limit))).sum())

    assert 0 < threshold <= 0.5
    assert judged(threshold) == max(judged(limit) for limit in [0.0, 0.5, *sure[sure < 0.5].tolist()])
    assert float((said == targets)[sure < threshold].float().mean()) < 0.5


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """A run on pictures of two colours that are hard to tell apart."""
    data = tmp_path_factory.mktemp("data")
    dice = np.random.default_rng(0)
    for name, mean in (("dark", 118), ("light", 138)):
        (data / name).mkdir()
        for number in range(100):
            pixels = dice.normal(mean + dice.normal(0, 20), 30, (64, 64, 3)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(data / name / f"{number}.png")
    recipe = changed(PRESETS["quick"], ["epochs=4"])
    output = tmp_path_factory.mktemp("out") / "run"
    return finished(train(TrainConfig(data, output, BUILTIN_SPEC, recipe, "cpu", 0.5)))


def test_probabilities_of_the_stored_weights_need_no_temperature(result):
    spec = ModelSpec("compact_vgg", WeightsSpec("file", path=result.folder / "weights.safetensors"))
    session = Session.load(spec, "cpu")
    card = json.loads((result.folder / "model.json").read_text(encoding="utf-8"))
    assert result.temperature == card["metrics"]["temperature"] != 1
    assert session.info.not_sure_below == card["not_sure_below"]
    assert is_sure(session.info, card["not_sure_below"])
    assert card["not_sure_below"] == 0 or not is_sure(session.info, card["not_sure_below"] - 1e-6)


def test_the_folder_has_both_pictures(result):
    for name in ("curves.png", "confusion.png"):
        with Image.open(result.folder / name) as picture:
            picture.load()
            assert min(picture.size) > 100


@pytest.mark.parametrize("count", [2, 24, 25, 200])
def test_the_confusion_is_darkest_where_it_is_largest(count, tmp_path):
    path = tmp_path / "c.png"
    path.write_bytes(confusion_png((np.eye(count, dtype=int) * 9 + 1).tolist(), [f"name {n}" * 9 for n in range(count)]))
    with Image.open(path) as picture:
        grey = np.asarray(picture.convert("L")).astype(int)
    cell = min(64, 1400 // count)
    right, wrong = (grey[-35, -35 - back] for back in (0, cell))  # in the last two cells of the last row
    assert right < wrong - 10


def test_curves_are_drawn_of_one_epoch_and_of_a_loss_that_is_no_number(tmp_path):
    def metrics(epoch, loss):
        return EpochMetrics(epoch, 3, loss, 0.5, 0.5, 0.9, 0.1, 64, 1.0, 10.0, 0, best=True)

    for history in ([], [metrics(1, 2.0)], [metrics(1, float("nan")), metrics(2, 1e9), metrics(3, 0.0)]):
        path = tmp_path / "c.png"
        path.write_bytes(curves_png(history))
        with Image.open(path) as picture:
            assert picture.size == (1200, 880)
