"""What an architecture looks at, and what its outputs are called, unless weights say otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.errors import ModelError
from core.types import BUILTIN_MODEL, Preprocessing
from core.weights import builtin
from core.zoo import backend, channels
from core.zoo.own import NETWORKS

ASSUMED = "assumed"
"""Begins the source of a preprocessing that nothing but the architecture speaks for."""

NUMBERED = "numbered"
"""The source of names that nobody gave."""

# Luma of ITU-R 601-2, as Pillow makes grey pictures.
_LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True, slots=True)
class Usual:
    """Names of the outputs, where they come from, and the preprocessing."""

    categories: tuple[str, ...]
    source: str
    preprocessing: Preprocessing

    @property
    def names(self) -> tuple[str, ...]:
        """The categories, but () where they are only numbered."""
        return () if self.source == NUMBERED else self.categories


def of_architecture(architecture: str) -> Usual:
    """Categories and preprocessing of the architecture's own weights; of those that have none, those of its kin.

    Raises
    ------
    ModelError
        If there is no such architecture.
    """
    if architecture == BUILTIN_MODEL:
        card = builtin.card()
        return Usual(card.categories, "built-in model", card.preprocessing)
    own = NETWORKS.get(architecture)
    if own is None:
        entry = backend.default_entry(architecture)
        return Usual(entry.categories, entry.preprocessing.source, entry.preprocessing)
    if own.like:
        entry = backend.default_entry(own.like)
        how = replace(entry.preprocessing, source=f"{ASSUMED}, as {entry.preprocessing.source}")
        if len(entry.categories) == own.num_classes:
            return Usual(entry.categories, entry.preprocessing.source, how)
    else:
        assert own.preprocessing is not None  # the table of own networks is tested for it
        how = own.preprocessing
    return Usual(numbered(own.num_classes), NUMBERED, how)


def numbered(count: int) -> tuple[str, ...]:
    """Names for outputs that nobody named."""
    return tuple(f"class {index}" for index in range(count))


def for_channels(architecture: str, how: Preprocessing, wanted: int | None) -> Preprocessing:
    """Return a preprocessing for another number of channels: grey pictures get the luma of mean and deviation.

    Parameters
    ----------
    architecture
        What the preprocessing is for.
    how
        The architecture's own.
    wanted
        Channels of the input; None leaves it as it is.

    Raises
    ------
    ModelError
        If a picture cannot be brought to so many channels, or the architecture cannot be had for them.
    """
    given = len(how.mean)
    if channels.checked(architecture, wanted) == given:
        return how
    if wanted == 1:
        mean, std = (round(sum(w * v for w, v in zip(_LUMA, row, strict=True)), 4) for row in (how.mean, how.std))
        return replace(how, mean=(mean,), std=(std,), order="RGB", source=_assumed(how.source, "for grey pictures"))
    if wanted == channels.USUAL:
        return replace(how, mean=how.mean * 3, std=how.std * 3, source=_assumed(how.source, "for colour pictures"))
    raise ModelError(
        f"{architecture} for {wanted} channels cannot be given a picture: pictures have one channel (grey) or three (red, "
        "green, blue)."
    )


def _assumed(source: str, words: str) -> str:
    return f"{source if source.startswith(ASSUMED) else f'{ASSUMED}, as {source}'}, {words}"
