"""The state_dicts inside what a training program saved, and the prefixes on the names in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from core.weights.doctor.words import shown

WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "network", "weights", "params", "state", "module", "ema")
"""Keys under which training programs keep the state_dict, the likelier ones first."""

ALWAYS = ("module.", "_orig_mod.")
"""What nn.DataParallel and torch.compile put before names: never part of a network of its own."""

_AVERAGED = "n_averaged"
"""The counter that torch's AveragedModel keeps beside the weights."""

_DEPTH = 6
_MOST = 12
"""More state_dicts than that in one file are not told apart."""


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Tensors that lie together in a file: ``place`` are the keys that lead to them; names are as they were saved."""

    place: tuple[str, ...]
    tensors: dict[str, Tensor]
    metadata: Mapping[str, Any]

    @property
    def words(self) -> str:
        """The place as a person writes it: "ema.state_dict"."""
        return shown(".".join(self.place))

    @property
    def averaged(self) -> bool:
        """Whether it is called an exponential moving average of the weights."""
        return any("ema" in part.lower().split("_") or "averaged" in part.lower() for part in self.place)

    @property
    def rank(self) -> tuple[bool, int, int]:
        """The likelier the weights to be meant, the smaller."""
        known = [WRAPPERS.index(part) for part in self.place if part in WRAPPERS]
        return self.averaged, min(known, default=len(WRAPPERS) if self.place else 0), -len(self.tensors)


def states(content: Mapping[Any, Any]) -> list[State]:
    """Find all state_dicts in nested mappings, the likeliest first; the optimizer's are none."""
    found = [state for state, _ in zip(_walk(content, (), set()), range(_MOST), strict=False)]
    return sorted(found, key=lambda state: state.rank)


def is_optimizer(key: object, value: object) -> bool:
    """Whether a part of a checkpoint is the state of an optimizer or a schedule."""
    if not isinstance(value, Mapping):
        return False
    return "param_groups" in value or (isinstance(key, str) and "optim" in key.lower())


def has_optimizer(content: Mapping[Any, Any]) -> bool:
    """Whether the state of an optimizer lies beside the weights."""
    parts = [content, *(value for value in content.values() if isinstance(value, Mapping))]
    return any(is_optimizer(key, value) for part in parts for key, value in part.items())


def _walk(content: Mapping[Any, Any], place: tuple[str, ...], seen: set[int]) -> Iterator[State]:
    seen.add(id(content))  # a pickle can hold a mapping that holds itself
    tensors = {key: value for key, value in content.items() if isinstance(key, str) and isinstance(value, Tensor)}
    tensors.pop(_AVERAGED, None)
    if tensors:
        yield State(place, tensors, getattr(content, "_metadata", None) or {})
    if len(place) == _DEPTH:
        return
    for key, value in content.items():
        if not isinstance(key, str) or not isinstance(value, Mapping) or id(value) in seen or is_optimizer(key, value):
            continue
        yield from _walk(value, (*place, key), seen)


def without_always(name: str) -> str:
    """Take off what DataParallel and torch.compile add, wherever in the name it stands."""
    parts = name.split(".")
    kept = [part for part in parts[:-1] if f"{part}." not in ALWAYS]
    return ".".join([*kept, parts[-1]])


def prefixes(names: list[str]) -> list[str]:
    """Return the beginnings that more than half of the names share, the shortest ("") first."""
    chain = [""]
    for _ in range(_DEPTH):
        inside = (name[len(chain[-1]) :] for name in names if name.startswith(chain[-1]))
        counts = Counter(name.partition(".")[0] for name in inside if "." in name)
        if not counts:
            break
        first, count = counts.most_common(1)[0]
        if 2 * count <= len(names):
            break
        chain.append(f"{chain[-1]}{first}.")
    return chain


class StateDict(dict[str, Tensor]):
    """A dict that carries the versions of modules, as ``load_state_dict`` expects them."""

    _metadata: dict[str, dict[str, Any]]


def versions(metadata: Mapping[str, Any], prefix: str) -> dict[str, dict[str, Any]]:
    """Take a prefix off the names of modules, whose versions these are; the outermost of them becomes the network."""
    bare = without_always(f"{prefix}x").removesuffix("x")
    fresh: dict[str, dict[str, Any]] = {}
    for name, value in metadata.items():
        inner = without_always(f"{name}.x").removesuffix("x").removesuffix(".") if name else ""
        fresh[f"{inner}.".removeprefix(bare).removesuffix(".")] = value
    return fresh
