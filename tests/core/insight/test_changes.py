import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.insight.changes import Answer, changes


def answer(probabilities, categories):
    return Answer(np.array(probabilities, np.float32), tuple(categories))


def test_same_list_is_matched_by_index_even_where_names_repeat():
    names = ("crane", "crane", "kite")
    rows = changes(answer([0.5, 0.2, 0.3], names), answer([0.1, 0.8, 0.1], names), 2)
    assert [(row.category, row.index_a, row.index_b) for row in rows] == [("crane", 0, 0), ("kite", 2, 2), ("crane", 1, 1)]
    assert [round(row.change, 6) for row in rows] == [-0.4, -0.2, 0.6]
    assert [(row.rank_a, row.rank_b) for row in rows] == [(1, 2), (2, 3), (3, 1)]


def test_other_list_is_matched_by_name_and_what_only_one_has_is_shown_as_such():
    a = answer([0.7, 0.2, 0.1], ("orange", "Lemon", "crane"))
    b = answer([0.6, 0.3, 0.1], ("teapot", "lemon", "orange "))
    rows = {row.category: row for row in changes(a, b)}
    assert set(rows) == {"orange", "Lemon", "crane", "teapot"}
    assert (rows["orange"].index_a, rows["orange"].index_b) == (0, 2)
    assert rows["Lemon"].change == np.float32(0.3).item() - np.float32(0.2).item()
    crane, teapot = rows["crane"], rows["teapot"]
    assert (crane.b, crane.index_b, crane.rank_b, crane.change) == (None, None, None, None)
    assert (teapot.a, teapot.index_a, teapot.rank_a, teapot.change) == (None, None, None, None)
    assert (teapot.index_b, teapot.rank_b) == (0, 1)


def test_second_category_of_a_name_belongs_to_the_second_of_the_other_list():
    a = answer([0.6, 0.4], ("crane", "crane"))
    b = answer([0.2, 0.3, 0.5], ("kite", "crane", "crane"))
    assert [(row.index_a, row.index_b) for row in changes(a, b, 2)] == [(0, 1), (1, 2)]


def test_without_a_only_b_is_listed():
    rows = changes(None, answer([0.2, 0.8], ("x", "y")))
    assert [(row.category, row.a, row.rank_b) for row in rows] == [("y", None, 1), ("x", None, 2)]


@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(1, 40), st.integers(1, 12))
def test_every_likely_category_of_either_is_there_once_with_its_own_numbers(seed, ours, theirs, count):
    random = np.random.default_rng(seed)
    names = random.permutation([f"c{number}" for number in range(50)])
    a = answer(random.dirichlet(np.ones(ours)), names[:ours])
    b = answer(random.dirichlet(np.ones(theirs)), random.permutation(names)[:theirs])
    rows = changes(a, b, count)
    assert len({row.category for row in rows}) == len(rows) <= 2 * count
    tops = {side.categories[index] for side in (a, b) for index in np.argsort(-side.probabilities, kind="stable")[:count]}
    assert {row.category for row in rows} == tops
    for row in rows:
        for side, index, probability in ((a, row.index_a, row.a), (b, row.index_b, row.b)):
            assert (index is None) == (probability is None) == (row.category not in side.categories)
            if index is not None:
                assert side.categories[index] == row.category
                assert side.probabilities[index] == np.float32(probability)
