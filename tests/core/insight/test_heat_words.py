import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as arrays

from core.errors import UsageError
from core.insight.find_category import find_category
from core.insight.heat_words import strongest_place

CATEGORIES = ("crane", "tea", "teapot", "Crane", "crane", "black TEA", "12")


@pytest.mark.parametrize("side", [3, 13, 224])
def test_the_place_of_a_blob(side):
    names = (
        ("at the top left", "at the top", "at the top right"),
        ("left of the middle", "in the middle", "right of the middle"),
        ("at the bottom left", "at the bottom", "at the bottom right"),
    )
    for row in range(3):
        for column in range(3):
            values = np.zeros((side, side), np.float32)
            values[int((row + 0.5) * side / 3), int((column + 0.5) * side / 3)] = 1
            assert strongest_place(values) == names[row][column]


def test_one_odd_pixel_does_not_decide_and_negative_ones_do_not_count():
    values = np.zeros((90, 90), np.float32)
    values[2, 2] = 50
    values[70:85, 70:85] = 2
    values[40:50, 40:50] = -100
    assert strongest_place(values) == "at the bottom right"
    assert strongest_place(-np.ones((5, 5), np.float32)) == "nowhere"


@given(arrays.arrays(np.float32, arrays.array_shapes(min_dims=2, max_dims=2, max_side=30)))
def test_anything_has_a_place(values):
    assert strongest_place(values)


def test_categories_are_found_by_index_name_case_and_part():
    assert find_category(CATEGORIES, "2") == 2
    assert find_category(CATEGORIES, "tea") == 1
    assert find_category(CATEGORIES, "Crane") == 3
    assert find_category(CATEGORIES, "TEAPOT") == 2
    assert find_category(CATEGORIES, " black ") == 5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("12", "has 7, from 0 to 6"),
        ("crane", r"fits 2 categories: crane \(0\), crane \(4\)\. Give the index"),
        ("CRANE", "fits 3 categories"),
        ("ea", "fits 3 categories"),
        ("zebra", "No category .* “zebra”"),
        ("  ", "No category"),
    ],
)
def test_none_or_several_are_refused_with_what_there_is(text, words):
    with pytest.raises(UsageError, match=words):
        find_category(CATEGORIES, text)


def test_a_long_list_is_cut():
    with pytest.raises(UsageError, match=r"h7 \(7\) and 22 more\."):
        find_category([f"h{number}" for number in range(30)], "h")
