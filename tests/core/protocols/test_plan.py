from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UsageError
from core.images.geometry import resized_size
from core.protocols.plan import LARGEST, Shot, at_scale, count, five, grid, settled, shots, usual_scales
from core.types import PROTOCOLS, Preprocessing, Protocol

VGG = Preprocessing(256, 224, "bilinear", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "test")
SQUEEZED = replace(VGG, resize=(240, 320))
SIDES = st.integers(1, 3000)


def planned(protocol: Protocol, how: Preprocessing, size: tuple[int, int]) -> list[Shot]:
    done = settled(protocol, how, "net")
    return [shot for scale in done.scales for shot in shots(done, how, size, scale)]


@st.composite
def protocols(draw: st.DrawFn) -> Protocol:
    kind = PROTOCOLS[draw(st.sampled_from(sorted(PROTOCOLS)))]
    several = st.lists(st.integers(224, 700), max_size=3 if kind.many else 1, unique=True)
    scales = draw(several) if kind.takes_scales else []
    return Protocol(kind.key, tuple(scales), kind.takes_flip and draw(st.booleans()))


@settings(max_examples=150, database=None)
@given(protocol=protocols(), width=SIDES, height=SIDES, how=st.sampled_from([VGG, SQUEEZED]))
def test_every_view_lies_in_the_picture_and_their_weights_sum_to_one(
    protocol: Protocol, width: int, height: int, how: Preprocessing
) -> None:
    done = settled(protocol, how, "net")
    found = planned(protocol, how, (width, height))
    assert len(found) == count(done)
    assert math.fsum(shot.weight for shot in found) == pytest.approx(1, abs=1e-12)
    for shot in found:
        wide, high = resized_size((width, height), at_scale(how, shot.scale).resize)
        left, top, right, bottom = shot.crop
        assert 0 <= left < right <= wide
        assert 0 <= top < bottom <= high
        assert shot.crop == (0, 0, wide, high) if shot.dense else (right - left, bottom - top) == (224, 224)


@settings(max_examples=150, database=None)
@given(width=st.integers(224, 3000), height=st.integers(224, 3000))
def test_the_grid_covers_the_corners_in_even_steps_and_holds_the_centre(width: int, height: int) -> None:
    corners = grid(width, height, 224)
    right, low = width - 224, height - 224
    assert len(corners) == 25
    assert {(0, 0), (right, 0), (0, low), (right, low)} <= set(corners)
    assert set(five(width, height, 224)) <= set(corners)
    across, down = [left for left, _ in corners[:5]], [top for _, top in corners[::5]]
    assert corners == tuple((left, top) for top in down for left in across)
    assert (across, down) == (sorted(across), sorted(down))
    assert all(abs(left - step * right / 4) <= 0.5 for step, left in enumerate(across))
    assert all(abs((right - across[4 - step]) - across[step]) <= 1 for step in range(5))


@settings(max_examples=100, database=None)
@given(protocol=protocols(), width=SIDES, height=SIDES)
def test_mirrored_views_come_in_pairs(protocol: Protocol, width: int, height: int) -> None:
    found = planned(protocol, VGG, (width, height))
    if not any(shot.flipped for shot in found):
        assert not protocol.flip
        return
    dense = [shot for shot in found if shot.dense]
    assert sum(shot.flipped for shot in dense) == (len(dense) // 2 if protocol.flip else 0)
    crops = [shot for shot in found if not shot.dense]
    plain, mirrored = ([shot for shot in crops if shot.flipped is flipped] for flipped in (False, True))
    assert len(plain) == len(mirrored)
    if protocol.name != "ten-crop":
        assert [(shot.scale, shot.crop) for shot in plain] == [(shot.scale, shot.crop) for shot in mirrored]
        return
    for shot, twin in zip(plain, mirrored, strict=True):
        wide = resized_size((width, height), shot.scale)[0]
        assert (twin.crop[0], twin.crop[2]) == (wide - shot.crop[2], wide - shot.crop[0])
        assert (twin.crop[1], twin.crop[3]) == (shot.crop[1], shot.crop[3])


@settings(max_examples=100, database=None)
@given(width=SIDES, height=SIDES, scale=st.integers(224, 700), flip=st.booleans())
def test_the_centre_is_symmetric_to_a_pixel(width: int, height: int, scale: int, flip: bool) -> None:
    wide, high = resized_size((width, height), scale)
    for shot in planned(Protocol("scale", (scale,), flip), VGG, (width, height)):
        assert abs(shot.crop[0] - (wide - shot.crop[2])) <= 1
        assert abs(shot.crop[1] - (high - shot.crop[3])) <= 1


@pytest.mark.parametrize(
    ("protocol", "views"),
    [
        (Protocol(), 1), (Protocol(flip=True), 2), (Protocol("scale"), 1), (Protocol("multi-scale"), 3),
        (Protocol("multi-scale", (256, 512), flip=True), 4), (Protocol("ten-crop"), 10), (Protocol("multi-crop", (256,)), 50),
        (Protocol("multi-crop"), 150), (Protocol("dense", (384,)), 1), (Protocol("dense", (256, 384), flip=True), 4),
        (Protocol("dense+multi-crop"), 153), (Protocol("dense+multi-crop", flip=True), 156),
    ],
)  # fmt: skip
def test_how_many_views_there_are(protocol: Protocol, views: int) -> None:
    assert count(settled(protocol, VGG, "net")) == views
    assert len(planned(protocol, VGG, (500, 375))) == views


def test_dense_and_multi_crop_count_half_each() -> None:
    found = planned(Protocol("dense+multi-crop", flip=True), VGG, (500, 375))
    assert math.fsum(shot.weight for shot in found if shot.dense) == pytest.approx(0.5)


def test_scales_are_put_in_order_and_usual_where_none_is_chosen() -> None:
    assert settled(Protocol("multi-crop", (512, 256, 384)), VGG, "net").scales == (256, 384, 512)
    assert settled(Protocol("multi-crop"), VGG, "net").scales == (256, 384, 512)
    assert settled(Protocol("scale"), VGG, "net").scales == (256,)
    assert settled(Protocol(), VGG, "net").scales == (256,)
    assert settled(Protocol(), replace(VGG, resize=200), "net").scales == (200,)
    assert usual_scales(replace(VGG, resize=200), Protocol("scale")) == (224,)


def test_weights_that_squeeze_keep_their_shape_at_every_scale() -> None:
    assert settled(Protocol("scale"), SQUEEZED, "net").scales == (240,)
    assert at_scale(SQUEEZED, 240) == SQUEEZED
    assert at_scale(SQUEEZED, 480).resize == (480, 640)
    assert shots(settled(Protocol("dense", (480,)), SQUEEZED, "net"), SQUEEZED, (50, 900), 480)[0].crop == (0, 0, 640, 480)


@pytest.mark.parametrize(
    ("protocol", "words"),
    [
        (Protocol("nonsense"), "no protocol “nonsense”. There are: single, scale"),  # type: ignore[arg-type]
        (Protocol(average="mean"), "softmax or logits"),  # type: ignore[arg-type]
        (Protocol("single", (256,)), "Leave Q out, or choose “scale”"),
        (Protocol("scale", (256, 384)), "takes one Q, not 2. Choose “multi-scale”"),
        (Protocol("multi-scale", (256, 384, 256)), "Q = 256 is named twice"),
        (Protocol("ten-crop", flip=True), "mirror images anyway. Leave the flip out"),
        (Protocol("multi-crop", flip=True), "mirror images anyway. Leave the flip out"),
        (Protocol("scale", (223,)), "Q = 223 is below the side of the pictures that net looks at, 224 pixels. Choose"),
        (Protocol("dense", (512, 100)), "Q = 100 is below"),
        (Protocol("scale", (0,)), "Q = 0 cannot be used"),
        (Protocol("scale", (LARGEST + 1,)), "Q = 4,097 cannot be used"),
    ],
)
def test_what_does_not_fit_together_is_refused_with_what_to_do(protocol: Protocol, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        settled(protocol, VGG, "net")
    assert words in caught.value.message
