"""What stands in front of the camera: solids with their surfaces, a floor, lamps, sky and backdrop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .camera import Camera
from .lights import AreaLight, Backdrop, BallLight, Sky
from .vectors import Placement, length, vec


@dataclass
class Surface:
    """How points of a surface answer light; every field is (3, N) or (N,).

    ``coat`` is the reflectance of a clear film at normal incidence (0 for none, 0.04 for wax or glaze), ``roughness`` (0 to 1)
    blurs what it mirrors. ``normal`` is the shading normal after bumps. ``softness`` lets light wrap around the terminator.
    """

    albedo: Tensor
    normal: Tensor
    coat: Tensor
    roughness: Tensor
    emission: Tensor
    softness: Tensor


def surface(
    albedo: Tensor, normal: Tensor, coat: Tensor | float = 0.0, roughness: Tensor | float = 0.5,
    emission: Tensor | float = 0.0, softness: Tensor | float = 0.0,
) -> Surface:
    """Build a :class:`Surface`, spreading single numbers and single colours over all points."""
    flat, colors = torch.zeros_like(normal[0]), torch.zeros_like(normal)
    return Surface(albedo + colors, normal, flat + coat, flat + roughness, colors + emission, flat + softness)


Distance = Callable[[Tensor], Tensor]
Shade = Callable[[Tensor, Tensor], Surface]


@dataclass(frozen=True)
class Part:
    """A solid: its signed distance, its surface (from points and normals), and a ball that contains it."""

    distance: Distance
    shade: Shade
    center: tuple[float, float, float]
    radius: float

    def bounded(self, p: Tensor) -> Tensor:
        """Return the distance (N,), cheap (to the ball) for points far from the solid."""
        rough = length(p - vec(*self.center)) - self.radius
        near = (rough < 0.2 * self.radius).nonzero().flatten()
        if len(near) == len(rough):
            return self.distance(p)
        if len(near):
            rough[near] = self.distance(p[:, near])
        return rough


def placed(place: Placement, distance: Distance, shade: Shade, radius: float) -> Part:
    """Return a part that is described in its own coordinates, where a ball of ``radius`` about the origin contains it."""

    def placed_distance(p: Tensor) -> Tensor:
        return distance(place.local(p)) * place.size

    def placed_shade(p: Tensor, normal: Tensor) -> Surface:
        answer = shade(place.local(p), place.direction(normal))
        answer.normal = place.back(answer.normal)
        return answer

    return Part(placed_distance, placed_shade, place.center, radius * place.size)


@dataclass(frozen=True)
class Scene:
    """Everything a picture is made of. ``low`` and ``high`` bound all parts; the floor is the endless plane y = 0."""

    camera: Camera
    parts: tuple[Part, ...]
    low: tuple[float, float, float]
    high: tuple[float, float, float]
    lights: tuple[AreaLight | BallLight, ...]
    sky: Sky
    backdrop: Backdrop
    floor: Shade | None = None
    floor_fade: tuple[float, float] = (1e5, 2e5)
    """Between these distances from the eye the floor melts into the backdrop."""
    exposure: float = 1.0
    vignette: float = 0.25
    march_scale: float = 1.0
    """Share of the distance that a ray dares to step; below 1 for fields that overestimate."""
    samples: int = 4
    glow: Callable[[Tensor, Tensor, Tensor], Tensor] | None = None
    """Light added along camera rays: origins, directions, distances to radiance (3, N)."""

    def distance(self, p: Tensor) -> Tensor:
        """Return the distance (N,) to the nearest part."""
        nearest = self.parts[0].bounded(p)
        for part in self.parts[1:]:
            nearest = torch.minimum(nearest, part.bounded(p))
        return nearest

    def owner(self, p: Tensor) -> Tensor:
        """Return the index (N,) of the part that points on the surface belong to."""
        return torch.stack([part.bounded(p) for part in self.parts]).argmin(0)
