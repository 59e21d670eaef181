"""Which architecture names and shapes belong to: every one of the table compared, the best first."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from core.types import Candidate
from core.weights.doctor.table import COUNTER, Plan, Shape, agree, plans
from core.zoo.catalog import SAME_AS

ENOUGH = 0.95
"""Share of the tensors of both sides that must match before an architecture is said."""

_LONE_LAYER = 2
"""Tensors of one layer: a classifier under a name of its own."""

_LOOKED_AT = 10
"""Architectures that are compared name by name, after all were counted."""

# DenseNet's published weights were saved when module names could hold dots, and the Vision Transformers' when their MLPs
# had named layers; torchvision renames both as it loads them.
_OLD_NAMES = (
    (re.compile(r"^(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\.\w+)$"), r"\1\2"),
    (re.compile(r"^(.*encoder_layer_\d+\.mlp)\.linear_1\.(\w+)$"), r"\1.0.\2"),
    (re.compile(r"^(.*encoder_layer_\d+\.mlp)\.linear_2\.(\w+)$"), r"\1.3.\2"),
)


def modern(name: str) -> str:
    """Bring a name of an older torchvision up to date."""
    if ".mlp.linear_" in name or (".denselayer" in name and (".norm." in name or ".conv." in name)):
        for pattern, fresh in _OLD_NAMES:
            name = pattern.sub(fresh, name)
    return name


@dataclass(frozen=True, slots=True)
class Match:
    """How names and shapes compare with an architecture; the names are those of the architecture, or the file's own.

    ``misshapen`` are in both, in different shapes. Counters of batch norm do not count anywhere; neither do auxiliary heads
    that are missing altogether.
    """

    plan: Plan
    matched: int
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    misshapen: tuple[str, ...]
    foreign_head: bool = False
    """Whether what lies in the place of the classifier cannot be one: convolutions where linear layers are expected."""

    @property
    def score(self) -> float:
        """From 0 to 1, the share of both sides' tensors that match."""
        wanted = self.matched + len(self.missing) + len(self.misshapen)
        given = self.matched + len(self.unexpected) + len(self.misshapen)
        return 2 * self.matched / (wanted + given) if wanted + given else 0.0

    @property
    def exact(self) -> bool:
        """Whether nothing differs."""
        return not (self.missing or self.unexpected or self.misshapen)

    @property
    def candidate(self) -> Candidate:
        """The numbers alone."""
        return Candidate(self.plan.name, self.matched, len(self.missing), len(self.unexpected), len(self.misshapen))

    @property
    def convincing(self) -> bool:
        """Whether the architecture can be said: nearly all of both sides match, and no hidden layer has another shape."""
        if self.exact:
            return True
        lost = [name for name in self.missing if not self._set_aside(name)]
        extra = [name for name in self.unexpected if not self._set_aside(name)]
        bent = [name for name in self.misshapen if not self._set_aside(name)]
        features = len(self.plan.features)
        kept = features - len(lost) - len(bent)
        if self.foreign_head or (self.plan.head in self.missing and len(extra) > _LONE_LAYER):
            return False  # the features of a classifier inside something else
        if not (kept >= ENOUGH * features and kept >= ENOUGH * (kept + len(extra) + len(bent))):
            return False
        return not bent

    def _set_aside(self, name: str) -> bool:
        """Whether a tensor is part of a classifier, which a person may have replaced or left out."""
        return name.startswith((self.plan.head_part, *self.plan.auxiliary))


def shapes_of(tensors: Mapping[str, Tensor]) -> dict[str, Shape]:
    """Return the shape of each tensor but counters."""
    return {name: tuple(value.shape) for name, value in tensors.items() if not name.endswith(COUNTER)}


def compare(plan: Plan, shapes: Mapping[str, Shape]) -> Match:
    """Compare names and shapes with one architecture."""
    missing = [name for name in plan.tensors if name not in shapes]
    absent = set(missing)
    for prefix in plan.auxiliary:
        group = [name for name in plan.tensors if name.startswith(prefix)]
        if absent.issuperset(group):
            absent.difference_update(group)
    unexpected = tuple(name for name in shapes if name not in plan.tensors)
    both = [name for name in plan.tensors if name in shapes]
    misshapen = tuple(name for name in both if not agree(plan.tensors[name], shapes[name]))
    own = [shapes[name] for name in (*unexpected, *misshapen) if name.startswith(plan.head_part)]
    foreign = any(len(shape) not in {0, 1, len(plan.tensors[plan.head])} for shape in own)
    lost = tuple(name for name in missing if name in absent)
    return Match(plan, len(both) - len(misshapen), lost, unexpected, misshapen, foreign)


def ranked(shapes: Mapping[str, Shape]) -> tuple[Match, ...]:
    """Compare with all architectures and return the best few.

    Those without a name in common are left out, and those that have the tensors of another one.
    """
    counted = ((*_common(plan, shapes), len(plan.tensors), plan) for plan in plans().values() if plan.name not in SAME_AS)
    likely = sorted(
        (one for one in counted if one[1]), key=lambda one: (one[0] / (one[2] + len(shapes)), one[1] / one[2]), reverse=True
    )
    found = [compare(plan, shapes) for *_, plan in likely[:_LOOKED_AT]]
    return tuple(sorted(found, key=lambda match: (-match.score, -match.matched)))


def said(ranking: Sequence[Match]) -> Match | None:
    """Return the one architecture that is convincing, None where there is none, or no telling which of several."""
    convincing = [match for match in ranking if match.convincing]
    if not convincing or convincing[0] is not ranking[0]:
        return None
    return None if any(other.score == convincing[0].score for other in convincing[1:]) else convincing[0]


def _common(plan: Plan, shapes: Mapping[str, Shape]) -> tuple[int, int]:
    """Count the tensors of a plan's names and shapes, and those of its names."""
    tensors = plan.tensors
    named = tensors.keys() & shapes.keys()
    return sum(1 for name in named if agree(tensors[name], shapes[name])), len(named)
