"""The search for the strongest patches: the same as a plain loop, and nothing is done twice."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.errors import LayerError
from core.images.decode import decode
from core.inference.measure import first_tensor
from core.inference.session import Session
from core.insight.inspect import Inspector
from core.jobs.patches import strongest_patches
from core.jobs.patches_maxima import apart
from core.types import BUILTIN_SPEC, ImageRef, KnownPatchesRequest, ModelSpec, PatchesRequest, WeightsSpec

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def session():
    return Session.load(BUILTIN_SPEC, "cpu")


@pytest.fixture
def pictures(tmp_path):
    return tuple(draw(tmp_path / f"{number}.png", number) for number in range(6))


@pytest.fixture
def passes(session):
    """Counts what goes into the network, at the network itself."""
    counted = []
    handle = session.model.register_forward_pre_hook(lambda *_: counted.append(1))
    yield counted
    handle.remove()


def draw(path, seed, size=(90, 70)):
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(0, 256, (7, 9, 3), dtype=np.uint8))
    path.parent.mkdir(parents=True, exist_ok=True)
    coarse.resize(size, Image.Resampling.BICUBIC).save(path)
    # As if it had been there for a while: what has just changed is always read again.
    os.utime(path, ns=(10**18, 10**18 + seed))
    return ImageRef(path)


def search(session, images, layer, channel=0, kind=PatchesRequest, **more):
    steps = strongest_patches(Inspector(session), kind(1, tuple(images), layer, channel, **more))
    reports = []
    while True:
        try:
            reports.append(next(steps))
        except StopIteration as end:
            return end.value, reports


def found(answer):
    return [(patch.image, patch.value, patch.row, patch.column) for patch in answer.patches]


def outputs(session, image, layer):
    """What a layer puts out, by a plain hook that clones: channels first, (channels, rows, columns)."""
    kept = []
    module = session.model.get_submodule(layer.name)
    handle = module.register_forward_hook(lambda _module, _inputs, output: kept.append(first_tensor(output).clone()))
    with torch.inference_mode():
        session.model(Inspector(session).tensor(image))
    handle.remove()
    return kept[layer.call - 1][0]


def plain_loop(session, images, layer, channel, maps_of, per_picture=1):
    """Every picture, every pixel; the strongest first."""
    near, rows = apart(layer), []
    for image in images:
        grid = maps_of(outputs(session, image, layer))[channel].clone()
        for _ in range(per_picture):
            row, column = divmod(int(grid.argmax()), grid.shape[1])
            if grid[row, column] == -torch.inf:
                break
            rows.append((image, float(grid[row, column]), row, column))
            down, across = near or grid.shape
            grid[max(0, row - down) : row + down + 1, max(0, column - across) : column + across + 1] = -torch.inf
    return sorted(rows, key=lambda row: -row[1])


def channels_first(output):
    return output


def channels_last(output):
    return output.permute(2, 0, 1)


def units(output):
    return output.reshape(-1, 1, 1)


def tokens(output):
    side = int((len(output) - 1) ** 0.5)
    return output[1:].T.reshape(-1, side, side)


@pytest.mark.parametrize(("layer", "maps_of"), [
    ("features.0", channels_first), ("features.9", channels_first), ("features.27", channels_first),
    ("avgpool", units), ("classifier", units),
])  # fmt: skip
def test_equals_a_plain_loop_over_pictures_and_channels(session, pictures, layer, maps_of):
    info = Inspector(session).layer(layer)
    channels = info.output_shape[1]
    for channel in sorted({*range(0, channels, 29), channels - 1}):
        answer, _ = search(session, pictures, layer, channel)
        assert found(answer) == plain_loop(session, pictures, info, channel, maps_of)
        assert (answer.total, answer.looked_at, answer.skipped, answer.complete) == (6, 6, (), True)


@pytest.mark.parametrize("per_picture", [2, 3])
def test_several_patches_of_a_picture_lie_apart(session, pictures, per_picture):
    info = Inspector(session).layer("features.9")
    answer, _ = search(session, pictures, "features.9", 5, per_picture=per_picture, count=100)
    assert found(answer) == plain_loop(session, pictures, info, 5, channels_first, per_picture)
    assert len(answer.patches) > len(pictures)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "layer", "maps_of"), [
    ("resnet18", "layer1.0.relu@2", channels_first), ("convnext_tiny", "features.1.0.block.3", channels_last),
    ("swin_t", "features.1.0.norm1", channels_last), ("vit_b_16", "encoder.layers.encoder_layer_3", tokens),
    ("mobilenet_v3_small", "features.4.block.2", channels_first), ("vit_b_16", "heads.head", units),
])  # fmt: skip
def test_equals_a_plain_loop_in_other_architectures(pictures, name, layer, maps_of):
    session = Session.load(ModelSpec(name, WeightsSpec("random")), "cpu")
    info = Inspector(session).layer(layer)
    for channel in (0, 3):
        answer, _ = search(session, pictures, layer, channel)
        assert found(answer) == plain_loop(session, pictures, info, channel, maps_of)
        assert answer.whole_crop == (info.receptive_field is None)


def test_the_patch_is_the_receptive_field_cut_out_of_the_picture(session, tmp_path):
    side = session.info.preprocessing.crop
    assert session.info.preprocessing.resize == side
    image = draw(tmp_path / "square.png", 3, (side, side))
    pixels = np.array(Image.open(image.path))
    for channel in range(8):
        (patch,) = search(session, [image], "features.0", channel)[0].patches
        # A 3x3 convolution with one pixel of padding and stride 1.
        box = (max(0, patch.column - 1), max(0, patch.row - 1), min(side, patch.column + 2), min(side, patch.row + 2))
        assert patch.box == box
        np.testing.assert_array_equal(patch.pixels, pixels[box[1] : box[3], box[0] : box[2]])
        assert not patch.pixels.flags.writeable


def test_a_layer_that_sees_everything_gives_the_whole_crop_made_small(session, tmp_path):
    image = draw(tmp_path / "wide.png", 1, (900, 600))
    answer, _ = search(session, [image], "classifier", 2, side=96)
    (patch,) = answer.patches
    assert answer.whole_crop
    assert patch.box == (150, 0, 750, 600)
    assert patch.pixels.shape == (96, 96, 3)
    expected = decode(image).rgb.crop((150, 0, 750, 600)).resize((96, 96), Image.Resampling.LANCZOS)
    assert np.abs(patch.pixels.astype(int) - np.array(expected).astype(int)).mean() < 2


def test_another_channel_and_another_search_need_no_pass(session, pictures, passes):
    search(session, pictures, "features.9", 1)
    assert len(passes) == len(pictures)
    direct = [search(session, pictures, "features.9", channel)[0] for channel in (1, 2)]
    known = search(session, pictures, "features.9", 2, KnownPatchesRequest)[0]
    assert len(passes) == len(pictures)
    assert found(known) == found(direct[1])
    assert [patch.pixels.tolist() for patch in known.patches] == [patch.pixels.tolist() for patch in direct[1].patches]
    search(session, pictures, "features.8", 1)
    assert len(passes) == 2 * len(pictures)


def test_what_is_not_known_is_not_looked_at(session, pictures, passes):
    search(session, pictures[:2], "features.9")
    answer, _ = search(session, pictures, "features.9", 0, KnownPatchesRequest)
    assert (answer.looked_at, answer.total, answer.complete) == (2, 6, False)
    assert {patch.image for patch in answer.patches} == set(pictures[:2])
    assert len(passes) == 2


def test_a_search_given_up_goes_on_where_it_was(session, pictures, passes):
    expected = found(search(session, pictures, "features.9", 4)[0])
    passes.clear()
    request = PatchesRequest(1, pictures, "features.10", 4, count=1)
    steps = strongest_patches(Inspector(session), request)
    while next(steps).done < 3:
        pass
    steps.close()
    assert len(passes) == 3
    # These cannot be read again, but look as they did.
    for image in pictures[:3]:
        about = image.path.stat()
        image.path.write_bytes(bytes(about.st_size))
        os.utime(image.path, ns=(about.st_atime_ns, about.st_mtime_ns))
    answer, _ = search(session, pictures, "features.10", 4)
    assert len(passes) == len(pictures)
    assert (answer.looked_at, answer.skipped) == (6, ())
    again, _ = search(session, pictures, "features.9", 4)
    assert found(again) == expected
    assert sum(patch.pixels is None for patch in again.patches) == 3


KILLED = """
import sys
from core.inference.session import Session
from core.insight.inspect import Inspector
from core.jobs.patches import strongest_patches
from core.types import BUILTIN_SPEC, ImageRef, PatchesRequest
from pathlib import Path
images = tuple(ImageRef(Path(name)) for name in sys.argv[1:])
steps = strongest_patches(Inspector(Session.load(BUILTIN_SPEC, "cpu")), PatchesRequest(1, images, "features.9", 4))
for progress in steps:
    print(progress.done, flush=True)
"""


def test_a_killed_program_loses_nothing_that_was_done(session, pictures, passes, home, monkeypatch):
    names = [str(image.path) for image in pictures]
    with subprocess.Popen([sys.executable, "-c", KILLED, *names], cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        while int(program.stdout.readline()) < 3:
            pass
        program.send_signal(signal.SIGKILL)
    answer, _ = search(session, pictures, "features.9", 4)
    assert len(passes) <= 3
    assert answer.notices == ()
    monkeypatch.setenv("LAYERSCOPE_HOME", str(home / "fresh"))
    assert found(answer) == found(search(session, pictures, "features.9", 4)[0])


def test_a_changed_file_gets_a_new_value_and_a_moved_one_keeps_its_own(session, pictures, passes, tmp_path):
    before, _ = search(session, pictures, "features.9", 4)
    draw(pictures[2].path, 77)
    moved = ImageRef(tmp_path / "elsewhere" / "ü.png")
    moved.path.parent.mkdir()
    shutil.move(pictures[0].path, moved.path)
    passes.clear()
    after, _ = search(session, [moved, *pictures[1:]], "features.9", 4)
    assert len(passes) == 1
    values = {patch.image: patch.value for patch in before.patches}, {patch.image: patch.value for patch in after.patches}
    assert values[1][moved] == values[0][pictures[0]]
    assert values[1][pictures[2]] != values[0][pictures[2]]
    assert all(values[0][image] == values[1][image] for image in (pictures[1], *pictures[3:]))


def test_a_file_that_is_written_over_while_it_is_looked_at_is_looked_at_again(session, tmp_path):
    image = draw(tmp_path / "a.png", 0)
    handle = session.model.register_forward_pre_hook(lambda *_: draw(image.path, 1) and None)
    first, _ = search(session, [image], "features.9", 4)
    handle.remove()
    draw(tmp_path / "b.png", 0)
    assert found(search(session, [ImageRef(tmp_path / "b.png")], "features.9", 4, KnownPatchesRequest)[0]) == []
    assert search(session, [image], "features.9", 4)[0].patches[0].value != first.patches[0].value


def test_other_weights_and_another_preprocessing_have_answers_of_their_own(session, pictures, passes):
    first = found(search(session, pictures, "features.9")[0])
    random = Session.load(ModelSpec("compact_vgg", WeightsSpec("random", seed=1)), "cpu")
    assert found(search(random, pictures, "features.9", 0, KnownPatchesRequest)[0]) == []
    other = found(search(random, pictures, "features.9")[0])
    assert other != first
    again = Session.load(ModelSpec("compact_vgg", WeightsSpec("random", seed=1)), "cpu")
    assert found(search(again, pictures, "features.9", 0, KnownPatchesRequest)[0]) == other
    info = session.info
    try:
        session.info = replace(info, preprocessing=replace(info.preprocessing, mean=(0.1, 0.1, 0.1)))
        assert found(search(session, pictures, "features.9", 0, KnownPatchesRequest)[0]) == []
    finally:
        session.info = info
    assert found(search(session, pictures, "features.9", 0, KnownPatchesRequest)[0]) == first


def test_bad_pictures_are_counted_with_their_reasons_and_copies_once(session, pictures, tmp_path):
    broken, gone, copy = tmp_path / "broken.png", tmp_path / "gone.png", tmp_path / "copy.png"
    broken.write_bytes(pictures[0].path.read_bytes()[:200])
    os.utime(broken, ns=(1, 1))
    shutil.copy(pictures[1].path, copy)
    images = (*pictures, *(ImageRef(path) for path in (broken, gone, tmp_path, copy)))
    expected = found(search(session, pictures, "features.9")[0])
    for kind in (PatchesRequest, KnownPatchesRequest):
        answer, _ = search(session, images, "features.9", 0, kind)
        assert found(answer) == expected
        assert [failure.kind for failure in answer.skipped] == ["truncated", "missing", "unsupported"]
        assert "broken.png" in answer.skipped[0].message
        assert (answer.total, answer.looked_at, answer.copies, answer.complete) == (10, 6, 1, True)


def test_folders_are_listed_with_what_is_below_and_after_the_strip(session, pictures, tmp_path):
    inner = draw(tmp_path / "deep" / "er" / "7.png", 7)
    answer, _ = search(session, pictures[5:], "features.9", folders=(tmp_path, tmp_path / "not there"))
    assert {patch.image for patch in answer.patches} == {*pictures, inner}
    assert answer.total == 8
    assert [failure.kind for failure in answer.skipped] == ["missing"]
    assert search(session, (), "features.9", folders=(tmp_path / "deep" / "nothing",))[0].looked_at == 0


def test_what_was_found_so_far_comes_with_every_step_and_grows(session, pictures):
    answer, reports = search(session, pictures, "features.9", 4, count=3)
    seen = [report.so_far.looked_at for report in reports]
    assert seen == sorted(seen)
    assert {1, 2, 3, 4, 5, 6} <= set(seen)
    for report in reports:
        known = report.so_far.patches
        assert len(known) == min(3, report.so_far.looked_at)
        assert all(patch.pixels is not None for patch in known)
        values = [patch.value for patch in known]
        assert values == sorted(values, reverse=True)
    assert found(answer) == found(reports[-1].so_far)


def test_no_hook_is_left_at_any_step(session, pictures):
    for _ in strongest_patches(Inspector(session), PatchesRequest(1, pictures, "features.9", 0)):
        assert not any(module._forward_hooks for module in session.model.modules())


def test_errors_say_which_layer_and_which_channels_there_are(session, pictures):
    with pytest.raises(LayerError, match="nonsense"):
        search(session, pictures, "nonsense")
    with pytest.raises(LayerError, match=r"features\.0.* channels 0 to \d+; there is no channel 5000"):
        search(session, pictures, "features.0", 5000)
    assert search(session, (), "features.0", 5000)[0].patches == ()
