"""The panel “Protocols”, without the threads: what it shows of the facts, and which facts it changes."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication
from pytestqt.qtbot import QtBot

from core.types import Failure, FusionMember, JobProgress, ModelSpec, Protocol, WeightsSpec
from gui.facts.protocol_look import MAP, VIEWS
from gui.itemmodels.view_model import PROBABILITY, TOP
from gui.state import AppState
from gui.widgets.picker import NOTE_ROLE
from gui.widgets.protocols.protocol_panel import ProtocolPanel
from gui.widgets.protocols.scale_row import read_scales
from tests.gui import samples
from tests.gui.protocol_samples import SIDE, crops, dense, fused, prepare
from tests.helpers.alternatives import complaints


@pytest.fixture
def panel(state: AppState, qtbot: QtBot) -> ProtocolPanel:
    widget = ProtocolPanel(state)
    qtbot.addWidget(widget)
    widget.resize(330, 456)
    prepare(state)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def words(view: QAbstractItemView, column: int = 0) -> list[str]:
    model = view.model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


@pytest.mark.parametrize(
    ("text", "scales", "wrong"),
    [
        ("256, 384, 512", (256, 384, 512), ""), (" 512 256;256 ", (256, 512), ""), ("224", (224,), ""),
        ("896", (896,), ""), ("223", (), "less than the 224"), ("897", (), "more than 896"), ("", (), "Write one"),
        ("256, abc", (), "“abc” is not"), ("-300", (), "“-300” is not"), ("300.5", (), "“300.5” is not"),
        ("²56", (), "is not a whole"), (", ".join(str(300 + n) for n in range(7)), (), "7 scales are more than 6"),
    ],
)  # fmt: skip
def test_scales_are_read_or_refused_in_words(text: str, scales: tuple[int, ...], wrong: str) -> None:
    found, complaint = read_scales(text, SIDE)
    assert found == scales
    assert wrong in complaint
    assert bool(complaint) == bool(wrong)


def test_several_scales_are_typed_and_what_is_wrong_is_said_and_not_taken(panel: ProtocolPanel, state: AppState) -> None:
    facts, field = state.protocols, panel.scales.list
    facts.choose("multi-crop")
    assert field.isVisible()
    assert field.text() == "256, 384, 512"
    assert not panel.scales.slider.isEnabled()
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "256, 20")
    assert panel.caption.text() == "20 is less than the 224 pixels that the network looks at."
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert facts.scales == (256, 384, 512)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "256, 384, 512"
    assert panel.caption.text().startswith("A grid of 5×5 crops")
    field.selectAll()
    QTest.keyClicks(field, "300 256")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert facts.protocol.scales == (256, 300)
    assert field.text() == "256, 300"


def test_one_scale_has_a_slider_and_a_number_that_are_the_same(panel: ProtocolPanel, state: AppState) -> None:
    facts, row = state.protocols, panel.scales
    facts.choose("scale")
    assert (row.slider.minimum(), row.slider.maximum(), row.slider.value()) == (224, 896, 256)
    assert row.number.isVisible()
    row.slider.setValue(300)
    assert facts.protocol.scales == (300,)
    assert row.number.value() == 300
    row.number.setValue(384)
    assert facts.protocol.scales == (384,)
    assert row.slider.value() == 384
    facts.choose("dense")
    assert row.list.isVisible()
    assert row.slider.isEnabled()
    QTest.keyClick(row.slider, Qt.Key.Key_PageUp)
    assert facts.scales == (288,)
    assert row.list.text() == "288"
    facts.choose("single")
    assert not row.slider.isEnabled()


def test_a_long_protocol_is_begun_again_when_the_slider_is_let_go(panel: ProtocolPanel, state: AppState, qtbot: QtBot) -> None:
    facts, slider = state.protocols, panel.scales.slider
    facts.choose("ten-crop")
    assert not facts.quick
    slider.setSliderDown(True)
    slider.setSliderPosition(400)
    assert facts.scales == (256,), "nothing follows while it is dragged"
    with qtbot.assertNotEmitted(facts.wanted):
        slider.setSliderDown(False)
    assert facts.scales == (400,), "it had not been begun"
    facts.set_answer(crops((400,), (0,), grid=2))
    slider.setSliderDown(True)
    slider.setSliderPosition(500)
    with qtbot.waitSignal(facts.wanted):
        slider.setSliderDown(False)
    facts.note_pace(1.0)
    slider.setSliderDown(True)
    slider.setSliderPosition(520)
    assert facts.scales == (520,), "a quick one follows at once"
    slider.setSliderDown(False)


def test_flip_and_average(panel: ProtocolPanel, state: AppState) -> None:
    facts = state.protocols
    assert panel.flip.isEnabled()
    panel.flip.click()
    assert facts.protocol.flip
    facts.choose("ten-crop")
    assert panel.flip.isChecked()
    assert not panel.flip.isEnabled()
    panel.average.activated.emit(1)
    assert facts.protocol == Protocol("ten-crop", flip=True, average="logits")
    assert "softmax comes last" in panel.average.toolTip()


def test_quick_and_long_protocols_and_impossible_ones_are_told_apart(panel: ProtocolPanel, state: AppState) -> None:
    notes = [panel.protocol.entries.item(row).data(NOTE_ROLE) for row in range(7)]
    assert notes[:2] == ["quick", "quick"]
    assert set(notes[3:5]) == {"takes longer"}
    state.protocols.set_not_dense("It attends to a fixed number of patches.")
    dense_rows = [panel.protocol.entries.item(row) for row in (5, 6)]
    assert [item.data(NOTE_ROLE) for item in dense_rows] == ["✗ not for this network"] * 2
    assert all(item.isEnabled() and "fixed number" in item.toolTip() for item in dense_rows)
    state.protocols.choose("dense")
    state.protocols.set_failure(Failure("unsupported", "It attends to a fixed number of patches."))
    assert panel.headline.text() == "No answer of “Dense”, for the reason below"
    assert panel.whole.table.isVisible()
    assert panel.whole.table.accessibleDescription() == "It attends to a fixed number of patches."


def test_run_becomes_stop_while_a_long_one_is_under_way(panel: ProtocolPanel, state: AppState, qtbot: QtBot) -> None:
    facts = state.protocols
    facts.choose("ten-crop")
    assert "press Run" in panel.headline.text()
    with qtbot.waitSignal(facts.wanted):
        panel.run.click()
    facts.set_progress(JobProgress(3, 10, "view 3 of 10"))
    assert panel.run.text() == "Stop"
    assert panel.progress.isVisible()
    assert panel.progress.bar.value() == 3
    with qtbot.waitSignal(facts.called_off):
        panel.run.click()
    facts.set_progress(None)
    assert panel.run.text() == "Run"
    assert panel.headline.isVisible()


def test_the_whole_and_its_agreement(panel: ProtocolPanel, state: AppState) -> None:
    state.protocols.set_answer(crops((256,), (0, 0, 1)))
    assert panel.headline.text() == "orange 42.2\u00a0% · 34 of 50 views agree · 812\u00a0ms · done"
    assert panel.pages.currentWidget() is panel.views
    panel.choice.buttons[0].click()
    assert panel.whole.table.isVisible()
    assert words(panel.whole.table, 1)[0] == "orange"
    QTest.mouseClick(
        panel.whole.table.viewport(), Qt.MouseButton.LeftButton,
        pos=panel.whole.table.visualRect(panel.whole.table.rows.index(1, 1)).center(),
    )  # fmt: skip
    assert state.selection.category == 1


def test_views_are_listed_sorted_and_chosen_with_the_keyboard(panel: ProtocolPanel, state: AppState) -> None:
    facts, table = state.protocols, panel.views.table
    facts.set_answer(crops((256, 384), (0, 1, 2)))
    assert table.model().rowCount() == 50
    assert [button.text() for button in panel.views.scales.buttons] == ["All", "256", "384"]
    assert words(table, TOP)[:3] == ["✓ orange", "✗ lemon", '✗ spider web, "cobweb"']
    panel.views.scales.buttons[0].click()
    assert table.model().rowCount() == 100
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Down)
    QTest.keyClick(table, Qt.Key.Key_Down)
    assert facts.look.view == table.rows.view_at(table.currentIndex().row())
    table.sortByColumn(PROBABILITY, Qt.SortOrder.DescendingOrder)
    shown = [table.rows.probability(table.rows.view_at(row)) for row in range(100)]
    assert shown == sorted(facts.answer.votes[:, 0].tolist(), reverse=True)
    chosen = facts.look.view
    assert table.rows.view_at(table.currentIndex().row()) == chosen, "the row goes where its view goes"
    state.selection.set_category(2)
    assert words(table, PROBABILITY)[0] == "60.0 %", "the rows follow the category"
    QTest.keyClick(table, Qt.Key.Key_Escape)
    assert facts.look.view is None
    QTest.mouseMove(table.viewport(), table.visualRect(table.rows.index(2, TOP)).center())
    assert facts.look.highlighted == table.rows.view_at(2)
    QApplication.sendEvent(table, QEvent(QEvent.Type.Leave))
    assert facts.look.highlighted is None
    facts.look.choose_view(9)
    assert table.rows.view_at(table.currentIndex().row()) == 9


def test_a_cell_is_walked_to_and_has_its_own_top_5(panel: ProtocolPanel, state: AppState) -> None:
    facts = state.protocols
    found = dense(4, 6)
    facts.set_answer(found)
    assert panel.pages.currentWidget() is panel.map
    logits = found.views[0].dense.logits.astype(np.float64)
    share = np.exp(logits) / np.exp(logits).sum(axis=0)
    row, column = np.unravel_index(share[0].argmax(), share[0].shape)
    assert facts.look.cell == (0, row, column), "the strongest cell is chosen at first"
    cells = panel.map.cells
    cells.setFocus()
    facts.look.choose_cell((0, 2, 2))
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        QTest.keyClick(cells, key)
    assert facts.look.cell == (0, 2, 0)
    expected = np.argsort(-share[:, 2, 0])[:5]
    assert [row.index for row in panel.map.table.rows.rows] == expected.tolist()
    assert [row.probability for row in panel.map.table.rows.rows] == pytest.approx(share[expected, 2, 0], abs=1e-6)
    QTest.mouseClick(cells, Qt.MouseButton.LeftButton, pos=cells.cell_rect(3, 5).center().toPoint())
    assert facts.look.cell == (0, 3, 5)
    assert "row 4, column 6" in cells.accessibleDescription()
    QTest.keyClick(cells, Qt.Key.Key_Escape)
    assert facts.look.cell is None
    facts.set_answer(dense(4, 6, seed=1))
    assert facts.look.cell is None, "a person wanted none"
    QTest.keyClick(cells, Qt.Key.Key_Home)
    assert facts.look.cell is not None
    assert cells.cell_at(QPointF(-1, -1)) is None


def test_pages_come_and_go_with_what_there_is(panel: ProtocolPanel, state: AppState) -> None:
    facts = state.protocols
    assert [button.text() for button in panel.choice.buttons] == ["Top 5"]
    facts.set_answer(dense(2, 3))
    assert [button.text() for button in panel.choice.buttons] == ["Top 5", "Map"]
    assert facts.look.showing == MAP
    facts.set_answer(crops((256,), (0,)))
    assert [button.text() for button in panel.choice.buttons] == ["Top 5", "Views 50"]
    assert facts.look.showing == VIEWS
    panel.choice.buttons[0].click()
    facts.set_answer(dense(2, 3))
    assert panel.pages.currentWidget() is panel.whole, "the page that a person chose stays"


def test_models_are_fused_weighted_and_taken_out(panel: ProtocolPanel, state: AppState, qtbot: QtBot) -> None:
    facts = state.protocols
    with qtbot.waitSignal(facts.member_wanted):
        panel.fusion.add.click()
    assert panel.fusion.weights == ()
    other = FusionMember(ModelSpec("vgg16", WeightsSpec("random", seed=3)))
    facts.set_members((other, FusionMember(samples.RESNET, 2.0)))
    assert panel.fusion.names == ("resnet50 · IMAGENET1K_V1", "vgg16 · random, seed 3", "resnet50 · IMAGENET1K_V1")
    assert not facts.quick
    panel.fusion.weights[0].setValue(0.5)
    panel.fusion.weights[1].setValue(3.0)
    assert facts.weight == 0.5
    assert [member.weight for member in facts.members] == [3.0, 2.0]
    panel.fusion.removers[0].click()
    assert facts.members == (FusionMember(samples.RESNET, 2.0),)
    facts.set_answer(fused())
    assert panel.whole.members.texts == [
        "resnet50 · IMAGENET1K_V1", "75 %", "✓ orange 60.0 %", "vgg16 · random, seed 3", "25 %", "✗ lemon 60.0 %",
    ]  # fmt: skip
    panel.fusion.removers[0].click()
    assert panel.fusion.names == ()


def test_every_state_has_words_and_hints(panel: ProtocolPanel, state: AppState) -> None:
    facts = state.protocols
    assert complaints(panel) == []
    for answer in (crops((256, 384), (0, 1)), dense(3, 4), fused()):
        facts.set_answer(answer)
        for button in panel.choice.buttons:
            button.click()
            assert complaints(panel) == []
    facts.set_members((FusionMember(samples.RESNET),))
    assert complaints(panel) == []


def test_a_low_panel_folds_what_is_set_up_away(panel: ProtocolPanel) -> None:
    assert panel.scales.isVisible()
    panel.resize(330, 280)
    assert not panel.scales.isVisible()
    panel.more.click()
    assert panel.scales.isVisible()
    panel.resize(330, 281)
    assert panel.scales.isVisible(), "a person wanted it so"
    panel.more.click()
    assert not panel.fusion.isVisible()


def test_nothing_is_watched_while_it_is_hidden(panel: ProtocolPanel, state: AppState) -> None:
    assert state.protocols.watched
    panel.hide()
    assert not state.protocols.watched
