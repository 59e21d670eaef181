"""Answers before and after, counted by hand."""

import math

import pytest

from core.errors import LayerscopeError
from core.training.proof import Answered, read_proof, write_proof


def test_counts(tmp_path):
    names = ("a", "b", "c", "d", "new")
    told = write_proof(tmp_path, names, ["1", "2", "3", "4", "5"], [0, 0, 1, 4, 2], [0, 1, 1, 1, 0], [0, 0, 2, 4, 1])
    found = read_proof(tmp_path)
    assert found == told
    assert (found.right("before"), found.right("after"), found.top1("before"), found.top1("after")) == (2, 3, 0.4, 0.6)
    assert found.confusion("before") == {(0, 0): 1, (0, 1): 1, (1, 1): 1, (4, 1): 1, (2, 0): 1}
    assert found.confusion("after") == {(0, 0): 2, (1, 2): 1, (4, 4): 1, (2, 1): 1}
    assert found.involved() == (0, 1, 2, 4)
    assert [one.fixed for one in found.pictures] == [False, True, False, True, False]
    assert [one.broken for one in found.pictures] == [False, False, True, False, False]
    assert found.pictures[0] == Answered("1", 0, 0, 0)


def test_nothing_there_and_nothing_kept_out(tmp_path):
    assert read_proof(tmp_path) is None
    assert math.isnan(write_proof(tmp_path, ("a", "b"), [], [], [], []).top1("after"))


ROW = '{"picture": "x", "category": 0, "before": 0, "after": 0}'


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", f'{{"categories": [], "pictures": [{ROW}]}}', "\x00", '{"categories": ["a"], "pictures": [3]}'],
)
def test_a_damaged_file_is_said(tmp_path, text):
    (tmp_path / "before_after.json").write_text(text)
    with pytest.raises(LayerscopeError, match="cannot be read"):
        read_proof(tmp_path)
