"""What do the views of a test protocol cost? Two questions about VGG-16, each with a limit:

(a) memory: 150 views (multi-crop at 256, 384 and 512) take at most 512 MiB beside the loaded network, measured as the height of
    what the process holds; the peer puts the 50 views of one scale into one batch, as torchvision's examples do with TenCrop;
(b) time: a view takes at most 1.15 x as long as a plain forward pass of one picture that is ready, in the same run.

Random weights: they cost the same. Prints one JSON object. Linux only, where the height can be read and reset.

    python bench/protocols.py [--model vgg16] [--output FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.images.decode import decode  # noqa: E402
from core.images.preprocess import Resized  # noqa: E402
from core.inference.session import Session  # noqa: E402
from core.insight.inspect import Inspector  # noqa: E402
from core.protocols.apply import apply_protocol  # noqa: E402
from core.protocols.memory import views_at_once  # noqa: E402
from core.protocols.plan import at_scale, settled, shots  # noqa: E402
from core.types import ImageRef, ModelSpec, Protocol, ProtocolAnswer, ProtocolRequest, WeightsSpec  # noqa: E402

MEMORY_MIB, TIME_FACTOR = 512, 1.15


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--model", default="vgg16")
    options.add_argument("--output", type=Path)
    chosen = options.parse_args()
    session = Session.load(ModelSpec(chosen.model, WeightsSpec("random")), "cpu")
    with tempfile.TemporaryDirectory() as folder:
        image = photo(Path(folder) / "photo.jpg")
        result = measure(session, image)
    text = json.dumps(result, indent=1)
    print(text)
    if chosen.output:
        chosen.output.write_text(text, encoding="utf-8")
    sys.exit(0 if all(part["ok"] for part in result["checks"]) else 1)


def measure(session: Session, image: ImageRef) -> dict[str, object]:
    inspector = Inspector(session)
    applied(inspector, image, Protocol("ten-crop"))
    ours, answer, milliseconds = height(lambda: applied(inspector, image, Protocol("multi-crop")))
    plain = plain_milliseconds(session, image)
    # The CPU gets one view after another; this is what a GPU would be given at once.
    at_once = views_at_once(session.info.layers, torch.device("cuda"))
    largest, _, _ = height(lambda: session.forward(torch.cat(inputs(session, image)[:at_once])))
    theirs, _, whole = height(lambda: session.forward(torch.cat(inputs(session, image))))
    per_view = answer.milliseconds / len(answer.views)
    return {
        "model": session.info.title,
        "views": len(answer.views),
        "views_in_a_batch_of_a_gpu": at_once,
        "wall_ms": milliseconds,
        "checks": [
            {
                "what": "MiB of 150 views", "ours": ours, "with_a_batch_of_a_gpu": largest, "limit": MEMORY_MIB,
                "fifty_in_one_batch": theirs, "ok": max(ours, largest) <= MEMORY_MIB,
            },
            {
                "what": "ms of a view", "ours": per_view, "plain_forward": plain, "one_of_a_batch_of_fifty": whole / 50,
                "ratio": per_view / plain, "limit": TIME_FACTOR, "ok": per_view <= TIME_FACTOR * plain,
            },
        ],
    }  # fmt: skip


def applied(inspector: Inspector, image: ImageRef, protocol: Protocol) -> ProtocolAnswer:
    work = apply_protocol(inspector, ProtocolRequest(1, image, protocol))
    try:
        while True:
            next(work)
    except StopIteration as end:
        return end.value


def inputs(session: Session, image: ImageRef) -> list[torch.Tensor]:
    how = session.info.preprocessing
    protocol = settled(Protocol("multi-crop", (256,)), how, session.info.title)
    decoded = decode(image)
    resized = Resized(decoded, at_scale(how, 256))
    return [resized.cut(shot.crop) for shot in shots(protocol, how, decoded.size, 256)]


def plain_milliseconds(session: Session, image: ImageRef) -> float:
    times = []
    for one in inputs(session, image):
        began = time.perf_counter()
        session.forward(one)
        times.append(1000 * (time.perf_counter() - began))
    return sum(times) / len(times)


def height(work):
    """MiB that the process held more than before at most, what came out, and milliseconds."""
    before = held("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    began = time.perf_counter()
    result = work()
    took = 1000 * (time.perf_counter() - began)
    return held("VmHWM") - before, result, took


def held(what: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(what))


def photo(path: Path) -> ImageRef:
    coarse = np.random.default_rng(1).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize((1024, 768), Image.Resampling.BICUBIC).save(path, quality=95)
    return ImageRef(path)


if __name__ == "__main__":
    main()
