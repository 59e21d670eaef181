"""Repairs: from a file that a person has to tensors that load strictly."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from core.errors import UsageError, WeightsError
from core.types import Finding
from core.weights.categories import find_names
from core.weights.checkpoint import open_checkpoint
from core.weights.doctor import fitting, health, variant
from core.weights.doctor.anatomy import Anatomy, Reading, dissect
from core.weights.doctor.findings import Report, examine
from core.weights.doctor.match import Match
from core.weights.doctor.states import StateDict, versions
from core.weights.doctor.table import COUNTER, Plan

KINDS = (
    "tensors_only", "unwrap", "strip_prefix", "rename", "cast", "dequantise", "drop_extra", "choose_architecture",
    "rename_head", "new_head", "take_average", fitting.KEEP,
)
"""All repairs there are. ``new_head`` works on every file; ``take_average`` on one with a moving average;
``keep_architecture`` insists on the architecture that was picked, where another one fits better."""

_HEADS = frozenset({"rename_head", "new_head"})
_OPTIONAL = frozenset({"cast"})


@dataclass(frozen=True, slots=True, eq=False)
class Repaired:
    """Weights that load strictly into ``architecture`` with ``num_classes`` outputs.

    ``categories`` are those that came with the file, None where there are none of the right number; ``image_size`` and
    ``aux_logits`` as in :class:`core.zoo.backend.BuildOptions`; ``done`` are the repairs that were made.
    """

    path: Path
    sha256: str
    state_dict: dict[str, Tensor]
    architecture: str
    num_classes: int
    categories: tuple[str, ...] | None
    categories_source: str
    image_size: int | None
    aux_logits: bool
    done: tuple[Finding, ...]


def repaired(
    path: Path,
    kinds: Collection[str],
    architecture: str | None = None,
    num_classes: int | None = None,
    seed: int = 0,
) -> Repaired:
    """Repair a file in memory.

    Parameters
    ----------
    path
        The weights file, which is only read.
    kinds
        Which repairs to make, of :data:`KINDS`.
    architecture
        The one that a person picked, if any.
    num_classes
        Outputs of a new head; by default those of the old one, or of the list of categories that belongs to the file.
    seed
        Of the weights of a new head.

    Raises
    ------
    WeightsError
        If the file is refused, or these repairs are not all it takes.
    UsageError
        If there is no such repair, or nothing says how many outputs a new head is to have.
    """
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise UsageError(f"There is no repair called “{unknown[0]}”. There are: {', '.join(KINDS)}.")
    anatomy = dissect(open_checkpoint(path), averaged="take_average" in kinds).settled(architecture)
    report = examine(anatomy, architecture, insist=fitting.KEEP in kinds)
    match = _match(anatomy, report, kinds)
    assert anatomy.taken is not None
    return _assembled(anatomy, anatomy.taken, match, report, frozenset(kinds), num_classes, seed)


def usual_repairs(repairs: Collection[Finding]) -> tuple[str, ...]:
    """Return the kinds that are made when nobody says which: all that help, and no new head where the old one can stay."""
    kinds = tuple(one.kind for one in repairs)
    return tuple(kind for kind in kinds if kind != "new_head" or "rename_head" not in kinds)


def _match(anatomy: Anatomy, report: Report, kinds: Collection[str]) -> Match:
    """Return the architecture, or say why these repairs are not enough."""
    path = anatomy.checkpoint.path
    blocking = [one for one in report.blocking if one.kind != "not_finite"] or report.blocking
    if blocking:
        raise WeightsError(f"“{path.name}” cannot be repaired. {blocking[0].message}", path=path)
    wanted = [one for one in report.repairs if one.kind not in {*kinds, *_OPTIONAL, *_HEADS}]
    heads = [one for one in report.repairs if one.kind in _HEADS]
    if heads and not _HEADS.intersection(kinds):
        wanted.append(heads[0])
    if wanted:
        raise WeightsError(
            f"“{path.name}” cannot be loaded without one more repair, {wanted[0].kind}: {wanted[0].message}", path=path
        )
    match = report.match
    if match is None:
        raise WeightsError(f"“{path.name}” fits no architecture of the catalogue.", path=path)
    return match


def _assembled(
    anatomy: Anatomy,
    reading: Reading,
    match: Match,
    report: Report,
    kinds: frozenset[str],
    num_classes: int | None,
    seed: int,
) -> Repaired:
    plan, checkpoint = match.plan, anatomy.checkpoint
    tensors = dict(reading.tensors)
    offered = {one.kind for one in report.repairs}
    if "rename_head" in kinds & offered and "new_head" not in kinds - offered:
        names = fitting.renamed_head(match, reading)
        tensors = {names.get(name, name): value for name, value in tensors.items()}
        kinds -= {"new_head"}
    count = variant.num_classes(plan, {name: tuple(value.shape) for name, value in tensors.items()})
    if "new_head" in kinds:
        known = fitting.classes(match, reading)
        count = num_classes or known or len(find_names(checkpoint, known).names or ()) or None
        if count is None:
            raise UsageError(
                f"“{checkpoint.path.name}” has no classifier, so that nothing says for how many classes the new one is to be. "
                "Say it with --classes N.",
                path=checkpoint.path,
            )
        _new_head(plan, tensors, count, seed)
    assert count is not None  # a file without a head is repaired with a new one, or not at all
    aux = variant.has_auxiliary(plan, {name: tuple(value.shape) for name, value in tensors.items()}, count)
    state = _complete(plan, tensors, aux, "cast" in kinds)
    # MNASNet does not load without its version; the shapes are those of the second.
    own = versions(reading.state.metadata, reading.prefix) if reading.as_saved is None else None
    state._metadata = own or {"": {"version": 2}}
    names_found = find_names(checkpoint, count)
    done = [one for one in report.repairs if one.kind in kinds]
    done += [fitting.NEW_HEAD] * ("new_head" in kinds - offered)
    return Repaired(
        checkpoint.path, checkpoint.sha256, state, plan.name, count, names_found.names, names_found.source,
        variant.image_size(plan, reading.shapes), aux, tuple(done),
    )


def _complete(plan: Plan, tensors: Mapping[str, Tensor], aux: bool, cast: bool) -> StateDict:
    """Put the tensors of an architecture in order, with the counters that older files lack."""
    state = StateDict()
    for name in plan.tensors:
        if plan.auxiliary and name.startswith(plan.auxiliary) and not aux:
            continue
        value = tensors[name].detach()
        if cast and (value.is_floating_point() or health.is_weight(name)):
            value = value.float()
        state[name] = value
        if name.endswith("running_var"):
            counter = name.removesuffix("running_var") + COUNTER
            state[counter] = tensors.get(counter, torch.tensor(0)).detach()
    return state


def _new_head(plan: Plan, tensors: dict[str, Tensor], classes: int, seed: int) -> None:
    """Put fresh tensors in the place of the classifier's; its hidden layers stay where they fit."""
    generator = torch.Generator().manual_seed(seed)
    bases = {head.removesuffix("weight") for head in plan.heads if head.startswith(plan.head_part)}
    fan = 1
    for name, shape in plan.tensors.items():
        if not name.startswith(plan.head_part):
            continue
        last = name.startswith(tuple(bases))
        wanted = (classes, *shape[1:]) if last else shape
        fan = math.prod(shape[1:]) if name.endswith("weight") else fan
        if not last and name in tensors and tuple(tensors[name].shape) == wanted and bool(tensors[name].isfinite().all()):
            continue
        if len(shape) > 1 or (name.endswith("bias") and len(plan.tensors.get(f"{name[:-4]}weight", ())) > 1):
            # As nn.Linear and nn.Conv2d draw theirs.
            bound = 1 / math.sqrt(fan)
            tensors[name] = torch.empty(wanted).uniform_(-bound, bound, generator=generator)
        else:
            tensors[name] = torch.ones(wanted) if name.endswith("weight") else torch.zeros(wanted)
