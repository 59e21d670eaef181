"""Training: what a person sets up, what is said while it runs, and what came out."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from core.types.model import ModelSpec

Mode = Literal["head", "full", "scratch"]
Phase = tuple[tuple[int, ...], int]
"""Sides of the input in pixels, one drawn for each batch, and for how many epochs."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the result, besides the data and the weights that it begins with.

    ``mode``: "head" trains a new head on features that stay as they are, "full" the whole network, its body at ``body_rate``
    times the rate, "scratch" the whole network at one rate, from random weights (where it has no norms, drawn as in He et al.
    2015). ``loss``: "softmax" is cross-entropy, "hinge" one linear SVM a category (VGG paper, appendix B). ``rate``,
    ``momentum`` and ``weight_decay`` are those of torch.optim.

    ``schedule``: "constant", "cosine" (half a cosine down to nothing), or "plateau" (times ``factor`` once more than
    ``patience`` epochs in a row did not better the validation's top-1); ``warm_up`` is the share of all steps in which the
    rate climbs.

    ``phases`` are sides of the input (none: the network's own). Where a phase has several, each batch has one of them by
    chance; one that is named twice is twice as likely (``64+64+96``: two batches of three at 64, one at 96).

    ``crop``: "area" cuts a share of ``crop_area`` of the picture, "jitter" resizes the short side to a length within
    ``scale_jitter`` times the input's side (the paper's S), "centre" takes what the network will be shown. ``flip`` mirrors
    every other picture, ``colour`` changes brightness, contrast and saturation by up to this share, ``colour_shift`` moves the
    colours along their principal components with this standard deviation (Krizhevsky et al. 2012, section 4.1).

    ``initialise`` names a file with weights of configuration A, for deep VGGs from scratch (VGG paper, section 3.1).
    ``average`` is the decay of the moving average of the weights, which is what is kept then; 0 for none. ``precision``:
    "auto" measures whether bfloat16 is faster. ``order``: "listed" shows the pictures in the data's own order in the first
    epoch, which is where a list puts the least certain ones first; all other epochs are shuffled.
    """

    mode: Mode = "head"
    loss: Literal["softmax", "hinge"] = "softmax"
    optimizer: Literal["sgd", "adam", "adamw"] = "adamw"
    rate: float = 1e-3
    body_rate: float = 0.1
    momentum: float = 0.9
    nesterov: bool = False
    weight_decay: float = 5e-4
    batch_size: int = 32
    epochs: int = 20
    schedule: Literal["constant", "cosine", "plateau"] = "cosine"
    warm_up: float = 0.0
    factor: float = 0.1
    patience: int = 3
    phases: tuple[Phase, ...] = ()
    crop: Literal["area", "jitter", "centre"] = "area"
    crop_area: tuple[float, float] = (0.35, 1.0)
    scale_jitter: tuple[float, float] = (1.143, 2.286)
    flip: bool = True
    colour: float = 0.0
    colour_shift: float = 0.0
    label_smoothing: float = 0.0
    mixup: float = 0.0
    average: float = 0.0
    initialise: str = ""
    order: Literal["shuffled", "listed"] = "shuffled"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    seed: int = 0


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """A run: which pictures, where to, what it begins with, and how. ``val_share`` counts where the folder has no split."""

    data: Path
    output: Path
    spec: ModelSpec
    recipe: Recipe
    device: str = "auto"
    val_share: float = 0.1


@dataclass(frozen=True, slots=True)
class EpochMetrics:
    """An epoch that is over: losses, shares of right answers on the validation pictures, and what it cost.

    ``epoch`` counts from 1; ``loss`` is the mean over the training pictures as they were shown, ``val_loss`` the cross-entropy;
    ``top1`` and ``top5`` are shares; ``side`` is the largest input in pixels; ``memory_bytes`` is what the process, or the
    GPU, held at most.
    """

    epoch: int
    epochs: int
    loss: float
    val_loss: float
    top1: float
    top5: float
    rate: float
    side: int
    seconds: float
    pictures_per_second: float
    memory_bytes: int
    best: bool


@dataclass(frozen=True, slots=True)
class TrainProgress:
    """How far a run is: ``stage`` in words, ``done`` of ``total`` of it, the last batch's ``loss`` (NaN outside of epochs).

    ``seconds_left`` is for all the rest of the run, None while it cannot be said.
    """

    stage: str
    done: int
    total: int
    epoch: int = 0
    epochs: int = 0
    loss: float = float("nan")
    rate: float = 0.0
    pictures_per_second: float = 0.0
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class TrainNotice:
    """Something that was done otherwise than asked, in a sentence: a picture left out, a smaller batch ..."""

    message: str


@dataclass(frozen=True, slots=True)
class TrainOutcome:
    """What a run left in its folder, and how good it is.

    ``confusion`` counts validation pictures: row by row the true category, column by column the one that was said.
    ``temperature`` is what the logits were divided by, in the weights of the classifier, so that probabilities are calibrated
    on the validation pictures. ``before_top1`` is what the model that the run began with gets right of the same pictures, None
    where its categories are others.
    """

    folder: Path
    best_epoch: int
    top1: float
    top5: float
    temperature: float
    confusion: tuple[tuple[int, ...], ...]
    history: tuple[EpochMetrics, ...] = field(default=(), repr=False)
    categories: tuple[str, ...] = ()
    before_top1: float | None = None


@dataclass(frozen=True, slots=True)
class EarlierEpochs:
    """The epochs that were over when a run was broken off, said once as it goes on."""

    history: tuple[EpochMetrics, ...]


@dataclass(frozen=True, slots=True)
class WatchedPicture:
    """What the network of an epoch says of a picture: categories and probabilities, best first; none if it cannot be read."""

    path: Path
    top: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class WatchedEpoch:
    """What the network says of the watched pictures after ``epoch`` epochs, with the averaged weights if there are any."""

    epoch: int
    pictures: tuple[WatchedPicture, ...]


TrainEvent = TrainProgress | TrainNotice | EpochMetrics | EarlierEpochs | WatchedEpoch
