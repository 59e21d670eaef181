"""How a model of a fusion is called."""

from __future__ import annotations

from core.types import ModelSpec
from gui.widgets.model_picker import title


def name_spec(spec: ModelSpec) -> str:
    """Name a model and its weights in a line: "vgg16 · IMAGENET1K_V1", "alexnet · random, seed 3", "resnet18 · mine.pth"."""
    weights = spec.weights
    words = {
        "random": f"random, seed {weights.seed}",
        "file": weights.path.name if weights.path is not None else "",
        "named": weights.name or "published weights",
        "builtin": "",
    }[weights.kind]
    return " · ".join(part for part in (title(spec.architecture), words) if part)
