import json

import pytest

from core.weights.categories import embedded_categories, neighbour_categories, ordered

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
