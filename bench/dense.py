"""Is a dense pass worth it? One over a whole picture at Q = 384 against a loop over all of its windows, in the same run:

for each network at most half the time of the loop. The loop shows the network the very windows that the cells of the score
map stand for, a batch of 16 at a time. Prints one JSON object.

    python bench/dense.py [--repeats 3] [--output FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.inference.session import Session  # noqa: E402
from core.protocols.dense import DenseNetwork, dense_form  # noqa: E402
from core.types import BUILTIN_SPEC, ModelSpec, WeightsSpec  # noqa: E402

Q, SIZE = 384, (384, 448)
FACTOR = 0.5
BATCH = 16
NETWORKS = (BUILTIN_SPEC, ModelSpec("resnet18", WeightsSpec("random")))
"""Of windows of 64 and of 224 pixels: many that share little, and few that share much."""


def windows(dense: DenseNetwork, picture: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    """Every window, row by row: (rows * columns, 3, side, side)."""
    down, right = dense.stride
    cut = picture.unfold(2, dense.side, down).unfold(3, dense.side, right)[:, :, :rows, :columns]
    return cut.permute(0, 2, 3, 1, 4, 5).reshape(rows * columns, -1, dense.side, dense.side)


def milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def measure(spec: ModelSpec, repeats: int) -> dict[str, object]:
    session = Session.load(spec, "cpu")
    finding = milliseconds(lambda: dense_form(session))
    dense = dense_form(session)
    picture = torch.randn(1, 3, *SIZE, generator=torch.Generator().manual_seed(0))
    rows, columns = dense.scores(picture).shape[2:]
    crops = windows(dense, picture, rows, columns)

    def loop() -> None:
        for batch in crops.split(BATCH):
            session.forward(batch)

    session.forward(crops[:BATCH])
    both = [(milliseconds(lambda: dense.scores(picture)), milliseconds(loop)) for _ in range(repeats)]
    at_once, one_by_one = (float(np.median(times)) for times in zip(*both, strict=True))
    ratio = at_once / one_by_one
    return {
        "network": session.info.title,
        "picture": SIZE,
        "windows": rows * columns,
        "finding_ms": finding,
        "dense_ms": at_once,
        "loop_ms": one_by_one,
        "ratio": ratio,
        "limit": FACTOR,
        "within_limit": ratio <= FACTOR,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3, help="how often each is timed, in turn")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["LAYERSCOPE_HOME"] = name
        networks = [measure(spec, options.repeats) for spec in NETWORKS]
    found = {
        "benchmark": "dense",
        "q": Q,
        "networks": networks,
        "within_limits": all(network["within_limit"] for network in networks),
    }
    result = json.dumps(found, indent=1)
    print(result)
    if options.output is not None:
        options.output.write_text(result + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
