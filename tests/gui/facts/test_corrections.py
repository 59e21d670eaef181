"""Labels and the history that they share with lesions, against plain lists of states; and plans of runs."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.types import ImageRef, Lesion, Prediction
from gui.facts.corrections import Corrections, Label
from gui.facts.history import History
from gui.facts.lesion_bench import LesionBench
from gui.facts.tuning_plan import KeptOut, plan

IMAGES = [ImageRef(Path(f"/photos/{number}.jpg")) for number in range(8)]
CAT = Prediction(1, 0, "cat", 0.4)
MODEL = SimpleNamespace(categories=("cat", "crane", "dog", "crane"))


@pytest.fixture
def corrections(qapp: object) -> Corrections:
    return Corrections()


def test_what_was_said_first_stays_noted(corrections: Corrections) -> None:
    corrections.correct({IMAGES[0]: CAT, IMAGES[1]: None}, "dog", 2)
    assert corrections.of(IMAGES[0]) == Label("dog", 2, "cat", 0.4)
    assert corrections.of(IMAGES[1]) == Label("dog", 2)
    corrections.correct({IMAGES[0]: Prediction(1, 2, "dog", 0.9)}, "fox", None)
    assert corrections.of(IMAGES[0]) == Label("fox", None, "cat", 0.4)
    corrections.confirm({IMAGES[0]: CAT, IMAGES[2]: None})
    assert corrections.of(IMAGES[0]).confirmed
    assert corrections.of(IMAGES[2]) is None
    corrections.put({IMAGES[0]: None, IMAGES[1]: None})
    assert not corrections.labels


def test_the_same_again_is_no_step(corrections: Corrections) -> None:
    corrections.correct({IMAGES[0]: CAT}, "dog", 2)
    corrections.correct({IMAGES[0]: CAT}, "dog", 2)
    corrections.undo()
    assert not corrections.labels
    assert not corrections.can_undo


def test_names_that_are_alike_stay_apart() -> None:
    assert Label("crane", 3).index_in(MODEL.categories) == 3
    assert Label("crane", 1).index_in(MODEL.categories) == 1
    assert Label("crane", 0).index_in(MODEL.categories) == 1
    assert Label("dog", 70).index_in(MODEL.categories) == 2
    assert Label("fox", 2).index_in(MODEL.categories) is None


def test_labels_come_back_from_their_texts_and_rubbish_does_not(corrections: Corrections) -> None:
    corrections.correct({ImageRef(Path("/ü 画像/#1%.png")): CAT}, "“fox”", None)
    corrections.confirm({IMAGES[0]: CAT})
    other = Corrections()
    other.restore(["", "[]", "3", '{"path": 3}', "[" * 5000, '{"path":"x","name":"","index":1,"was":"","share":1}',
                   *corrections.as_texts()])  # fmt: skip
    assert dict(other.labels) == dict(corrections.labels)
    assert not other.can_undo


@settings(max_examples=150)
@given(st.lists(st.sampled_from(["label", "lesion", "drag", "undo", "redo", "panel undo", "panel redo"]), max_size=40))
def test_the_history_takes_back_what_was_done_last(qapp: object, steps: list[str]) -> None:
    """Steps of both kinds; undo and redo of the history run through the same states, those of one bench through its own."""
    labels, bench, history = Corrections(), LesionBench(), History()
    history.follow(labels)
    history.follow(bench)

    def now() -> tuple[object, ...]:
        return dict(labels.labels), bench.lesions

    done, undone, mixed = [], [], False
    for number, step in enumerate(steps):
        before = now()
        if step == "label":
            labels.put({IMAGES[number % 8]: Label(f"{number}")})
        elif step == "lesion":
            bench.put(Lesion("conv", number))
        elif step == "drag":
            for value in range(3):
                bench.put(Lesion("conv", number, "scale", value / 7), dragging=True)
            bench.end_drag()
        elif step.startswith("panel"):
            (bench.undo if step == "panel undo" else bench.redo)()
            mixed = mixed or now() != before
            continue
        elif mixed:
            could = history.next_undo if step == "undo" else history.next_redo
            (history.undo if step == "undo" else history.redo)()
            assert (now() != before) == (could is not None)
            continue
        else:
            source, target = (done, undone) if step == "undo" else (undone, done)
            (history.undo if step == "undo" else history.redo)()
            if source:
                target.append(before)
                assert now() == source.pop()
            else:
                assert now() == before
            continue
        done.append(before)
        undone.clear()
    while history.next_undo is not None:
        history.undo()
    assert now() == ({}, ())


def test_forgotten_lesions_leave_the_labels_in_the_history(corrections: Corrections) -> None:
    bench, history = LesionBench(), History()
    history.follow(corrections)
    history.follow(bench)
    corrections.put({IMAGES[0]: Label("a")})
    bench.put(Lesion("conv", 1))
    bench.forget()
    assert history.next_undo is corrections
    history.undo()
    assert (history.next_undo, history.next_redo) == (None, corrections)


def labelled(**names: tuple[int, str, int | None, float | None]) -> dict[ImageRef, Label]:
    return {IMAGES[at]: Label(name, index, "cat", share) for at, name, index, share in names.values()}


def test_a_plan_has_the_least_certain_first_and_new_categories_last() -> None:
    labels = labelled(a=(0, "dog", 2, 0.9), b=(1, "fox", None, 0.3), c=(2, "cat", 0, 0.5), d=(3, "fox", None, None),
                      e=(5, "yak", None, 0.1))  # fmt: skip
    found = plan(IMAGES[:5], labels, MODEL, None)
    assert found.categories == ("cat", "crane", "dog", "crane", "fox")
    assert [entry.image for entry in found.entries] == [IMAGES[3], IMAGES[1], IMAGES[2], IMAGES[0]]
    assert [entry.category for entry in found.entries] == [4, 4, 0, 2]
    assert (found.count("train"), found.count("val"), found.corrected) == (3, 1, 3)
    assert [(row.name, row.new, row.corrected, row.confirmed, row.kept_out) for row in found.rows()] == [
        ("cat", False, 0, 1, 0), ("dog", False, 1, 0, 0), ("fox", True, 2, 0, 1),
    ]  # fmt: skip
    assert not found.refusal


def test_a_folder_to_test_with_keeps_all_labels_to_learn_from() -> None:
    labels = labelled(a=(0, "dog", 2, 0.9), b=(1, "fox", None, 0.3))
    folder = KeptOut(Path("/held"), ((IMAGES[6], "DOG"), (IMAGES[7], "Fox"), (IMAGES[0], "dog"), (IMAGES[5], "gnu")))
    found = plan(IMAGES, labels, MODEL, folder)
    assert [(entry.image, entry.category, entry.part) for entry in found.entries] == [
        (IMAGES[1], 4, "train"), (IMAGES[0], 2, "train"), (IMAGES[6], 2, "val"), (IMAGES[7], 4, "val"),
    ]  # fmt: skip
    assert (found.strange, found.shared) == (("gnu",), 1)


def test_what_cannot_be_begun_is_said() -> None:
    assert "No picture in the strip is labelled" in plan(IMAGES, {}, MODEL, None).refusal
    assert "Nothing is kept out" in plan(IMAGES, labelled(a=(0, "dog", 2, 0.9)), MODEL, None).refusal
