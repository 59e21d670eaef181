"""The diagnosis of a weights file: what window and command line show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.errors import WeightsError
from core.types import Candidate, Diagnosis, Finding
from core.weights.categories import find_names
from core.weights.checkpoint import CheckpointError, open_checkpoint
from core.weights.doctor import fitting
from core.weights.doctor.anatomy import Anatomy, Reading, dissect
from core.weights.doctor.findings import examine
from core.weights.doctor.own_graph import finding, fits_catalogue, network_of
from core.zoo.exported import GraphError

CANDIDATES = 5
"""Architectures that a diagnosis lists at most."""

HARMLESS = frozenset({"wrapped", "optimizer", "leftovers", "prefix", "precision"})
"""Kinds of problems that loading deals with by itself; they come last."""


def diagnose(
    path: Path,
    architecture: str | None = None,
    *,
    insist: bool = False,
    loaded: Sequence[tuple[str, tuple[int, ...]]] = (),
) -> Diagnosis:
    """Say all that is known of a weights file without running anything in it.

    Parameters
    ----------
    path
        The file; one that cannot be read gives a diagnosis, too.
    architecture
        An architecture of the catalogue that a person picked, if any.
    insist
        Say what it takes to load it as that one, even where another fits better.
    loaded
        Names and shapes of the tensors of the network that a person's code built, which the file may be meant for.
    """
    try:
        checkpoint = open_checkpoint(path)
    except WeightsError as error:
        return _unreadable(path, error)
    anatomy = dissect(checkpoint)
    found = of_anatomy(anatomy, architecture, insist=insist)
    if checkpoint.format == "torch-export" and architecture is None:
        found = _exported(anatomy, found)
    fits = bool(loaded) and anatomy.taken is not None and anatomy.taken.is_of(dict(loaded))
    return replace(found, fits_loaded=fits)


def of_anatomy(anatomy: Anatomy, architecture: str | None = None, *, insist: bool = False) -> Diagnosis:
    """Say all that is known of a checkpoint that was taken apart."""
    anatomy = anatomy.settled(architecture)
    checkpoint, reading = anatomy.checkpoint, anatomy.taken
    report = examine(anatomy, architecture, insist=insist)
    match = report.match
    count = None
    source = None
    harmless = [one for one in report.problems if one.kind in HARMLESS]
    problems = [*report.blocking, *(one for one in report.problems if one.kind not in HARMLESS)]
    if match is not None and reading is not None:
        count = fitting.classes(match, reading)
        named = find_names(checkpoint, count, match.plan.name)
        source = named.source
        problems += [Finding("categories_length", sentence) for sentence in named.refused]
    problems += harmless
    return Diagnosis(
        path=checkpoint.path,
        format=checkpoint.format,
        readable=True,
        executes_code=checkpoint.executes_code,
        globals=checkpoint.globals,
        architecture=match.plan.name if match is not None else None,
        candidates=_candidates(reading, architecture) if reading is not None else (),
        num_classes=count,
        categories_source=source,
        problems=tuple(problems),
        repairs=() if report.blocking else tuple(report.repairs),
        verdict=report.verdict,
        sha256=checkpoint.sha256,
        summary=fitting.what(reading.match, reading) if reading is not None and reading.match is not None else "",
    )


def _candidates(reading: Reading, architecture: str | None) -> tuple[Candidate, ...]:
    """List the best few, and last the one that was picked where it is not among them."""
    best = [one.candidate for one in reading.ranking[:CANDIDATES]]
    if architecture is not None and all(one.model != architecture for one in best):
        best.append(reading.against(architecture).candidate)
    return tuple(best)


def _exported(anatomy: Anatomy, found: Diagnosis) -> Diagnosis:
    """Say of an exported program that fits no model as it is whether it can be run by its own graph."""
    checkpoint = anatomy.checkpoint
    if fits_catalogue(anatomy.taken) or any(one.kind == "not_finite" for one in found.problems):
        return found
    try:
        network = network_of(checkpoint)
    except GraphError as error:
        why = Finding("own_graph", f"Its own graph cannot be run either: {error}.")
        return replace(found, problems=(*found.problems, why))
    named = find_names(checkpoint, network.num_classes)
    refused = tuple(Finding("categories_length", sentence) for sentence in named.refused)
    return replace(
        found,
        architecture=None,
        num_classes=network.num_classes,
        categories_source=named.source,
        problems=(finding(network, checkpoint.path.name), *refused),
        repairs=(),
        verdict="loadable",
    )


def _unreadable(path: Path, error: WeightsError) -> Diagnosis:
    learnt = error if isinstance(error, CheckpointError) else CheckpointError(error.message, kind=error.kind)
    return Diagnosis(
        path=path,
        format=learnt.format,
        readable=False,
        executes_code=learnt.executes_code,
        globals=learnt.globals,
        architecture=None,
        candidates=(),
        num_classes=None,
        categories_source=None,
        problems=(Finding(error.kind, error.message),),
        repairs=(),
        verdict="refused",
        sha256=learnt.sha256,
    )
