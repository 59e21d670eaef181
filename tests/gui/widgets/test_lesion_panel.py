"""The panel of lesions, alone: what it shows of the facts, and which facts it changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QProgressBar, QPushButton, QSpinBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from core.types import ATTENTION, JobProgress, LayerInfo, Lesion
from gui.facts.lesion_bench import RankWish
from gui.itemmodels.rank_model import CHANNEL, LOGIT, PROBABILITY
from gui.itemmodels.unit_model import RANGE_ROLE, VALUE_ROLE
from gui.state import AppState
from gui.widgets.lesions.lesion_editor import FIRST_SCALE, STEPS
from gui.widgets.lesions.lesion_panel import LesionPanel
from tests.gui.lesion_samples import ranking, untouched
from tests.gui.samples import grid, model, vector

LAYER = "blocks.0.conv"


@pytest.fixture
def panel(state: AppState, qtbot: QtBot) -> LesionPanel:
    widget = LesionPanel(state)
    qtbot.addWidget(widget)
    widget.resize(310, 460)
    widget.show()
    state.set_model(model())
    state.set_layer(LAYER)
    state.set_activations(grid(count=8))
    state.set_classification(untouched())
    return widget


def press(panel: LesionPanel, qtbot: QtBot, name: str) -> None:
    qtbot.mouseClick(panel.findChild(QAbstractButton, name), Qt.MouseButton.LeftButton)


def test_nothing_can_be_changed_before_there_is_a_model(state: AppState, qtbot: QtBot) -> None:
    panel = LesionPanel(state)
    qtbot.addWidget(panel)
    for part in (panel.editor.channel, panel.editor.action, panel.editor.slider, panel.editor.value, panel.ranking.rank):
        assert not part.isEnabled()
    assert not panel.findChild(QToolButton, "severalChannels").isEnabled()


def test_buttons_mute_clamp_and_scale_the_chosen_channel(state: AppState, panel: LesionPanel, qtbot: QtBot) -> None:
    state.selection.set_channel(2)
    press(panel, qtbot, "segment_mute")
    assert state.lesions.active == (Lesion(LAYER, 2),)
    assert not panel.editor.slider.isEnabled()
    press(panel, qtbot, "segment_scale")
    assert state.lesions.active == (Lesion(LAYER, 2, "scale", FIRST_SCALE),)
    assert panel.editor.value.value() == FIRST_SCALE
    press(panel, qtbot, "segment_clamp")
    (lesion,) = state.lesions.active
    assert lesion.value == pytest.approx(float(state.activations.mean[2]), abs=1e-3)
    press(panel, qtbot, "segment_none")
    assert state.lesions.lesions == ()


def test_the_slider_reaches_from_the_least_to_the_greatest_value(state: AppState, panel: LesionPanel) -> None:
    state.selection.set_channel(3)
    state.lesions.put(Lesion(LAYER, 3, "clamp", 0.0))
    low, high = float(state.activations.minimum[3]), float(state.activations.maximum[3])
    for place, expected in ((STEPS, high), (0, low), (STEPS // 2, (low + high) / 2)):
        panel.editor.slider.setValue(place)
        assert state.lesions.active[0].value == pytest.approx(expected, abs=2e-3)
    state.lesions.put(Lesion(LAYER, 3, "scale", 1.5))
    assert panel.editor.slider.value() == STEPS // 2
    panel.editor.slider.setValue(STEPS)
    assert state.lesions.active[0] == Lesion(LAYER, 3, "scale", 3.0)


def test_a_value_beyond_the_slider_can_be_typed(state: AppState, panel: LesionPanel, qtbot: QtBot) -> None:
    state.lesions.put(Lesion(LAYER, 0, "scale", 1.0))
    spin = panel.editor.value
    spin.setFocus()
    spin.selectAll()
    qtbot.keyClicks(spin, spin.locale().toString(12.5, "f", 1))
    qtbot.keyClick(spin, Qt.Key.Key_Return)
    assert state.lesions.active[0].value == 12.5
    assert panel.editor.slider.value() == STEPS


def test_a_drag_is_one_step_of_undo(state: AppState, panel: LesionPanel, qtbot: QtBot) -> None:
    state.lesions.put(Lesion(LAYER, 0, "scale", 1.5))
    slider = panel.editor.slider
    start = QPoint(slider.width() // 2, slider.height() // 2)
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=start)
    assert slider.isSliderDown()
    for step in range(1, 20):
        qtbot.mouseMove(slider, start + QPoint(3 * step, 0))
    dragged = state.lesions.active[0].value
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=start + QPoint(57, 0))
    assert dragged > 1.8
    state.lesions.undo()
    assert state.lesions.active[0].value == 1.5
    assert slider.value() == STEPS // 2


def test_another_channel_and_layer_are_followed(state: AppState, panel: LesionPanel, qtbot: QtBot) -> None:
    state.lesions.put(Lesion(LAYER, 5, "scale", 2.0))
    assert panel.editor.action.name == "none"
    state.selection.set_channel(5)
    assert (panel.editor.action.name, panel.editor.value.value(), panel.editor.channel.value()) == ("scale", 2.0, 5)
    panel.editor.channel.setFocus()
    qtbot.keyClick(panel.editor.channel, Qt.Key.Key_Up)
    assert state.selection.channel == 6
    state.set_layer("head")
    assert panel.editor.channel.maximum() == 9
    state.selection.set_channel(400)
    assert panel.editor.channel.value() == 9
    press(panel, qtbot, "segment_mute")
    assert state.lesions.active[-1] == Lesion("head", 9)


def test_a_unit_of_a_vector_is_clamped_within_the_vector(state: AppState, panel: LesionPanel, qtbot: QtBot) -> None:
    state.set_layer("head")
    state.set_activations(vector([-2.0, 4.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]))
    state.selection.set_channel(2)
    press(panel, qtbot, "segment_clamp")
    assert state.lesions.active == (Lesion("head", 2, "clamp", 1.0),)
    assert panel.editor.slider.value() == STEPS // 2


def test_the_list_switches_removes_and_chooses(state: AppState, panel: LesionPanel, qtbot: QtBot) -> None:
    state.lesions.put_all([Lesion(LAYER, 1), Lesion("head", 4, "scale", 2.0), Lesion("stem.0", 7, "clamp", -0.5)])
    view, rows = panel.list, panel.list.model()
    assert [[rows.index(row, column).data() for column in range(3)] for row in range(3)] == [
        [LAYER, "1", "muted"], ["head", "4", "× 2"], ["stem.0", "7", "= −0.5"],
    ]  # fmt: skip
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(rows.index(1, 2)).center())
    assert (state.layer, state.selection.channel) == ("head", 4)
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert rows.index(1, 0).data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Unchecked
    assert len(state.lesions.active) == 2
    assert panel._count.text() == "3 lesions, 2 on"
    assert rows.setData(rows.index(1, 0), Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    assert len(state.lesions.active) == 3
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert [one.lesion.layer for one in state.lesions.lesions] == [LAYER, "stem.0"]
    assert "channel 7 of stem.0, clamped to −0.5" in rows.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)


def test_undo_redo_and_clear_buttons(state: AppState, panel: LesionPanel, qtbot: QtBot) -> None:
    buttons = [panel.findChild(QToolButton, f"lesion_{name}") for name in ("undo", "redo", "remove")]
    assert [button.isEnabled() for button in buttons] == [False, False, False]
    state.lesions.put(Lesion(LAYER, 1))
    assert [button.isEnabled() for button in buttons] == [True, False, True]
    press(panel, qtbot, "lesion_undo")
    assert state.lesions.lesions == ()
    press(panel, qtbot, "lesion_redo")
    assert state.lesions.active == (Lesion(LAYER, 1),)
    press(panel, qtbot, "lesion_remove")
    assert state.lesions.lesions == ()
    assert panel._count.text() == "No lesions"


def test_several_channels_at_once(state: AppState, panel: LesionPanel) -> None:
    everything, others, none = panel.findChild(QToolButton, "severalChannels").menu().actions()
    state.selection.set_channel(3)
    state.lesions.put(Lesion("head", 1))
    everything.trigger()
    assert state.lesions.muted(LAYER) == set(range(8))
    others.trigger()
    assert state.lesions.muted(LAYER) == set(range(8)) - {3}
    none.trigger()
    assert state.lesions.active == (Lesion("head", 1),)


def test_a_ranking_is_asked_for_and_given_up(state: AppState, panel: LesionPanel, qtbot: QtBot) -> None:
    assert panel.ranking.rank.text() == "Rank channels for “orange”"
    state.selection.set_category(1)
    assert panel.ranking.rank.text() == "Rank channels for “lemon”"
    press(panel, qtbot, "rankChannels")
    assert state.lesions.wish == RankWish(LAYER, 1)
    state.lesions.set_progress(JobProgress(3, 8))
    state.lesions.set_ranking(ranking(LAYER, [-0.2, -0.1, 0.0], [4, 1, 6], total=8))
    bar = panel.findChild(QProgressBar, "rankProgress")
    assert (bar.value(), bar.maximum(), bar.isVisible()) == (3, 8, True)
    assert "3 of 8 channels" in panel.ranking._about.text()
    press(panel, qtbot, "cancelRanking")
    assert state.lesions.wish is None
    assert not bar.isVisible()
    assert panel.ranking.table.model().rowCount() == 3


def test_the_table_of_a_ranking(state: AppState, panel: LesionPanel, qtbot: QtBot) -> None:
    state.lesions.set_ranking(ranking(LAYER, [-0.345, -0.004, 0.00001, 0.02], [4, 1, 6, 0]))
    table, rows = panel.ranking.table, panel.ranking.table.model()
    texts = [[rows.index(row, column).data() for column in (CHANNEL, PROBABILITY, LOGIT)] for row in range(4)]
    assert texts == [["4", "−34.5", "−1.725"], ["1", "−0.40", "−0.020"], ["6", "≈ +0", "+0.000"], ["0", "+2.0", "+0.100"]]
    assert rows.index(0, PROBABILITY).data(RANGE_ROLE) == pytest.approx((-34.5, 2.0))
    assert rows.index(0, PROBABILITY).data(VALUE_ROLE) == pytest.approx(-34.5)
    state.set_layer("head")
    place = table.visualRect(rows.index(1, CHANNEL)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert (state.layer, state.selection.channel) == (LAYER, 1)
    qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert state.lesions.muted(LAYER) == {1}
    assert rows.index(1, CHANNEL).data() == "× 1"
    assert "muted now" in rows.index(1, CHANNEL).data(Qt.ItemDataRole.AccessibleTextRole)
    press(panel, qtbot, "muteRanked")
    assert state.lesions.muted(LAYER) == frozenset()
    qtbot.keyClick(table, Qt.Key.Key_Up)
    assert state.selection.channel == 4
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert state.lesions.muted(LAYER) == {4}
    assert "with other lesions" in panel.ranking._about.text()
    panel.findChild(QSpinBox, "muteTopCount").setValue(3)
    press(panel, qtbot, "muteTop")
    assert state.lesions.muted(LAYER) == {4, 1, 6}
    state.lesions.undo()
    assert state.lesions.muted(LAYER) == {4}


def test_a_channel_chosen_elsewhere_is_marked_in_the_ranking(state: AppState, panel: LesionPanel) -> None:
    state.lesions.set_ranking(ranking(LAYER, [-0.3, -0.2, -0.1], [4, 1, 6]))
    state.selection.set_channel(6)
    assert panel.ranking.table.channel == 6
    state.selection.set_channel(2)
    assert panel.ranking.table.channel == -1


def test_all_is_reached_with_tab_and_has_a_name(state: AppState, panel: LesionPanel, qtbot: QtBot) -> None:
    state.lesions.put(Lesion(LAYER, 4, "scale", 2.0))
    state.lesions.set_ranking(ranking(LAYER, [-0.3, -0.2], [4, 0]))
    state.selection.set_channel(4)
    controls = [
        part for part in panel.findChildren(QWidget)
        if part.isVisible() and part.isEnabled() and part.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not part.objectName().startswith("qt_")
    ]  # fmt: skip
    assert len(controls) >= 13
    for part in controls:
        assert part.accessibleName(), part
        assert part.toolTip(), part
    panel.editor.channel.setFocus()
    seen = []
    for _ in range(40):
        seen.append(panel.focusWidget().objectName())
        qtbot.keyClick(panel.focusWidget(), Qt.Key.Key_Tab)
    assert set(seen) >= {
        "lesionChannel", "segment_scale", "lesionSlider", "lesionValue", "severalChannels", "lesion_undo", "lesion_remove",
        "lesionList", "rankChannels", "rankTable", "muteRanked", "muteTop", "muteTopCount",
    }  # fmt: skip


def test_left_and_right_move_between_the_segments(state: AppState, panel: LesionPanel, qtbot: QtBot) -> None:
    none = panel.findChild(QPushButton, "segment_none")
    none.setFocus()
    qtbot.keyClick(none, Qt.Key.Key_Right)
    assert state.lesions.active == (Lesion(LAYER, 0),)


def test_heads_of_attention_are_only_read_and_the_panel_says_so(state: AppState, panel: LesionPanel) -> None:
    heads = LayerInfo(f"mix{ATTENTION}", "Attention", (1, 2, 17, 17), 0, heads=2)
    state.set_model(replace(model(), layers=(*model().layers, heads)))
    state.set_layer(heads.key)
    assert panel.editor._layer.text() == "Attention is only read"
    assert not any(part.isEnabled() for part in (panel.editor.channel, panel.editor.action, panel.ranking.rank))
    assert not panel.findChild(QToolButton, "severalChannels").isEnabled()
