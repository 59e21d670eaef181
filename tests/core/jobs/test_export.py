import csv
import errno
import io
import json
import os
import re
import stat
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors import safe_open

from core.errors import ExportError, UsageError
from core.insight.mosaic import build_mosaic
from core.insight.raw import RawActivations
from core.jobs.export import FORMATS, check_output, export_activations, picture, picture_note, write_whole
from core.types import ImageRef, LayerInfo, ModelSpec, Preprocessing, WeightsSpec
from core.version import program_version
from tests.helpers.shared_data import ROOT

HOW = Preprocessing(73, 64, "bilinear", (0.5,), (0.25,), "test")


def raw(values, *, order="channels first", name="ü 画像.png", hashes=("", "")):
    values = np.ascontiguousarray(values, np.float32)
    values.setflags(write=False)
    layer = LayerInfo("layer1.0.relu", "ReLU", values.shape, 0, 2, 2)
    spec = ModelSpec("resnet18", WeightsSpec("random", 7))
    return RawActivations(ImageRef(Path(name).absolute()), spec, HOW, layer, values, order, *hashes, "cpu")


def noise(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def awkward():
    """Values that lose something where they go through text or another type."""
    values = noise(1, 3, 4, 5)
    values[0, 1, 0, :4] = np.nan, -np.inf, -0.0, 1e-42
    values.view(np.uint32)[0, 1, 1, 0] = 0x7FC0BEEF
    return values


def same_bits(found, expected):
    assert found.dtype == np.float32
    assert found.shape == expected.shape
    np.testing.assert_array_equal(found.view(np.uint32), expected.view(np.uint32))


ABOUT = {
    "layer": "layer1.0.relu@2", "kind": "ReLU", "shape": "[1, 3, 4, 5]", "model": "resnet18", "weights": "random:7",
    "preprocessing": HOW.describe(), "weights_sha256": "ab" * 32, "image": "ü 画像.png", "image_sha256": "cd" * 32,
    "device": "cpu", "program": f"Layerscope {program_version()}", "torch": version("torch"),
}


def split_off_preprocessing(about):
    """Take the machine-readable preprocessing out, and check that it is all of it."""
    how = json.loads(about.pop("preprocessing_json"))
    assert Preprocessing(**{**how, "mean": tuple(how["mean"]), "std": tuple(how["std"])}) == HOW
    return about


def test_tensors_come_back_bit_for_bit(tmp_path):
    values = awkward()
    for suffix in (".npz", ".npy", ".safetensors", ".NPY"):
        export_activations(raw(values, hashes=("ab" * 32, "cd" * 32)), tmp_path / f"ü 画像{suffix}")
    with np.load(tmp_path / "ü 画像.npz", allow_pickle=False) as found:
        assert set(found) == {"activations", "preprocessing_json", *ABOUT}
        same_bits(found["activations"], values)
        assert found["shape"].tolist() == [1, 3, 4, 5]
        words = {name: str(found[name]) for name in found if name not in {"activations", "shape"}}
        assert {"shape": ABOUT["shape"], **split_off_preprocessing(words)} == ABOUT
    same_bits(np.load(tmp_path / "ü 画像.npy", allow_pickle=False), values)
    same_bits(np.load(tmp_path / "ü 画像.NPY", allow_pickle=False), values)
    with safe_open(tmp_path / "ü 画像.safetensors", "numpy") as found:
        assert list(found.keys()) == ["activations"]
        assert split_off_preprocessing(found.metadata()) == ABOUT
        same_bits(found.get_tensor("activations"), values)
    assert len(list(tmp_path.iterdir())) == 4


def test_a_file_name_that_is_no_text(tmp_path):
    odd = raw(noise(1, 2), name="\udcff.png")
    for suffix in (".npz", ".safetensors"):
        export_activations(odd, tmp_path / f"x{suffix}")
    with np.load(tmp_path / "x.npz", allow_pickle=False) as found:
        assert str(found["image"]) == "\\udcff.png"
    with safe_open(tmp_path / "x.safetensors", "numpy") as found:
        assert found.metadata()["image"] == "\\udcff.png"


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_statistics(tmp_path):
    values = awkward()
    export_activations(raw(values), tmp_path / "x.csv")
    rows = read_csv(tmp_path / "x.csv")
    assert list(rows[0]) == ["channel", "mean", "std", "min", "max", "share_of_zeros", "nan_count", "infinite_count"]
    assert [row["channel"] for row in rows] == ["0", "1", "2"]
    for index in (0, 2):
        channel = values[0, index].astype(np.float64)
        assert float(rows[index]["mean"]) == pytest.approx(channel.mean(), rel=1e-12)
        assert float(rows[index]["std"]) == pytest.approx(channel.std(), rel=1e-12)
        assert float(rows[index]["min"]) == channel.min()
        assert float(rows[index]["max"]) == channel.max()
        assert [rows[index][name] for name in ("share_of_zeros", "nan_count", "infinite_count")] == ["0.0", "0", "0"]
    finite = values[0, 1][np.isfinite(values[0, 1])].astype(np.float64)
    assert float(rows[1]["mean"]) == pytest.approx(finite.mean(), rel=1e-12)
    assert float(rows[1]["std"]) == pytest.approx(finite.std(), rel=1e-12)
    assert (float(rows[1]["min"]), float(rows[1]["max"])) == (finite.min(), finite.max())
    assert [rows[1][name] for name in ("share_of_zeros", "nan_count", "infinite_count")] == ["0.05", "2", "1"]


def test_channels_without_a_finite_value(tmp_path):
    export_activations(raw([[[[np.nan, np.nan]], [[np.inf, -np.inf]]]]), tmp_path / "x.csv")
    rows = [list(row.values()) for row in read_csv(tmp_path / "x.csv")]
    nothing = ["nan", "nan", "nan", "nan", "0.0"]
    assert rows == [["0", *nothing, "2", "0"], ["1", *nothing, "0", "2"]]


@pytest.mark.parametrize(
    ("shape", "order", "axis"),
    [
        ((1, 6, 4, 5), "channels first", 1),
        ((1, 4, 5, 6), "channels last", 3),
        ((1, 17, 6), "channels first", 2),
        ((3, 17, 6), "channels first", 2),
        ((1, 6), "channels first", 1),
        ((2, 6), "channels first", 1),
        ((1, 6, 1, 1), "channels first", 1),
        ((1, 1, 6), "channels first", 2),
        ((1, 6, 2, 3, 4), "channels last", 1),
    ],
)
def test_where_the_channels_are(shape, order, axis):
    values = noise(*shape)
    channels = raw(values, order=order).by_channel()
    assert channels.shape == (6, values.size // 6)
    others = tuple(other for other in range(len(shape)) if other != axis)
    np.testing.assert_array_equal(np.sort(channels, axis=1)[:, 0], values.min(axis=others))
    np.testing.assert_array_equal(np.sort(channels, axis=1)[:, -1], values.max(axis=others))


def test_feature_maps_as_a_picture(tmp_path):
    last = noise(1, 4, 5, 7)
    export_activations(raw(last, order="channels last"), tmp_path / "x.png")
    with Image.open(tmp_path / "x.png") as image:
        assert (image.format, image.mode) == ("PNG", "L")
        expected = build_mosaic(np.ascontiguousarray(last[0].transpose(2, 0, 1))).pixels
        np.testing.assert_array_equal(np.asarray(image), expected)


def test_a_vector_is_a_strip(tmp_path):
    export_activations(raw([[1.0, 3.0, 2.0]]), tmp_path / "x.png")
    with Image.open(tmp_path / "x.png") as image:
        assert image.mode == "L"
        np.testing.assert_array_equal(np.asarray(image), np.repeat([[0, 255, 128]], 32, axis=0))


def test_what_a_picture_does_not_show_is_said():
    assert picture_note(raw(noise(1, 3, 4, 4))) == picture_note(raw(noise(1, 5))) == ""
    assert picture_note(raw(noise(1, 17, 3))) == "tokens as a 4×4 map, class token left out"
    assert picture_note(raw(awkward())) == "some values are not finite"
    assert picture(raw(awkward())).dtype == np.uint8


def test_formats_are_told_apart_by_their_endings(tmp_path):
    for name in ("x", "x.txt", ".npz", "x.npz.gz", "x.pt"):
        with pytest.raises(UsageError, match=re.escape(", ".join(FORMATS))):
            export_activations(raw(noise(1, 2)), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_what_is_in_the_way(tmp_path):
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(UsageError, match=r"folder\.npz.* is not a file"):
        check_output(tmp_path / "folder.npz")
    with pytest.raises(UsageError, match=r"no folder .*gone"):
        check_output(tmp_path / "gone" / "x.npz")
    with pytest.raises(ExportError):
        check_output(tmp_path / f"{'x' * 300}.npz")
    (tmp_path / "weights.safetensors").write_bytes(b"precious")
    (tmp_path / "link.safetensors").symlink_to(tmp_path / "weights.safetensors")
    for name in ("weights.safetensors", "link.safetensors"):
        with pytest.raises(UsageError, match="made from"):
            check_output(tmp_path / name, (None, tmp_path / "gone", tmp_path / "weights.safetensors"))
        check_output(tmp_path / name, (None, tmp_path / "folder.npz"))


def test_what_was_there_is_replaced_and_links_stay(tmp_path):
    (tmp_path / "x.npy").write_bytes(b"old")
    (tmp_path / "link.npy").symlink_to("x.npy")
    export_activations(raw(noise(1, 2)), tmp_path / "link.npy")
    assert (tmp_path / "link.npy").is_symlink()
    same_bits(np.load(tmp_path / "x.npy"), noise(1, 2))
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask to speak of")
def test_the_file_has_the_usual_permissions(tmp_path):
    (tmp_path / "usual").touch()
    write_whole(tmp_path / "x", b"x")
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == stat.S_IMODE((tmp_path / "usual").stat().st_mode)


FAULTS = [
    ("fsync", OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
    ("open", PermissionError(errno.EACCES, "Permission denied"), "Permission denied"),
    ("replace", OSError(errno.EROFS, "Read-only file system"), "Read-only file system"),
    ("replace", OSError("without a number"), "without a number"),
]


@pytest.mark.parametrize(("step", "fault", "words"), FAULTS)
def test_a_failed_write_leaves_nothing_behind(tmp_path, monkeypatch, step, fault, words):
    def fail(*_arguments):
        raise fault

    (tmp_path / "x.npy").write_bytes(b"old")
    with monkeypatch.context() as patch:
        patch.setattr(os if step == "fsync" else Path, step, fail)
        with pytest.raises(ExportError, match=f"x.npy.*{words}") as caught:
            export_activations(raw(noise(1, 2)), tmp_path / "x.npy")
    assert caught.value.path == tmp_path / "x.npy"
    assert [path.name for path in tmp_path.iterdir()] == ["x.npy"]
    assert (tmp_path / "x.npy").read_bytes() == b"old"


def test_an_interrupted_write_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupt(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            write_whole(tmp_path / "x.npy", b"x")
    assert list(tmp_path.iterdir()) == []


FULL = """
import resource, sys
from pathlib import Path
from core.errors import ExportError
from core.jobs.export import write_whole
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_whole(Path(sys.argv[1]), bytes(100_000))
except ExportError as error:
    print(error.message)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit for the size of files")
def test_a_place_that_is_really_full(tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FULL, tmp_path / "x.npy"], cwd=ROOT, timeout=300, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"could not be written" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_what_stands_beside_the_tensor_is_json_where_it_is_no_word(tmp_path):
    export_activations(raw(noise(2, 6)), tmp_path / "x.safetensors")
    head = io.BytesIO((tmp_path / "x.safetensors").read_bytes())
    size = int.from_bytes(head.read(8), "little")
    about = json.loads(head.read(size))["__metadata__"]
    assert json.loads(about["shape"]) == [2, 6]
