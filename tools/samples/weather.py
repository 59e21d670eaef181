"""A blue sky with clouds, sunlight, and the haze that lies before distant things."""

from __future__ import annotations

import torch
from torch import Tensor

from .lights import AreaLight, Backdrop
from .materials import Color
from .noise import fbm
from .scene import Surface
from .vectors import length, mix, normalize, smoothstep, vec


def sun(toward: Color, color: Color, size: float = 4.0) -> AreaLight:
    """Return a lamp so far away that its light is parallel; ``color`` is what it sends to surfaces that face it."""
    away = normalize(vec(*toward)).flatten().tolist()
    gain = (200.0 / size) ** 2
    return AreaLight((away[0] * 200, away[1] * 200, away[2] * 200), (0.0, 0.0, 0.0), size,
                     (color[0] * gain, color[1] * gain, color[2] * gain))


def cloudy_sky(zenith: Color, horizon: Color, cover: float, glow: Color = (1.0, 1.0, 1.0), shift: float = 0.0) -> Backdrop:
    """Return a backdrop of blue air with clouds; ``cover`` (0 to 1) is how much of it they fill."""

    def backdrop(direction: Tensor) -> Tensor:
        height = direction[1].clamp_min(0.0)
        air = mix(vec(*horizon), vec(*zenith), 1.0 - torch.exp(-height * 4.5))
        plane = direction / (height + 0.16) * vec(1.0, 0.0, 1.0)
        at = plane * 1.15 + vec(shift, 3.1 + shift, 0.0)
        thick = fbm(at + 0.6 * fbm(at * 1.7, 2)[None], 6)
        lit = fbm(at + vec(-0.22, 0.0, 0.12), 4)
        share = smoothstep(0.62 - 0.3 * cover, 0.86 - 0.3 * cover, thick) * smoothstep(0.0, 0.10, direction[1])
        shade = (0.62 + 1.5 * (thick - lit)).clamp(0.42, 1.0)
        return mix(air, vec(*glow) * shade, 0.92 * share)

    return backdrop


def hazy(answer: Surface, p: Tensor, eye: Color, air: Color, reach: float) -> Surface:
    """Let a surface fade into the colour of the air; after ``reach`` units two thirds of it are gone."""
    clear = torch.exp(-length(p - vec(*eye)) / reach)
    answer.albedo = answer.albedo * clear
    answer.coat = answer.coat * clear
    answer.emission = answer.emission * clear + vec(*air) * (1.0 - clear)
    return answer
