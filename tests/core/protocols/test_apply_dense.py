"""Dense views: where their maps lie, and how they are averaged. That a map is right is tested with the dense network itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from core.errors import LayerscopeError
from core.images.decode import decode
from core.images.preprocess import Resized
from core.inference.measure import measure_layers
from core.inference.session import Session
from core.insight.inspect import Inspector
from core.protocols import memory
from core.protocols.apply import apply_protocol
from core.protocols.plan import at_scale
from core.types import BUILTIN_SPEC, FusionMember, ImageRef, ModelSpec, Protocol, ProtocolRequest, WeightsSpec
from tests.core.protocols.asking import asked

CLOSE = {"rtol": 0, "atol": 1e-6}
SIDE, DOWN, ACROSS = 32, 4, 2


@pytest.fixture(scope="module")
def plain(session: Session) -> Session:
    """A network without padding, whose windows go further down than across: each cell is a plain pass over its window."""
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 8, (4, 4), stride=(DOWN, ACROSS)), nn.ReLU(), nn.Conv2d(8, 12, 3), nn.ReLU(), nn.Flatten(),
        nn.Linear(12 * 6 * 13, 30), nn.ReLU(), nn.Linear(30, 5),
    ).eval().requires_grad_(False)  # fmt: skip
    for layer in (network[5], network[7]):
        layer.weight *= 20
    layers, _ = measure_layers(network, torch.zeros(1, 3, SIDE, SIDE))
    how = replace(session.info.preprocessing, resize=SIDE, crop=SIDE)
    info = replace(session.info, layers=layers, categories=tuple("abcde"), preprocessing=how, title="The network")
    return Session(network, info, torch.device("cpu"))


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("scale", [32, 37, 50])
def test_each_cell_is_a_plain_pass_over_the_window_that_its_box_says(
    plain: Session, picture: ImageRef, scale: int, flip: bool
) -> None:
    answer = asked(Inspector(plain), picture, Protocol("dense", (scale,), flip))
    decoded = decode(picture)
    resized = Resized(decoded, at_scale(plain.info.preprocessing, scale))
    factor = (resized.size[0] / decoded.size[0], resized.size[1] / decoded.size[1]) * 2
    assert [view.flipped for view in answer.views] == [False, True][: 1 + flip]
    for view, vote in zip(answer.views, answer.votes, strict=True):
        assert view.box == pytest.approx((0, 0, *decoded.size))
        assert view.dense is not None
        rows, columns = view.dense.shape
        assert (rows, columns) == ((resized.size[1] - SIDE) // DOWN + 1, (resized.size[0] - SIDE) // ACROSS + 1)
        for row in range(rows):
            for column in range(columns):
                box = [side * times for side, times in zip(view.dense.box(row, column), factor, strict=True)]
                assert box == pytest.approx([round(side) for side in box], abs=1e-9)
                window = resized.cut(tuple(map(round, box)))  # type: ignore[arg-type]
                expected = plain.forward(window.flip(-1) if view.flipped else window)[0]
                np.testing.assert_allclose(view.dense.logits[:, row, column], expected, rtol=1e-4, atol=1e-5)
        mean = torch.tensor(view.dense.logits, dtype=torch.float64).mean((1, 2))
        np.testing.assert_allclose(vote, mean.softmax(0), **CLOSE)
        assert view.predictions[0].probability == vote.max()
        assert not view.dense.logits.flags.writeable


@pytest.mark.parametrize("order", ["softmax", "logits"])
def test_scales_and_mirror_images_are_averaged_after_their_maps(plain: Session, picture: ImageRef, order: Any) -> None:
    answer = asked(Inspector(plain), picture, Protocol("dense", (32, 50), True, order))
    means = torch.tensor(np.stack([view.dense.logits.mean((1, 2)) for view in answer.views if view.dense])).double()
    assert len(means) == 4
    expected = means.softmax(1).mean(0) if order == "softmax" else means.mean(0).softmax(0)
    np.testing.assert_allclose(answer.probabilities, expected, **CLOSE)
    assert np.abs(np.diff(answer.votes, axis=0)).max() > 1e-3


def test_dense_and_multi_crop_are_averaged_half_and_half(plain: Session, picture: ImageRef) -> None:
    scales = (40, 56)
    both = asked(Inspector(plain), picture, Protocol("dense+multi-crop", scales, flip=True))
    halves = [asked(Inspector(plain), picture, Protocol("dense", scales, flip=True)),
              asked(Inspector(plain), picture, Protocol("multi-crop", scales))]  # fmt: skip
    expected = (halves[0].probabilities.astype(np.float64) + halves[1].probabilities) / 2
    np.testing.assert_allclose(both.probabilities, expected, **CLOSE)
    assert [view.dense is not None for view in both.views] == ([True] * 2 + [False] * 50) * 2
    assert both.words == (
        "The whole picture and its mirror image, and 100 crops at 40 and 56: scores averaged over each map, softmax, then "
        "average, whole pictures and crops half each"
    )


def test_a_square_picture_of_the_usual_size_is_a_plain_pass(inspector: Inspector, tmp_path: Any) -> None:
    noise = np.random.default_rng(5).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "square.png")
    image = ImageRef(tmp_path / "square.png")
    dense, single = (asked(inspector, image, protocol) for protocol in (Protocol("dense", (64,)), Protocol()))
    np.testing.assert_allclose(dense.probabilities, single.probabilities, rtol=0, atol=1e-5)
    assert dense.views[0].dense is not None
    assert dense.views[0].dense.shape == (1, 1)
    assert dense.words == "The whole picture at 64: scores averaged over the map, then softmax"
    assert any("padded" in notice for notice in dense.notices)


def test_fused_models_slide_too(picture: ImageRef) -> None:
    other = ModelSpec("compact_vgg", WeightsSpec("random", seed=4))
    inspector = Inspector(Session.load(BUILTIN_SPEC, "cpu"))
    protocol = Protocol("dense", (112,))
    answer = asked(inspector, picture, protocol, (FusionMember(other),))
    each = [asked(Inspector(one), picture, protocol).probabilities.astype(np.float64)
            for one in (inspector.session, Session.load(other, "cpu"))]  # fmt: skip
    np.testing.assert_allclose(answer.probabilities, (each[0] + each[1]) / 2, **CLOSE)


def test_a_network_that_cannot_slide_says_so_before_anything_is_looked_at(picture: ImageRef) -> None:
    inspector = Inspector(Session.load(ModelSpec("swin_t", WeightsSpec("random")), "cpu"))
    with pytest.raises(LayerscopeError, match="cannot be evaluated densely") as caught:
        asked(inspector, ImageRef(picture.path.with_name("gone.png")), Protocol("dense"))
    assert caught.value.kind == "unsupported"


def test_a_picture_that_is_too_large_as_a_whole_is_refused(
    inspector: Inspector, picture: ImageRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda device: 1_000_000)
    with pytest.raises(LayerscopeError, match="Choose a smaller Q, or a protocol of crops") as caught:
        asked(inspector, picture, Protocol("dense", (512,)))
    assert caught.value.kind == "too_large"


def test_it_can_be_closed_at_any_step_and_leaves_nothing_on_the_network(inspector: Inspector, picture: ImageRef) -> None:
    request = ProtocolRequest(1, picture, Protocol("dense", (64, 96), flip=True))
    steps = len(list(apply_protocol(inspector, request)))
    module = inspector.session.model
    for stop in range(steps):
        work = apply_protocol(inspector, request)
        for _ in range(stop + 1):
            next(work)
        work.close()
        assert not any(one._forward_hooks or one._forward_pre_hooks for one in module.modules())
