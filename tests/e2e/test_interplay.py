"""What goes on at the same time: tools, comparisons, lesions, themes, models and pictures that change under them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication

from core.types import BUILTIN_SPEC, ModelSpec, WeightsSpec
from gui import theme
from gui.facts.comparison import Opponent
from gui.facts.lesion_bench import RankWish
from gui.panels import PANELS
from gui.widgets.compare.change_table import ChangeTable
from tests.e2e.conftest import LONG, Bench

_HOMES = ("CONFIG", "CACHE", "DATA", "STATE")
OTHER = ModelSpec("squeezenet1_1", WeightsSpec("random"))


def do(bench: Bench, *keys: str) -> None:
    for key in keys:
        bench.window.actions_by_key[key].trigger()


def turn(bench: Bench, times: int = 3) -> None:
    for _ in range(times):
        QApplication.processEvents()


def test_lesions_while_comparing_are_told_not_to_count(bench: Bench) -> None:
    do(bench, "mute", "compare")
    bench.wait_settled()
    assert bench.state.comparison.answer is not None
    assert len(bench.state.lesions.answer.lesions) == 1
    remark = bench.window.inspect.answers.findChild(ChangeTable).remark
    assert remark.text() == "A and B are shown without the lesions."
    do(bench, "clear_lesions")
    bench.wait_settled()
    assert remark.isHidden()


def test_an_explanation_is_about_the_picture_that_is_shown_however_fast_they_change(bench: Bench) -> None:
    bench.window.inspect.details.show_panel("why")
    do(bench, "explain")
    for number in range(9):
        do(bench, "next" if number % 4 else "previous")
        turn(bench)
    bench.wait_settled()
    found = bench.state.explanation.found
    assert found.image == bench.state.image
    assert bench.state.overlays["why"].heat is not None


def test_a_search_ends_with_its_model(bench: Bench) -> None:
    do(bench, "find_patches")
    turn(bench)
    bench.state.choose_spec(OTHER)
    bench.wait_settled()
    assert bench.state.patches.progress is None
    # The worker may come to it with the new model, before the window has called it off: what it kept by then is the new one's.
    found = bench.state.patches.answer
    assert found is None or found.layer in bench.state.model.layers
    do(bench, "find_patches")
    bench.wait_settled()
    assert bench.state.patches.answer.patches


def test_a_ranking_ends_with_its_picture(bench: Bench) -> None:
    bench.state.lesions.want_ranking(RankWish(bench.state.layer, bench.state.category))
    turn(bench)
    bench.state.remove_images((bench.state.image,))
    bench.wait_settled()
    assert bench.state.lesions.wish is None
    assert bench.state.lesions.progress is None


def test_a_theme_changes_with_everything_open(bench: Bench, qapp: QApplication) -> None:
    do(bench, "compare", "compare_side", "channel_overlay", "mute", "explain", "find_patches")
    try:
        for number, name in enumerate(("dark", "light", "dark")):
            bench.window.inspect.details.show_panel(PANELS[number + 1])
            theme.choose(qapp, name)
            turn(bench)
            assert not bench.window.grab().isNull()
        bench.wait_settled()
    finally:
        theme.choose(qapp, "light")
    assert bench.notices == []


def test_attention_cannot_be_muted_and_a_channel_beyond_the_last_is_the_last(bench: Bench) -> None:
    bench.state.selection.set_channel(120)
    bench.window.inspect.details.show_panel("channel")
    bench.state.choose_spec(ModelSpec("swin_t", WeightsSpec("random")))
    bench.wait_settled()
    assert bench.state.selection.channel < bench.state.activations.count
    key = next(layer.key for layer in bench.state.model.layers if layer.heads is not None)
    bench.state.set_layer(key)
    bench.wait_settled()
    before = len(bench.notices)
    for panel in ("channel", "lesions", "why"):
        bench.window.inspect.details.show_panel(panel)
        bench.wait_settled()
    do(bench, "mute", "effective_field", "find_patches", "next_order")
    bench.wait_settled()
    assert bench.state.lesions.lesions == ()
    assert bench.notices[before:]
    assert all("is only read" in notice for notice in bench.notices[before:])


def test_a_picture_that_cannot_be_read_breaks_no_tool(bench: Bench, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"nothing")
    bench.conductor.open_paths((broken,))
    bench.qtbot.waitUntil(lambda: bench.state.failure is not None and bench.conductor.idle, timeout=LONG)
    for panel in PANELS:
        bench.window.inspect.details.show_panel(panel)
    do(bench, "effective_field", "mute", "channel_overlay", "explain", "find_patches", "compare", "compare_side")
    bench.wait_idle()
    do(bench, "previous")
    bench.wait_settled()
    assert bench.state.failure is None
    assert not [notice for notice in bench.notices if "unexpected" in notice]


def test_the_current_map_stays_on_the_screen_when_other_values_sort_it_elsewhere(bench: Bench) -> None:
    grid = bench.window.inspect.activations.grid
    do(bench, "next_order")
    bench.state.selection.set_channel(grid.channels[0])
    bench.wait_settled()
    for _ in range(2):
        do(bench, "next")
        bench.wait_settled()
        room: QRect = grid.viewport().rect()
        assert room.contains(grid.tile_rect(grid.current).adjusted(0, 0, 0, -1))


CLOSING = """
import sys
from PySide6.QtCore import QStandardPaths, QTimer
from PySide6.QtWidgets import QApplication
from core.types import ModelSpec, WeightsSpec
from gui import app
from gui.facts.comparison import Opponent
from gui.facts.lesion_bench import RankWish
from gui.main_window import MainWindow
from gui.arguments import parse

QStandardPaths.setTestModeEnabled(True)
tool = sys.argv[1]
other = ModelSpec("squeezenet1_1", WeightsSpec("random"))

def look():
    window = next((one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow)), None)
    if window is None or window.state.activations is None or not window.conductor.idle:
        QTimer.singleShot(20, look)
        return
    state = window.state
    if tool == "ranking":
        state.lesions.want_ranking(RankWish(state.layer, state.category))
    elif tool == "patches":
        window.actions_by_key["find_patches"].trigger()
    elif tool == "occlusion":
        state.explanation.set_method("occlusion")
        state.explanation.want()
    elif tool == "comparison":
        state.comparison.begin(Opponent(None, other))
    else:
        state.choose_spec(other)
    QTimer.singleShot(30, window.close)

make = app.make_application
def made():
    found = make()
    QTimer.singleShot(0, look)
    return found
app.make_application = made
sys.exit(app.run(parse(["--no-restore", *sys.argv[2:]])))
"""


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["ranking", "patches", "occlusion", "comparison", "load"])
def test_the_program_ends_cleanly_in_the_middle_of(photos: list[Path], tmp_path: Path, tool: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", CLOSING, tool, *map(str, photos)],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **{f"XDG_{kind}_HOME": str(tmp_path) for kind in _HOMES}},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    assert "QThread" not in ended.stderr


@pytest.mark.parametrize("tool", ["ranking", "patches", "occlusion", "comparison", "load"])
def test_the_window_closes_cleanly_in_the_middle_of(launch: Callable[..., Bench], photos: list[Path], tool: str) -> None:
    bench = launch()
    bench.conductor.open_paths(tuple(photos))
    bench.wait_answer(photos[0])
    if tool == "ranking":
        bench.state.lesions.want_ranking(RankWish(bench.state.layer, bench.state.category))
    elif tool == "patches":
        do(bench, "find_patches")
    elif tool == "occlusion":
        bench.state.explanation.set_method("occlusion")
        bench.state.explanation.want()
    elif tool == "comparison":
        bench.state.comparison.begin(Opponent(None, OTHER))
    else:
        bench.state.choose_spec(OTHER)
        bench.state.choose_spec(BUILTIN_SPEC)
    turn(bench)
    bench.window.close()
    assert bench.conductor.stop(LONG)
