from __future__ import annotations

import itertools
import weakref
from dataclasses import replace
from types import ModuleType
from typing import Any, Literal

import numpy as np
import pytest
import torch
from PIL import Image

from core.errors import ImageError, ModelError, UsageError
from core.images.decode import decode
from core.images.preprocess import preprocess
from core.inference.classify import probabilities
from core.inference.session import Session
from core.insight.attribution import pace
from core.insight.inspect import Inspector
from core.protocols import memory, passes
from core.protocols.apply import apply_protocol
from core.types import BUILTIN_SPEC, ImageRef, JobProgress, ModelSpec, Preprocessing, Protocol, ProtocolRequest, WeightsSpec
from tests.core.protocols.asking import asked, averaged, opened, resized, scores, tensors

Order = Literal["softmax", "logits"]
ORDERS = pytest.mark.parametrize("order", ["softmax", "logits"])
CLOSE = {"rtol": 0, "atol": 1e-6}


@pytest.fixture(scope="module")
def squeezenet() -> Session:
    return Session.load(ModelSpec("squeezenet1_1", WeightsSpec("random", seed=1)), "cpu")


def test_single_is_what_classify_says_bit_for_bit(inspector: Inspector, picture: ImageRef) -> None:
    found = inspector.classify(picture)
    answer = asked(inspector, picture, Protocol())
    assert answer.predictions == found.classification.predictions == answer.views[0].predictions
    assert np.array_equal(answer.probabilities, found.probabilities)
    assert np.array_equal(answer.votes[0], found.probabilities)
    assert answer.views[0].box == found.network_input.box
    assert (answer.views[0].scale, answer.views[0].weight, answer.protocol.scales) == (64, 1.0, (64,))
    assert answer.members == ()
    assert asked(inspector, picture, Protocol(average="logits")).predictions == answer.predictions


def test_single_of_weights_that_put_zeros_around_a_picture(session: Session, picture: ImageRef) -> None:
    padding = Inspector(session.with_preprocessing(replace(session.info.preprocessing, resize=40)))
    answer = asked(padding, picture, Protocol(flip=True))
    assert answer.views[0].predictions == padding.classify(picture).classification.predictions
    assert (answer.views[0].scale, answer.views[0].box[1]) == (40, -42.0)
    assert answer.words == "1 view and its mirror image at 40: softmax, then average"


@pytest.mark.parametrize("scale", [64, 71, 200])
def test_scale_is_the_weights_own_preprocessing_with_another_short_side(
    inspector: Inspector, session: Session, picture: ImageRef, scale: int
) -> None:
    changed = session.with_preprocessing(replace(session.info.preprocessing, resize=scale))
    found = Inspector(changed).classify(picture)
    answer = asked(inspector, picture, Protocol("scale", (scale,)))
    assert answer.predictions == found.classification.predictions
    assert answer.views[0].box == found.network_input.box


def test_weights_that_squeeze_keep_doing_so(session: Session, picture: ImageRef) -> None:
    squeezing = session.with_preprocessing(replace(session.info.preprocessing, resize=(70, 140)))
    found = Inspector(squeezing).classify(picture)
    for protocol in (Protocol(), Protocol("scale"), Protocol("scale", (70,))):
        answer = asked(Inspector(squeezing), picture, protocol)
        assert answer.predictions == found.classification.predictions
        assert "squeezed to the shape that the weights ask for, 140×70" in answer.words
    twice = session.with_preprocessing(replace(session.info.preprocessing, resize=(140, 280)))
    expected = Inspector(twice).classify(picture).classification.predictions
    assert asked(Inspector(squeezing), picture, Protocol("scale", (140,))).predictions == expected


@ORDERS
def test_ten_crop_is_torchvisions(
    torchvision: ModuleType, inspector: Inspector, session: Session, picture: ImageRef, order: Order
) -> None:
    crops = torchvision.transforms.TenCrop(64)(resized(torchvision, session, picture, 71))
    logits = scores(session, tensors(torchvision, session, crops))
    answer = asked(inspector, picture, Protocol("ten-crop", (71,), average=order))
    np.testing.assert_allclose(answer.votes, logits.softmax(1), **CLOSE)
    np.testing.assert_allclose(answer.probabilities, averaged(logits, order), **CLOSE)


def test_multi_crop_is_an_explicit_loop_in_both_orders(
    torchvision: ModuleType, inspector: Inspector, session: Session, picture: ImageRef
) -> None:
    functional, inputs = torchvision.transforms.functional, []
    for scale in (71, 131):
        whole = resized(torchvision, session, picture, scale)
        across, down = (np.linspace(0, side - 64, 5).round().astype(int) for side in whole.size)
        crops = [functional.crop(whole, int(top), int(left), 64, 64) for top in down for left in across]
        inputs += tensors(torchvision, session, [*crops, *map(functional.hflip, crops)])
    logits = scores(session, inputs)
    answer = asked(inspector, picture, Protocol("multi-crop", (71, 131)))
    assert answer.votes.shape == (100, 102)
    np.testing.assert_allclose(answer.votes, logits.softmax(1), **CLOSE)
    np.testing.assert_allclose(answer.probabilities, averaged(logits, "softmax"), **CLOSE)
    answer = asked(inspector, picture, Protocol("multi-crop", (71,), average="logits"))
    np.testing.assert_allclose(answer.probabilities, averaged(logits[:50], "logits"), **CLOSE)


@ORDERS
@pytest.mark.parametrize("flip", [False, True])
def test_multi_scale_is_an_explicit_average(
    torchvision: ModuleType, inspector: Inspector, session: Session, picture: ImageRef, order: Order, flip: bool
) -> None:
    functional = torchvision.transforms.functional
    crops = []
    for scale in (64, 96, 128):
        crop = functional.center_crop(resized(torchvision, session, picture, scale), [64])
        crops += [crop, functional.hflip(crop)] if flip else [crop]
    logits = scores(session, tensors(torchvision, session, crops))
    answer = asked(inspector, picture, Protocol("multi-scale", flip=flip, average=order))
    assert answer.protocol.scales == (64, 96, 128)
    np.testing.assert_allclose(answer.votes, logits.softmax(1), **CLOSE)
    np.testing.assert_allclose(answer.probabilities, averaged(logits, order), **CLOSE)


def test_the_cpu_says_bit_for_bit_what_a_loop_says(
    torchvision: ModuleType, squeezenet: Session, picture: ImageRef
) -> None:
    crops = torchvision.transforms.TenCrop(224)(resized(torchvision, squeezenet, picture, 240))
    each = [squeezenet.forward(one.unsqueeze(0)) for one in tensors(torchvision, squeezenet, crops)]
    answer = asked(Inspector(squeezenet), picture, Protocol("ten-crop", (240,)))
    assert np.array_equal(answer.votes, np.stack([probabilities(logits) for logits in each]))


@pytest.mark.parametrize("at_once", [2, 7, 16])
def test_a_batch_says_what_its_views_say_one_by_one(
    squeezenet: Session, picture: ImageRef, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    protocol = Protocol("ten-crop", (240,))
    alone = asked(Inspector(squeezenet), picture, protocol)
    monkeypatch.setattr(passes, "Pace", lambda most: FixedPace(at_once))
    np.testing.assert_allclose(asked(Inspector(squeezenet), picture, protocol).votes, alone.votes, **CLOSE)


class FixedPace(pace.Pace):
    """A pace that no clock changes."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def stop(self) -> None:
        pass


def test_the_two_orders_differ(inspector: Inspector, picture: ImageRef) -> None:
    one, other = (asked(inspector, picture, Protocol("multi-scale", average=order)) for order in ("softmax", "logits"))
    assert np.array_equal(one.votes, other.votes)
    assert np.abs(one.probabilities - other.probabilities).max() > 1e-4
    assert one.words.endswith("softmax, then average")
    assert other.words.endswith("scores averaged, then softmax")


def test_views_tell_where_they_lie_and_what_they_say(inspector: Inspector, picture: ImageRef) -> None:
    answer = asked(inspector, picture, Protocol("ten-crop", (64, 96)))
    width, height = opened(picture).size
    for view, vote in zip(answer.views, answer.votes, strict=True):
        left, top, right, bottom = view.box
        assert -1e-9 <= left < right <= width + 1e-9
        assert -1e-9 <= top < bottom <= height + 1e-9
        assert bottom - top == pytest.approx(64 * height / view.scale)
        assert view.dense is None
        assert len(view.predictions) == 10
        assert view.predictions[0].probability == vote.max()
    assert [view.scale for view in answer.views] == [64] * 10 + [96] * 10
    assert answer.votes.dtype == answer.probabilities.dtype == np.float32
    assert not answer.votes.flags.writeable
    assert not answer.probabilities.flags.writeable
    assert answer.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert answer.words == "20 views at 64 and 96: softmax, then average"
    assert answer.milliseconds > 0


def test_the_box_of_a_mirrored_view_is_where_it_was_cut_out(inspector: Inspector, session: Session, tmp_path: Any) -> None:
    noise = np.random.default_rng(5).integers(0, 256, (64, 100, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    answer = asked(inspector, ImageRef(tmp_path / "noise.png"), Protocol("ten-crop", (64,)))
    for view, vote in zip(answer.views, answer.votes, strict=True):
        cut = Image.fromarray(noise).crop(tuple(round(side) for side in view.box))  # type: ignore[arg-type]
        cut = cut.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if view.flipped else cut
        cut.save(tmp_path / "cut.png")
        prepared = preprocess(decode(ImageRef(tmp_path / "cut.png")), session.info.preprocessing)
        np.testing.assert_allclose(vote, session.forward(prepared.tensor)[0].softmax(0), **CLOSE)


def test_a_large_photo_is_decoded_at_reduced_scale_as_it_is_for_classify(
    inspector: Inspector, session: Session, tmp_path: Any
) -> None:
    coarse = np.random.default_rng(3).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize((4032, 3024), Image.Resampling.BICUBIC).save(tmp_path / "photo.jpg")
    image = ImageRef(tmp_path / "photo.jpg")
    assert asked(inspector, image, Protocol()).predictions == inspector.classify(image).classification.predictions
    # 64 is decoded at half the size, 400 in full.
    answer = asked(inspector, image, Protocol("multi-scale", (64, 400)))
    for scale, vote in zip((64, 400), answer.votes, strict=True):
        assert np.array_equal(vote, asked(inspector, image, Protocol("scale", (scale,))).votes[0])


def test_a_strip_so_long_that_only_its_crops_are_resized(inspector: Inspector, tmp_path: Any) -> None:
    noise = np.random.default_rng(7).integers(0, 256, (2, 2000, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "strip.png")
    answer = asked(inspector, ImageRef(tmp_path / "strip.png"), Protocol("ten-crop", (300,)))
    assert len(answer.views) == 10
    assert len({tuple(vote) for vote in answer.votes.tolist()}) > 2


def test_other_orders_of_channels(session: Session, picture: ImageRef) -> None:
    turned = session.with_preprocessing(replace(session.info.preprocessing, order="BGR"))
    answer = asked(Inspector(turned), picture, Protocol("ten-crop", (71,)))
    how: Preprocessing = turned.info.preprocessing
    expected = session.forward(preprocess(decode(picture), replace(how, resize=71)).tensor)[0].softmax(0)
    np.testing.assert_allclose(answer.votes[4], expected, **CLOSE)


def test_steps_count_the_views(inspector: Inspector, picture: ImageRef) -> None:
    steps = list(apply_protocol(inspector, ProtocolRequest(1, picture, Protocol("ten-crop", (64, 96)))))
    assert all(isinstance(step, JobProgress) and step.total == 20 for step in steps)
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, 20)
    assert steps[-1].text == "Compact VGG (built-in): view 20 of 20"
    assert max(later - earlier for earlier, later in itertools.pairwise(done)) == 1


def test_it_can_be_closed_at_any_step_and_leaves_nothing_on_the_network(inspector: Inspector, picture: ImageRef) -> None:
    module = inspector.session.model
    before = hooks(module)
    request = ProtocolRequest(1, picture, Protocol("multi-scale", (71, 80), flip=True))
    steps = len(list(apply_protocol(inspector, request)))
    threads = torch.get_num_threads()
    for stop in range(steps):
        work = apply_protocol(inspector, request)
        for _ in range(stop + 1):
            next(work)
        work.close()
        assert hooks(module) == before
        assert torch.get_num_threads() == threads
    assert not inspector.members


def hooks(module: torch.nn.Module) -> list[int]:
    return [len(one._forward_hooks) + len(one._forward_pre_hooks) + len(one._backward_hooks) for one in module.modules()]


def test_no_more_than_a_batch_of_views_is_in_memory(
    squeezenet: Session, picture: ImageRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    cut, run, alive = passes._input, squeezenet.run, weakref.WeakSet[torch.Tensor]()

    def watched_cut(*arguments: Any) -> torch.Tensor:
        tensor = cut(*arguments)
        alive.add(tensor)
        return tensor

    def watched_run(work: Any, batch: torch.Tensor, **keywords: Any) -> Any:
        alive.add(batch)
        held.append(sum(len(tensor) for tensor in alive))
        return run(work, batch, **keywords)

    monkeypatch.setattr(passes, "Pace", lambda most: FixedPace(2))
    monkeypatch.setattr(passes, "_input", watched_cut)
    monkeypatch.setattr(squeezenet, "run", watched_run)
    asked(Inspector(squeezenet), picture, Protocol("ten-crop", (240, 256)))
    assert 0 < max(held) <= 2


def test_how_many_views_at_once_follows_from_the_largest_layer(squeezenet: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    largest = max(layer.activation_bytes for layer in squeezenet.info.layers)
    layers, gpu = squeezenet.info.layers, torch.device("cuda")
    monkeypatch.setattr(memory, "free_bytes", lambda device: 1 << 40)
    assert memory.views_at_once(layers, gpu) == memory.LARGEST_BATCH // (4 * largest)
    monkeypatch.setattr(memory, "free_bytes", lambda device: 64 * largest)
    assert memory.views_at_once(layers, gpu) == 4
    monkeypatch.setattr(memory, "free_bytes", lambda device: 1)
    assert memory.views_at_once(layers, gpu) == 1
    assert memory.views_at_once(layers, torch.device("cpu")) == 1


def test_what_cannot_be_done_is_said_in_words(inspector: Inspector, picture: ImageRef, tmp_path: Any) -> None:
    with pytest.raises(UsageError, match="Q = 32 is below"):
        asked(inspector, picture, Protocol("scale", (32,)))
    with pytest.raises(ImageError, match=r"gone\.png"):
        asked(inspector, ImageRef(tmp_path / "gone.png"), Protocol("ten-crop"))


def test_a_network_that_answers_with_no_numbers_is_found_out(picture: ImageRef) -> None:
    damaged = Session.load(BUILTIN_SPEC, "cpu")
    list(damaged.model.parameters())[-1].fill_(float("nan"))
    with pytest.raises(ModelError, match="not a number"):
        asked(Inspector(damaged), picture, Protocol("ten-crop", (101,)))
