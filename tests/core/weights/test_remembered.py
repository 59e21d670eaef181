"""The preprocessing that a person chose for a weights file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ExportError
from core.types import Preprocessing
from core.weights import remembered

HOW = Preprocessing((224, 224), 224, "bilinear", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), remembered.SOURCE)


def test_a_choice_comes_back_for_its_hash_alone():
    remembered.remember("a" * 64, HOW)
    assert remembered.recall("a" * 64) == HOW
    assert remembered.recall("b" * 64) is None
    assert remembered.recall("") is None


def test_a_choice_can_be_taken_back():
    remembered.remember("a" * 64, HOW)
    remembered.remember("a" * 64, None)
    assert remembered.recall("a" * 64) is None


def test_the_store_is_bounded_and_forgets_the_oldest(monkeypatch):
    monkeypatch.setattr(remembered, "LIMIT", 3)
    for name in "abcd":
        remembered.remember(name, HOW)
    remembered.remember("b", HOW)  # chosen again: the newest
    remembered.remember("e", HOW)
    assert [name for name in "abcde" if remembered.recall(name)] == ["b", "d", "e"]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"a": 1}', '{"a": {"resize": 3}}', "\x00", "[" * 9000])
def test_a_damaged_store_is_as_good_as_an_empty_one(text):
    remembered.store().parent.mkdir(parents=True, exist_ok=True)
    remembered.store().write_text(text)
    assert remembered.recall("a") is None
    remembered.remember("a", HOW)
    assert remembered.recall("a") == HOW


@pytest.mark.parametrize(
    "change",
    [{"crop": 0}, {"crop": 10**9}, {"std": [0.0, 1.0, 1.0]}, {"mean": [0.5]}, {"interpolation": "magic"}, {"resize": []}],
)
def test_what_this_program_would_not_have_written_is_not_used(change):
    remembered.remember("a", HOW)
    raw = json.loads(remembered.store().read_text())
    raw["a"].update(change)
    remembered.store().write_text(json.dumps(raw))
    assert remembered.recall("a") is None


def test_no_part_is_left_and_a_full_disk_is_said(home: Path):
    remembered.remember("a", HOW)
    assert [path.name for path in remembered.store().parent.iterdir()] == ["preprocessing.json"]
    remembered.store().unlink()
    remembered.store().mkdir()
    with pytest.raises(ExportError, match="cannot be remembered"):
        remembered.remember("a", HOW)
    assert [path.name for path in remembered.store().parent.iterdir()] == ["preprocessing.json"]


_side = st.integers(1, remembered.LARGEST)
_numbers = st.floats(-10, 10, allow_nan=False)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    resize=st.one_of(_side, st.tuples(_side, _side)),
    crop=_side,
    interpolation=st.sampled_from(["nearest", "bilinear", "bicubic", "lanczos"]),
    mean=st.tuples(_numbers, _numbers, _numbers),
    std=st.tuples(*[st.floats(1e-6, 10)] * 3),
    order=st.sampled_from(["RGB", "BGR"]),
)
def test_any_sensible_choice_comes_back_exactly(resize, crop, interpolation, mean, std, order):
    how = Preprocessing(resize, crop, interpolation, mean, std, remembered.SOURCE, order)
    assert remembered.problem(how) == ""
    remembered.remember("a", how)
    assert remembered.recall("a") == how
