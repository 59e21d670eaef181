"""A snowy mountain range above a wooded valley."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from ..camera import Camera
from ..lights import Sky
from ..noise import bump, cells, fbm, value_noise
from ..scene import Part, Scene, Surface, surface
from ..shapes import HeightMap
from ..vectors import mix, rotation, smoothstep, vec
from ..weather import cloudy_sky, hazy, sun

HALF = 20.0
"""Half the side of the land."""
EYE = (0.0, 3.3, 17.5)
SNOW_LINE = 3.0
TREE_LINE = 2.0


def grid(side: int) -> Tensor:
    """Return the places of the height map as points (3, side * side)."""
    axis = torch.linspace(-HALF, HALF, side)
    z, x = torch.meshgrid(axis, axis, indexing="ij")
    return torch.stack((x.flatten(), torch.zeros(side * side), z.flatten()))


def eroded_noise(p: Tensor, side: int, octaves: int = 9) -> Tensor:
    """Return layered noise (side, side) whose fine layers are weak on steep slopes, as if water had worn them."""
    total, weight = torch.zeros(side, side), 1.0
    slope_x, slope_z = torch.zeros(side, side), torch.zeros(side, side)
    # Turned from the start: the lattice of the noise would show as straight ridges.
    q = rotation(("y", 27.0)) @ p * 0.16 + vec(31.7, 0.0, 12.9)
    turn = torch.tensor([[0.8, 0.0, -0.6], [0.0, 1.0, 0.0], [0.6, 0.0, 0.8]])
    for octave in range(octaves):
        layer = value_noise(q + 5.1 * octave).view(side, side)
        if octave < 5:
            layer = 1.0 - (2.0 * layer - 1.0).abs()
        down_z, down_x = torch.gradient(layer * weight, spacing=2 * HALF / side)
        slope_x, slope_z = slope_x + down_x, slope_z + down_z
        total += weight * layer / (1.0 + 1.2 * (slope_x**2 + slope_z**2))
        weight *= 0.5
        q = turn @ q * 2.0
    return total


def land(side: int = 1100) -> Tensor:
    """Return the heights of mountains, valley and trees, (side, side)."""
    p = grid(side)
    x, z = p[0].view(side, side), p[2].view(side, side)
    peak = torch.exp(-(((x - 0.6) / 4.4) ** 2 + ((z + 7.0) / 4.0) ** 2))
    second = torch.exp(-(((x + 9.0) / 4.0) ** 2 + ((z + 9.0) / 5.0) ** 2))
    third = torch.exp(-(((x - 10.5) / 4.2) ** 2 + ((z + 8.0) / 4.5) ** 2))
    massif = 5.9 * peak + 4.4 * second + 4.0 * third
    noise = eroded_noise(p, side)
    back = 1.0 - smoothstep(-6.0, 8.0, z)
    height = massif * (0.42 + 0.62 * noise) + back * 1.9 * noise + 0.35 * noise
    flanks = 1.5 * smoothstep(3.5, 11.0, (x + 1.0).abs()) * smoothstep(-4.0, 8.0, z)
    height = height + flanks * (0.6 + 0.6 * noise) - 0.3
    # The ridges would end in needles.
    height = height - 0.55 * (height - 6.2).clamp_min(0.0)
    height = avg_pool2d(height[None, None], 5, stride=1, padding=2, count_include_pad=False)[0, 0]
    return height + 0.30 * woods(p, height.flatten()).view(side, side)


def woods(p: Tensor, height: Tensor) -> Tensor:
    """Return the shape (0 to 1) of the tree tops at places of the map."""
    where = fbm(p * 0.5 + 9.0, 3) + 0.16 * (TREE_LINE - height).clamp(-2.0, 0.6)
    grove = smoothstep(0.50, 0.56, where)
    near, _, name = cells(p * 4.6)
    return grove * (1.0 - near * 1.25).clamp_min(0.0) * (0.6 + 0.6 * name)


def ground_surface(p: Tensor, normal: Tensor, trees: HeightMap) -> Surface:
    height, steep = p[1], normal[1]
    detail = fbm(p * 3.0, 4)
    strata = fbm(p * vec(0.8, 5.0, 0.8), 3)
    rock = mix(vec(0.105, 0.095, 0.090), vec(0.27, 0.24, 0.215), strata)
    meadow = mix(vec(0.085, 0.125, 0.022), vec(0.20, 0.22, 0.050), fbm(p * 1.3, 3))
    wood = mix(vec(0.010, 0.026, 0.012), vec(0.030, 0.060, 0.020), detail)
    albedo = mix(meadow, rock, smoothstep(0.15, 0.45, 1.0 - steep + 0.25 * (height - 2.2).clamp(0, 1)))
    albedo = mix(albedo, wood, smoothstep(0.01, 0.10, trees(p[0], p[2])))
    snow = smoothstep(-0.25, 0.35, height - SNOW_LINE + 1.6 * (detail - 0.5) + 1.1 * (steep - 0.72))
    snow = snow * smoothstep(0.40, 0.58, steep + 0.35 * (detail - 0.5) + 0.02 * (height - 4.0))
    albedo = mix(albedo, vec(0.88, 0.91, 0.96), snow)
    tilted = bump(lambda q: fbm(q * 7.0, 3), p, normal, 0.06, step=6e-3)
    answer = surface(albedo, tilted, softness=0.1 + 0.15 * snow)
    return hazy(answer, p, EYE, (0.30, 0.45, 0.74), 120.0)


def build() -> Scene:
    heights = HeightMap(land(), (-HALF, -HALF), (HALF, HALF))
    p = grid(700)
    wooded = woods(p, heights(p[0], p[2]) - 0.1)
    trees = HeightMap(wooded.view(700, 700), (-HALF, -HALF), (HALF, HALF))
    ground = Part(lambda q: q[1] - heights(q[0], q[2]), lambda q, n: ground_surface(q, n, trees), (0.0, 0.0, 0.0), 40.0)
    return Scene(
        camera=Camera(EYE, (0.5, 4.15, -6.0), 33.0),
        parts=(ground,),
        low=(-HALF, -1.0, -HALF), high=(HALF, 13.0, 15.5),
        lights=(sun((-0.75, 0.52, 0.42), (4.3, 3.8, 3.1)),),
        sky=Sky((0.14, 0.27, 0.60), (0.30, 0.40, 0.58), (0.06, 0.08, 0.06)),
        backdrop=cloudy_sky((0.030, 0.105, 0.37), (0.28, 0.46, 0.76), 0.42),
        exposure=0.95, vignette=0.15, march_scale=0.38,
    )
