"""Recipes and how they are changed."""

import contextlib
import json
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UsageError
from core.training.optimise import Schedule, hinge, mixed, optimizer_of
from core.training.recipe import PRESETS, as_text, changed, largest_side, preset, sides
from core.types import Recipe


def test_every_preset_says_itself_again():
    for recipe in PRESETS.values():
        told = [f"{key}={','.join(map(str, v)) if isinstance(v, tuple) else v}" for key, v in as_text(recipe).items()]
        assert changed(Recipe(), told) == recipe


def test_the_paper_is_quoted():
    paper = preset("vgg-paper")
    assert (paper.optimizer, paper.momentum, paper.weight_decay, paper.batch_size, paper.rate, paper.factor) == (
        "sgd", 0.9, 5e-4, 256, 1e-2, 0.1,
    )  # fmt: skip
    assert [round(224 * one) for one in paper.scale_jitter] == [256, 512]


def test_phases():
    recipe = changed(Recipe(), ["phases=32:2,48+64:1"])
    assert recipe.epochs == 3
    assert [sides(recipe, epoch, 99) for epoch in range(3)] == [(32,), (32,), (48, 64)]
    assert largest_side(recipe, 10) == 64


@pytest.mark.parametrize(
    ("setting", "word"),
    [
        ("rate", "KEY=VALUE"), ("nothing=1", "keys are"), ("rate=fast", "a number"), ("epochs=1.5", "a whole number"),
        ("rate=nan", "between"), ("rate=-1", "between"), ("crop_area=1,0.5", "smaller"), ("mode=all", "one of"),
        ("flip=maybe", "true or false"), ("phases=4:1", "phase"), ("phases=32", "phase"), ("crop_area=1", "two numbers"),
    ],
)  # fmt: skip
def test_what_is_no_setting_says_so(setting, word):
    with pytest.raises(UsageError, match=word):
        changed(Recipe(), [setting])


def test_phases_and_epochs_that_contradict_each_other():
    with pytest.raises(UsageError, match="5"):
        changed(Recipe(), ["phases=32:3", "epochs=5"])


@given(st.text(max_size=30))
def test_any_text_is_a_setting_or_refused_in_words(text):
    with contextlib.suppress(UsageError):  # and nothing else
        assert changed(Recipe(), [text]) is not None


def test_the_paper_s_schedule_on_a_scripted_curve():
    """Divided by ten when the validation stops improving: never while it improves, once for each standstill."""
    module = torch.nn.Linear(2, 2)
    recipe = changed(preset("vgg-paper"), ["patience=1"])
    optimizer = optimizer_of(recipe, module, ())
    schedule = Schedule(recipe, optimizer, 1000)
    rates = []
    for top1 in (0.1, 0.2, 0.3, 0.3, 0.3, 0.4, 0.5, 0.5, 0.5, 0.5, 0.5):
        optimizer.step()
        schedule.step()
        schedule.validated(top1)
        rates.append(schedule.rate)
    assert rates == pytest.approx([1e-2] * 4 + [1e-3] * 4 + [1e-4] * 2 + [1e-5])


def test_the_paper_s_run_has_three_decreases_in_74_epochs():
    """"The learning rate was initially set to 10^-2, and then decreased by a factor of 10 when the validation set accuracy
    stopped improving. In total, the learning rate was decreased 3 times, and the learning was stopped after [...] 74 epochs."
    """
    recipe, steps = preset("vgg-paper"), 5
    assert (recipe.epochs, recipe.schedule, recipe.warm_up) == (74, "plateau", 0)
    climbs, standstills = (24, 16, 12), (4, 4, 4)  # epochs in which it improves, and then those in which it does not
    curve, top1 = [], 0.0
    for climb, standstill in zip(climbs, standstills, strict=True):
        curve += [top1 := top1 + 0.01 for _ in range(climb)]
        curve += [top1 - 0.02] * standstill
    curve += [top1 + 0.001 * step for step in range(1, 74 - len(curve) + 1)]
    module = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.Linear(2, 3))
    optimizer = optimizer_of(recipe, module, ("1",))
    schedule = Schedule(recipe, optimizer, steps * recipe.epochs)
    rates, within = [], set()
    for epoch, reached in enumerate(curve):
        if epoch == 30:  # broken off and gone on with
            kept = json.loads(json.dumps(schedule.state_dict())), optimizer.state_dict()
            optimizer = optimizer_of(recipe, module, ("1",))
            schedule = Schedule(recipe, optimizer, steps * recipe.epochs)
            optimizer.load_state_dict(kept[1])
            schedule.load_state_dict(kept[0])
        rates.append(schedule.rate)
        for _ in range(steps):
            optimizer.step()
            schedule.step()
            within.add(schedule.rate == rates[-1])
        schedule.validated(reached)
        assert len({group["lr"] for group in optimizer.param_groups}) == 1
    assert within == {True}, "within an epoch the rate stays"
    assert rates == pytest.approx([1e-2] * 28 + [1e-3] * 20 + [1e-4] * 16 + [1e-5] * 10)


def test_cosine_with_a_climb_against_its_formula():
    recipe = Recipe(optimizer="sgd", rate=0.4, schedule="cosine", warm_up=0.1)
    optimizer = optimizer_of(recipe, torch.nn.Linear(2, 2), ())
    schedule = Schedule(recipe, optimizer, 100)
    rates = []
    for _ in range(100):
        rates.append(schedule.rate)
        optimizer.step()
        schedule.step()
    climb = [0.4 * (0.1 + 0.9 * step / 10) for step in range(10)]
    fall = [0.2 * (1 + math.cos(math.pi * step / 90)) for step in range(90)]
    assert rates == pytest.approx(climb + fall, abs=1e-6)


def test_the_body_learns_at_its_own_rate_and_biases_do_not_decay():
    module = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.Linear(2, 3))
    groups = optimizer_of(Recipe(mode="full", rate=0.1, body_rate=0.01, weight_decay=0.5), module, ("1",)).param_groups
    found = {tuple(p.shape for p in group["params"]): (group["lr"], group["weight_decay"]) for group in groups}
    assert found == {
        ((2, 1, 3, 3),): (pytest.approx(0.001), 0.5), ((2,),): (pytest.approx(0.001), 0.0),
        ((3, 2),): (0.1, 0.5), ((3,),): (0.1, 0.0),
    }  # fmt: skip


def test_hinge_is_one_svm_a_category():
    logits, targets = torch.randn(5, 4, dtype=torch.float64), torch.tensor([0, 3, 1, 1, 2])
    total = 0.0
    for row, target in zip(logits.tolist(), targets.tolist(), strict=True):
        total += sum(max(0.0, 1 - (1 if index == target else -1) * value) for index, value in enumerate(row))
    assert float(hinge(logits, targets)) == pytest.approx(total / 5)


def test_mixing():
    batch, targets = torch.arange(4.0).view(4, 1, 1, 1), torch.tensor([0, 1, 2, 1])
    order = torch.tensor([3, 2, 1, 0])
    made, shares = mixed(batch, targets, 3, 0.75, order)
    assert made.flatten().tolist() == [0.75 * one + 0.25 * other for one, other in zip(range(4), (3, 2, 1, 0), strict=True)]
    assert shares.tolist() == [[0.75, 0.25, 0], [0, 0.75, 0.25], [0, 0.25, 0.75], [0.25, 0.75, 0]]
