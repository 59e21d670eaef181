"""Is the trainer fast? Fine-tuning all of squeezenet1_1 from JPEGs of 500 pixels against the plain loop of seed document 004.

The plain loop is one process: ImageFolder, a DataLoader without workers, RandomResizedCrop(224), a flip, ToTensor, Normalize,
Adam at 2e-4, batches of 32, float32. Ours is the preset "seed-004" (the same crops, optimizer, rate and batches) with all that
the trainer does of its own accord. In the same run, an epoch of one after an epoch of the other; three numbers, the first
with a limit:

(a) pictures a second in an epoch after the first: at least twice as many;
(b) the first four epochs altogether, reading the pictures, measuring bfloat16 and so on included: told, not judged;
(c) the first epoch alone, all that included, as it is.

Validation is left out of both. The pictures are cut from the sample pictures, with noise. Random weights: they cost the same.
``--threads 1`` gives both one thread for the network: where something else keeps the machine busy, two that wait for each other
measure mostly that. Prints one JSON object.

    python bench/train_throughput.py [--pictures 256] [--epochs 4] [--threads N] [--output FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch
from PIL import Image
from torch import nn

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core import paths  # noqa: E402
from core.training.loop import train  # noqa: E402
from core.training.network import scratch_spec  # noqa: E402
from core.training.recipe import changed, preset  # noqa: E402
from core.types import EpochMetrics, TrainConfig, TrainEvent, TrainOutcome, TrainProgress  # noqa: E402
from core.zoo import backend  # noqa: E402

MODEL, BATCH, SIDE = "squeezenet1_1", 32, 224
LIMIT = 2.0
SIZE = (500, 375)


def draw(folder: Path, pictures: int) -> None:
    """JPEGs of 500 pixels, as varied as cuts of the samples can be; a folder per sample."""
    dice = np.random.default_rng(0)
    samples = paths.sample_pictures()[:4]
    for part, count in (("train", pictures), ("val", len(samples))):
        for number in range(count):
            path = samples[number % len(samples)]
            whole = Image.open(path).convert("RGB")
            across = dice.uniform(0.5, 1) * whole.width
            left, top = dice.uniform(0, whole.width - across), dice.uniform(0, whole.height - 0.75 * across)
            cut = whole.resize(SIZE, Image.Resampling.BICUBIC, box=(left, top, left + across, top + 0.75 * across))
            pixels = np.clip(np.asarray(cut) + dice.normal(0, 6, (*SIZE[::-1], 3)), 0, 255).astype(np.uint8)
            target = folder / part / path.stem / f"{number}.jpg"
            target.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(target, quality=90)


def plain_epochs(folder: Path) -> Iterator[float]:
    """The loop of the document; yields the seconds that each epoch took."""
    backend.build(MODEL)  # makes torchvision importable beside a CPU build of torch
    from torchvision import datasets, models, transforms

    transform = transforms.Compose([
        transforms.RandomResizedCrop(SIDE),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    ])  # fmt: skip
    dataset = datasets.ImageFolder(root=str(folder / "train"), transform=transform)
    loader = torch.utils.data.DataLoader(dataset, batch_size=BATCH, shuffle=True, num_workers=0)
    net = models.squeezenet1_1(num_classes=len(dataset.classes))
    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.0002)
    while True:
        began = time.perf_counter()
        net.train()
        running_loss = 0.0
        for images, labels in loader:
            optimizer.zero_grad()
            loss = loss_function(net(images), labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
        yield time.perf_counter() - began


def our_epochs(work: Generator[TrainEvent, None, TrainOutcome]) -> Iterator[dict[str, float]]:
    """Ours; yields the seconds of each epoch by what they were spent on, what came before the first epoch with it."""
    spent: dict[str, float] = {}
    last = time.perf_counter()
    for event in work:
        now = time.perf_counter()
        stage = event.stage if isinstance(event, TrainProgress) else "Validating"
        spent[stage] = spent.get(stage, 0.0) + now - last
        last = now
        if isinstance(event, EpochMetrics):
            yield spent
            spent, last = {}, time.perf_counter()


def measure(folder: Path, pictures: int, epochs: int) -> dict[str, object]:
    recipe = changed(preset("seed-004"), [f"epochs={epochs}", f"batch_size={BATCH}"])
    output = folder.parent / "run"
    ours = our_epochs(train(TrainConfig(folder, output, scratch_spec(MODEL), recipe, "cpu")))
    plain = plain_epochs(folder)
    pairs = [(next(ours), next(plain)) for _ in range(epochs)]
    list(ours)  # writes the result
    stages = [{stage: seconds for stage, seconds in spent.items() if stage != "Validating"} for spent, _ in pairs]
    our_seconds, plain_seconds = [sum(one.values()) for one in stages], [seconds for _, seconds in pairs]
    steady_ours, steady_plain = float(np.median(our_seconds[1:])), float(np.median(plain_seconds[1:]))
    steady, whole = steady_plain / steady_ours, sum(plain_seconds[:4]) / sum(our_seconds[:4])
    return {
        "benchmark": "train_throughput",
        "model": MODEL,
        "pictures": pictures,
        "size": SIZE,
        "threads": torch.get_num_threads(),
        "decisions": json.loads((output / "model.json").read_text(encoding="utf-8"))["decisions"],
        "ours_seconds": our_seconds,
        "plain_seconds": plain_seconds,
        "ours_first_epoch": stages[0],
        "ours_pictures_per_second": pictures / steady_ours,
        "plain_pictures_per_second": pictures / steady_plain,
        "steady_ratio": steady,
        "first_four_epochs_ratio": whole,
        "first_epoch_ratio": plain_seconds[0] / our_seconds[0],
        "limit": LIMIT,
        "within_limits": steady >= LIMIT,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=256)
    parser.add_argument("--epochs", type=int, default=4, help="of each, in turn; at least 4")
    parser.add_argument("--threads", type=int, help="of the network, for both; torch's own choice by default")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    with tempfile.TemporaryDirectory() as name:
        os.environ["LAYERSCOPE_HOME"] = name
        draw(Path(name) / "data", options.pictures)
        found = measure(Path(name) / "data", options.pictures, options.epochs)
    result = json.dumps(found, indent=1)
    print(result)
    if options.output is not None:
        options.output.write_text(result + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
