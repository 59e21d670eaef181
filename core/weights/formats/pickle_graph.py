"""What a pickle says, as inert values: nothing here can be called."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Named:
    """A global that a pickle names: "torch._utils._rebuild_tensor_v2"."""

    name: str


@dataclass(slots=True, eq=False)
class Made:
    """An object that a pickle would have made by calling ``callee`` with ``args``.

    ``state`` is what BUILD would have given it; ``items`` and ``pairs`` are what would have been appended and set.
    """

    callee: Any
    args: Any = ()
    state: Any = None
    items: list[Any] = field(default_factory=list)
    pairs: list[tuple[Any, Any]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The global that would have been called, "" where that is itself the result of a call."""
        return self.callee.name if isinstance(self.callee, Named) else ""


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """Something kept outside the pickle (a persistent id), such as a storage."""

    key: Any
