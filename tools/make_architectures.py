"""Write ``resources/architectures.json.gz``: the names and shapes of all tensors of all architectures of the catalogue.

The checkpoint doctor tells from it which architecture a file belongs to without importing torchvision. Run it again when
torchvision's range in ``pyproject.toml`` changes: ``python tools/make_architectures.py``.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from core.zoo import backend, catalog, channels  # noqa: E402
from core.zoo.backend import BuildOptions  # noqa: E402

TARGET = ROOT / "resources" / "architectures.json.gz"
CLASSES = 99_991  # a prime that no hidden layer is wide
CHANNELS = 7
COUNTER = "num_batches_tracked"
ANY = 0
"""Stands for a size that differs between networks of one architecture: classes, channels of the pictures where there is a
choice, positions of a Vision Transformer."""


def plan(architecture: str) -> dict[str, Any]:
    """What the table says of an architecture."""
    state = backend.skeleton(architecture, CLASSES).state_dict()
    other = state
    if backend.is_vision_transformer(architecture):
        other = backend.skeleton(architecture, CLASSES, options=BuildOptions(image_size=448)).state_dict()
    if channels.takes_any(architecture):
        other = backend.skeleton(architecture, CLASSES, options=BuildOptions(in_channels=CHANNELS)).state_dict()
    tensors = {
        name: [
            ANY if size == CLASSES or size != elsewhere else size
            for size, elsewhere in zip(value.shape, other[name].shape, strict=True)
        ]
        for name, value in state.items()
        if not name.endswith(COUNTER)
    }
    return {"heads": list(backend.heads(architecture)), "tensors": tensors}


def main() -> None:
    """Write the table; the same content gives the same bytes."""
    table = {name: plan(name) for name in catalog.architectures()}
    text = json.dumps(table, separators=(",", ":"))
    TARGET.write_bytes(gzip.compress(text.encode("ascii"), mtime=0))


if __name__ == "__main__":
    main()
