"""The table of protocols side by side in the real window; what is remembered of a protocol; a picture of the window."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from core import paths
from core.types import Failure, ModelSpec, Protocol, ProtocolAnswer, ProtocolTrialRequest
from core.weights import builtin
from gui import theme
from tests.e2e.conftest import LONG, Bench
from tests.e2e.protocol_bench import ATTENDS, by_core, open_bench, panel
from tests.gui.painted import rgb

SIDE = builtin.card().preprocessing.crop


@pytest.fixture
def ready(launch, monkeypatch) -> Bench:
    return open_bench(launch, monkeypatch)


@pytest.mark.slow
def test_protocols_side_by_side(ready: Bench, tmp_path: Path) -> None:
    state, trials = ready.state, ready.state.protocols.trials
    ready.window.actions_by_key["compare_protocols"].trigger()
    dialog = ready.window.protocol_windows.table
    assert dialog.isVisible()
    for row in (4, 6):
        dialog.rows.setData(dialog.rows.index(row, 0), Qt.CheckState.Unchecked.value, Qt.ItemDataRole.CheckStateRole)
    seen = []
    trials.outcomes_changed.connect(lambda outcomes: seen.append(len(outcomes)))
    ready.qtbot.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    ready.qtbot.waitUntil(lambda: len(trials.outcomes) == 5 and not trials.running, timeout=LONG)
    assert seen == [0, 1, 2, 3, 4, 5], "row by row"
    names = [one.name for one in trials.plan]
    assert names == ["single", "scale", "multi-scale", "ten-crop", "dense"]
    for protocol, outcome in zip(trials.plan, trials.outcomes, strict=True):
        expected = by_core(ready, protocol)
        assert outcome.predictions[0].index == expected.predictions[0].index, protocol.name
        assert outcome.predictions[0].probability == pytest.approx(expected.predictions[0].probability, abs=1e-5)
    dialog.copy_markdown()
    assert QApplication.clipboard().text() == dialog.rows.as_markdown()
    with ready.qtbot.waitSignal(ready.window.desks.export.told, timeout=LONG):
        dialog.write(tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_text(encoding="utf-8") == dialog.rows.as_csv().replace("\r\n", "\n")
    # Another picture: the table is not about it.
    state.set_image(state.images[1])
    assert trials.plan == ()
    ready.wait_answer(ready.paths[1])
    assert dialog.rows.done() == ()


@pytest.mark.slow
def test_the_table_stops_and_a_failing_row_says_why(ready: Bench, tmp_path: Path) -> None:
    state, trials = ready.state, ready.state.protocols.trials
    code = tmp_path / "attends.py"
    code.write_text(ATTENDS, encoding="utf-8")
    state.choose_spec(ModelSpec.of_code(code))
    ready.qtbot.waitUntil(lambda: state.model.spec.code is not None and ready.conductor.idle, timeout=LONG)
    trials.want((Protocol("dense"), Protocol("single")))
    ready.qtbot.waitUntil(lambda: len(trials.outcomes) == 2, timeout=LONG)
    assert isinstance(trials.outcomes[0], Failure)
    assert isinstance(trials.outcomes[1], ProtocolAnswer)
    trials.want((Protocol("single"), Protocol("multi-crop"), Protocol("scale")))
    ready.window.actions_by_key["cancel"].trigger()
    assert not ready.conductor.waits_for(ProtocolTrialRequest)
    ready.wait_idle()
    assert len(trials.outcomes) < 3
    assert not trials.running


@pytest.mark.slow
def test_what_a_person_chose_is_there_the_next_time(launch) -> None:
    first = launch()
    first.wait_idle()
    facts = first.state.protocols
    facts.choose("dense")
    facts.set_scales((SIDE, 2 * SIDE))
    facts.set_flip(True)
    facts.set_average("logits")
    first.window.close()
    second = launch(settings=first.settings)
    second.wait_idle()
    assert second.state.protocols.protocol == Protocol("dense", (SIDE, 2 * SIDE), True, "logits")
    assert panel(second).scales.list.text() == f"{SIDE}, {2 * SIDE}"


@pytest.mark.slow
def test_a_screenshot_waits_for_the_protocol(tmp_path: Path) -> None:
    shot = tmp_path / "window.png"
    command = [sys.executable, "-m", "gui", "--screenshot", str(shot), "--theme", "light", str(paths.sample_pictures()[5])]
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(tmp_path)}
    command += ["--protocol", "ten-crop", "--scales", str(SIDE * 5 // 4)]
    root = paths.SAMPLES.parents[1]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment, cwd=root, check=False)
    assert done.returncode == 0, done.stderr
    pixels = np.asarray(Image.open(shot).convert("RGB"))
    colours = rgb(theme.DARK.accent), rgb(theme.DARK.warning)
    # In the light theme nothing else has the colours of boxes on pictures.
    assert sum((pixels == np.array(colour)).all(axis=2).sum() for colour in colours) > 400
