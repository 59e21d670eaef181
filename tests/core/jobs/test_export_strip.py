import csv
import hashlib
import os
import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from core import paths
from core.errors import ExportError, ImageError, LayerError, UsageError
from core.inference.session import Session
from core.insight.inspect import Inspector
from core.jobs.export_strip import export_pictures
from core.types import BUILTIN_SPEC, ExportRequest, ImageRef
from core.weights.read import read_weights

LAYER = "features.4"


@pytest.fixture(scope="module")
def inspector():
    return Inspector(Session.load(BUILTIN_SPEC, "cpu"))


@pytest.fixture
def strip(tmp_path):
    """The samples, a broken file among them, and two pictures of one name."""
    folder = tmp_path / "pictures"
    (folder / "other").mkdir(parents=True)
    for path in paths.sample_pictures()[:4]:
        shutil.copy(path, folder)
    pictures = sorted(path for path in folder.iterdir() if path.is_file())
    (folder / "broken.jpg").write_bytes(b"no picture")
    shutil.copy(pictures[1], folder / "other" / pictures[0].name)
    order = (pictures[0], pictures[1], folder / "broken.jpg", *pictures[2:], folder / "other" / pictures[0].name)
    return tuple(ImageRef(path) for path in order)


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out ü"
    folder.mkdir()
    return folder


def work(inspector, request):
    steps, progress = export_pictures(inspector, request), []
    while True:
        try:
            progress.append(next(steps))
        except StopIteration as end:
            return end.value, progress


def asked(strip, out, suffix=".npz", **more):
    return ExportRequest(1, strip, LAYER, suffix, out, True, **more)


def test_a_file_for_every_picture_that_can_be_read(inspector, strip, out):
    report, progress = work(inspector, asked(strip, out))
    good = [image for image in strip if image.name != "broken.jpg"]
    assert len(report.written) == len(good) == len(list(out.iterdir())) == 5
    assert report.stopped is None
    assert [failure.path.name for failure in report.failures] == ["broken.jpg"]
    weights = hashlib.sha256((paths.BUILTIN / "weights.safetensors").read_bytes()).hexdigest()
    assert report.written[0].name == f"{good[0].path.stem}.{LAYER}.npz"
    assert report.written[-1].name == f"{good[0].path.stem}.{LAYER}-2.npz"
    for image, path in zip(good, report.written, strict=True):
        with np.load(path, allow_pickle=False) as found:
            np.testing.assert_array_equal(found["activations"], inspector.capture(image, LAYER).values)
            assert str(found["image_sha256"]) == hashlib.sha256(image.path.read_bytes()).hexdigest()
            assert str(found["weights_sha256"]) == weights
    assert {step.total for step in progress} == {6}
    assert progress[-1].done == 6
    assert [step.done for step in progress] == sorted(step.done for step in progress)


def test_a_second_export_leaves_the_first_alone_unless_it_is_told(inspector, strip, out):
    first = work(inspector, asked(strip[:2], out, ".csv"))[0].written
    first[0].write_bytes(b"noted by hand")
    second = work(inspector, asked(strip[:2], out, ".csv"))[0].written
    assert [path.name for path in second] == [path.name.replace(".csv", "-2.csv") for path in first]
    assert first[0].read_bytes() == b"noted by hand"
    third = work(inspector, asked(strip[:2], out, ".csv", replace=True))[0].written
    assert third == first
    assert first[0].read_bytes() == second[0].read_bytes()
    with first[0].open(newline="") as file:
        assert len(list(csv.DictReader(file))) == inspector.layer(LAYER).output_shape[1]


def test_pictures_are_never_replaced_by_what_is_made_of_them(inspector, strip, out):
    own = out / f"mine.{LAYER}.png"
    Image.new("RGB", (80, 80), "red").save(out / "mine.png")
    Image.new("RGB", (80, 80), "blue").save(own)
    before = own.read_bytes()
    report, _ = work(inspector, asked((ImageRef(out / "mine.png"), ImageRef(own)), out, ".png", replace=True))
    assert own.read_bytes() == before
    assert report.written[0].name == f"mine.{LAYER}-2.png"
    request = ExportRequest(1, (ImageRef(own),), LAYER, ".png", own)
    with pytest.raises(UsageError, match="made from"):
        work(inspector, request)
    assert own.read_bytes() == before


def test_one_picture_to_one_file(inspector, strip, out):
    (out / "x.npy").write_bytes(b"old")
    report, _ = work(inspector, ExportRequest(1, strip[:1], LAYER, ".npy", out / "x.npy"))
    assert report.written == (out / "x.npy",)
    np.testing.assert_array_equal(np.load(out / "x.npy"), inspector.capture(strip[0], LAYER).values)
    with pytest.raises(ImageError):
        work(inspector, ExportRequest(1, strip[2:3], LAYER, ".npy", out / "y.npy"))
    with pytest.raises(LayerError):
        work(inspector, ExportRequest(1, strip, "nothing", ".npy", out, True))
    with pytest.raises(UsageError, match="no folder"):
        work(inspector, ExportRequest(1, strip, LAYER, ".npy", out / "gone", True))
    assert [path.name for path in out.iterdir()] == ["x.npy"]


def test_given_up_in_the_middle_every_file_is_whole(inspector, strip, out):
    steps = export_pictures(inspector, asked(strip, out))
    for progress in steps:
        if progress.done == 2:
            break
    next(steps)  # the third is captured, but not written
    steps.close()
    assert len(list(out.iterdir())) == 2
    for path in out.iterdir():
        with np.load(path, allow_pickle=False) as found:
            assert found["activations"].size


def test_a_full_disk_ends_the_work_in_words(inspector, strip, out, monkeypatch):
    real, calls = os.fsync, []

    def fsync(number):
        calls.append(number)
        if len(calls) > 1:
            raise OSError(28, "No space left on device")
        real(number)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        report, _ = work(inspector, asked(strip, out))
        assert len(report.written) == len(list(out.iterdir())) == 1
        assert report.stopped.kind == "unwritable"
        assert "No space left on device" in report.stopped.message
        with pytest.raises(ExportError, match="No space left"):
            work(inspector, ExportRequest(1, strip[:1], LAYER, ".npz", out / "x.npz"))
    assert len(list(out.iterdir())) == 1


def test_what_a_picture_does_not_show_is_noted_once(inspector, strip, out):
    report, _ = work(inspector, asked(strip[:2], out, ".png"))
    assert report.notes == ()
    for path in report.written:
        with Image.open(path) as image:
            assert (image.format, image.mode) == ("PNG", "L")


def test_the_remembered_picture_stays(inspector, strip, monkeypatch):
    inspector.tensor(strip[0])
    remembered = inspector._ready
    inspector.capture(strip[1], LAYER)
    assert inspector._ready is remembered


def test_a_picture_that_changes_meanwhile_is_not_given_a_wrong_hash(inspector, strip, monkeypatch):
    read = Inspector._read

    def swap(self, image):
        ready = read(self, image)
        shutil.copy(strip[1].path, image.path)
        return ready

    monkeypatch.setattr(Inspector, "_read", swap)
    with pytest.raises(ImageError, match="changed while"):
        inspector.capture(strip[3], LAYER)


def test_the_hash_of_the_weights_is_that_of_the_bytes_that_were_read(tmp_path, strip):
    path = tmp_path / "weights.safetensors"
    shutil.copy(paths.BUILTIN / "weights.safetensors", path)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    spec = type(BUILTIN_SPEC)(BUILTIN_SPEC.architecture, type(BUILTIN_SPEC.weights)("file", path=path))
    inspector = Inspector(Session.load(spec, "cpu"))
    path.write_bytes(b"something else entirely")
    assert inspector.capture(strip[0], LAYER).weights_sha256 == inspector.session.info.weights_sha256 == before


def test_the_hash_is_that_of_the_very_bytes_that_were_loaded(tmp_path):
    path = tmp_path / "weights.safetensors"
    shutil.copy(paths.BUILTIN / "weights.safetensors", path)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    content = read_weights(path)
    kept = {name: value.clone() for name, value in content.state_dict.items()}
    with path.open("r+b") as file:
        file.seek(-1000, os.SEEK_END)
        file.write(bytes(1000))
    assert content.sha256 == before
    assert all(torch.equal(content.state_dict[name], value) for name, value in kept.items())
