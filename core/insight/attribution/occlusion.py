"""Occlusion: what a grey square costs, place by place."""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor

from core.inference.session import Session
from core.insight.attribution.found import Found, Search
from core.insight.attribution.pace import Pace
from core.types import JobProgress

Square = tuple[int, int, int, int]
"""top, bottom, left, right in pixels of the input; bottom and right are exclusive."""


def sizes(side: int) -> tuple[int, int]:
    """Return the side of the square and its stride: a seventh of the input's side, and half of that (32 and 16 of 224)."""
    window = max(1, side // 7)
    return window, max(1, window // 2)


def squares(height: int, width: int, window: int, stride: int) -> list[Square]:
    """List all places of the square, row by row; the last of a row and of a column end at the border, cut where they must."""
    down, across = (range(0, stride * (math.ceil(max(0, side - window) / stride) + 1), stride) for side in (height, width))
    return [
        (top, min(top + window, height), left, min(left + window, width)) for top, left in itertools.product(down, across)
    ]


def occlusion(session: Session, batch: Tensor, category: int) -> Search:
    """Cover one place after another with the mean colour and measure by how much the category's logit falls.

    Zeiler and Fergus 2014, section 4.2. The value of a pixel is the mean over the squares that cover it, as in captum's
    ``Occlusion``, which does all of it in one go.

    Parameters
    ----------
    session, batch
        The loaded model, and float32 (1, channels, H, W), normalised, so that 0 is the mean colour.
    category
        Index of the category.

    Returns
    -------
    Values of the input's height and width, in logits.
    """
    height, width = batch.shape[2:]
    window, stride = sizes(min(height, width))
    places = squares(height, width, window, stride)
    logits = session.forward(batch)
    whole = float(logits[0, category])
    lost, covered = (torch.zeros(height, width, dtype=torch.float64) for _ in range(2))
    pace, done = Pace(), 0
    while done < len(places):
        yield JobProgress(done, len(places), f"Square {done} of {len(places)}")
        part = places[done : done + pace.count]
        pace.start()
        scores = session.forward(covered_pictures(batch, part))[:, category]
        pace.stop()
        for (top, bottom, left, right), score in zip(part, scores.tolist(), strict=True):
            lost[top:bottom, left:right] += whole - score
            covered[top:bottom, left:right] += 1
        done += len(part)
    note = f"squares of {window} pixels, {stride} apart, of {height}×{width}"
    return Found((lost / covered).float().numpy(), logits, note)


def covered_pictures(batch: Tensor, places: list[Square]) -> Tensor:
    """Return a copy of a picture (1, channels, H, W) for each square, with 0 where it lies."""
    pictures = batch.repeat(len(places), 1, 1, 1)
    for picture, (top, bottom, left, right) in zip(pictures, places, strict=True):
        picture[:, top:bottom, left:right] = 0
    return pictures
