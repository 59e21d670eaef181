"""What a person reads of a diagnosis."""

from __future__ import annotations

from core.types import Candidate, Diagnosis, Finding

FORMATS = {
    "safetensors": "safetensors",
    "safetensors-sharded": "safetensors in several files, with an index",
    "torch-zip": "torch.save",
    "torch-legacy": "torch.save of before torch 1.6",
    "torchscript": "TorchScript program",
    "torch-export": "torch.export program",
    "zip": "zip archive",
    "unknown": "not known",
}

CHOOSE = "choose_architecture"
"""The kind of the repair that is another architecture, which a person chooses from a table."""

KEEP = "keep_architecture"
"""The kind of the repair that is the architecture of a row that a person chose, where another one fits better."""

NEW_HEAD, RENAME_HEAD, TAKE_AVERAGE = "new_head", "rename_head", "take_average"
_BY_ROW = {CHOOSE, KEEP}
_OPTIONAL = {*_BY_ROW, "cast", TAKE_AVERAGE}
_HEADS = {NEW_HEAD, RENAME_HEAD}

ANOTHER = "other_architecture"
"""The kind of the problem that a file is of another architecture than was picked."""

UNFIT = "unfit_architecture"
"""The kind of the problem that a file cannot be loaded as the architecture of the chosen row; another row may do."""

_AVERAGE = Finding(TAKE_AVERAGE, "Take the moving average (EMA) of the weights instead.")


def is_harmless(repair: Finding) -> bool:
    """Whether a repair only brings the same weights into the form that is wanted; such a one is ticked already."""
    return repair.kind not in (NEW_HEAD, TAKE_AVERAGE)


def is_final(diagnosis: Diagnosis) -> bool:
    """Whether a file is refused whatever a person chooses."""
    return diagnosis.verdict == "refused" and all(one.kind != UNFIT for one in diagnosis.problems)


def all_repairs(diagnosis: Diagnosis, ticked: tuple[str, ...]) -> tuple[str, ...]:
    """Return the kinds to repair a file with: those that are ticked, and the one that the choice of a row stands for."""
    return (*ticked, *(one.kind for one in diagnosis.repairs if one.kind == KEEP))


def offered(diagnosis: Diagnosis) -> tuple[Finding, ...]:
    """What a person can tick; another architecture is chosen in a table instead."""
    if diagnosis.verdict == "refused":
        return ()
    known = tuple(one for one in diagnosis.repairs if one.kind not in _BY_ROW)
    # The doctor names the average among the problems, for a file is loadable without it.
    more = any(one.kind == "averaged" and TAKE_AVERAGE in one.message for one in diagnosis.problems)
    return (*known, _AVERAGE) if more and all(one.kind != TAKE_AVERAGE for one in known) else known


def lacking(diagnosis: Diagnosis, ticked: tuple[str, ...]) -> str:
    """Say which repair the file cannot be loaded without; "" where nothing is lacking."""
    kinds = [one.kind for one in offered(diagnosis)]
    needed = next((kind for kind in kinds if kind not in _OPTIONAL | _HEADS and kind not in ticked), "")
    if not needed and _HEADS.intersection(kinds) and not _HEADS.intersection(ticked):
        needed = next(kind for kind in kinds if kind in _HEADS)
    if not needed:
        return ""
    message = next(one.message for one in offered(diagnosis) if one.kind == needed)
    return f"It cannot be loaded without this repair: {message}"


def runs_own_graph(diagnosis: Diagnosis) -> bool:
    """Whether a file holds a network of its own, which is run as it is."""
    return diagnosis.architecture is None and diagnosis.verdict == "loadable"


def headline(diagnosis: Diagnosis, picked: str | None) -> str:
    """Say in a sentence what the file is, and what stands in the way."""
    said = next((one.message for one in diagnosis.problems if one.kind == ANOTHER), "")
    if said and diagnosis.verdict != "refused":
        return said
    unfit = next((one.message for one in diagnosis.problems if one.kind == UNFIT), "")
    if unfit:
        return unfit
    if diagnosis.verdict == "refused":
        first = diagnosis.problems[0].message if diagnosis.problems else "No weights were found in it."
        return f"This file cannot be loaded. {first}"
    if runs_own_graph(diagnosis):
        return next((one.message for one in diagnosis.problems if one.kind == "own_graph"), "It can be loaded.")
    if diagnosis.architecture is None:
        return "The tensors are those of no model that is known here. Choose the one it comes closest to."
    what = diagnosis.summary
    return f"{what} It can be loaded once it is repaired." if diagnosis.verdict == "repairable" else f"{what} Load it?"


def format_words(diagnosis: Diagnosis) -> str:
    """Say what kind of file it is, and whether its end is missing."""
    cut = diagnosis.format != "unknown" and any(one.kind == "truncated" for one in diagnosis.problems)
    return FORMATS[diagnosis.format] + (", cut off" if cut else "")


def classes_words(diagnosis: Diagnosis) -> str:
    """Say how many classes there are, and where their names come from."""
    if diagnosis.num_classes is None:
        return "not known: there is no classifier"
    source = diagnosis.categories_source
    if not source or source == "numbered":
        return f"{diagnosis.num_classes:,}, without names"
    return f"{diagnosis.num_classes:,}, names from {source}"


def size_words(size: int | None) -> str:
    """Write a size in bytes: "812 bytes", "4.9 MB"."""
    if size is None:
        return ""
    for limit, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= limit:
            return f"{size / limit:.1f} {unit}"
    return _count(size, "byte", "bytes")


def candidate_words(one: Candidate) -> str:
    """Say all of a candidate."""
    words = [f"{one.matched:,} of the tensors match"]
    for number, what in ((one.missing, "missing"), (one.unexpected, "unexpected"), (one.misshapen, "of another shape")):
        if number:
            words.append(f"{number:,} {what}")
    return f"{one.model}: {', '.join(words)}"


def as_text(diagnosis: Diagnosis, picked: str | None) -> str:
    """Write all of it down, for a mail or a report."""
    lines = [str(diagnosis.path), headline(diagnosis, picked), f"Format: {format_words(diagnosis)}"]
    if diagnosis.verdict != "refused":
        lines.append(f"Classes: {classes_words(diagnosis)}")
    if diagnosis.sha256:
        lines.append(f"SHA-256: {diagnosis.sha256}")
    lines += [f"Problem: {one.message}" for one in diagnosis.problems]
    lines += [f"Repair: {one.message}" for one in diagnosis.repairs]
    lines += [f"Candidate: {candidate_words(one)}" for one in diagnosis.candidates]
    if diagnosis.globals:
        lines.append(f"Names in the pickle: {', '.join(diagnosis.globals)}")
    return "\n".join(lines)


def shape_words(shape: tuple[int, ...] | None) -> str:
    """Write a shape: "64×3×7×7", "one number", "—"; 0 stands for any size."""
    if shape is None:
        return "—"
    return "×".join("any" if size == 0 else str(size) for size in shape) if shape else "one number"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
