"""Whatever the bytes are, there is a picture or an ImageError; never another exception, never a Python warning."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ImageError
from core.images import decode as decoding
from core.images.decode import decode, thumbnail
from core.types import Pixels
from tests.core.images.samples import LOSSLESS, LOSSY, blocks, grey_profile, ref, write

FORMATS = sorted(LOSSLESS | LOSSY | {"ico": {}, "pbm": {}, "icns": {}, "xbm": {}})
QUICK = settings(
    max_examples=10,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(autouse=True)
def _small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    # A flipped bit in the size must cost no seconds.
    monkeypatch.setattr(decoding, "MAX_PIXELS", 1_000_000)


@functools.cache
def sample(suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"sample.{suffix}"
        image = blocks().convert("1") if suffix in {"pbm", "xbm"} else blocks()
        options = {"icc_profile": grey_profile("grey", 2.2)} if suffix in {"png", "jpg", "webp", "tif"} else {}
        return write(path, image, **options).path.read_bytes()


def check(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for attempt in (lambda: decode(ref(path), short_side=32).picture().pixels, lambda: thumbnail(ref(path), 24)):
        answer = outcome(attempt)
        if isinstance(answer, ImageError):
            assert path.name in answer.message
            assert answer.kind in {"empty", "unsupported", "truncated", "too_large", "unreadable"}
        else:
            assert answer.ndim == 3
            assert answer.shape[2] == 3


def outcome(attempt: Callable[[], Pixels]) -> Pixels | ImageError:
    try:
        return attempt()
    except ImageError as error:
        return error


@QUICK
@given(content=st.binary(max_size=200))
@pytest.mark.parametrize("name", ["noise.jpg", "noise.tga"])
def test_random_bytes(tmp_path: Path, name: str, content: bytes) -> None:
    check(tmp_path / name, content)


@QUICK
@given(data=st.data())
@pytest.mark.parametrize("suffix", FORMATS)
def test_random_bytes_behind_the_beginning_of_a_format(tmp_path: Path, suffix: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(2, 40))
    check(tmp_path / f"noise.{suffix}", sample(suffix)[:start] + data.draw(st.binary(max_size=100)))


@QUICK
@given(data=st.data())
@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_cut_anywhere(tmp_path: Path, suffix: str, data: st.DataObject) -> None:
    whole = sample(suffix)
    check(tmp_path / f"cut.{suffix}", whole[: data.draw(st.integers(0, len(whole) - 1))])


@QUICK
@given(data=st.data())
@pytest.mark.parametrize("suffix", FORMATS)
def test_flipped_bits(tmp_path: Path, suffix: str, data: st.DataObject) -> None:
    flipped = bytearray(sample(suffix))
    # Headers matter most: half of the flips fall there.
    places = st.one_of(st.integers(0, min(len(flipped), 200) - 1), st.integers(0, len(flipped) - 1))
    for place in data.draw(st.lists(places, min_size=1, max_size=6)):
        flipped[place] ^= 1 << data.draw(st.integers(0, 7))
    check(tmp_path / f"flipped.{suffix}", bytes(flipped))
