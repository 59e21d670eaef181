"""A sandy beach with surf, below a blue sky."""

from __future__ import annotations

import torch
from torch import Tensor

from ..camera import Camera
from ..lights import Sky
from ..noise import bump, cells, fbm, value_noise
from ..scene import Part, Scene, Surface, surface
from ..shapes import HeightMap
from ..vectors import length, mix, smoothstep, vec
from ..weather import cloudy_sky, hazy, sun

EYE = (0.0, 2.3, 9.0)
AIR = (0.36, 0.54, 0.78)
CAPE = ((3.0, -62.0), (63.0, -2.0))
"""Corners (x, z) of the rocky headland's map."""


def out_to_sea(p: Tensor) -> Tensor:
    """Return how far places are beyond the water's edge, negative on the beach."""
    edge = 1.3 - 0.32 * p[0] + 1.1 * torch.sin(p[0] * 0.33 + 0.6) + 0.7 * (fbm(p * vec(0.5, 0.0, 0.5), 3) - 0.5)
    return edge - p[2]


def foam_lace(p: Tensor, scale: float) -> Tensor:
    """Return the net of bubbles (0 to 1) that foam leaves on water."""
    warp = p * vec(1.0, 0.0, 1.6) * scale + 0.8 * fbm(p * scale * 0.7, 2)
    near, second, _ = cells(warp)
    return 1.0 - smoothstep(0.02, 0.22, second - near)


def surf(p: Tensor, out: Tensor) -> Tensor:
    """Return how much (0 to 1) of the water is white: the rim of the wash and the breaking crests."""
    rough = fbm(p * vec(1.6, 0.0, 2.4), 4)
    lace = foam_lace(p, 1.5)
    rim = (1.0 - smoothstep(0.0, 0.30 + 0.5 * rough, out)) * (out > 0)
    wash = (1.0 - smoothstep(0.5, 3.6, out)) * lace * smoothstep(0.30, 0.65, rough)
    total = torch.maximum(rim, 0.85 * wash)
    for place, width in ((5.2, 0.9), (10.5, 1.0), (18.0, 1.3)):
        bend = place + 1.6 * (fbm(p * vec(0.16, 0.0, 0.16) + place, 2) - 0.5)
        broken = smoothstep(0.40, 0.62, fbm(p * vec(0.13, 0.0, 0.10) + 2.0 * place, 2) + 0.12)
        behind = out - bend
        crest = smoothstep(-0.45, -0.05, behind) * (1.0 - smoothstep(0.0, width, behind + 0.7 * (rough - 0.5)))
        trail = (1.0 - smoothstep(0.5, 3.5, -behind)) * (behind < 0) * lace * 0.55
        total = torch.maximum(total, broken * torch.maximum(crest * smoothstep(0.25, 0.6, rough + 0.2), trail))
    return total.clamp(0, 1)


def waves(p: Tensor) -> Tensor:
    """Return the relief of the sea."""
    swell = torch.sin(out_to_sea(p) * 1.15 + 1.4 * fbm(p * vec(0.2, 0.0, 0.2), 2))
    return 0.16 * swell + 0.5 * fbm(p * vec(0.9, 0.0, 1.9), 3) + 0.10 * fbm(p * vec(4.0, 0.0, 7.0), 2)


def sea_surface(p: Tensor, normal: Tensor) -> Surface:
    out, far = out_to_sea(p), length(p - vec(*EYE))
    white = surf(p, out)
    deep = 1.0 - torch.exp(-out.clamp_min(0.0) / 9.0)
    water = mix(vec(0.10, 0.36, 0.34), vec(0.004, 0.055, 0.14), smoothstep(0.0, 0.9, deep))
    water = mix(vec(0.36, 0.31, 0.20), water, smoothstep(0.0, 2.6, out))
    albedo = mix(water, vec(0.90, 0.93, 0.94), white)
    calm = (1.0 / (1.0 + far / 14.0))
    tilted = bump(waves, p, normal, 0.42, step=8e-3)
    tilted = mix(normal, tilted, calm)
    coat = 0.035 * (1.0 - white)
    return surface(albedo, tilted / length(tilted), coat=coat, roughness=0.12 + 0.10 * (1 - calm))


def beach_surface(p: Tensor, normal: Tensor) -> Surface:
    out = out_to_sea(p)
    wet = smoothstep(-2.3, -0.3, out + 0.8 * (fbm(p * vec(0.6, 0.0, 0.6), 3) - 0.5))
    grain = 0.5 * fbm(p * 26.0, 2) + 0.5 * fbm(p * 1.3, 3)
    dry = mix(vec(0.50, 0.38, 0.235), vec(0.74, 0.60, 0.41), grain)
    albedo = mix(dry, vec(0.25, 0.18, 0.105), 0.85 * wet)
    weed = smoothstep(0.66, 0.74, fbm(p * 1.9 + 4.0, 3)) * (1.0 - smoothstep(0.2, 1.0, (out + 2.4).abs()))
    albedo = mix(albedo, vec(0.06, 0.045, 0.02), 0.8 * weed)
    foot = bump(lambda q: fbm(q * vec(2.0, 0.0, 3.2), 3) + 0.08 * fbm(q * 22.0, 2), p, normal, 0.42, step=5e-3)
    tilted = mix(foot, normal, 0.93 * wet)
    return surface(albedo, tilted / length(tilted), coat=0.045 * wet, roughness=0.10 + 0.2 * (1 - wet))


def shore(p: Tensor, normal: Tensor) -> Surface:
    sea, sand = sea_surface(p, normal), beach_surface(p, normal)
    dry = out_to_sea(p) < 0
    answer = Surface(**{name: torch.where(dry, vars(sand)[name], vars(sea)[name]) for name in vars(sea)})
    return hazy(answer, p, EYE, AIR, 320.0)


def cape_heights(side: int = 500) -> Tensor:
    (low_x, low_z), (high_x, high_z) = CAPE
    z, x = torch.meshgrid(torch.linspace(low_z, high_z, side), torch.linspace(low_x, high_x, side), indexing="ij")
    p = torch.stack((x.flatten(), torch.zeros(side * side), z.flatten())) * 0.11
    hills = (9.5 * torch.exp(-(((x - 44.0) / 17.0) ** 2 + ((z + 40.0) / 10.0) ** 2))
             + 3.2 * torch.exp(-(((x - 23.0) / 7.0) ** 2 + ((z + 36.0) / 5.0) ** 2)))
    ridges = 1.0 - (2.0 * fbm(p * 1.6, 5) - 1.0).abs()
    rough = hills * (0.45 + 0.65 * ridges.view(side, side)) + 1.1 * (fbm(p * 5.0, 4).view(side, side) - 0.5)
    return 1.25 * rough - 1.3


def cape_surface(p: Tensor, normal: Tensor) -> Surface:
    rock = mix(vec(0.12, 0.095, 0.07), vec(0.34, 0.27, 0.195), fbm(p * vec(0.7, 2.4, 0.7), 4))
    scrub = mix(vec(0.045, 0.075, 0.020), vec(0.12, 0.15, 0.045), fbm(p * 1.5, 3))
    green = smoothstep(0.62, 0.80, normal[1] + 0.3 * (value_noise(p * 0.8) - 0.5)) * smoothstep(0.8, 2.0, p[1])
    albedo = mix(rock, scrub, green) * (0.35 + 0.65 * smoothstep(0.0, 0.5, p[1]))
    return hazy(surface(albedo, bump(lambda q: fbm(q * 2.0, 3), p, normal, 0.25, step=1e-2)), p, EYE, AIR, 130.0)


def build() -> Scene:
    cape = HeightMap(cape_heights(), *CAPE)
    return Scene(
        camera=Camera(EYE, (1.1, 1.40, 0.0), 38.0),
        parts=(Part(lambda p: p[1] - cape(p[0], p[2]), cape_surface, (33.0, 0.0, -32.0), 44.0),),
        low=(3.0, 0.0, -62.0), high=(63.0, 14.0, -2.0),
        lights=(sun((-0.62, 0.62, 0.30), (4.2, 3.8, 3.1)),),
        sky=Sky((0.09, 0.22, 0.55), (0.34, 0.48, 0.70), (0.20, 0.18, 0.14)),
        backdrop=cloudy_sky((0.025, 0.105, 0.38), (0.36, 0.56, 0.82), 0.46, shift=2.3),
        floor=shore, floor_fade=(500.0, 4000.0), exposure=0.92, vignette=0.15, march_scale=0.6,
    )
