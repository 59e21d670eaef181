"""Which variant of an architecture tensors belong to: classes, size and channels of the pictures, auxiliary heads."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from core.weights.doctor.table import ANY, Plan, Shape

_PATCH = re.compile(r"vit_\w+_(\d+)$")


def num_classes(plan: Plan, shapes: Mapping[str, Shape]) -> int | None:
    """Number of rows of the classifier, or None where there is none of the right kind."""
    shape = shapes.get(plan.head, ())
    return shape[0] if len(shape) == len(plan.tensors[plan.head]) and shape[0] > 0 else None


def own_classes(plan: Plan, shapes: Mapping[str, Shape]) -> int | None:
    """Number of rows of the last layer that a file has in the place of the classifier."""
    rows = [shape[0] for name, shape in shapes.items() if name.startswith(plan.head_part) and len(shape) in {2, 4}]
    return rows[-1] if rows else None


def has_auxiliary(plan: Plan, shapes: Mapping[str, Shape], classes: int | None) -> bool:
    """Whether the auxiliary heads are there; those of a fine-tuned file may still have their old number of classes."""
    return all(shapes.get(name, (0,))[0] == classes for name in plan.heads[:-1])


def in_channels(plan: Plan, shapes: Mapping[str, Shape]) -> int | None:
    """Channels of the pictures that the first convolution looks at; None for an architecture that leaves no choice."""
    name = plan.first
    shape = shapes.get(name, ())
    return shape[1] if len(shape) == 4 and plan.tensors[name][1] == ANY else None


def image_size(plan: Plan, shapes: Mapping[str, Shape]) -> int | None:
    """Side in pixels that a Vision Transformer's position embeddings stand for."""
    patch = _PATCH.match(plan.name)
    shape = shapes.get("encoder.pos_embedding", ())
    if patch is None or len(shape) != 3 or shape[1] < 2:
        return None
    return math.isqrt(shape[1] - 1) * int(patch.group(1))
