"""A thin-lens camera."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .vectors import normalize, vec


@dataclass(frozen=True)
class Camera:
    """Where the picture is taken from.

    ``field_of_view`` is vertical, in degrees; ``aperture`` is the radius of the lens; what lies ``focus`` units away (the
    target if it is 0) is sharp.
    """

    eye: tuple[float, float, float]
    target: tuple[float, float, float]
    field_of_view: float = 30.0
    aperture: float = 0.0
    focus: float = 0.0

    def rays(self, x: Tensor, y: Tensor, lens: Tensor) -> tuple[Tensor, Tensor]:
        """Return origins and unit directions (3, N) of the rays through a place in the picture.

        Parameters
        ----------
        x, y
            Place in the picture, (N,); y runs from -1 (bottom) to 1 (top), x is measured in the same unit.
        lens
            Two numbers in [0, 1) per ray, (2, N), that choose the point of the lens.
        """
        eye = vec(*self.eye)
        toward = vec(*self.target) - eye
        distance = self.focus or float(toward.norm())
        forward = normalize(toward)
        right = normalize(torch.linalg.cross(forward, vec(0, 1, 0), dim=0))
        up = torch.linalg.cross(right, forward, dim=0)
        scale = math.tan(math.radians(self.field_of_view) / 2)
        sharp = eye + distance * (forward + scale * (x * right + y * up))
        radius, angle = self.aperture * lens[0].sqrt(), 2 * math.pi * lens[1]
        origin = eye + radius * (angle.cos() * right + angle.sin() * up)
        return origin, normalize(sharp - origin)
