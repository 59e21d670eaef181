from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from PIL import Image

from core.images.decode import DISPLAY_SIDE, Decoded, decode, thumbnail
from core.images.preprocess import preprocess
from core.types import ImageRef, Preprocessing
from tests.core.images.samples import noise, ref, write
from tests.helpers.shared_data import need_shared_data

HOW = Preprocessing(256, 224, "bilinear", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "squeezenet1_1")
SIDE = 256


def photo(path: Path, width: int, height: int, *, grain: int = 12, **options: object) -> ImageRef:
    """A large JPEG with structure of every size, edges and the grain of a sensor (one part of it, repeated)."""
    coarse = noise(24, 18, seed=1).resize((1010, 760), Image.Resampling.BICUBIC)
    rows, columns = np.ogrid[:760, :1010]
    waves = 40 * np.sin(columns * columns / 4000.0) * np.cos(rows / 9.0)
    grains = np.random.default_rng(2).integers(-grain, grain + 1, (760, 1010, 1))
    part = (np.asarray(coarse) * 0.6 + 50 + waves[:, :, None] + grains).clip(0, 255).astype(np.uint8)
    return write(path, Image.fromarray(np.tile(part, (4, 4, 1))[:height, :width]), **options)


def levels(a: Decoded, b: Decoded) -> float:
    """Largest difference of two inputs of the network in levels of 255."""
    std = torch.tensor(HOW.std).view(1, 3, 1, 1)
    return float(((preprocess(a, HOW).tensor - preprocess(b, HOW).tensor).abs() * std).max() * 255)


@pytest.mark.parametrize("size", [(2000, 1500), (2000, 2000), (1999, 4200), (4200, 2000), (3000, 2100)])
def test_pictures_up_to_2000_pixels_wide_or_not_twice_the_screen_are_decoded_in_full(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    image = write(tmp_path / "photo.jpg", noise(50, 40).resize(size))
    decoded = decode(image, short_side=SIDE)
    with Image.open(image.path) as plain:
        assert np.array_equal(np.asarray(decoded.rgb), np.asarray(plain.convert("RGB")))
    assert decoded.scale == 1.0


def test_without_a_target_every_picture_is_decoded_in_full(tmp_path: Path) -> None:
    assert decode(write(tmp_path / "photo.jpg", Image.new("RGB", (4032, 3024)))).scale == 1.0


@pytest.mark.parametrize(
    ("size", "side", "scale"),
    [((4032, 3024), 256, 0.5), ((4000, 3000), 256, 0.5), ((4032, 3024), 384, 1.0), ((8064, 4032), 232, 0.25)],
)
def test_a_large_photo_keeps_four_times_the_target_and_the_size_of_the_screen(
    tmp_path: Path, size: tuple[int, int], side: int, scale: float
) -> None:
    decoded = decode(write(tmp_path / "photo.jpg", Image.new("RGB", size, "teal")), short_side=side)
    assert decoded.scale == scale
    assert decoded.size == size
    assert decoded.rgb.size == (size[0] * scale, size[1] * scale)
    if scale < 1:
        assert min(decoded.rgb.size) >= 4 * side
        assert max(decoded.rgb.size) >= DISPLAY_SIDE


@pytest.mark.parametrize(
    ("size", "options"),
    [((4032, 3024), {"quality": 60}), ((4001, 3003), {"subsampling": 0})],
    ids=["12 megapixels, strongly compressed", "odd sizes"],
)
def test_a_reduced_photo_differs_by_no_more_than_two_levels_in_the_networks_input(
    tmp_path: Path, size: tuple[int, int], options: dict[str, object]
) -> None:
    image = photo(tmp_path / "photo.jpg", *size, **options)
    full, reduced = decode(image), decode(image, short_side=SIDE)
    assert reduced.scale == 0.5
    assert preprocess(full, HOW).box == preprocess(reduced, HOW).box
    assert levels(full, reduced) <= 2.05


def test_a_turned_photo_is_reduced_without_a_shift(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    image = photo(tmp_path / "turned.jpg", 4032, 3024, exif=exif)
    reduced = decode(image, short_side=SIDE)
    assert (reduced.scale, reduced.size) == (0.5, (3024, 4032))
    assert levels(decode(image), reduced) <= 2.05


def test_a_turned_photo_whose_size_cannot_be_halved_is_decoded_in_full(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    image = write(tmp_path / "turned.jpg", Image.new("RGB", (4001, 3003), "teal"), exif=exif)
    reduced = decode(image, short_side=SIDE)
    assert (reduced.scale, reduced.size) == (1.0, (3003, 4001))


def test_probabilities_of_reduced_photos_are_practically_the_same(tmp_path: Path, torchvision: ModuleType) -> None:
    folder = need_shared_data("photos")
    model = torchvision.models.squeezenet1_1()
    model.load_state_dict(torch.load(need_shared_data("weights") / "squeezenet1_1-imagenet.pth", weights_only=True))
    model.eval()
    # Measured over 30 such pictures: 0.014 at most, 0.003 on average, and never another first category.
    for path in sorted(folder.glob("*"))[:3]:
        with Image.open(path) as original:
            factor = 4032 / max(original.size)
            size = (round(original.width * factor), round(original.height * factor))
            image = write(tmp_path / path.with_suffix(".jpg").name, original.convert("RGB").resize(size))
        full, reduced = decode(image), decode(image, short_side=SIDE)
        assert reduced.scale == 0.5
        with torch.inference_mode():
            expected, got = (model(preprocess(one, HOW).tensor).softmax(1)[0] for one in (full, reduced))
        assert int(expected.argmax()) == int(got.argmax())
        assert float((expected - got).abs().max()) < 0.02


def test_the_picture_for_the_screen_is_at_most_the_screens_size(tmp_path: Path) -> None:
    decoded = decode(write(tmp_path / "wide.png", Image.new("RGB", (3 * DISPLAY_SIDE, 300), (10, 200, 30))))
    picture = decoded.picture()
    assert picture.pixels.shape == (100, DISPLAY_SIDE, 3)
    assert picture.size == (3 * DISPLAY_SIDE, 300)
    assert (picture.pixels == (10, 200, 30)).all()


def test_the_picture_for_the_screen_cannot_be_changed(tmp_path: Path) -> None:
    pixels = decode(write(tmp_path / "a.png", noise(9, 5))).picture().pixels
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    assert not pixels.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        pixels[0, 0, 0] = 1


@pytest.mark.parametrize(
    ("size", "side", "expected"),
    [((400, 200), 100, (50, 100)), ((200, 400), 100, (100, 50)), ((30, 20), 100, (20, 30)), ((3000, 1), 96, (1, 96))],
)
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_a_thumbnail_fits_and_is_never_enlarged(
    tmp_path: Path, suffix: str, size: tuple[int, int], side: int, expected: tuple[int, int]
) -> None:
    pixels = thumbnail(write(tmp_path / f"a.{suffix}", Image.new("RGB", size, (200, 100, 50))), side)
    assert pixels.shape == (*expected, 3)
    assert np.abs(pixels.astype(int) - (200, 100, 50)).max() <= 2
    assert not pixels.flags.writeable


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "heic", "tif"])
def test_a_thumbnail_shows_the_same_as_the_picture(tmp_path: Path, suffix: str) -> None:
    smooth = noise(6, 4).resize((300, 200), Image.Resampling.BICUBIC)
    image = write(tmp_path / f"a.{suffix}", smooth)
    expected = np.asarray(decode(image).rgb.resize((96, 64), Image.Resampling.BICUBIC), dtype=int)
    assert np.abs(thumbnail(image, 96).astype(int) - expected).max() <= 12


def test_a_thumbnail_of_a_transparent_or_deep_picture_has_its_colours(tmp_path: Path) -> None:
    clear = write(tmp_path / "clear.png", Image.new("RGBA", (300, 200), (200, 0, 0, 0)))
    assert (thumbnail(clear, 50) == 255).all()
    deep = write(tmp_path / "deep.png", Image.fromarray(np.full((200, 300), 257 * 99, np.uint16)))
    assert (thumbnail(deep, 50) == 99).all()


def test_a_missing_picture_has_no_thumbnail(tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"gone\.png"):
        thumbnail(ref(tmp_path / "gone.png"), 50)
