"""The tabs at the right, wide and narrow."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from gui.inspect_workspace import FOLD_WIDTH, InspectWorkspace
from gui.panels import PANELS


@pytest.fixture
def workspace(state, qtbot):
    made = InspectWorkspace(state)
    qtbot.addWidget(made)
    made.resize(FOLD_WIDTH + 100, 700)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.mark.parametrize("name", PANELS)
def test_each_panel_can_be_brought_to_the_front(workspace, name):
    workspace.details.show_panel(name)
    assert workspace.details.panel == name
    assert workspace.details.currentWidget().isVisible()


def test_an_unknown_panel_is_a_mistake_of_the_caller(workspace):
    with pytest.raises(KeyError):
        workspace.details.show_panel("no such panel")


def test_a_narrow_window_has_the_predictions_as_a_tab_and_a_wide_one_beside(workspace):
    for name in (PANELS[0], "why"):
        workspace.details.show_panel(name)
        workspace.resize(FOLD_WIDTH - 100, 560)
        QApplication.processEvents()
        if name == PANELS[0]:
            assert workspace.details.currentWidget().isAncestorOf(workspace.predictions)
        else:
            assert workspace.details.panel == name
            workspace.details.setCurrentIndex(0)
        assert workspace.details.count() == len(PANELS) + 1
        assert workspace.predictions.isVisible()
        workspace.details.show_panel("why")
        assert not workspace.predictions.isVisible()
        workspace.resize(FOLD_WIDTH + 100, 700)
        QApplication.processEvents()
        assert workspace.details.panel == "why"
        assert workspace.details.count() == len(PANELS)
        assert workspace.predictions.isVisible()
