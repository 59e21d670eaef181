"""Weights files as they are loaded: the state_dict inside, under plain names, in float32.

What is done here is what the checkpoint doctor (:mod:`core.weights.doctor`) would do of its own accord; nothing runs code of
a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from core.errors import WeightsError
from core.weights.categories import find_names
from core.weights.checkpoint import Checkpoint, open_checkpoint
from core.weights.doctor import health, variant
from core.weights.doctor.anatomy import Anatomy, Reading, dissect
from core.weights.doctor.states import StateDict, versions
from core.weights.doctor.words import WHOLE_NUMBERS, some
from core.weights.formats import limits

_ALIGNMENT = 64  # bytes, as torch's own memory


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """What a weights file holds.

    ``state_dict`` maps names to tensors on the CPU, weights as float32; where torch wrote module versions into the file
    they are its ``_metadata``, as ``load_state_dict`` expects. ``sha256`` is the hash of the file in hexadecimal digits;
    ``notices`` say what was done to the content; ``categories`` are those the file names itself, if it does;
    ``checkpoint`` is the content as it was saved.
    """

    path: Path
    state_dict: dict[str, Tensor]
    sha256: str
    notices: tuple[str, ...] = ()
    categories: tuple[str, ...] | None = None
    checkpoint: Checkpoint | None = None


def read_state_dict(path: Path) -> dict[str, Tensor]:
    """Return the state_dict of a weights file; see :func:`read_weights`."""
    return read_weights(path).state_dict


def read_weights(path: Path) -> WeightsFile:
    """Read a weights file of any known format, told apart by content.

    The repairs that cannot harm are made: wrappings of training programs and prefixes are taken off, other precisions
    become float32; each is said in ``notices``.

    Raises
    ------
    WeightsError
        ``missing``, ``denied``, ``empty``, ``truncated``, ``unsupported`` (another kind of file, or one that would have
        to run code) or ``unreadable``.
    """
    checkpoint = open_checkpoint(path)
    anatomy = dissect(checkpoint)
    reading = anatomy.taken
    if reading is None:
        keys = ", ".join(repr(key) for key in list(checkpoint.content)[:4])
        raise WeightsError(
            f"“{path.name}” holds no weights{f': only {keys}' if keys else ''}. Save `model.state_dict()`.",
            kind="unsupported",
            path=path,
        )
    reading = reading.as_saved or reading  # what is only suspected is for a person to agree to
    notices = [*checkpoint.notes, *_notices(anatomy, reading)]
    state, kinds = _as_float32(reading)
    _let_go(state, path)
    if kinds:
        notices.append(f"The weights are stored as {' and '.join(sorted(kinds))}; they were converted to float32.")
    if health.whole_numbers(reading.tensors):
        notices.append(WHOLE_NUMBERS)
    match = reading.match
    count = variant.num_classes(match.plan, reading.shapes) if match is not None else None
    return WeightsFile(
        path, state, checkpoint.sha256, tuple(notices), find_names(checkpoint, count, beside=False).names, checkpoint
    )


def _notices(anatomy: Anatomy, reading: Reading) -> list[str]:
    """Say what was taken off."""
    notices: list[str] = []
    name, state = anatomy.checkpoint.path.name, reading.state
    if state.place:
        others = [f"“{other.words}”" for other in anatomy.others if other.place]
        there = f" (there was {', '.join(others)} too)" if others else ""
        notices.append(f"“{name}” is a training checkpoint: its “{state.words}” was taken{there}.")
    if reading.prefix:
        notices.append(f"The prefix “{reading.prefix}” was taken off the names of all tensors.")
    if anatomy.leftovers:
        notices.append(f"“{name}” also holds {some(anatomy.leftovers, 4)}, which was left aside.")
    return notices


def _as_float32(reading: Reading) -> tuple[StateDict, set[str]]:
    """Return the tensors, detached, all but counters and the like as float32, and from which other types."""
    fresh = StateDict()
    fresh._metadata = versions(reading.state.metadata, reading.prefix)
    cast: set[str] = set()
    whole = set(health.whole_numbers(reading.tensors))
    for name, value in reading.tensors.items():
        if name in whole or (value.is_floating_point() and value.dtype != torch.float32):
            cast.add(str(value.dtype).removeprefix("torch."))
            value = value.float()
        fresh[name] = value.detach()
    return fresh, cast


def _let_go(tensors: dict[str, Tensor], path: Path) -> None:
    """Copy tensors that would keep much else alive, or with which a model would not calculate as with its own.

    What was read is one piece of memory, kept by each tensor in it: for a model in use that is right where the weights
    are nearly all of the file, and not where an optimizer's state lies beside them or the file is mapped. Tensors at odd
    addresses take other paths through the processor and give other last digits.
    """
    try:
        size = path.stat().st_size
    except OSError:
        size = limits.IN_MEMORY + 1
    most = sum(value.nbytes for value in tensors.values()) > 0.8 * size
    for key, value in tensors.items():
        if not most or size > limits.IN_MEMORY or value.data_ptr() % _ALIGNMENT:
            tensors[key] = value.clone()
