"""Every window of a map at once: cut out, or pooled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor
from torch.nn import functional as F

from core.protocols.dense_fields import pair, reduced_dimensions
from core.protocols.dense_plan import Boundary

_REDUCTIONS = ("mean", "sum")
_AVERAGE = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override")


def count_windows(maps: Tensor, boundary: Boundary) -> tuple[int, int]:
    """How many windows there are in a map, down and across."""
    rows, columns = (
        maps.shape[axis] - side + 1 for axis, side in zip(boundary.axes, boundary.window, strict=True)
    )
    return rows, columns


def windows_of(maps: Tensor, boundary: Boundary) -> Tensor:
    """Cut every window out of a map.

    Parameters
    ----------
    maps
        With a batch of 1 and any number of other dimensions.
    boundary
        Which of them are space, and how large a window is.

    Returns
    -------
    The windows row by row as a batch, each in the shape that the map has for a picture of the usual size.
    """
    (vertical, horizontal), (height, width) = boundary.axes, boundary.window
    moved = maps.movedim((vertical, horizontal), (-2, -1))
    cut = moved.unfold(-2, height, 1).unfold(-2, width, 1).movedim((-4, -3), (1, 2))
    back = cut.movedim((-2, -1), (vertical, horizontal))
    return back.reshape(-1, *boundary.shape[1:]).contiguous()


def window_of(maps: Tensor, boundary: Boundary, place: tuple[int, int]) -> Tensor:
    """Cut one window out of a map, that of a row and a column; in memory as if there were no other."""
    for axis, side, begin in zip(boundary.axes, boundary.window, place, strict=True):
        maps = maps.narrow(axis, begin, side)
    return maps.contiguous().clone()


def pool_windows(
    name: str, maps: Tensor, boundary: Boundary, rest: Sequence[Any], keywords: Mapping[str, Any]
) -> Tensor | None:
    """Pool every window at once, without cutting them out.

    Parameters
    ----------
    name, rest, keywords
        The function that is called, and its arguments after the map.
    maps, boundary
        See :func:`windows_of`.

    Returns
    -------
    What the function gives for the batch of windows; None if it is no average, sum or maximum over a whole window.
    """
    if maps.dim() != 4 or not _pools_all(name, boundary, rest, keywords):
        return None
    spatial_last = maps.movedim(boundary.axes, (-2, -1))
    if "max" in name:
        pooled = F.max_pool2d(spatial_last, boundary.window, 1)
    else:
        pooled = F.avg_pool2d(spatial_last, boundary.window, 1, divisor_override=1 if name == "sum" else None)
    vectors = pooled.permute(0, 2, 3, 1).flatten(0, 2).contiguous()
    if name in _REDUCTIONS and not reduced_dimensions(4, rest, keywords)[1]:
        return vectors
    return vectors[..., None, None].movedim((-2, -1), boundary.axes)


def _pools_all(name: str, boundary: Boundary, rest: Sequence[Any], keywords: Mapping[str, Any]) -> bool:
    if name in _REDUCTIONS:
        dims, _ = reduced_dimensions(4, rest, keywords)
        return sorted(dims) == sorted(boundary.axes) and keywords.get("dtype") is None
    if boundary.axes != (-2, -1):
        return False
    if name in ("adaptive_avg_pool2d", "adaptive_max_pool2d"):
        wanted = rest[0] if rest else keywords["output_size"]
        return pair(wanted) == (1, 1) and not keywords.get("return_indices", len(rest) > 1 and rest[1])
    if name == "avg_pool2d":
        values = dict(zip(_AVERAGE, rest, strict=False)) | dict(keywords)
        return (
            pair(values["kernel_size"]) == boundary.window
            and pair(values.get("padding", 0)) == (0, 0)
            and values.get("divisor_override") is None
        )
    return False
