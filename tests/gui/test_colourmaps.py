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


# Machado, Oliveira and Fernandes 2009, doi:10.1109/TVCG.2009.113, severity 1, on linear RGB.
EYES = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def seen(colours: tuple[int, ...], eyes: str) -> np.ndarray:
    """Colours as CIELAB (L*, a*, b*) of what such eyes see, (count, 3); a distance of 2.3 is just noticed."""
    rgb = np.array([[colour >> 16 & 255, colour >> 8 & 255, colour & 255] for colour in colours]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = np.clip(linear @ EYES[eyes].T, 0, 1) @ TO_XYZ.T / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1)


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", colourmaps.NAMES)
def test_colour_blind_eyes_tell_the_values_apart(name: str, dark: bool, eyes: str) -> None:
    colours = seen(colourmaps.table(name, dark=dark), eyes)
    # Values a sixteenth of the range apart look different, and the more different the further they are apart.
    assert np.linalg.norm(colours[16:] - colours[:-16], axis=1).min() > 3.5
    for far, distance in ((64, 14), (128, 30), (255, 50)):
        assert np.linalg.norm(colours[far:] - colours[:-far], axis=1).min() > distance
    lightness = colours[:, 0]
    if name in colourmaps.SEQUENTIAL:
        assert (np.diff(lightness[::4]) > 0).all()
    else:
        # The same lightness on both sides of zero: what tells them apart is blue against orange.
        assert np.abs(colours[:128:16, 2] - colours[:128:-16, 2]).min() > 10


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", colourmaps.NAMES)
def test_what_is_not_a_number_looks_like_no_value(name: str, dark: bool, eyes: str) -> None:
    unreal = seen((colourmaps.NAN,), eyes)
    assert np.linalg.norm(seen(colourmaps.table(name, dark=dark), eyes) - unreal, axis=1).min() > 50
