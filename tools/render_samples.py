"""Render the bundled sample pictures to ``resources/samples``.

    python tools/render_samples.py [NAME ...] [--output DIR] [--scale 0.25] [--samples 8]

Every run gives the same pictures. All of them take some minutes on two cores; a smaller scale is for trying things out.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from samples.film import save
from samples.render import render
from samples.subjects import SUBJECTS

ROOT = Path(__file__).resolve().parent.parent
WIDTH, HEIGHT = 640, 480


def render_one(name: str, options: argparse.Namespace) -> str:
    """Render one picture and return a line that says so."""
    torch.set_num_threads(1)
    began = time.monotonic()
    scene = SUBJECTS[name]()
    size = round(WIDTH * options.scale), round(HEIGHT * options.scale)
    path = options.output / f"{list(SUBJECTS).index(name) + 1}_{name}.jpg"
    save(render(scene, *size, options.samples or scene.samples), path)
    return f"{path.name}: {time.monotonic() - began:.0f} s, {path.stat().st_size / 1024:.0f} KiB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(SUBJECTS)} (all by default)")
    parser.add_argument("--output", type=Path, default=ROOT / "resources" / "samples")
    parser.add_argument("--scale", type=float, default=1.0, help="size of the pictures, 1 for 640 x 480 pixels")
    parser.add_argument("--samples", type=int, help="light paths per pixel, in place of the scene's own number")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="pictures rendered at the same time")
    options = parser.parse_args()
    unknown = set(options.names) - set(SUBJECTS)
    if unknown:
        parser.error(f"there is no picture {', '.join(sorted(unknown))}; choose from {', '.join(SUBJECTS)}")
    options.output.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        for line in pool.map(render_one, options.names or SUBJECTS, repeat(options)):
            print(line, flush=True)


if __name__ == "__main__":
    main()
