"""The sample pictures are what their names say, and the built-in model agrees."""

from __future__ import annotations

import pytest
from PIL import Image

from core import paths
from core.inference.session import Session
from core.insight.inspect import Inspector
from core.types import BUILTIN_SPEC, ImageRef

SAMPLES = paths.sample_pictures()


@pytest.fixture(scope="module")
def inspector() -> Inspector:
    return Inspector(Session.load(BUILTIN_SPEC, "cpu"))


def test_there_are_six_to_eight_of_a_size_for_a_readme():
    assert 6 <= len(SAMPLES) <= 8
    for path in SAMPLES:
        assert path.stat().st_size < 200_000
        with Image.open(path) as image:
            assert image.size == (640, 480)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_its_own_category_is_in_the_top_5(inspector, path):
    category = path.stem.split("_", 1)[1].replace("_", " ")
    assert category in inspector.session.info.categories
    top = inspector.classify(ImageRef(path)).classification.predictions[:5]
    assert category in [prediction.category for prediction in top]


def test_the_first_one_is_right_at_once(inspector):
    first = inspector.classify(ImageRef(SAMPLES[0])).classification.predictions[0]
    assert first.category == SAMPLES[0].stem.split("_", 1)[1]
