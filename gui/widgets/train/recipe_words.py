"""What a person reads of recipes: the presets in a sentence, each value by name, and when it counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.training.recipe import limits
from core.types import Recipe

PRESET_WORDS: tuple[tuple[str, str, str], ...] = (
    ("quick", "Quick", "A new head on features that are computed once: a few minutes, for pictures like those that the "
     "weights know."),
    ("fine-tune", "Fine-tune", "The whole network learns, its body at a tenth of the rate: slower, and better where there are "
     "enough pictures."),
    ("vgg-paper", "VGG paper", "From scratch as in the VGG paper: SGD, batches of 256, scale jitter; for many pictures and "
     "much time."),
    ("seed-004", "Seed 004", "The flower script of seed document 004: Adam at 2e-4 for the whole network, random crops and "
     "flips."),
)
"""Name in ``core.training.recipe.PRESETS``, title, and what it is; “corrections” has a window of its own."""


@dataclass(frozen=True, slots=True)
class FieldWords:
    """A value of a recipe; ``idle`` says why it does not count with the others as they are, "" where it does."""

    key: str
    label: str
    tip: str
    idle: Callable[[Recipe], str] = lambda _: ""

    def hint(self) -> str:
        """The tip, with the range that the value may have."""
        span = limits(self.key)
        return f"{self.tip}, {span[0]:g} to {span[1]:g}" if span is not None else self.tip


def _of_body(recipe: Recipe) -> str:
    return "A new head learns from features of whole pictures, as they are and mirrored" if recipe.mode == "head" else ""


def _only(key: str, value: str, words: str) -> Callable[[Recipe], str]:
    return lambda recipe: "" if getattr(recipe, key) == value else words


def _of_crop(kind: str) -> Callable[[Recipe], str]:
    return lambda recipe: _of_body(recipe) or _only("crop", kind, f"Counts with the crop “{kind}” only")(recipe)


_SGD = _only("optimizer", "sgd", "Counts with the optimizer “sgd” only")
_PLATEAU = _only("schedule", "plateau", "Counts with the schedule “plateau” only")


def _climbs(recipe: Recipe) -> str:
    return "The schedule “plateau” does not climb" if recipe.schedule == "plateau" else ""


def _smooths(recipe: Recipe) -> str:
    return "Counts with the loss “softmax” only" if recipe.loss == "hinge" else ""


SECTIONS: tuple[tuple[str, tuple[FieldWords, ...]], ...] = (
    ("Learning", (
        FieldWords("mode", "Mode", "head: a new classifier on features that stay; full: all of it, the body at its own rate; "
                   "scratch: from random weights"),
        FieldWords("loss", "Loss", "softmax: cross-entropy; hinge: one linear SVM a category"),
        FieldWords("label_smoothing", "Label smoothing", "Share of a target that is spread over all categories", _smooths),
        FieldWords("optimizer", "Optimizer", "As in torch.optim"),
        FieldWords("rate", "Rate", "The learning rate"),
        FieldWords("body_rate", "Body rate", "Rate of all but the head, as a share of the rate",
                   _only("mode", "full", "Counts with the mode “full” only")),
        FieldWords("momentum", "Momentum", "Of SGD", _SGD),
        FieldWords("nesterov", "Nesterov", "Nesterov’s momentum", _SGD),
        FieldWords("weight_decay", "Weight decay", "Of weights, not of biases and norms"),
        FieldWords("batch_size", "Batch size", "Pictures a step"),
    )),
    ("Schedule", (
        FieldWords("schedule", "Schedule", "constant; cosine: half a cosine down to nothing; plateau: times the factor when "
                   "validation stops improving"),
        FieldWords("warm_up", "Warm-up", "Share of all steps in which the rate climbs", _climbs),
        FieldWords("factor", "Factor", "What the rate is multiplied with on a plateau", _PLATEAU),
        FieldWords("patience", "Patience", "Epochs without improvement before that", _PLATEAU),
        FieldWords("average", "Average", "Decay of a moving average of the weights, which is what is kept; 0 for none"),
    )),
    ("Pictures", (
        FieldWords("phases", "Phases", "Sides of the input in pixels and for how many epochs, as in 32:20,48+64:5; empty for "
                   "the network’s own side", _of_body),
        FieldWords("crop", "Crop", "area: a part of the picture; jitter: the short side resized at random; centre: what the "
                   "network will be shown", _of_body),
        FieldWords("crop_area", "Crop area", "Smallest and largest share of the picture, as in 0.35,1", _of_crop("area")),
        FieldWords("scale_jitter", "Scale jitter", "Short side over the input’s side, smallest and largest, as in 1.14,2.29",
                   _of_crop("jitter")),
        FieldWords("flip", "Flip", "Mirrors every other picture"),
        FieldWords("colour", "Colour", "Largest change of brightness, contrast and saturation", _of_body),
        FieldWords("colour_shift", "Colour shift", "Standard deviation along the principal components of colour", _of_body),
        FieldWords("mixup", "Mixing", "Mixes pictures two by two: parameter of the beta distribution; 0 for none"),
    )),
    ("The rest", (
        FieldWords("initialise", "Initialise", "File with weights of configuration A, for deep VGGs",
                   _only("mode", "scratch", "Counts with the mode “scratch” only")),
        FieldWords("order", "Order", "listed: the first epoch goes by the order of the list; shuffled: by the seed"),
        FieldWords("precision", "Precision", "auto: measures whether bfloat16 is faster",
                   lambda recipe: "Heads are trained in float32" if recipe.mode == "head" else ""),
    )),
)  # fmt: skip
"""All values of a recipe but ``epochs`` and ``seed``, which always stand in sight."""


def value_text(value: object) -> str:
    """Write a value as ``core.training.recipe.changed`` reads it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return ",".join("+".join(map(str, sides)) + f":{epochs}" for sides, epochs in value)
    if isinstance(value, tuple):
        return ",".join(f"{one:.6g}" for one in value)
    return str(value)
