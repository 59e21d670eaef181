"""Making a run ready: pictures read, the network built, the head's features computed where only the head learns."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import nn

from core.errors import DeviceError, ImageError, LayerscopeError, ModelError
from core.inference.devices import choose, free_bytes, is_out_of_memory
from core.training.brake import Brake
from core.training.dataset import Dataset, Part, open_dataset
from core.training.features import HeadOnFeatures
from core.training.loader import ahead
from core.training.material import FeatureMaterial, Material, PictureMaterial, compute_features
from core.training.network import Trainee, prepare
from core.training.optimise import loss_of
from core.training.pictures import Pictures
from core.training.pupil import Pupil
from core.training.recipe import largest_side
from core.types import Preprocessing, Recipe, TrainConfig, TrainEvent, TrainNotice, TrainProgress

_READING = "Reading pictures"
_ROOM_AROUND = 4 / 3
"""How much larger than the input pictures are kept."""
_SHARE_OF_MEMORY = 0.3
_NAMED = 3
_STEP = 64


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """All that an epoch needs."""

    config: TrainConfig
    dataset: Dataset
    trainee: Trainee
    preprocessing: Preprocessing
    material: Material
    pupil: Pupil
    device: torch.device

    @property
    def unseen(self) -> tuple[int, ...]:
        """Indices of the categories that the network knows from before, and that there are no pictures of to learn from."""
        seen = set(self.dataset.train.targets.tolist())
        return tuple(index for index in range(self.trainee.known) if index not in seen)


def set_up(config: TrainConfig, brake: Brake) -> Generator[TrainEvent, None, Run]:
    """Make a run ready.

    Yields
    ------
    How far it is, and what was done otherwise than asked.

    Raises
    ------
    LayerscopeError
        If the data, the model or the device is not to be had, in words.
    """
    recipe = config.recipe
    dataset = open_dataset(config.data, val_share=config.val_share, seed=recipe.seed)
    device, notices = choose(config.device)
    trainee = prepare(config.spec, dataset.categories, recipe)
    for sentence in (*notices, *trainee.notices):
        yield TrainNotice(sentence)
    how = trainee.preprocessing
    parts = []
    budget = int(_SHARE_OF_MEMORY * (free_bytes(torch.device("cpu")) or 2**31))
    side = kept_side(recipe, how)
    for part in (dataset.train, dataset.val):
        pictures = Pictures(part, side, len(how.mean), budget)
        bad = yield from _read_all(pictures, brake, keep=part is dataset.train and recipe.mode != "head")
        if bad:
            yield TrainNotice(_left_out(part, bad))
            pictures = pictures.only(sorted(set(range(len(part))) - set(bad)))
        parts.append(pictures)
    _check_categories(dataset, parts[0].part)
    dataset = replace(dataset, train=parts[0].part, val=parts[1].part)
    trainee.module.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    _check_sides(trainee, recipe, how, device)
    if recipe.mode == "head":
        material, pupil = yield from _head_only(config, trainee, parts[0], parts[1], device, brake)
        return Run(config, dataset, trainee, how, material, pupil, device)
    pupil = Pupil(trainee.module, trainee.module, loss_of(recipe), device)
    return Run(config, dataset, trainee, how, PictureMaterial(parts[0], parts[1], recipe, how), pupil, device)


def _check_sides(trainee: Trainee, recipe: Recipe, how: Preprocessing, device: torch.device) -> None:
    """Run the network once at each side of the input; :class:`ModelError` in words where it cannot."""
    module = trainee.module.eval()
    for side in sorted({side for these, _ in recipe.phases for side in these} or {how.crop}):
        try:
            with torch.inference_mode():
                module(torch.zeros(1, len(how.mean), side, side, device=device))
        except RuntimeError as error:
            if is_out_of_memory(error):
                raise DeviceError(f"There is not enough memory for {trainee.architecture} at {side} pixels.") from error
            raise ModelError(
                f"{trainee.architecture} cannot be trained at {side} pixels: {str(error).splitlines()[0].rstrip('. ')}. Choose "
                f"its own side, {how.crop}."
            ) from error


def kept_side(recipe: Recipe, how: Preprocessing) -> int:
    """The short side in pixels with which pictures are kept, so that a part of them still has the input's pixels."""
    side = largest_side(recipe, how.crop)
    return math.ceil(side * (recipe.scale_jitter[1] if recipe.crop == "jitter" else _ROOM_AROUND))


def _read_all(pictures: Pictures, brake: Brake, *, keep: bool) -> Generator[TrainEvent, None, list[int]]:
    """Read every picture once; return the rows that cannot be read."""
    count = len(pictures.part)

    def read(number: int) -> list[int]:
        bad = []
        for row in range(number * _STEP, min(count, (number + 1) * _STEP)):
            brake.check()
            try:
                pictures.get(row, keep=keep)
            except ImageError:
                bad.append(row)
        return bad

    bad: list[int] = []
    steps = math.ceil(count / _STEP)
    with ahead(read, steps) as results:
        for number, found in enumerate(results):
            bad += found
            brake.check()
            yield TrainProgress(_READING, min(count, (number + 1) * _STEP), count)
    return bad


def _left_out(part: Part, bad: Sequence[int]) -> str:
    named = ", ".join(f"“{part.name(row)}”" for row in bad[:_NAMED])
    more = f" and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
    what = "One picture" if len(bad) == 1 else f"{len(bad)} pictures"
    return f"{what} cannot be read and {'is' if len(bad) == 1 else 'are'} left out: {named}{more}."


def _check_categories(dataset: Dataset, train: Part) -> None:
    there = set(train.targets.tolist())
    if dataset.given and there:
        return
    missing = [name for index, name in enumerate(dataset.categories) if index not in there]
    if missing:
        raise LayerscopeError(
            f"No picture of “{missing[0]}” can be read. Add some to its folder, or take the folder away.", kind="empty"
        )


def _head_only(
    config: TrainConfig, trainee: Trainee, train: Pictures, val: Pictures, device: torch.device, brake: Brake
) -> Generator[TrainEvent, None, tuple[Material, Pupil]]:
    recipe, how, module = config.recipe, trainee.preprocessing, trainee.module.eval()
    example = torch.zeros(2, len(how.mean), how.crop, how.crop, device=device).normal_(generator=_dice(device))
    end = HeadOnFeatures(module, trainee.head[-1], example)
    module.requires_grad_(False)
    end.head.requires_grad_(True)
    with brake.on(module):
        views = yield from _told(compute_features(end, module, train, how, device, mirrored=recipe.flip), len(train.part))
        back = yield from _told(compute_features(end, module, val, how, device, mirrored=False), len(val.part))
    targets = torch.from_numpy(val.part.targets)
    material = FeatureMaterial(views, torch.from_numpy(train.part.targets), (back[0], targets), recipe, how.crop)
    return material, Pupil(_Logits(end), end.head, loss_of(recipe), device)


class _Logits(nn.Module):
    """The end of a network as a network, without the body among its modules."""

    def __init__(self, end: HeadOnFeatures) -> None:
        super().__init__()
        self.end = end

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.end(features)
        return logits


def _told(
    work: Generator[int, None, tuple[torch.Tensor, ...]], total: int
) -> Generator[TrainEvent, None, tuple[torch.Tensor, ...]]:
    while True:
        try:
            yield TrainProgress("Computing features", next(work), total)
        except StopIteration as end:
            found: tuple[torch.Tensor, ...] = end.value
            return found


def _dice(device: torch.device) -> torch.Generator:
    return torch.Generator(device).manual_seed(0)
