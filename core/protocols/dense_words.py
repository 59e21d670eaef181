"""Why a network cannot be evaluated densely, and what to know of one that can, each in a sentence."""

from __future__ import annotations

from core.types import LayerInfo


class CannotSlide(Exception):  # noqa: N818 - a reason, turned into an error with the network's name
    """A network cannot slide; the text is what follows after its name and a colon."""


def windowed(layers: tuple[LayerInfo, ...]) -> CannotSlide | None:
    """The reason where attention works in windows; None where it does not."""
    found = next((layer.windows for layer in layers if layer.heads is not None and layer.windows is not None), None)
    if found is None:
        return None
    return CannotSlide(
        f"its attention compares positions within windows of {found.rows}×{found.columns} that lie on a fixed grid. What a "
        "position is compared with depends on its place in the picture, so the network does not do the same everywhere"
    )


def embedded(extent: tuple[int, int], side: int) -> CannotSlide:
    """Values were learned, or made, for each position."""
    return CannotSlide(
        f"it adds an embedding of its own to each of {extent[0]}×{extent[1]} positions, those of a picture of {side}×{side} "
        "pixels, and has none for the positions of a larger picture"
    )


def attends() -> CannotSlide:
    """Attention over all positions, without embeddings that were recognised."""
    return CannotSlide(
        "its attention compares every position with all others, so there are no maps of which a window could be taken"
    )


def by_batch() -> CannotSlide:
    """Batch norm without statistics of its own."""
    return CannotSlide(
        "its batch norm keeps no running statistics and takes those of what it is shown, so that no window would be judged by "
        "itself"
    )


def unknown(name: str) -> CannotSlide:
    """A function that mixes positions in a way that is not known."""
    return CannotSlide(
        f"it calls “{name}” on a map, and what that does at the positions of a larger map is not known to Layerscope"
    )


def opaque() -> CannotSlide:
    """A pass that could not be followed."""
    return CannotSlide("the way from its input to its answer cannot be followed (compiled code, or values taken out of torch)")


def no_head() -> CannotSlide:
    """No place where maps become one answer."""
    return CannotSlide("no place was found where its maps become one answer for the whole picture")


def several_strides() -> CannotSlide:
    """The head looks at maps of several resolutions."""
    return CannotSlide("its head takes maps of several strides together, which move by different steps")


def shared() -> CannotSlide:
    """The head and the maps take the same pooled values."""
    return CannotSlide("its head takes values that its maps take too, once for a window and once for the whole picture")


def other_way() -> CannotSlide:
    """Other functions are called for a larger picture."""
    return CannotSlide("its code takes another way for a picture of another size")


def fixed_size(side: int, reason: str) -> CannotSlide:
    """The pass over a larger picture failed."""
    return CannotSlide(f"it takes pictures of {side}×{side} pixels only ({reason})")


def other_shape(expected: tuple[int, ...], found: tuple[int, ...]) -> CannotSlide:
    """A larger picture gave another number of answers than there are windows."""
    return CannotSlide(f"a larger picture gave {found[0]} answers for its {expected[0]}×{expected[1]} windows")


def other_answer(difference: float) -> CannotSlide:
    """At its usual size the dense form says something else."""
    return CannotSlide(
        f"a picture of its usual size does not get the same answer twice (scores differ by {difference:.1g} of the largest)"
    )


def mixed() -> CannotSlide:
    """A window gets another answer beside others than alone."""
    return CannotSlide("its head gives a window another answer when there are others beside it in the batch")


def notes(padded: bool, whole: bool) -> tuple[str, ...]:
    """What to know about the scores of a network that slides."""
    said = []
    if padded:
        said.append(
            "Maps are padded at the border of the whole picture only: inside, a window sees what lies around it where a crop "
            "of it would see zeros (VGG paper, section 3.2)."
        )
    if whole:
        said.append(
            "What is averaged over space on the way (squeeze-and-excitation, group norm) is averaged over the whole picture, "
            "not over a window."
        )
    return tuple(said)
