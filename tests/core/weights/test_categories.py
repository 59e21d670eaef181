import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.weights.categories import embedded_categories, find_names, lists_beside, neighbour_categories, ordered, read_list
from core.weights.checkpoint import Checkpoint

NAMES = ("cat", "dog", "owl")


@pytest.mark.parametrize(
    "value",
    [
        ["cat", "dog", "owl"],
        {"0": "cat", "2": "owl", "1": "dog"},
        {0: "cat", 1: "dog", 2: "owl"},
        {"owl": 2, "cat": 0, "dog": 1},
        {"owl": "2", "cat": "0", "dog": "1"},
        {"0": ["n01", "cat"], "1": ["n02", "dog"], "2": ["n03", "owl"]},
    ],
)
def test_names_in_any_direction(value):
    assert ordered(value) == NAMES


@pytest.mark.parametrize("value", [None, 7, "cat", [], {}, [1, 2], {"0": "cat", "2": "owl"}, {"a": "b"}, {"0": None}])
def test_what_is_no_list_of_names(value):
    assert ordered(value) is None


def test_names_that_are_numbers():
    assert ordered({"0": "zero", "1": "one"}) == ("zero", "one")
    assert ordered({"7": 0, "3": 1}) == ("7", "3")


@pytest.mark.parametrize("key", ["categories", "classes", "class_names", "idx_to_class"])
def test_embedded(key):
    assert embedded_categories({key: list(NAMES), "epoch": 3}) == NAMES
    assert embedded_categories({"class_to_idx": {"dog": 1, "cat": 0, "owl": 2}}) == NAMES
    assert embedded_categories({"epoch": 3}) is None


def test_list_beside_the_weights(tmp_path):
    weights = tmp_path / "weights.pt"
    assert neighbour_categories(weights) is None
    (tmp_path / "class_indices.json").write_text("{broken", encoding="utf-8")
    assert neighbour_categories(weights) is None
    (tmp_path / "class_indices.json").write_text(json.dumps({"Löwe": 1, "cat": 0}), encoding="utf-8-sig")
    assert neighbour_categories(weights) == ("cat", "Löwe")


@pytest.mark.parametrize(
    "text",
    [
        "cat\ndog\nowl", "\ncat\r\ndog\r\nowl\r\n", "0: cat\n1: dog\n2: owl", "2 owl\n0 cat\n1 dog", "1,cat\n2,dog\n3,owl",
        "0\tcat\n1\tdog\n2\towl", "n01440764 cat, Felis\nn01443537 dog, Canis\nn01484850 owl", '["cat", "dog", "owl"]',
        "{0: 'cat, Felis',\n 1: 'dog',\n 2: 'owl, night bird'}", '{"cat": 0, "dog": 1, "owl": 2}',
    ],
)
def test_lists_of_text(text):
    assert read_list(text) == NAMES


@pytest.mark.parametrize("text", ["", "\n\n", "a\n\nb", "a\0b", "{0: __import__('os').getcwd()}\0"])
def test_text_that_is_no_list(text):
    assert read_list(text) is None


def test_numbers_that_are_part_of_names():
    assert read_list("7 up\n4 roses") == ("7 up", "4 roses")
    assert read_list("0 zero\n0 again") == ("0 zero", "0 again")


@given(st.text(max_size=300))
def test_any_text_gives_names_or_nothing(text):
    names = read_list(text)
    assert names is None or (names and all(isinstance(name, str) for name in names))


def test_the_list_of_the_right_length_is_found(tmp_path):
    weights = tmp_path / "net.pth"
    (tmp_path / "class_indices.json").write_text('{"0": "a", "1": "b"}', encoding="utf-8")
    (tmp_path / "labels.txt").write_text("cat\ndog\nowl\n", encoding="utf-8")
    (tmp_path / "config.json").write_text(json.dumps({"id2label": {str(i): f"n{i}" for i in range(4)}}), encoding="utf-8")
    assert [name for name, _ in lists_beside(weights)] == ["class_indices.json", "labels.txt", "config.json"]
    checkpoint = Checkpoint(weights, "torch-zip", "", {"args": {"classes": ["x"] * 5}, "state_dict": {}}, {})
    for count, source in ((2, "class_indices.json"), (3, "labels.txt"), (4, "config.json")):
        named = find_names(checkpoint, count)
        assert (len(named.names), named.source) == (count, f"{source} beside the weights file")
    assert find_names(checkpoint, 5).source == "weights file net.pth"
    nothing = find_names(checkpoint, 9)
    assert (nothing.names, nothing.source) == (None, "numbered")
    assert [sentence for sentence in nothing.refused if "9 outputs" in sentence] == list(nothing.refused)
    assert [number for number in (2, 3, 4, 5) if f"{number} categories" in " ".join(nothing.refused)] == [2, 3, 4, 5]


def test_a_list_that_is_far_too_long_is_not_read(tmp_path):
    (tmp_path / "labels.txt").write_bytes(b"a\n" * 3_000_000)
    assert neighbour_categories(tmp_path / "net.pth") is None
