"""What the package answers in the place of torch's symbolic shapes is what these say of plain numbers."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HOOK = Path(__file__).resolve().parents[1] / "tools" / "package" / "hooks" / "plain_shapes.py"

TRUTHS = [True, False]
SIZES = [(3, 3), (3, 4), ((1, 2), (1, 2)), ((1, 2), [1, 3]), ((1, 2), (1, 2, 3)), (((1,), 2), ((1,), 2)), ((), ())]


@pytest.fixture(scope="module")
def answers() -> dict[str, Any]:
    before = list(sys.meta_path)
    try:
        found: dict[str, Any] = runpy.run_path(str(HOOK))["ANSWERS"]
    finally:
        sys.meta_path[:] = before
    return found


@pytest.fixture(scope="module")
def real() -> ModuleType:
    import torch.fx.experimental.symbolic_shapes as module

    return module


def test_every_answer_has_a_question(answers, real):
    assert [name for name in answers if not hasattr(real, name)] == []


@pytest.mark.parametrize(
    "name", ["expect_true", "guard_or_false", "guard_or_true", "statically_known_true",
             "statically_known_false", "is_concrete_bool", "is_concrete_int", "guarding_hint_or_throw", "has_guarding_hint"]
)  # fmt: skip
@pytest.mark.parametrize("truth", TRUTHS)
def test_of_one_truth(answers, real, name, truth):
    assert answers[name](truth) == getattr(real, name)(truth)


@pytest.mark.parametrize("name", ["sym_and", "sym_or"])
@pytest.mark.parametrize("truths", [(True,), (False,), (True, False), (False, True, True), (True, True), (False, False)])
def test_of_several_truths(answers, real, name, truths):
    assert answers[name](*truths) == getattr(real, name)(*truths)


@pytest.mark.parametrize(("one", "other"), SIZES)
def test_of_sizes_that_are_the_same_or_not(answers, real, one, other):
    assert answers["sym_eq"](one, other) == real.sym_eq(one, other)


@pytest.mark.parametrize(
    "name", ["guard_int", "guard_scalar", "guarding_hint_or_throw", "optimization_hint", "is_concrete_int", "is_nested_int",
             "has_free_symbols", "has_free_unbacked_symbols", "is_symbolic"]
)  # fmt: skip
def test_of_a_size(answers, real, name):
    for size in (0, 1, 7):
        assert answers[name](size) == getattr(real, name)(size)


def test_of_ranges_and_tensors(answers, real):
    import torch

    tensor = torch.zeros(2, 3)
    for name in ("free_symbols", "free_unbacked_symbols"):
        assert set(answers[name](tensor)) == set(getattr(real, name)(tensor)) == set()
    assert answers["has_symbolic_sizes_strides"](tensor) == real.has_symbolic_sizes_strides(tensor)
    for value, low, high in ((3, 0, 5), (3, None, None)):
        assert answers["constrain_range"](value, min=low, max=high) is None
        assert real.constrain_range(value, min=low, max=high) is None
    for module in (answers["constrain_range"], real.constrain_range):
        with pytest.raises(ValueError, match="nvalid"):
            module(7, min=0, max=5)
