"""The table of protocols as rows and as text."""

from __future__ import annotations

import csv
import io

import pytest
from PySide6.QtCore import Qt

from core.types import Failure, JobProgress
from gui.itemmodels.trial_model import AGREEMENT, FAILED_ROLE, NAME, SCALES, TOP, TrialModel, format_time
from gui.state import AppState
from tests.gui.protocol_samples import crops, dense, fused, prepare


@pytest.fixture
def rows(state: AppState) -> TrialModel:
    prepare(state)
    return TrialModel(state)


def check(rows: TrialModel, row: int, checked: Qt.CheckState) -> None:
    assert rows.setData(rows.index(row, NAME), checked.value, Qt.ItemDataRole.CheckStateRole)


def fill(rows: TrialModel, state: AppState) -> None:
    """Single, multi-crop and dense are tried: two answers and a refusal."""
    for row in (1, 2, 3, 6):
        check(rows, row, Qt.CheckState.Unchecked)
    trials = state.protocols.trials
    trials.begin(rows.wanted(), state.image)
    for outcome in (fused(), crops((256, 384), (0, 0, 1)), Failure("unsupported", "It attends | to patches.")):
        trials.add(outcome)


def test_all_protocols_are_checked_at_first_with_the_scales_of_the_panel(rows: TrialModel, state: AppState) -> None:
    assert len(rows.wanted()) == 7
    state.protocols.choose("dense")
    state.protocols.set_scales((320,))
    assert rows.texts(5)[SCALES] == "320"
    assert rows.wanted()[5].scales == (320,)
    check(rows, 0, Qt.CheckState.Unchecked)
    assert rows.wanted()[0].name == "scale"


def test_rows_fill_one_after_the_other(rows: TrialModel, state: AppState) -> None:
    trials = state.protocols.trials
    trials.begin(rows.wanted(), state.image)
    trials.set_progress(JobProgress(0, 1, ""))
    assert [rows.texts(row)[TOP] for row in range(3)] == ["Running…", "Waiting", "Waiting"]
    trials.add(fused())
    assert rows.texts(0)[TOP].startswith("orange 60.0 %, ")
    assert [rows.texts(row)[TOP] for row in range(1, 3)] == ["Running…", "Waiting"]
    trials.set_progress(None)
    assert rows.texts(1)[TOP] == ""


def test_agreement_is_with_most_rows_and_of_the_views(rows: TrialModel, state: AppState) -> None:
    fill(rows, state)
    assert rows.common() == 0
    assert rows.texts(0)[AGREEMENT] == "✓"
    assert rows.texts(4)[AGREEMENT] == "✓ 67 of 100 views"
    assert rows.index(5, TOP).data() == "It attends | to patches."
    assert rows.index(5, TOP).data(FAILED_ROLE)
    assert not rows.index(4, TOP).data(FAILED_ROLE)
    odd = dense(2, 2)
    top = odd.predictions[0].index
    assert top != 0
    state.protocols.trials.begin(rows.wanted()[:1], state.image)
    state.protocols.trials.add(odd)
    assert rows.common() == top


def test_the_table_as_csv_has_every_number(rows: TrialModel, state: AppState) -> None:
    fill(rows, state)
    read = list(csv.DictReader(io.StringIO(rows.as_csv())))
    assert [row["protocol"] for row in read] == ["single", "multi-crop", "dense"]
    many = read[1]
    answer = state.protocols.trials.outcomes[1]
    assert many["scales"] == "256, 384"
    assert (many["views"], many["views_agreeing"], many["top1_is_common"]) == ("100", "67", "true")
    assert float(many["probability_1"]) == answer.predictions[0].probability
    assert many["category_5"] == answer.predictions[4].category
    assert read[2]["failure"] == "It attends | to patches."
    assert read[2]["category_1"] == read[0]["failure"] == ""


def test_the_table_as_markdown_is_one(rows: TrialModel, state: AppState) -> None:
    fill(rows, state)
    lines = rows.as_markdown().splitlines()
    assert len(lines) == 5
    assert {line.replace("\\|", "").count("|") for line in lines} == {7}
    assert lines[0] == "| Protocol | Q | Top-5 | Time | Views | Agreement |"


@pytest.mark.parametrize(("milliseconds", "text"), [(0.4, "0 ms"), (999.4, "999 ms"), (1000, "1.0 s"), (61_250, "61.2 s")])
def test_times(milliseconds: float, text: str) -> None:
    assert format_time(milliseconds) == text
