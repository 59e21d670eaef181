"""Small data sets that the tests draw themselves."""

import numpy as np
import pytest
from PIL import Image

COLOURS = {"blue": (40, 60, 200), "green": (50, 170, 60), "red": (200, 50, 40)}


def draw(folder, count, *, side=48, seed=0, colours=COLOURS):
    """Noisy squares, a folder a colour."""
    dice = np.random.default_rng(seed)
    for name, colour in colours.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            noise = dice.normal(0, 40, (side, side + 8, 3))
            Image.fromarray(np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)).save(folder / name / f"{number}.png")
    return folder


@pytest.fixture
def pictures(tmp_path):
    """Train and val, three colours."""
    draw(tmp_path / "data" / "train", 12, seed=1)
    draw(tmp_path / "data" / "val", 4, seed=2)
    return tmp_path / "data"


def finished(work):
    """Run a training to its end: its events and its outcome."""
    events = []
    while True:
        try:
            events.append(next(work))
        except StopIteration as end:
            return events, end.value
