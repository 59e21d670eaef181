"""Hours of looking around must not fill the memory: 500 layers, 500 pictures."""

from __future__ import annotations

import ctypes
import gc
import itertools
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.e2e.conftest import LONG, Bench

TIMES = 500
ALLOWED = 12 << 20
"""Bytes that the second half may add: the allocator's own rooms move by a few megabytes."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the process's size from /proc"),
]


def resident() -> int:
    """Bytes of this process in memory, after what nobody needs was given back."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def grown(step: object) -> int:
    """Do a step 500 times; return by how much the second half made the process larger."""
    sizes = []
    for number in range(TIMES):
        step(number)
        if number in (TIMES // 2, TIMES - 1):
            sizes.append(resident())
    return sizes[1] - sizes[0]


def write(path: Path, seed: int) -> Path:
    coarse = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize((320, 240)).save(path)
    return path


def test_500_layers(launch, qtbot, picture):
    bench: Bench = launch()
    path = picture()
    bench.conductor.open_paths((path,))
    bench.wait_answer(path)
    keys = itertools.cycle(layer.key for layer in bench.state.model.layers if layer.key)

    def step(_number: int) -> None:
        wanted = next(keys)
        bench.state.set_layer(wanted)

        def shown() -> bool:
            return bench.state.activations is not None and bench.state.activations.layer.key == wanted

        qtbot.waitUntil(shown, timeout=LONG)

    assert grown(step) < ALLOWED


def test_500_pictures(launch, qtbot, tmp_path):
    bench: Bench = launch()
    paths = [write(tmp_path / f"{number:03}.jpg", number) for number in range(50)]
    bench.conductor.open_paths(tuple(paths))
    bench.wait_answer(paths[0])
    images = itertools.cycle(bench.state.images)

    def step(_number: int) -> None:
        wanted = next(images)
        bench.state.set_image(wanted)

        def answered() -> bool:
            found = bench.state.classification
            return found is not None and found.image == wanted and bench.conductor.idle

        qtbot.waitUntil(answered, timeout=LONG)

    assert grown(step) < ALLOWED
