from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.images import preprocess as preprocessing
from core.images.decode import Decoded, decode
from core.images.preprocess import INTERPOLATIONS, network_pixels, preprocess, target_side
from core.types import ImageRef, Preprocessing
from tests.core.images.samples import noise, write

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SIZES = [
    (224, 224), (256, 256), (257, 255), (333, 500), (500, 333), (501, 334), (100, 60), (7, 5), (1, 1), (1, 100),
    (100, 1), (2000, 1333), (225, 2000), (640, 427),
]  # fmt: skip


def in_memory(image: Image.Image) -> Decoded:
    return Decoded(ImageRef(Path("memory.png")), image, image.size, 1.0, "PNG")


def how(resize: int | tuple[int, int], crop: int, interpolation: str = "bilinear") -> Preprocessing:
    return Preprocessing(resize, crop, interpolation, MEAN, STD, "test")


def peer(torchvision: ModuleType, asked: Preprocessing) -> object:
    from torchvision.transforms._presets import ImageClassification

    mode = torchvision.transforms.InterpolationMode(asked.interpolation)
    return ImageClassification(
        crop_size=asked.crop, resize_size=asked.resize, interpolation=mode, mean=asked.mean, std=asked.std
    )


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize(
    "asked",
    [how(256, 224), how(232, 224, "bicubic"), how(342, 299), how(224, 256), how(64, 101, "nearest")],
    ids=Preprocessing.describe,
)
def test_the_input_is_bit_identical_to_torchvisions_preset(
    torchvision: ModuleType, size: tuple[int, int], asked: Preprocessing
) -> None:
    image = noise(*size)
    expected = peer(torchvision, asked)(image)  # type: ignore[operator]
    tensor = preprocess(in_memory(image), asked).tensor
    assert tensor.dtype == torch.float32
    assert tensor.shape == (1, 3, asked.crop, asked.crop)
    assert tensor.is_contiguous()
    assert torch.equal(tensor[0], expected)


@pytest.mark.parametrize("size", [(1, 500), (500, 1)], ids=str)
def test_a_strip_of_one_pixel_is_bit_identical_too(torchvision: ModuleType, size: tuple[int, int]) -> None:
    image = noise(*size)
    expected = peer(torchvision, how(256, 224))(image)  # type: ignore[operator]
    assert torch.equal(preprocess(in_memory(image), how(256, 224)).tensor[0], expected)


@pytest.mark.parametrize("name", ["SqueezeNet1_1", "EfficientNet_B3", "EfficientNet_V2_L", "ViT_B_16", "Inception_V3"])
def test_a_photo_is_prepared_exactly_as_published_weights_ask(
    tmp_path: Path, torchvision: ModuleType, name: str
) -> None:
    transforms = getattr(torchvision.models, f"{name}_Weights").DEFAULT.transforms()
    asked = Preprocessing(
        transforms.resize_size[0],
        transforms.crop_size[0],
        transforms.interpolation.value,
        tuple(transforms.mean),
        tuple(transforms.std),
        name,
    )
    image = write(tmp_path / "photo.jpg", noise(90, 60).resize((901, 600)))
    with Image.open(image.path) as plain:
        expected = transforms(plain.convert("RGB"))
    assert torch.equal(preprocess(decode(image, short_side=target_side(asked)), asked).tensor[0], expected)


def test_a_pair_squeezes_the_picture_to_height_and_width(torchvision: ModuleType) -> None:
    image = noise(300, 200)
    functional = torchvision.transforms.functional
    squeezed = functional.center_crop(functional.resize(image, [240, 250]), [224])
    tensor = preprocess(in_memory(image), how((240, 250), 224)).tensor[0]
    assert torch.equal(tensor, functional.normalize(functional.to_tensor(squeezed), MEAN, STD))
    assert target_side(how((240, 250), 224)) == 250
    assert target_side(how(256, 224)) == 256


def test_one_channel_networks_get_grey(torchvision: ModuleType) -> None:
    image = noise(40, 30)
    grey = Preprocessing(28, 28, "bilinear", (0.1307,), (0.3081,), "digits")
    tensor = preprocess(in_memory(image), grey).tensor
    assert tensor.shape == (1, 1, 28, 28)
    assert torch.equal(tensor[0], peer(torchvision, grey)(image.convert("L")))  # type: ignore[operator]
    pixels = network_pixels(tensor, grey)
    assert pixels.shape == (28, 28, 3)
    assert (pixels == pixels[:, :, :1]).all()


@pytest.mark.parametrize(
    ("size", "asked", "box"),
    [
        ((512, 256), how(256, 224), (144, 16, 368, 240)),
        ((1024, 512), how(256, 224), (288, 32, 736, 480)),
        ((100, 100), how(50, 60), (-10, -10, 110, 110)),
        ((100, 200), how(50, 61), (-10, 40, 112, 162)),
        ((100, 100), how((50, 100), 50), (25, 0, 75, 100)),
    ],
)
def test_the_box_is_the_crop_on_the_original(
    size: tuple[int, int], asked: Preprocessing, box: tuple[float, float, float, float]
) -> None:
    assert preprocess(in_memory(Image.new("RGB", size)), asked).box == pytest.approx(box)


def test_the_box_cuts_out_what_the_network_sees() -> None:
    image = noise(8, 6).resize((800, 600), Image.Resampling.BICUBIC)
    prepared = preprocess(in_memory(image), how(256, 224))
    seen = network_pixels(prepared.tensor, how(256, 224))
    cut = image.resize((224, 224), Image.Resampling.BILINEAR, box=prepared.box)
    assert np.abs(seen.astype(int) - np.asarray(cut, dtype=int)).max() <= 2


@settings(max_examples=40, database=None, suppress_health_check=list(HealthCheck))
@given(
    width=st.integers(1, 300),
    height=st.integers(1, 300),
    resize=st.integers(1, 80),
    crop=st.integers(1, 80),
    interpolation=st.sampled_from(["nearest", "bilinear", "bicubic", "box", "hamming", "lanczos"]),
)
def test_any_size_is_bit_identical_and_can_be_turned_back(
    torchvision: ModuleType, width: int, height: int, resize: int, crop: int, interpolation: str
) -> None:
    asked = how(resize, crop, interpolation)
    image = noise(width, height, seed=width)
    tensor = preprocess(in_memory(image), asked).tensor
    assert torch.equal(tensor[0], peer(torchvision, asked)(image))  # type: ignore[operator]
    functional = torchvision.transforms.functional
    mode = torchvision.transforms.InterpolationMode(interpolation)
    cropped = functional.center_crop(functional.resize(image, [resize], interpolation=mode), [crop])
    assert np.array_equal(network_pixels(tensor, asked), np.asarray(cropped))


def test_what_the_network_saw_is_clamped_read_only_and_never_fails() -> None:
    tensor = torch.tensor([-1e9, 0.0, 1e9, float("nan"), float("inf"), float("-inf")]).view(1, 1, 2, 3)
    pixels = network_pixels(tensor.expand(1, 3, 2, 3), Preprocessing(3, 3, "bilinear", (0.5,) * 3, (0.5,) * 3, "test"))
    assert pixels[:, :, 0].tolist() == [[0, 128, 255], [0, 255, 0]]
    assert pixels.dtype == np.uint8
    assert not pixels.flags.writeable


@pytest.mark.parametrize(("size", "crop"), [((3, 700), 224), ((700, 3), 224), ((2, 900), 300)])
def test_a_strip_too_long_to_enlarge_whole_gives_the_same_crop(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], crop: int
) -> None:
    image, asked = noise(*size), how(256, crop)
    whole = preprocess(in_memory(image), asked)
    monkeypatch.setattr(preprocessing, "_WHOLE_LIMIT", 0)
    part = preprocess(in_memory(image), asked)
    assert part.box == whole.box
    a, b = (network_pixels(one.tensor, asked).astype(int) for one in (whole, part))
    assert np.abs(a - b).max() <= 1


def test_a_strip_of_65000_pixels_does_not_fill_the_memory() -> None:
    prepared = preprocess(in_memory(Image.new("RGB", (65_000, 1), (255, 0, 0))), how(256, 224))
    assert (network_pixels(prepared.tensor, how(256, 224)) == (255, 0, 0)).all()


@pytest.mark.parametrize(
    "wrong",
    [how(256, 224, "cubic-ish"), Preprocessing(256, 224, "bilinear", (0.5, 0.5), (0.5, 0.5), "two channels")],
    ids=["filter", "channels"],
)
def test_what_cannot_be_prepared_is_refused(wrong: Preprocessing) -> None:
    with pytest.raises(ValueError, match="cannot preprocess"):
        preprocess(in_memory(noise(9, 9)), wrong)


def test_every_interpolation_of_torchvision_is_known(torchvision: ModuleType) -> None:
    assert {mode.value for mode in torchvision.transforms.InterpolationMode} == set(INTERPOLATIONS)
