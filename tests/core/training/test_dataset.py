"""Folders and IDX files as data sets."""

import gzip
import struct

import numpy as np
import pytest

from core.errors import LayerscopeError
from core.training.dataset import open_dataset, stratified
from tests.core.training.conftest import draw


def test_train_and_val(pictures):
    found = open_dataset(pictures)
    assert found.categories == ("blue", "green", "red")
    assert (len(found.train), len(found.val)) == (36, 12)
    assert "train" in found.split
    assert found.train.name(0) == "blue/0.png"


def test_a_folder_per_category_is_split_by_seed(tmp_path):
    draw(tmp_path, 10)
    one, again, other = (open_dataset(tmp_path, val_share=0.2, seed=seed) for seed in (1, 1, 2))
    assert np.bincount(one.val.targets).tolist() == [2, 2, 2]
    assert (one.train.pictures, one.val.pictures) == (again.train.pictures, again.val.pictures)
    assert one.fingerprint == again.fingerprint
    assert one.val.pictures != other.val.pictures
    assert one.fingerprint != other.fingerprint
    assert not set(one.train.pictures) & set(one.val.pictures)


def test_each_category_keeps_one_to_train_with():
    kept, back = stratified(np.array([0, 0, 1, 2, 2, 2]), 0.9, 0)
    assert sorted(kept + back) == list(range(6))
    assert {0, 1, 2} == {np.array([0, 0, 1, 2, 2, 2])[row] for row in kept}


def idx(path, values):
    values = np.asarray(values, np.uint8)
    content = bytes((0, 0, 8, values.ndim)) + struct.pack(f">{values.ndim}I", *values.shape) + values.tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def test_idx_files(tmp_path):
    dice = np.random.default_rng(0)
    values = dice.integers(0, 256, (20, 5, 6))
    idx(tmp_path / "train-images-idx3-ubyte.gz", values)
    idx(tmp_path / "train-labels-idx1-ubyte.gz", np.arange(20) % 10)
    idx(tmp_path / "t10k-images-idx3-ubyte", values[:4])
    idx(tmp_path / "t10k-labels-idx1-ubyte", [1, 2, 3, 9])
    found = open_dataset(tmp_path)
    assert found.categories == tuple("0123456789")
    assert np.array_equal(found.train.pictures, values)
    assert found.val.targets.tolist() == [1, 2, 3, 9]


@pytest.mark.parametrize("cut", [2, 10, 30])
def test_idx_files_that_are_cut_off(tmp_path, cut):
    idx(tmp_path / "train-images-idx3-ubyte", np.zeros((4, 5, 6)))
    idx(tmp_path / "train-labels-idx1-ubyte", [0, 1, 0, 1])
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(LayerscopeError, match="train-images"):
        open_dataset(tmp_path)


@pytest.mark.parametrize("case", ["missing", "file", "empty", "one", "strange"])
def test_what_is_no_data_set_says_why(tmp_path, case):
    folder = tmp_path / "data"
    if case == "file":
        folder.write_text("no")
    elif case != "missing":
        folder.mkdir()
    if case == "one":
        draw(folder, 2, colours={"red": (255, 0, 0)})
    if case == "strange":
        draw(folder / "train", 2)
        draw(folder / "val", 2, colours={"violet": (255, 0, 255)})
    with pytest.raises(LayerscopeError) as caught:
        open_dataset(folder)
    words = {
        "missing": "does not exist", "file": "neither a folder nor a list", "empty": "no folders",
        "one": "only one", "strange": "violet",
    }  # fmt: skip
    assert words[case] in caught.value.message
