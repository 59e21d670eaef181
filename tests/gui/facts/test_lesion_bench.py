"""The list of lesions and its undo, against a plain list of states."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from core.types import Lesion
from gui.facts.lesion_bench import MOST_STEPS, BenchLesion, LesionBench, RankWish

A, B, C = Lesion("conv1", 3), Lesion("conv1", 5, "clamp", 0.5), Lesion("conv2", 3, "scale", 2.0)


@pytest.fixture
def bench(qapp: object) -> LesionBench:
    return LesionBench()


def test_one_lesion_a_channel_and_only_enabled_ones_count(bench: LesionBench) -> None:
    bench.put_all([A, B, C])
    bench.put(Lesion("conv1", 3, "scale", 0.5))
    assert [one.lesion for one in bench.lesions] == [Lesion("conv1", 3, "scale", 0.5), B, C]
    bench.set_enabled([("conv1", 5)], False)
    assert bench.active == (Lesion("conv1", 3, "scale", 0.5), C)
    assert bench.at("conv1", 5) == BenchLesion(B, enabled=False)
    assert bench.at("conv1", 4) is None
    bench.put(B)
    assert bench.active[1] == B


def test_muted_says_which_channels_of_a_layer_are_off(bench: LesionBench) -> None:
    bench.put_all([A, B, C, Lesion("conv1", 9)])
    assert bench.muted("conv1") == {3, 9}
    assert bench.muted("conv2") == frozenset()
    bench.set_enabled([("conv1", 9)], False)
    assert bench.muted("conv1") == {3}


def test_toggling_mutes_and_unmutes(bench: LesionBench) -> None:
    bench.toggle_mute("conv1", 3)
    assert bench.active == (A,)
    bench.toggle_mute("conv1", 3)
    assert bench.lesions == ()
    bench.put(C)
    bench.toggle_mute("conv2", 3)
    assert bench.active == (Lesion("conv2", 3),)
    bench.set_enabled([("conv2", 3)], False)
    bench.toggle_mute("conv2", 3)
    assert bench.active == (Lesion("conv2", 3),)


def test_dragging_is_one_step_of_undo_and_the_next_drag_another(bench: LesionBench) -> None:
    bench.put(Lesion("conv1", 1, "scale", 0.5))
    for drag in (1, 2):
        for value in range(20):
            bench.put(Lesion("conv1", 1, "scale", drag + value / 20), dragging=True)
        bench.end_drag()
    assert bench.active[0].value == pytest.approx(2.95)
    bench.undo()
    assert bench.active[0].value == pytest.approx(1.95)
    bench.undo()
    assert bench.active[0].value == 0.5
    bench.undo()
    assert bench.lesions == ()
    assert not bench.can_undo
    for _ in range(3):
        bench.redo()
    assert bench.active[0].value == pytest.approx(2.95)
    assert not bench.can_redo


def test_a_layer_at_once_is_one_step(bench: LesionBench) -> None:
    bench.put_all([A, C])
    bench.put_layer("conv1", [Lesion("conv1", channel) for channel in range(64) if channel != 3])
    assert bench.muted("conv1") == set(range(64)) - {3}
    assert C in bench.active
    bench.undo()
    assert bench.active == (A, C)


def test_forgetting_cannot_be_undone(bench: LesionBench, qtbot: QtBot) -> None:
    bench.put(A)
    with qtbot.waitSignal(bench.changed, timeout=0):
        bench.forget()
    assert (bench.lesions, bench.can_undo, bench.can_redo) == ((), False, False)
    with qtbot.assertNotEmitted(bench.changed):
        bench.forget()


def test_what_changes_nothing_is_no_step_and_no_signal(bench: LesionBench, qtbot: QtBot) -> None:
    bench.put(A)
    with qtbot.assertNotEmitted(bench.changed):
        bench.put(A)
        bench.remove([("conv9", 0)])
        bench.set_enabled([("conv1", 3)], True)
        bench.redo()
    bench.undo()
    assert not bench.can_undo
    with qtbot.assertNotEmitted(bench.changed):
        bench.undo()
        bench.clear()


def test_old_steps_are_let_go(bench: LesionBench) -> None:
    for value in range(MOST_STEPS + 20):
        bench.put(Lesion("conv1", 1, "scale", float(value)))
    for _ in range(MOST_STEPS + 20):
        bench.undo()
    assert bench.active == (Lesion("conv1", 1, "scale", 19.0),)


def test_a_wish_is_told_once(bench: LesionBench, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bench.wish_changed, timeout=0):
        bench.want_ranking(RankWish("conv1", 3))
    with qtbot.assertNotEmitted(bench.wish_changed):
        bench.want_ranking(RankWish("conv1", 3))
    with qtbot.waitSignal(bench.wish_changed, timeout=0):
        bench.want_ranking(None)


_ACTIONS = st.sampled_from(("mute", "clamp", "scale"))
_LESIONS = st.builds(Lesion, st.sampled_from(("a", "b")), st.integers(0, 2), _ACTIONS, st.sampled_from((0.0, 2.0)))
_PLACES = st.lists(st.tuples(st.sampled_from(("a", "b")), st.integers(0, 2)), max_size=3)
_STEPS = st.one_of(
    st.tuples(st.just("put"), _LESIONS),
    st.tuples(st.just("put_all"), st.lists(_LESIONS, max_size=4)),
    st.tuples(st.just("remove"), _PLACES),
    st.tuples(st.just("set_enabled"), _PLACES, st.booleans()),
    st.tuples(st.sampled_from(("undo", "redo", "clear"))),
)


@settings(max_examples=60)
@given(steps=st.lists(_STEPS, max_size=25))
def test_undo_and_redo_walk_through_the_states_there_were(steps: list[tuple], qapp: object) -> None:
    bench = LesionBench()
    states, at = [bench.lesions], 0
    for name, *arguments in steps:
        getattr(bench, name)(*arguments)
        if name == "undo":
            at = max(0, at - 1)
        elif name == "redo":
            at = min(len(states) - 1, at + 1)
        elif bench.lesions != states[at]:
            states = [*states[: at + 1], bench.lesions]
            at += 1
        assert bench.lesions == states[at]
        assert (bench.can_undo, bench.can_redo) == (at > 0, at < len(states) - 1)
        places = [one.place for one in bench.lesions]
        assert len(places) == len(set(places))
