"""Lists of labelled pictures: what they say, and what is wrong with them, in words."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import LayerscopeError
from core.training.dataset import open_dataset
from core.training.manifest import Entry, read_manifest, write_manifest
from core.types import ImageRef
from tests.core.training.conftest import draw


def listing(folder, rows, categories=None, name="list.json"):
    path = folder / name
    content = {"pictures": rows} if categories is None else {"categories": categories, "pictures": rows}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def row(path, category, **more):
    return {"path": str(path), "category": category, **more}


@pytest.fixture
def files(tmp_path):
    draw(tmp_path / "files", 5)
    return tmp_path / "files"


def test_files_stay_where_they_are_and_the_order_counts(tmp_path, files):
    (tmp_path / "lists").mkdir()
    rows = [
        row(files / "red" / "4.png", "fox"), row("../files/blue/0.png", "dog", part="val"), row(files / "red" / "0.png", 2),
        row(files / "green" / "1.png", "cat", part="train"),
    ]  # fmt: skip
    data = open_dataset(listing(tmp_path / "lists", rows, ["cat", "dog", "fox", "owl"]))
    assert data.categories == ("cat", "dog", "fox", "owl")
    assert [one.path.resolve() for one in data.train.pictures] == [
        files / "red" / "4.png", files / "red" / "0.png", files / "green" / "1.png"
    ]
    assert (data.train.targets.tolist(), data.val.targets.tolist()) == ([2, 2, 0], [1])
    assert data.given
    assert data.split == "as “list.json” says"
    assert data.train.name(0) == "red/4.png"


def test_without_parts_the_split_is_that_of_folders(tmp_path, files):
    found = [(one, one.parent.name) for one in sorted(files.rglob("*.png"))]
    data = open_dataset(listing(tmp_path, [row(*one) for one in found]), val_share=0.4, seed=5)
    same = open_dataset(files, val_share=0.4, seed=5)
    assert data.categories == same.categories == ("blue", "green", "red")
    assert not data.given
    for one, other in ((data.train, same.train), (data.val, same.val)):
        assert [ref.path for ref in one.pictures] == [ref.path for ref in other.pictures]
        assert np.array_equal(one.targets, other.targets)


def test_csv(tmp_path, files):
    path = tmp_path / "list.csv"
    path.write_text("\ufeffpart,Path,category\r\n,files/red/0.png,\"a, b\"\r\nval,files/red/1.png,10\r\n,files/red/2.png,9\r\n")
    found = read_manifest(path)
    assert found.categories == ("9", "10", "a, b")
    assert [(entry.category, entry.part) for entry in found.entries] == [(2, None), (1, "val"), (0, None)]


def test_other_pictures_have_another_fingerprint_and_the_same_ones_the_same(tmp_path, files):
    rows = [row(files / "red" / "0.png", "a"), row(files / "red" / "1.png", "b"), row(files / "red" / "2.png", "a", part="val")]
    whole = open_dataset(listing(tmp_path, rows)).fingerprint
    assert open_dataset(listing(tmp_path, rows)).fingerprint == whole
    assert open_dataset(listing(tmp_path, [*rows[1::-1], rows[2]])).fingerprint != whole
    assert open_dataset(listing(tmp_path, rows, ["a", "b", "c"])).fingerprint != whole
    (files / "red" / "1.png").write_bytes(b"other")
    assert open_dataset(listing(tmp_path, rows)).fingerprint != whole


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no list of pictures"),
        ("[1]", "is no list of pictures"),
        ('{"pictures": 3}', "is no list of pictures"),
        ('{"pictures": []}', "lists no pictures"),
        ('{"categories": ["a", 3], "pictures": []}', "not a list of names"),
        ('{"pictures": [{"path": "x.png", "category": 0}]}', "needs the name of its own"),
        ('{"pictures": [{"path": "x.png", "category": "a"}]}', "only one category"),
        ('{"categories": ["a", "b"], "pictures": [{"category": "a"}]}', "Picture 1 of “list.json” has no path"),
        ('{"categories": ["a", "b"], "pictures": [{"path": "gone.png", "category": "a"}]}', "gone.png”, picture 1 of"),
        ('{"categories": ["a", "b"], "pictures": [{"path": "list.json", "category": "c"}]}', "“c”, which is not among"),
        ('{"categories": ["a", "b"], "pictures": [{"path": "list.json", "category": 2}]}', "category 2; they go from 0 to 1"),
        ('{"categories": ["a", "b"], "pictures": [{"path": "list.json", "category": true}]}', "has no category"),
        ('{"categories": ["a", "b"], "pictures": [{"path": "list.json", "category": 0, "part": "test"}]}', "part “test”"),
        ('{"categories": ["a", "a"], "pictures": [{"path": "list.json", "category": "a"}]}', "more than one category"),
        ('{"categories": ["a", "b"], "pictures": [{"path": "list.json", "category": 0}, {"path": "list.json", "category": 1}]}',
         "stands twice"),
        ('{"categories": ["a", "b"], "pictures": [{"path": "list.json", "category": 0}]}', "no pictures to validate with"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(tmp_path, text, said):
    path = tmp_path / "list.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LayerscopeError, match=said):
        open_dataset(path)


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "", 'path,category\n"a', "path,category\nx.png,a\ny.png\n"])
def test_what_is_wrong_with_csv_is_said(tmp_path, text):
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LayerscopeError, match=r"“"):
        read_manifest(path)


PRINTABLE = st.characters(exclude_categories=["C", "Z"], include_characters=" ")


@settings(max_examples=60)
@given(st.data())
def test_what_is_written_is_read(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("lists")
    names = data.draw(st.lists(st.text(PRINTABLE, min_size=1), min_size=2, max_size=6))
    entries = []
    for number in range(data.draw(st.integers(1, 5))):
        picture = folder / f"ü 画像 {number}.png"
        picture.write_bytes(b"x")
        index = data.draw(st.integers(0, len(names) - 1))
        entries.append(Entry(ImageRef(picture), index, data.draw(st.sampled_from([None, "train", "val"]))))
    write_manifest(folder / "list.json", names, entries)
    found = read_manifest(folder / "list.json")
    assert (found.categories, found.entries, found.given) == (tuple(names), tuple(entries), True)
