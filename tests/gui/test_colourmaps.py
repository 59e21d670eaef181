from __future__ import annotations

import itertools

import numpy as np
import pytest
from PySide6.QtGui import QColor

from gui import colourmaps, imaging


def lightness(colour: QColor) -> float:
    """Relative luminance (WCAG 2)."""
    channels = [value / 255 for value in colour.getRgb()[:3]]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", colourmaps.SEQUENTIAL)
def test_lightness_rises_with_the_value(name: str) -> None:
    steps = [lightness(QColor.fromRgb(entry)) for entry in colourmaps.table(name)]
    assert len(steps) == 256
    assert all(after > before for before, after in zip(steps[::4], steps[4::4], strict=False))


def test_grey_is_the_value_itself() -> None:
    assert [QColor.fromRgb(entry).red() for entry in colourmaps.table("Grey")] == list(range(256))


@pytest.mark.parametrize("dark", [False, True])
def test_around_zero_lightness_goes_the_same_way_on_both_sides(dark: bool) -> None:
    steps = [lightness(QColor.fromRgb(entry)) for entry in colourmaps.table(colourmaps.AROUND_ZERO, dark=dark)]
    assert len(steps) == 257
    for side in (steps[128::8], steps[128::-8]):
        outwards = side if dark else side[::-1]
        assert all(after > before for before, after in itertools.pairwise(outwards))


def test_an_unknown_map_is_an_error() -> None:
    with pytest.raises(KeyError):
        colourmaps.table("Jet")


def test_mapping_survives_the_array() -> None:
    pixels = np.array([[0, 128, 255]], np.uint8)
    image = imaging.to_mapped_qimage(pixels, colourmaps.table("Viridis"))
    pixels[:] = 0
    expected = [QColor.fromRgb(colourmaps.table("Viridis")[value]) for value in (0, 128, 255)]
    assert [image.pixelColor(x, 0) for x in range(3)] == expected


def test_diverging_is_symmetric_around_zero() -> None:
    coloured = colourmaps.diverging(np.array([-2.0, 0.0, 2.0, 1.0], np.float32), zero="#ffffff", dark=False)
    assert coloured[1].tolist() == [255, 255, 255]
    assert coloured[0, 2] > coloured[0, 0]
    assert coloured[2, 0] > coloured[2, 2]
    assert (coloured[3] > coloured[2]).any()
    assert not coloured.flags.writeable


def test_diverging_of_odd_values() -> None:
    odd = np.array([np.nan, np.inf, 0.0], np.float32)
    assert colourmaps.diverging(odd, zero="#102030", dark=True).tolist() == [[16, 32, 48]] * 3
