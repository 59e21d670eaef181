"""A loaded network whose pictures are prepared another way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from core.errors import ModelError
from core.images.decode import decode
from core.images.preprocess import network_pixels, preprocess
from core.inference.session import Session
from core.insight.inspect import Inspector
from core.paths import sample_pictures
from core.types import BUILTIN_SPEC, ImageRef, ModelSpec, Preprocessing, WeightsSpec
from core.weights import remembered

HALF = Preprocessing((80, 80), 80, "bilinear", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), remembered.SOURCE)


@pytest.fixture(scope="module")
def builtin() -> Session:
    return Session.load(BUILTIN_SPEC)


def test_the_network_is_measured_anew_and_the_old_session_stays(builtin):
    before = builtin.info
    changed = builtin.with_preprocessing(HALF)
    assert builtin.info is before
    assert changed.model is builtin.model
    assert changed.info.preprocessing == HALF
    assert changed.info.own_preprocessing == before.preprocessing
    assert changed.info.layers[1].output_shape != before.layers[1].output_shape
    assert changed.with_preprocessing(None).info == before
    own_again = changed.with_preprocessing(replace(before.preprocessing, source=remembered.SOURCE))
    assert own_again.info.own_preprocessing is None


def test_the_answer_is_that_of_plain_torch_on_the_changed_input(builtin):
    picture = sample_pictures()[0]
    changed = builtin.with_preprocessing(HALF)
    seen = Inspector(changed).tensor(ImageRef(picture))
    plain = Image.open(picture).convert("RGB").resize((80, 80), Image.Resampling.BILINEAR)
    wanted = (torch.from_numpy(np.array(plain)).permute(2, 0, 1) / 255.0 - 0.5) / 0.5
    assert (seen[0] - wanted).abs().max() < 0.02  # a JPEG decoded at reduced scale is a step off here and there


def test_bgr_turns_the_channels_round_and_the_eye_sees_no_difference():
    picture = ImageRef(sample_pictures()[0])
    decoded = decode(picture)
    caffe = replace(HALF, order="BGR", mean=(0.4, 0.45, 0.48), std=(1 / 255,) * 3)
    rgb = replace(caffe, order="RGB", mean=caffe.mean[::-1])
    turned, plain = preprocess(decoded, caffe).tensor, preprocess(decoded, rgb).tensor
    assert torch.equal(turned, plain.flip(1))
    assert np.array_equal(network_pixels(turned, caffe), network_pixels(plain, rgb))


def test_a_vision_transformer_refuses_another_size_in_words():
    session = Session.load(ModelSpec("vit_b_32", WeightsSpec("random")))
    with pytest.raises(ModelError, match="vit_b_32 cannot be run on 80×80 pixels"):
        session.with_preprocessing(HALF)
    assert session.info.preprocessing.crop == 224


@pytest.mark.parametrize("architecture", ["alexnet", "squeezenet1_1"])
def test_pictures_too_small_for_the_network_are_refused_in_words(architecture):
    session = Session.load(ModelSpec(architecture, WeightsSpec("random")))
    with pytest.raises(ModelError, match="cannot be run on 4×4 pixels"):
        session.with_preprocessing(replace(HALF, resize=4, crop=4))


@pytest.mark.parametrize("change", [{"crop": 0}, {"std": (0.0, 1.0, 1.0)}, {"mean": (float("nan"),) * 3}, {"mean": (0.5,)}])
def test_nonsense_is_refused_in_words(builtin, change):
    with pytest.raises(ModelError):
        builtin.with_preprocessing(replace(HALF, **change))


def test_a_grey_preprocessing_does_not_fit_a_network_for_colours(builtin):
    with pytest.raises(ModelError, match="cannot be run"):
        builtin.with_preprocessing(replace(HALF, mean=(0.5,), std=(0.5,)))


def test_what_was_chosen_for_a_file_is_used_by_every_load_and_said(builtin):
    remembered.remember(builtin.info.weights_sha256, HALF)
    session = Session.load(BUILTIN_SPEC)
    assert session.info.preprocessing == HALF
    assert session.info.own_preprocessing == builtin.info.preprocessing
    assert "as you chose" in session.info.notices[-1]


def test_a_choice_that_the_network_cannot_take_is_left_aside_and_said(builtin):
    remembered.remember(builtin.info.weights_sha256, replace(HALF, resize=1, crop=1, mean=(0.5,), std=(0.5,)))
    session = Session.load(BUILTIN_SPEC)
    assert session.info.preprocessing == builtin.info.preprocessing
    assert "was not used" in session.info.notices[-1]
