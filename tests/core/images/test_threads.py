from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from core.errors import ImageError
from core.images.decode import decode, thumbnail
from core.types import ImageRef
from tests.core.images.samples import LOSSLESS, LOSSY, SRGB, blocks, gamma_curve, ref, rgb_profile, write
from tests.helpers.shared_data import ROOT

FIRST_USE = """
import sys, threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from core.images.decode import decode
from core.types import ImageRef
gate = threading.Barrier(4)
def work(path):
    gate.wait()
    return decode(ImageRef(Path(path))).size
with ThreadPoolExecutor(4) as pool:
    print(set(pool.map(work, sys.argv[1:])))
assert "torchvision" not in sys.modules and not any(name.startswith("PySide6") for name in sys.modules)
"""


def test_several_threads_decode_at_once_and_get_what_one_thread_gets(tmp_path: Path) -> None:
    profile = rgb_profile("linear", SRGB, gamma_curve(1.0))
    images = [write(tmp_path / f"a.{suffix}", blocks()) for suffix in LOSSLESS | LOSSY]
    images.append(write(tmp_path / "managed.png", blocks(), icc_profile=profile))
    broken = ref(tmp_path / "broken.png")
    broken.path.write_bytes(images[0].path.read_bytes()[:50])
    alone = [np.asarray(decode(image).rgb) for image in images]
    gate = threading.Barrier(4)

    def work(_: int) -> bool:
        gate.wait()
        return all(same(image, expected) and fails(broken) for image, expected in zip(images, alone, strict=True))

    def same(image: ImageRef, expected: object) -> bool:
        return np.array_equal(np.asarray(decode(image).rgb), expected) and bool(thumbnail(image, 16).size)

    def fails(image: ImageRef) -> bool:
        try:
            decode(image)
        except ImageError:
            return True
        return False

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [True] * 4


def test_the_first_pictures_of_a_process_may_come_from_four_threads(tmp_path: Path) -> None:
    paths = [str(write(tmp_path / f"a.{suffix}", blocks()).path) for suffix in ("heic", "avif", "jp2", "png")]
    command = [sys.executable, "-W", "error", "-c", FIRST_USE, *paths]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr) == ("{(48, 32)}\n", "")
