"""Train the built-in model from scratch and write it, with its card, to ``resources/builtin``.

    python tools/train_builtin.py --data ../shared/data/tiny-imagenet-102.zip --work build/builtin

Small pictures first, then the full 64 pixels (progressive resizing); every picture is augmented by itself; the weights that
are kept are an exponential moving average. The run saves after each epoch and goes on from there when it is started again.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import io
import json
import math
import platform
import sys
import time
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.zoo.compact_vgg import compact_vgg  # noqa: E402
from tools.model_card import write_card  # noqa: E402

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SIDE = 64


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the result, besides the data."""

    seed: int = 20261122
    phases: tuple[tuple[int, int], ...] = ((32, 13), (48, 3), (64, 2))
    """(side in pixels, epochs), in this order."""
    batch_size: int = 128
    peak_rate: float = 0.12
    momentum: float = 0.9
    weight_decay: float = 5e-4
    label_smoothing: float = 0.1
    warm_up: float = 0.15
    """Share of the steps in which the rate climbs; it falls along a half cosine afterwards."""
    ema_decay: float = 0.998
    crop_area: tuple[float, float] = (0.35, 1.0)
    crop_ratio: tuple[float, float] = (0.75, 1.333)
    jitter: float = 0.25

    @property
    def epochs(self) -> int:
        return sum(count for _, count in self.phases)

    def side(self, epoch: int) -> int:
        for side, count in self.phases:
            if epoch < count:
                return side
            epoch -= count
        raise ValueError(f"epoch {epoch} lies after the last phase")


def load_split(archive: zipfile.ZipFile, split: str, wnids: list[str]) -> tuple[Tensor, Tensor]:
    """Decode a split to uint8 pictures (N, 3, 64, 64) and int64 category indices (N,)."""
    number = {wnid: index for index, wnid in enumerate(wnids)}
    names = sorted(name for name in archive.namelist() if name.startswith(f"{split}/") and name.endswith(".webp"))
    pictures = np.empty((len(names), 3, SIDE, SIDE), np.uint8)
    for row, name in enumerate(names):
        image = Image.open(io.BytesIO(archive.read(name))).convert("RGB")
        pictures[row] = np.asarray(image).transpose(2, 0, 1)
    targets = [number[name.split("/")[1]] for name in names]
    return torch.from_numpy(pictures), torch.tensor(targets)


def normalise(batch: Tensor) -> Tensor:
    mean = torch.tensor(MEAN).view(1, 3, 1, 1)
    std = torch.tensor(STD).view(1, 3, 1, 1)
    return ((batch - mean) / std).contiguous(memory_format=torch.channels_last)


def augment(pictures: Tensor, side: int, recipe: Recipe, generator: torch.Generator) -> Tensor:
    """Crop, flip and colour each picture by itself; uint8 (N, 3, 64, 64) to float (N, 3, side, side), normalised."""
    count = len(pictures)

    def uniform(low: float, high: float) -> Tensor:
        return torch.empty(count).uniform_(low, high, generator=generator)

    area = uniform(*recipe.crop_area)
    ratio = torch.exp(uniform(math.log(recipe.crop_ratio[0]), math.log(recipe.crop_ratio[1])))
    width = (area * ratio).sqrt().clamp(max=1)
    height = (area / ratio).sqrt().clamp(max=1)
    flip = torch.randint(0, 2, (count,), generator=generator) * 2 - 1
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0] = width * flip
    theta[:, 0, 2] = uniform(-1, 1) * (1 - width)
    theta[:, 1, 1] = height
    theta[:, 1, 2] = uniform(-1, 1) * (1 - height)
    # 32 is reached by averaging 64, as a resize with antialiasing would; bilinear sampling alone would alias.
    sampled = 2 * side if side * 2 <= SIDE else side
    grid = F.affine_grid(theta, [count, 3, sampled, sampled], align_corners=False)
    batch = F.grid_sample(pictures.float().div_(255), grid, padding_mode="reflection", align_corners=False)
    if sampled != side:
        batch = F.avg_pool2d(batch, 2)
    j = recipe.jitter
    grey = batch.mean(1, keepdim=True)
    batch = grey + (batch - grey) * uniform(1 - j, 1 + j).view(-1, 1, 1, 1)
    level = grey.mean((2, 3), keepdim=True)
    batch = level + (batch - level) * uniform(1 - j, 1 + j).view(-1, 1, 1, 1)
    batch = (batch * uniform(1 - j, 1 + j).view(-1, 1, 1, 1)).clamp_(0, 1)
    return normalise(batch)


def rate(step: int, steps: int, recipe: Recipe) -> float:
    """Learning rate: linear climb, then half a cosine down to nothing."""
    climb = recipe.warm_up * steps
    if step < climb:
        return recipe.peak_rate * (step + 1) / climb
    return recipe.peak_rate * 0.5 * (1 + math.cos(math.pi * (step - climb) / (steps - climb)))


@torch.inference_mode()
def evaluate(model: nn.Module, pictures: Tensor, targets: Tensor, side: int = SIDE) -> dict[str, float]:
    """Share of right top-1 and top-5 answers at one input side."""
    model.eval()
    hits1 = hits5 = 0
    for start in range(0, len(pictures), 256):
        batch = pictures[start : start + 256].float().div_(255)
        if side != SIDE:
            batch = F.interpolate(batch, size=(side, side), mode="bilinear", antialias=True)
        top = model(normalise(batch)).topk(5, dim=1).indices
        right = top == targets[start : start + 256, None]
        hits1 += int(right[:, 0].sum())
        hits5 += int(right.sum())
    return {"top1": hits1 / len(pictures), "top5": hits5 / len(pictures)}


class Average:
    """Exponential moving average of a model, batch-norm statistics included."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.model = copy.deepcopy(model).requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        for kept, fresh in zip(self.model.state_dict().values(), model.state_dict().values(), strict=True):
            if kept.is_floating_point():
                kept.lerp_(fresh, 1 - decay)
            else:
                kept.copy_(fresh)


def train(recipe: Recipe, data: tuple[Tensor, Tensor], val: tuple[Tensor, Tensor], checkpoint: Path) -> nn.Module:
    """Run the recipe, going on from ``checkpoint`` if it exists; return the averaged model."""
    torch.manual_seed(recipe.seed)
    model = compact_vgg(int(data[1].max()) + 1).to(memory_format=torch.channels_last)
    average = Average(model, recipe.ema_decay)
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = torch.optim.SGD(
        [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": plain, "weight_decay": 0.0}],
        lr=recipe.peak_rate, momentum=recipe.momentum, nesterov=True,
    )
    first = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        average.model.load_state_dict(saved["average"])
        optimizer.load_state_dict(saved["optimizer"])
        first = saved["epoch"] + 1
    per_epoch = len(data[0]) // recipe.batch_size
    steps = per_epoch * recipe.epochs
    for epoch in range(first, recipe.epochs):
        generator = torch.Generator().manual_seed(recipe.seed + epoch)
        order = torch.randperm(len(data[0]), generator=generator)
        model.train()
        began, total = time.monotonic(), 0.0
        for index in range(per_epoch):
            step = epoch * per_epoch + index
            for group in optimizer.param_groups:
                group["lr"] = rate(step, steps, recipe)
            rows = order[index * recipe.batch_size : (index + 1) * recipe.batch_size]
            batch = augment(data[0][rows], recipe.side(epoch), recipe, generator)
            loss = F.cross_entropy(model(batch), data[1][rows], label_smoothing=recipe.label_smoothing)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            average.update(model, step)
            total += loss.item()
            if not math.isfinite(total):
                raise SystemExit(f"The loss is not a finite number any more (epoch {epoch + 1}, step {index}).")
        state = {"model": model.state_dict(), "average": average.model.state_dict(),
                 "optimizer": optimizer.state_dict(), "epoch": epoch}
        torch.save(state, checkpoint.with_suffix(".part"))
        checkpoint.with_suffix(".part").replace(checkpoint)
        seconds = time.monotonic() - began
        scores = evaluate(average.model, *val, side=SIDE)
        scores_at = evaluate(average.model, *val, side=recipe.side(epoch))
        print(json.dumps({"epoch": epoch + 1, "side": recipe.side(epoch), "loss": round(total / per_epoch, 4),
                          "seconds": round(seconds), "val64": scores, "val_at_side": scores_at}), flush=True)
    return average.model


def write_result(model: nn.Module, recipe: Recipe, names: dict[str, str], val: tuple[Tensor, Tensor], digest: str,
                 target: Path) -> None:
    """Write weights and ``model.json``; the numbers in it are measured here, on the stored weights."""
    wnids = sorted(names)
    target.mkdir(parents=True, exist_ok=True)
    weights = target / "weights.safetensors"
    save_file({key: value.contiguous() for key, value in model.state_dict().items()}, weights)
    weights.chmod(0o644)
    scores = {str(side): evaluate(model, *val, side=side) for side in (64, 96, 128)}
    card = {
        "architecture": "compact_vgg",
        "categories": [names[wnid].split(",")[0].strip() for wnid in wnids],
        "synonyms": [names[wnid] for wnid in wnids],
        "wordnet_ids": wnids,
        "preprocessing": {"resize": SIDE, "crop": SIDE, "interpolation": "bilinear", "mean": MEAN, "std": STD},
        "parameters": sum(p.numel() for p in model.parameters()),
        "accuracy_on_val": scores,
        "val_pictures": len(val[0]),
        "recipe": asdict(recipe),
        "data": {"name": "tiny-imagenet-102 (102 categories of ImageNet at 64x64)", "sha256": digest},
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "licence": "weights: BSD-3-Clause; trained on pictures under the ImageNet terms (non-commercial research)",
    }
    (target / "model.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    write_card(target)
    print(json.dumps(scores))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="tiny-imagenet-102.zip")
    parser.add_argument("--work", type=Path, required=True, help="folder for the checkpoint of the run")
    parser.add_argument("--output", type=Path, default=ROOT / "resources" / "builtin")
    parser.add_argument("--phases", help="SIDE:EPOCHS,... in place of the recipe's own")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    recipe = Recipe()
    if options.phases:
        pairs = (phase.split(":") for phase in options.phases.split(","))
        recipe = Recipe(phases=tuple((int(side), int(count)) for side, count in pairs))
    with zipfile.ZipFile(options.data) as archive:
        names: dict[str, str] = json.loads(archive.read("categories.json"))
        data = load_split(archive, "train", sorted(names))
        val = load_split(archive, "val", sorted(names))
    digest = hashlib.sha256(options.data.read_bytes()).hexdigest()
    model = train(recipe, data, val, options.work / "checkpoint.pt")
    write_result(model, recipe, names, val, digest, options.output)


if __name__ == "__main__":
    main()
