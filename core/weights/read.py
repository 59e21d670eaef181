"""The state_dict in a weights file, taken out of what training programs wrap around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.errors import ErrorKind, WeightsError
from core.weights.categories import embedded_categories
from core.weights.checkpoint import open_checkpoint
from core.weights.formats import limits

WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "params", "ema")
"""Keys under which training programs keep the state_dict, the likelier ones first."""

PREFIXES = ("module.", "_orig_mod.")
"""What nn.DataParallel and torch.compile put before every name."""

_ALIGNMENT = 64  # bytes, as torch's own memory


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """What a weights file holds.

    ``state_dict`` maps names to tensors on the CPU, floating-point ones as float32; where torch wrote module versions
    into the file they are its ``_metadata``, as ``load_state_dict`` expects. ``sha256`` is the hash of the file in
    hexadecimal digits; ``notices`` say what was done to the content; ``categories`` are those the file names itself, if
    it does.
    """

    path: Path
    state_dict: dict[str, Tensor]
    sha256: str
    notices: tuple[str, ...] = ()
    categories: tuple[str, ...] | None = None


@dataclass(slots=True)
class _Content:
    """The state_dict on its way out of its wrappings."""

    tensors: dict[Any, Any]
    notices: list[str] = field(default_factory=list)
    categories: tuple[str, ...] | None = None


def read_state_dict(path: Path) -> dict[str, Tensor]:
    """Return the state_dict of a weights file; see :func:`read_weights`."""
    return read_weights(path).state_dict


def read_weights(path: Path) -> WeightsFile:
    """Read a weights file of any format that :func:`core.weights.checkpoint.open_checkpoint` knows.

    Wrappings (:data:`WRAPPERS`) and prefixes (:data:`PREFIXES`) are taken off, half and double precision becomes
    float32; each is said in ``notices``.

    Raises
    ------
    WeightsError
        ``missing``, ``denied``, ``empty``, ``truncated``, ``unsupported`` (another kind of file) or ``unreadable``.
    """
    opened = open_checkpoint(path)
    content = _Content(_with_metadata(opened.content), [*opened.notes], embedded_categories(opened.metadata))
    _unwrap(content, path)
    _strip_prefixes(content)
    state_dict = _plain(content, path)
    return WeightsFile(path, state_dict, opened.sha256, tuple(content.notices), content.categories)


def _refusal(path: Path, reason: str, kind: ErrorKind) -> WeightsError:
    return WeightsError(f"“{path.name}” {reason}", kind=kind, path=path)


def _let_go(tensors: dict[Any, Any], path: Path) -> None:
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


def _with_metadata(mapping: Mapping[Any, Any]) -> dict[Any, Any]:
    """Copy a mapping; versions of modules, an attribute that torch puts on state_dicts, come along."""
    copy = _StateDict(mapping)
    copy._metadata = dict(getattr(mapping, "_metadata", None) or {})
    return copy


class _StateDict(dict[Any, Any]):
    """A dict that can carry what ``load_state_dict`` looks for."""

    _metadata: dict[str, dict[str, Any]]


def _unwrap(content: _Content, path: Path) -> None:
    """Go down into the wrapper that holds the tensors."""
    for _ in range(4):
        content.categories = content.categories or embedded_categories(content.tensors)
        inside = [key for key in WRAPPERS if _holds_tensors(content.tensors.get(key))]
        if not inside:
            return
        content.tensors = _with_metadata(content.tensors[inside[0]])
        others = f" (there was “{'”, “'.join(inside[1:])}” too)" if inside[1:] else ""
        content.notices.append(f"“{path.name}” is a training checkpoint: its “{inside[0]}” was taken{others}.")


def _holds_tensors(value: Any, depth: int = 3) -> bool:
    if not isinstance(value, Mapping):
        return False
    if any(isinstance(item, Tensor) for item in value.values()):
        return True
    return depth > 0 and any(_holds_tensors(value.get(key), depth - 1) for key in WRAPPERS)


def _strip_prefixes(content: _Content) -> None:
    """Take off prefixes that all tensors share, one inside the other."""
    stripped: list[str] = []
    while prefix := _shared_prefix(content.tensors):
        metadata = getattr(content.tensors, "_metadata", {})
        fresh = _StateDict(
            (key.removeprefix(prefix) if isinstance(key, str) else key, value) for key, value in content.tensors.items()
        )
        fresh._metadata = {
            name.removeprefix(prefix): value for name, value in metadata.items() if name.startswith(prefix)
        } | {"": metadata.get(prefix[:-1], metadata.get("", {}))}
        content.tensors = fresh
        stripped.append(prefix)
    if stripped:
        content.notices.append(f"The prefix “{''.join(stripped)}” was taken off the names of all tensors.")


def _shared_prefix(tensors: Mapping[Any, Any]) -> str:
    names = [key for key, value in tensors.items() if isinstance(value, Tensor) and isinstance(key, str)]
    return next((prefix for prefix in PREFIXES if names and all(name.startswith(prefix) for name in names)), "")


def _plain(content: _Content, path: Path) -> dict[str, Tensor]:
    """Keep the tensors only, detached, floating-point ones as float32."""
    kept = _StateDict()
    kept._metadata = getattr(content.tensors, "_metadata", {})
    cast: set[str] = set()
    for key, value in content.tensors.items():
        if not isinstance(value, Tensor) or not isinstance(key, str):
            continue
        if value.is_floating_point() and value.dtype != torch.float32:
            cast.add(str(value.dtype).removeprefix("torch."))
            value = value.float()
        kept[key] = value.detach()
    _let_go(kept, path)
    if not kept:
        keys = ", ".join(repr(key) for key in list(content.tensors)[:4])
        raise _refusal(
            path, f"holds no weights{f': only {keys}' if keys else ''}. Save `model.state_dict()`.", "unsupported"
        )
    dropped = [str(key) for key in content.tensors if key not in kept]
    if dropped:
        content.notices.append(f"“{path.name}” also holds {', '.join(dropped[:4])}, which was left aside.")
    if cast:
        content.notices.append(
            f"The weights are stored as {' and '.join(sorted(cast))}; they were converted to float32."
        )
    return kept
