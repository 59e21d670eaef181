"""The networks of the seed documents, none of which has norms, learn 64 pictures by heart."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from core.training.initialise import draw_for_depth
from core.training.loop import train
from core.training.network import prepare, scratch_spec
from core.types import EpochMetrics, Recipe, TrainConfig
from core.zoo import backend

PATTERNS = ("across", "checks", "disc", "down")
CATEGORIES = 4


def pattern(name, side, dice):
    """Stripes, checks or a disc: place, size and colours by chance."""
    down, right = np.mgrid[:side, :side]
    period = side / dice.uniform(2.5, 5)
    moved = dice.uniform(0, period, 2)
    columns, rows = ((place + shift) // (period / 2) % 2 for place, shift in zip((right, down), moved, strict=True))
    radius = side * dice.uniform(0.2, 0.35)
    middle = dice.uniform(radius, side - radius, 2)
    masks = {
        "across": columns, "down": rows, "checks": (columns + rows) % 2,
        "disc": (right - middle[0]) ** 2 + (down - middle[1]) ** 2 < radius**2,
    }  # fmt: skip
    dark, light = dice.uniform(0, 90, 3), dice.uniform(160, 255, 3)
    return Image.fromarray(np.where(masks[name].astype(bool)[:, :, None], light, dark).astype(np.uint8))


@pytest.fixture
def sixty_four(tmp_path):
    """The same 64 pictures to learn from and to be asked about."""
    for part in ("train", "val"):
        dice = np.random.default_rng(0)
        for name in PATTERNS:
            (tmp_path / "data" / part / name).mkdir(parents=True)
            for number in range(64 // CATEGORIES):
                pattern(name, 64, dice).save(tmp_path / "data" / part / name / f"{number}.png")
    return tmp_path / "data"


@pytest.mark.parametrize(
    ("architecture", "rate", "batch"),
    [
        ("nin", 1e-3, 64),
        pytest.param("alexnet_gray", 2e-4, 16, marks=pytest.mark.slow),
        pytest.param("vgg11_narrow", 3e-4, 16, marks=pytest.mark.slow),
    ],
)
def test_64_pictures_are_learned_by_heart(sixty_four, tmp_path, architecture, rate, batch):
    recipe = Recipe(
        mode="scratch", optimizer="adam", rate=rate, weight_decay=0.0, batch_size=batch, epochs=40, schedule="constant",
        crop="centre", flip=False, precision="bfloat16",
    )  # fmt: skip
    run = train(TrainConfig(sixty_four, tmp_path / "out", scratch_spec(architecture), recipe, "cpu"))
    reached = []
    for event in run:
        if isinstance(event, EpochMetrics):
            reached.append(event.top1)
            if event.top1 == 1.0:
                break
    run.close()
    assert reached[-1] == 1.0, reached


@pytest.mark.parametrize("architecture", ["nin", "vgg11_narrow"])
def test_signals_keep_their_size_through_a_plain_network(architecture):
    """Of the order of the input's in the last layer before the head; with torch's own way of drawing far below."""
    found = prepare(scratch_spec(architecture), ("one", "other"), Recipe(mode="scratch"))
    how = found.preprocessing
    batch = torch.rand(2, len(how.mean), how.crop, how.crop, generator=torch.Generator().manual_seed(0))
    seen = []
    for module in (found.module.eval(), backend.build(architecture, 2).eval()):
        head = module.get_submodule(found.head[-1])
        head.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].square().mean().sqrt().item()))
        with torch.no_grad():
            module(batch)
    assert 0.1 < seen[0] < 10
    assert seen[1] < seen[0] / 5


def test_a_head_behind_which_a_relu_stands_begins_alive_and_others_at_zero():
    nin, narrow = (prepare(scratch_spec(name), ("a", "b", "c"), Recipe(mode="scratch")) for name in ("nin", "vgg11_narrow"))
    with torch.no_grad():
        said = nin.module.eval()(torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(0)))
    assert bool((said > 1).all())
    assert not narrow.module.get_submodule(narrow.head[-1]).bias.any()


def test_networks_with_norms_stay_as_they_are_and_a_seed_says_all():
    torch.manual_seed(0)
    with_norms = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 2))
    before = [value.clone() for value in with_norms.state_dict().values()]
    draw_for_depth(with_norms, ("3",), 1)
    assert all(torch.equal(one, other) for one, other in zip(before, with_norms.state_dict().values(), strict=True))
    drawn = []
    for seed in (1, 1, 2):
        layer = nn.Linear(5, 5)
        draw_for_depth(layer, (), seed)
        drawn.append(layer.weight)
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])
