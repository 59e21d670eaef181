"""Test protocols in the real window with its real threads, against what the core says by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.types import (
    BUILTIN_SPEC,
    FusionMember,
    ModelSpec,
    Protocol,
    ProtocolRequest,
)
from core.weights import builtin
from gui import theme
from gui.dialogs.fusion_dialog import FusionDialog
from gui.facts import protocol_cost
from tests.e2e.comparing import random_spec
from tests.e2e.conftest import LONG, Bench
from tests.e2e.protocol_bench import ATTENDS, answered, by_core, gone, open_bench, panel, run
from tests.gui.painted import painted, rgb

SIDE = builtin.card().preprocessing.crop
NEAR, DENSE, FAR = SIDE + 4, SIDE * 5 // 3, 2 * SIDE + 8
"""Scales: hardly more than one window, a few windows, and many."""


@pytest.fixture
def ready(launch, monkeypatch) -> Bench:
    return open_bench(launch, monkeypatch)


def test_ten_crops_are_asked_for_listed_and_drawn(ready: Bench) -> None:
    facts, view = ready.state.protocols, ready.window.inspect.image_view
    facts.choose("ten-crop")
    gone(ready)
    assert "press Run" in panel(ready).headline.text()
    found = run(ready, "ten-crop")
    expected = by_core(ready, Protocol("ten-crop"))
    assert [one.index for one in found.predictions] == [one.index for one in expected.predictions]
    assert np.allclose(found.probabilities, expected.probabilities, atol=1e-6)
    table = panel(ready).views.table
    assert table.model().rowCount() == len(found.views) == 10
    # Each box is drawn: the bottom line of the chosen one has the colour of its vote.
    for row in range(10):
        table.selectRow(row)
        index = table.rows.view_at(row)
        assert facts.look.view == index
        colour = rgb(theme.DARK.accent if facts.look.agrees(index) else theme.DARK.warning)
        place = view.viewport.box_to_view(found.views[index].box)
        line = painted(view)[round(place.bottom()), round(place.left()) + 4 : round(place.right()) - 4]
        assert (line == np.array(colour)).all(axis=1).mean() > 0.5, row
    assert ready.notices == []


def test_a_figure_of_the_picture_says_what_the_boxes_are(ready: Bench) -> None:
    figures = ready.window.takeaway.shown
    found = run(ready, "ten-crop")
    verdicts = [ready.state.protocols.look.agrees(index) for index in range(len(found.views))]
    words = [outline.words for outline in figures._outlines(None)]
    assert ("solid: views that agree with the whole" in words) == any(verdicts)
    assert ("dashed: views that do not" in words) != all(verdicts)
    run(ready, "dense", (DENSE,))
    assert [outline.words for outline in figures._outlines(None)] == ["window of the chosen cell"]
    ready.window.inspect.details.show_panel("input")
    assert [outline.words for outline in figures._outlines(None)] == ["what the network sees"]


def test_single_and_scale_follow_every_change_by_themselves(ready: Bench) -> None:
    state, facts = ready.state, ready.state.protocols
    first = facts.answer
    assert first.predictions[0].index == state.classification.predictions[0].index
    assert first.predictions[0].probability == pytest.approx(state.classification.predictions[0].probability, abs=1e-6)
    facts.choose("scale")
    facts.set_scales((NEAR,))
    assert answered(ready).protocol.scales == (NEAR,)
    panel(ready).flip.click()
    ready.qtbot.waitUntil(lambda: facts.answer is not None and len(facts.answer.views) == 2, timeout=LONG)
    state.set_image(state.images[1])
    ready.wait_answer(ready.paths[1])
    assert answered(ready).image.path == ready.paths[1]
    state.choose_spec(random_spec(3))
    ready.qtbot.waitUntil(lambda: facts.answer is not None and facts.answer.model == random_spec(3), timeout=LONG)
    assert facts.protocol.scales == (NEAR,), "the same architecture takes the same scales"


def test_nothing_is_asked_while_nobody_looks(ready: Bench) -> None:
    details, state = ready.window.inspect.details, ready.state
    details.show_panel("input")
    ready.requests.clear()
    state.protocols.choose("scale")
    state.set_image(state.images[1])
    ready.wait_answer(ready.paths[1])
    gone(ready)
    assert not [one for one in ready.requests if isinstance(one, ProtocolRequest)]
    details.show_panel("protocols")
    assert answered(ready).image.path == ready.paths[1]


def test_a_cell_of_the_dense_map_has_the_top_5_of_the_core(ready: Bench) -> None:
    state, facts, view = ready.state, ready.state.protocols, ready.window.inspect.image_view
    run(ready, "dense", (DENSE,))
    found = facts.look.map
    rows, columns = found.shape
    assert rows > 1
    assert columns > 1
    heat = state.overlays["dense"].heat
    assert heat.values.shape == found.shape
    assert not heat.smooth
    legend = view.findChild(object, "overlayLegend")
    assert legend.isVisible()
    assert "Dense" in legend.accessibleDescription()
    row, column = rows // 2, columns - 1
    left, top, right, bottom = found.box(row, column)
    place = view.to_view(QPointF((left + right) / 2, (top + bottom) / 2)).toPoint()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)
    assert facts.look.cell == (facts.look.map_index, row, column)
    expected = by_core(ready, Protocol("dense", (DENSE,))).views[0].dense.logits
    share = torch.tensor(expected[:, row, column].astype(np.float64)).softmax(0)
    top5 = share.topk(5)
    shown = panel(ready).map.table.rows.rows
    assert [one.index for one in shown] == top5.indices.tolist()
    assert [one.probability for one in shown] == pytest.approx(top5.values.tolist(), abs=1e-5)
    # The map is of the category that everything is about.
    other = state.classification.predictions[1].index
    state.selection.set_category(other)
    values = torch.tensor(expected.astype(np.float64)).softmax(0)[other].numpy()
    assert np.allclose(state.overlays["dense"].heat.values, values, atol=1e-5)
    assert state.model.categories[other] in view.accessibleDescription()
    # It is over the picture while the panel is there.
    ready.window.inspect.details.show_panel("input")
    assert state.overlays["dense"].heat is None
    ready.window.inspect.details.show_panel("protocols")
    assert state.overlays["dense"].heat is not None


def test_another_q_makes_another_map_and_the_last_one_wins(ready: Bench, monkeypatch) -> None:
    facts = ready.state.protocols
    small = run(ready, "dense", (NEAR,)).views[0].dense.shape
    monkeypatch.setattr(protocol_cost, "SOON", float("inf"))
    slider = panel(ready).scales.slider
    slider.setSliderDown(True)
    for scale in range(FAR - 90, FAR + 1, 10):
        slider.setSliderPosition(scale)
        QApplication.processEvents()
    slider.setSliderDown(False)
    assert answered(ready).protocol.scales == (FAR,)
    large = facts.look.map.shape
    assert large[0] > small[0]
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert answered(ready).protocol.scales == (FAR + 1,)


def test_a_new_picture_while_a_long_one_runs_drops_it(ready: Bench) -> None:
    state, facts = ready.state, ready.state.protocols
    facts.choose("multi-crop")
    ready.qtbot.mouseClick(panel(ready).run, Qt.MouseButton.LeftButton)
    assert ready.conductor.waits_for(ProtocolRequest)
    assert panel(ready).run.text() == "Stop"
    ready.requests.clear()
    state.set_image(state.images[1])
    ready.wait_answer(ready.paths[1])
    gone(ready)
    assert not [one for one in ready.requests if isinstance(one, ProtocolRequest)]
    assert facts.progress is None
    assert "press Run" in panel(ready).headline.text()
    # Stopped by a person, it does not come back by itself.
    ready.qtbot.mouseClick(panel(ready).run, Qt.MouseButton.LeftButton)
    ready.window.actions_by_key["cancel"].trigger()
    assert not ready.conductor.waits_for(ProtocolRequest)
    assert facts.progress is None
    assert ready.notices == []


def test_a_network_that_cannot_be_dense_says_why_in_the_panel(ready: Bench, tmp_path: Path) -> None:
    state, facts = ready.state, ready.state.protocols
    code = tmp_path / "attends.py"
    code.write_text(ATTENDS, encoding="utf-8")
    state.choose_spec(ModelSpec.of_code(code))
    ready.qtbot.waitUntil(lambda: state.model.spec.code is not None and ready.conductor.idle, timeout=LONG)
    notices = list(ready.notices)
    facts.choose("dense")
    facts.want()
    ready.qtbot.waitUntil(lambda: facts.failure is not None, timeout=LONG)
    assert facts.failure.kind == "unsupported"
    assert panel(ready).whole.table.accessibleDescription() == facts.failure.message == facts.not_dense
    assert ready.notices == notices, "no notice, no dialog"
    assert "not for this network" in panel(ready).protocol.entries.item(5).data(Qt.ItemDataRole.UserRole + 1)
    facts.choose("scale")
    assert answered(ready).predictions
    assert facts.failure is None
    state.choose_spec(BUILTIN_SPEC)
    ready.qtbot.waitUntil(lambda: state.model.spec == BUILTIN_SPEC and ready.conductor.idle, timeout=LONG)
    assert facts.not_dense == ""
    assert run(ready, "dense").views[0].dense is not None


def test_models_are_fused(ready: Bench) -> None:
    facts = ready.state.protocols
    ready.qtbot.mouseClick(panel(ready).fusion.add, Qt.MouseButton.LeftButton)
    dialog = ready.window.findChild(FusionDialog)
    assert dialog.isVisible()
    ready.wait_idle()
    assert dialog.spec.architecture == "compact_vgg"
    dialog._choose_weights(random_spec(5).weights)
    dialog.seed.setValue(5)
    dialog.accept()
    assert facts.members == (FusionMember(random_spec(5)),)
    gone(ready)
    assert "press Run" in panel(ready).headline.text()
    panel(ready).fusion.weights[0].setValue(3.0)
    ready.qtbot.mouseClick(panel(ready).run, Qt.MouseButton.LeftButton)
    ready.qtbot.waitUntil(lambda: facts.answer is not None and bool(facts.answer.members), timeout=LONG)
    expected = by_core(ready, Protocol("single"), members=(FusionMember(random_spec(5)),), weight=3.0)
    assert np.allclose(facts.answer.probabilities, expected.probabilities, atol=1e-6)
    panel(ready).choice.buttons[0].click()
    texts = panel(ready).whole.members.texts
    assert texts[1::3] == ["75 %", "25 %"]
    assert expected.members[1][1][0].category in texts[5]
    panel(ready).fusion.removers[0].click()
    ready.qtbot.waitUntil(lambda: facts.answer is not None and facts.answer.members == (), timeout=LONG)


def test_with_the_keyboard_alone(ready: Bench) -> None:
    facts = ready.state.protocols
    ready.window.inspect.details.show_panel("input")
    facts.choose("ten-crop")
    ready.window.inspect.strip.view.setFocus()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_T)
    assert ready.window.inspect.details.panel == "protocols"
    answered(ready)
    table = panel(ready).views.table
    for _ in range(60):
        if QApplication.focusWidget() is table:
            break
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is table
    QTest.keyClick(table, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(table, Qt.Key.Key_Down)
    assert facts.look.view == table.rows.view_at(1)
    QTest.keyClick(table, Qt.Key.Key_6, Qt.KeyboardModifier.AltModifier)
    facts.choose("dense")
    facts.set_scales((DENSE,))
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_T)
    answered(ready)
    cells = panel(ready).map.cells
    cells.setFocus()
    QTest.keyClick(cells, Qt.Key.Key_Home)
    before = facts.look.cell
    step = Qt.Key.Key_Left if before[2] else Qt.Key.Key_Right
    QTest.keyClick(cells, step)
    assert facts.look.cell[2] == before[2] + (1 if step == Qt.Key.Key_Right else -1)


def test_another_preprocessing_is_another_answer(ready: Bench) -> None:
    facts, how = ready.state.protocols, ready.state.model.preprocessing
    before = facts.answer
    ready.conductor.prepare_pictures(replace(how, mean=tuple(0.9 * value for value in how.mean), source="a test"))
    ready.qtbot.waitUntil(lambda: facts.answer is not None and facts.answer is not before, timeout=LONG)
    ready.wait_idle()
    assert facts.answer.predictions[0].probability != before.predictions[0].probability
    top = ready.state.classification.predictions[0]
    assert facts.answer.predictions[0].probability == pytest.approx(top.probability, abs=1e-6)
    ready.conductor.prepare_pictures(None)
    ready.wait_idle()


def test_a_picture_that_cannot_be_read_has_no_answer(ready: Bench, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    ready.conductor.open_paths((broken,))
    ready.qtbot.waitUntil(lambda: ready.state.failure is not None and ready.conductor.idle, timeout=LONG)
    assert ready.state.protocols.answer is None
    assert panel(ready).headline.text() == "This picture has no answer"
