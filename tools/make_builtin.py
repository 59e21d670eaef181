"""Train the built-in model with the program's own trainer, and write it, with its card, to ``resources/builtin``.

    python tools/make_builtin.py --data ../shared/data/tiny-imagenet-102.zip [--work build/builtin] [--from RUN]

The settings are in ``tools/builtin_recipe.txt``. A run that was broken off is gone on with when this is started again;
``--from`` leaves the training out and takes the result of a finished run. What is stored is half as long as what was trained
(float16 kernels); every number on the card is measured with what is stored, on the pictures as the program shows them to a
network.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shlex
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.files import write_whole, write_whole_by  # noqa: E402
from core.images.decode import decode  # noqa: E402
from core.images.preprocess import preprocess, target_side  # noqa: E402
from core.training.calibrate import expected_calibration_error, half_right_below  # noqa: E402
from core.training.dataset import Part, open_dataset  # noqa: E402
from core.types import BUILTIN_MODEL, ImageRef, Preprocessing  # noqa: E402
from core.weights import fit  # noqa: E402
from core.weights.assemble import assemble  # noqa: E402
from core.weights.read import read_weights  # noqa: E402
from core.zoo.backend import BuildOptions  # noqa: E402
from tools.model_card import write_card  # noqa: E402

RECIPE = Path(__file__).with_name("builtin_recipe.txt")
SIDES = (64, 96, 128)
BATCH = 64
LICENCE = "weights: BSD-3-Clause; trained on pictures under the ImageNet terms (non-commercial research)"
WEIGHTS, CARD = "weights.safetensors", "model.json"


@dataclass(frozen=True)
class Scores:
    """Answers to the pictures kept aside: logits (N, categories) and targets (N,)."""

    logits: Tensor
    targets: Tensor

    @property
    def accuracy(self) -> dict[str, float]:
        right = self.logits.topk(min(5, self.logits.shape[1]), dim=1).indices == self.targets[:, None]
        return {"top1": float(right[:, 0].double().mean()), "top5": float(right.any(1).double().mean())}


def unpacked(archive: Path, folder: Path) -> Path:
    """Unpack the pictures, unless they lie there already: ``train`` and ``val``, a folder per WordNet id."""
    mark = folder / "unpacked.txt"
    digest = sha256(archive)
    if not (mark.is_file() and mark.read_text(encoding="utf-8").strip() == digest):
        with zipfile.ZipFile(archive) as content:
            content.extractall(folder)
        mark.write_text(digest + "\n", encoding="utf-8")
    return folder


def train(pictures: Path, run: Path, recipe: Path) -> None:
    """Train by ``layerscope train``, from where an earlier run was broken off."""
    settings = shlex.split(recipe.read_text(encoding="utf-8"), comments=True)
    program = [sys.executable, "-m", "gui", "train", str(pictures), "--output", str(run), "--resume"]
    done = subprocess.run([*program, *settings], cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def stored(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Kernels as float16, all else (norms, biases, counters) as it is: they are small, and their range is not."""
    return {name: value.half() if value.ndim > 1 else value for name, value in tensors.items()}


def read_model(weights: Path, categories: int) -> nn.Module:
    """The network as the program builds it from the file."""
    options = BuildOptions(num_classes=categories)
    return assemble(BUILTIN_MODEL, fit.fitted(BUILTIN_MODEL, read_weights(weights), options), options)


@torch.inference_mode()
def ask(model: nn.Module, part: Part, how: Preprocessing) -> Scores:
    """Show the pictures to the network as the program would."""
    logits = []
    for first in range(0, len(part), BATCH):
        rows = range(first, min(first + BATCH, len(part)))
        batch = torch.cat([shown(part.pictures[row], how) for row in rows])
        logits.append(model(batch))
    return Scores(torch.cat(logits), torch.from_numpy(part.targets))


def shown(image: ImageRef, how: Preprocessing) -> Tensor:
    return preprocess(decode(image, short_side=target_side(how)), how).tensor


def write_model(run: Path, archive: Path, pictures: Path, target: Path) -> dict[str, Any]:
    """Turn the result of a run into what the program brings along; return the card's content."""
    card = json.loads((run / CARD).read_text(encoding="utf-8"))
    names: dict[str, str] = json.loads((pictures / "categories.json").read_text(encoding="utf-8"))
    part = open_dataset(pictures).val
    if card["architecture"] != BUILTIN_MODEL or card["categories"] != sorted(names):
        sys.exit(f"“{run}” is no run of {BUILTIN_MODEL} on “{archive.name}”: it has another architecture or other categories.")
    target.mkdir(parents=True, exist_ok=True)
    tensors = stored(load_file(run / WEIGHTS))
    write_whole_by(target / WEIGHTS, lambda path: save_file(tensors, path))
    (target / WEIGHTS).chmod(0o644)
    model = read_model(target / WEIGHTS, len(names))
    own = card["preprocessing"]
    how = Preprocessing(own["resize"], own["crop"], own["interpolation"], tuple(own["mean"]), tuple(own["std"]), "run")
    scores = {side: ask(model, part, replace(how, resize=side, crop=side)) for side in SIDES}
    content = {
        "architecture": BUILTIN_MODEL,
        "categories": [names[wnid].split(",")[0].strip() for wnid in sorted(names)],
        "synonyms": [names[wnid] for wnid in sorted(names)],
        "wordnet_ids": sorted(names),
        "preprocessing": {key: own[key] for key in ("resize", "crop", "interpolation", "mean", "std")},
        "temperature": card["metrics"]["temperature"],
        **calibration(scores[how.crop] if how.crop in scores else ask(model, part, how)),
        "parameters": card["parameters"],
        "accuracy_on_val": {str(side): one.accuracy for side, one in scores.items()},
        "val_pictures": len(part),
        "recipe": card["recipe"],
        "best_epoch": card["metrics"]["best_epoch"],
        "data": {"name": "tiny-imagenet-102 (102 categories of ImageNet at 64x64)", "sha256": sha256(archive)},
        "versions": card["versions"],
        **({"remark": card["remark"]} if "remark" in card else {}),
        "licence": LICENCE,
    }
    write_whole(target / CARD, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())
    write_card(target)
    return content


def calibration(scores: Scores) -> dict[str, float]:
    """How far probabilities mean what they say, and below which of them the first answer is more often wrong than right."""
    probabilities = torch.softmax(scores.logits.double(), 1)
    return {
        "not_sure_below": half_right_below(probabilities, scores.targets),
        "calibration_error": expected_calibration_error(probabilities, scores.targets),
    }


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="tiny-imagenet-102.zip")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "builtin", help="folder for the pictures and the run")
    parser.add_argument("--recipe", type=Path, default=RECIPE, help="what `layerscope train` is told")
    parser.add_argument("--from", dest="run", type=Path, metavar="RUN", help="a finished run, in place of training")
    parser.add_argument("--output", type=Path, default=ROOT / "resources" / "builtin")
    options = parser.parse_args(arguments)
    options.work.mkdir(parents=True, exist_ok=True)
    pictures = unpacked(options.data, options.work.absolute() / "data")
    run = options.run or options.work.absolute() / "run"
    if options.run is None:
        train(pictures, run, options.recipe.absolute())
    content = write_model(run, options.data, pictures, options.output)
    told = ("accuracy_on_val", "temperature", "not_sure_below", "calibration_error")
    print(json.dumps({key: content[key] for key in told}, indent=1))


if __name__ == "__main__":
    main()
