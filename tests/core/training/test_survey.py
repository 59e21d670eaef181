"""The look at a data set, against folders of which everything is known."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from core.cancel import CancelToken
from core.errors import Cancelled, LayerscopeError
from core.training.survey import SAMPLE_SIDE, Known, survey
from core.training.survey_words import headline, remarks
from core.types import DatasetSurvey
from tests.core.training.conftest import draw, finished
from tests.core.training.test_dataset import idx


def look(folder: Path, **options: object) -> DatasetSurvey:
    return finished(survey(folder, **options))[1]


def kinds(found: DatasetSurvey) -> list[str]:
    return [one.kind for one in remarks(found)]


def test_a_good_data_set_has_nothing_to_say(pictures):
    found = look(pictures)
    assert [(one.name, one.train, one.val) for one in found.categories] == [(name, 12, 4) for name in ("blue", "green", "red")]
    assert (found.train, found.val, found.seeded, found.read) == (36, 12, False, True)
    assert (found.unreadable, found.duplicates, found.short_sides) == ((), (), (48, 48, 48))
    assert remarks(found) == ()
    assert "3 categories" in headline(found)
    assert "36 pictures to train with, 12 to validate with" in headline(found)


def test_samples_are_small_pictures_of_their_category(pictures):
    for look_at in look(pictures).categories:
        assert len(look_at.samples) == 6
        for sample in look_at.samples:
            assert max(sample.shape[:2]) <= SAMPLE_SIDE
            assert not sample.flags.writeable
            assert int(sample.mean(axis=(0, 1)).argmax()) == {"red": 0, "green": 1, "blue": 2}[look_at.name]


def test_counts_come_first_and_progress_ends_at_the_end(pictures):
    events, found = finished(survey(pictures))
    assert events[0].so_far is not None
    assert not events[0].so_far.read
    assert [(one.name, one.train) for one in events[0].so_far.categories] == [(one.name, one.train) for one in found.categories]
    assert all(one.total == 48 for one in events)
    assert [one.done for one in events] == sorted(one.done for one in events)
    assert events[-1].done == 48


def test_unreadable_files_and_why(pictures):
    (pictures / "train" / "red" / "0.png").write_bytes((pictures / "train" / "red" / "0.png").read_bytes()[:900])
    (pictures / "train" / "red" / "1.png").write_bytes(b"")
    (pictures / "val" / "blue" / "2.png").write_text("no picture at all")
    found = look(pictures)
    assert [one.name for one in found.unreadable] == ["train/red/0.png", "train/red/1.png", "val/blue/2.png"]
    assert "cut short" in found.unreadable[0].reason
    assert "empty" in found.unreadable[1].reason
    assert "text file" in found.unreadable[2].reason
    said = remarks(found)
    assert kinds(found) == ["unreadable"]
    assert said[0].sentence.startswith("3 pictures cannot be read and are left out: “train/red/0.png”")
    assert len(said[0].details) == 3


def test_the_same_picture_twice_in_every_way(pictures):
    train, val = pictures / "train", pictures / "val"
    shutil.copy(train / "red" / "3.png", val / "red" / "leak.png")
    shutil.copy(train / "blue" / "4.png", train / "green" / "wrong.png")
    shutil.copy(train / "green" / "5.png", train / "green" / "again.png")
    found = look(pictures)
    assert [one.names for one in found.duplicates] == [
        ("train/red/3.png", "val/red/leak.png"), ("train/blue/4.png", "train/green/wrong.png"),
        ("train/green/5.png", "train/green/again.png"),
    ]  # fmt: skip
    leak, wrong, again = found.duplicates
    assert (leak.leaks, leak.categories, leak.in_train, leak.in_val) == (True, ("red",), 1, 1)
    assert (wrong.leaks, wrong.categories, wrong.same_file) == (False, ("blue", "green"), True)
    assert not again.leaks
    assert kinds(found) == ["leak", "conflict", "repeated"]
    assert [one.serious for one in remarks(found)] == [True, True, False]


def test_equal_pixels_in_another_file_are_the_same_picture(pictures):
    source = pictures / "train" / "red" / "3.png"
    note = PngImagePlugin.PngInfo()
    note.add_text("comment", "saved again")
    with Image.open(source) as picture:
        picture.save(pictures / "val" / "red" / "saved-again.png", pnginfo=note)
        almost = np.array(picture)
    almost[0, 0, 0] ^= 1
    Image.fromarray(almost).save(pictures / "val" / "red" / "almost.png")
    (one,) = look(pictures).duplicates
    assert (one.names, one.same_file) == (("train/red/3.png", "val/red/saved-again.png"), False)


def test_a_split_by_seed_depends_on_share_and_seed(tmp_path):
    draw(tmp_path, 10)
    found = look(tmp_path, val_share=0.3, seed=4)
    assert found.seeded
    assert [(one.train, one.val) for one in found.categories] == [(7, 3)] * 3
    assert "30%" in found.split


def test_what_is_known_is_not_read_again(pictures, monkeypatch):
    known: Known = {}
    first = look(pictures, known=known)
    assert len(known) == 48
    before = set(known)
    changed = pictures / "train" / "red" / "0.png"
    changed.write_bytes(b"broken")
    second = look(pictures, known=known)
    assert len(set(known) - before) == 1
    assert [one.name for one in second.unreadable] == ["train/red/0.png"]
    assert first.unreadable == ()


def test_uneven_categories_are_named(tmp_path):
    for number, name in enumerate("ab"):
        draw(tmp_path / "data", 30 if name == "a" else 10, colours={name: (number * 90, 80, 50)}, seed=number)
    found = look(tmp_path / "data")
    assert found.imbalance == 27 / 9
    assert (found.largest.name, found.smallest.name) == ("a", "b")
    (remark,) = remarks(found)
    assert remark.kind == "uneven"
    assert "“a” has 3 times as many pictures" in remark.sentence
    assert "(27 and 9)" in remark.sentence


def test_a_category_without_validation(tmp_path):
    draw(tmp_path / "train", 3)
    draw(tmp_path / "val", 3, seed=1, colours={"red": (255, 0, 0)})
    found = look(tmp_path)
    assert [one.val for one in found.categories] == [0, 0, 3]
    said = remarks(found)[-1].sentence
    assert said == "2 categories have no picture to validate with: “blue”, “green”. Nothing is measured there."


def test_idx_files(tmp_path):
    dice = np.random.default_rng(0)
    values = dice.integers(0, 256, (30, 6, 5))
    values[7] = values[3]
    idx(tmp_path / "train-images-idx3-ubyte", values)
    idx(tmp_path / "train-labels-idx1-ubyte", np.arange(30) % 10)
    idx(tmp_path / "t10k-images-idx3-ubyte", values[[5, 9]])
    idx(tmp_path / "t10k-labels-idx1-ubyte", [5, 9])
    found = look(tmp_path)
    assert (found.train, found.val, found.seeded, found.short_sides) == (30, 2, False, (5, 5, 5))
    assert [one.names for one in found.duplicates] == [
        ("training picture 5", "validation picture 0"), ("training picture 9", "validation picture 1"),
        ("training picture 3", "training picture 7"),
    ]  # fmt: skip
    assert found.duplicates[2].categories == ("3", "7")
    assert np.array_equal(found.categories[4].samples[0], values[4])


@pytest.mark.parametrize("case", ["missing", "empty"])
def test_what_is_no_data_set_says_why(tmp_path, case):
    if case == "empty":
        (tmp_path / "data").mkdir()
    with pytest.raises(LayerscopeError, match="does not exist" if case == "missing" else "no folders with pictures"):
        look(tmp_path / "data")


def test_it_can_be_called_off(pictures):
    token = CancelToken()
    work = survey(pictures, token=token)
    next(work)
    token.cancel()
    with pytest.raises(Cancelled):
        finished(work)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_counts_and_duplicates_of_any_folder(tmp_path_factory, data):
    """A few pictures laid out at random: who is equal to whom is known from what was written."""
    folder = tmp_path_factory.mktemp("any")
    names = data.draw(st.lists(st.sampled_from(["a", "b", "c d", "é", "10", "9"]), min_size=2, max_size=4, unique=True))
    laid = {}
    for part in ("train", "val"):
        for name in names:
            which = data.draw(st.lists(st.integers(-2, 5), min_size=1 if part == "train" else 0, max_size=4))
            (folder / part / name).mkdir(parents=True)
            for place, picture in enumerate(which):
                path = folder / part / name / f"{place}.png"
                if picture < 0:
                    path.write_bytes(b"damaged")
                else:
                    Image.new("RGB", (8, 8), (picture * 40, 10, 10)).save(path)
                laid[path.relative_to(folder).as_posix()] = picture
    if not any(name.startswith("val/") for name in laid):
        with pytest.raises(LayerscopeError, match="validate"):
            look(folder)
        return
    found = look(folder)
    counted = Counter(name.rpartition("/")[0] for name in laid)
    assert {one.name: (one.train, one.val) for one in found.categories} == {
        name: (counted[f"train/{name}"], counted[f"val/{name}"]) for name in names
    }
    assert {one.name for one in found.unreadable} == {name for name, picture in laid.items() if picture < 0}
    alike = [{name for name, other in laid.items() if other == picture} for picture in range(6)]
    assert {frozenset(one.names) for one in found.duplicates} == {frozenset(group) for group in alike if len(group) > 1}
    for one in found.duplicates:
        parts = {name.split("/")[0] for name in one.names}
        assert one.leaks == (parts == {"train", "val"})
        assert set(one.categories) == {name.split("/")[1] for name in one.names}
