"""A model, pictures, and the peer that the protocols are compared with."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from core.inference.session import Session
from core.insight.inspect import Inspector
from core.types import BUILTIN_SPEC, ImageRef
from core.zoo import backend


@pytest.fixture(scope="session")
def torchvision() -> ModuleType:
    """The peer, imported the way the program does it."""
    backend.weights_entries("squeezenet1_1")
    import torchvision

    return torchvision


@pytest.fixture(scope="module")
def session() -> Session:
    """The built-in model looking at 64 pixels, which the scales of the tests are made for."""
    loaded = Session.load(BUILTIN_SPEC, "cpu")
    return loaded.with_preprocessing(replace(loaded.info.preprocessing, resize=64, crop=64))


@pytest.fixture
def inspector(session: Session) -> Inspector:
    return Inspector(session)


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> ImageRef:
    """A picture with structure, wider than high, whose centre cannot be met exactly at Q = 71."""
    path = tmp_path_factory.mktemp("pictures") / "ü 画像.png"
    coarse = np.random.default_rng(3).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize((190, 140), Image.Resampling.BICUBIC).save(path)
    return ImageRef(path)
