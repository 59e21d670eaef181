"""Every picture has words, every control a name, a hint and a place in the order of Tab: the real window in all its states."""

from __future__ import annotations

import pytest
import torch
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from core import paths
from core.types import ActivationGrid, ActivationVector, Lesion
from core.weights import builtin
from core.zoo import backend
from core.zoo.backend import BuildOptions
from gui import commands
from gui.dialogs.keys_dialog import KeysDialog
from gui.facts.comparison import DIFFERENCE, Opponent
from gui.panels import PANELS
from tests.e2e.comparing import begin, random_spec
from tests.e2e.conftest import LONG
from tests.helpers.alternatives import complaints, is_picture, name_of, shown, unreached, walk_by_tab

LAYER = "features.8"

SIDE = builtin.card().preprocessing.crop


def look(bench, focus: QWidget | None = None, window: QWidget | None = None) -> None:
    """Complain of whatever lacks words or is passed by Tab, in one window as it is now."""
    window = window or bench.window
    QApplication.processEvents()
    assert complaints(window) == []
    bench.qtbot.waitUntil(window.isActiveWindow, timeout=LONG)
    (focus or bench.window.inspect.strip.view).setFocus()
    order = walk_by_tab(window)
    assert len(order) > 1
    assert unreached(window, order) == []
    nameless = [type(one).__name__ for one in order if not name_of(one) and not one.accessibleName()]
    assert nameless == []


def descriptions(bench) -> dict[str, str]:
    """What the pictures of the window say, by kind and place."""
    pictures = [one for one in shown(bench.window) if is_picture(one)]
    return {f"{type(one).__name__} {number}": one.accessibleDescription() for number, one in enumerate(pictures)}


def said(bench, kind: str) -> str:
    """What the first picture of a kind says."""
    return next(words for name, words in descriptions(bench).items() if name.startswith(f"{kind} "))


@pytest.fixture
def ready(bench):
    """A program with three pictures and a layer of maps."""
    bench.window.activateWindow()
    bench.state.set_layer(LAYER)
    bench.wait_settled()
    return bench


def test_every_panel(ready, photos):
    details = ready.window.inspect.details
    for panel in PANELS:
        details.show_panel(panel)
        ready.wait_settled()
        look(ready)
    ready.state.lesions.put(Lesion(LAYER, 3, "mute"))
    details.show_panel("lesions")
    ready.wait_settled()
    look(ready)
    ready.window.resize(900, 600)
    look(ready)


def test_words_of_a_picture_change_with_what_it_shows(ready, photos):
    details, state = ready.window.inspect.details, ready.state
    details.show_panel("channel")
    ready.wait_settled()
    kinds = ("MapCanvas", "MapLegend", "HistogramView", "KernelPicture", "MapGrid", "PredictionView", "ImageView")
    before = {kind: said(ready, kind) for kind in kinds}
    state.selection.set_channel(7)
    ready.wait_settled()
    for kind in ("MapCanvas", "MapLegend", "HistogramView", "KernelPicture", "MapGrid"):
        assert said(ready, kind) != before[kind], kind
    state.set_image(state.images[1])
    ready.wait_answer(photos[1])
    ready.wait_settled()
    for kind in ("MapCanvas", "HistogramView", "MapGrid", "PredictionView", "ImageView"):
        assert said(ready, kind) != before[kind], kind
    first = state.classification.predictions[0].category
    assert first in said(ready, "PredictionView")
    assert "b.png" in said(ready, "ImageView")
    details.show_panel("input")
    assert said(ready, "PixelCanvas").startswith(f"b.png, {SIDE} by {SIDE} pixels")
    assert said(ready, "ImageStripList").startswith("3 pictures")


def test_an_explanation_and_an_effective_field_over_the_picture(ready):
    details, state = ready.window.inspect.details, ready.state
    details.show_panel("why")
    ready.qtbot.waitUntil(lambda: state.explanation.found is not None and ready.conductor.idle, timeout=LONG)
    look(ready)
    assert state.explanation.found.name in said(ready, "ImageView")
    details.show_panel("channel")
    ready.window.actions_by_key["channel_overlay"].trigger()
    ready.wait_settled()
    look(ready)


def test_views_and_maps_of_test_protocols(ready):
    details, facts = ready.window.inspect.details, ready.state.protocols
    details.show_panel("protocols")
    for name, words in (("ten-crop", "10 views drawn"), ("dense", "over it: Dense")):
        facts.choose(name)
        facts.set_scales((128,))
        facts.want()
        ready.qtbot.waitUntil(lambda name=name: facts.answer is not None and facts.answer.protocol.name == name, timeout=LONG)
        ready.wait_settled()
        look(ready)
        assert words in said(ready, "ImageView")
    assert "cells" in said(ready, "CellMap")
    ready.window.resize(900, 600)
    look(ready)


def test_vector_and_its_units(ready):
    layer = next(one.key for one in reversed(ready.state.model.layers) if len(one.output_shape) == 2)
    ready.state.set_layer(layer)
    ready.wait_settled()
    assert isinstance(ready.state.activations, ActivationVector)
    for panel in ("channel", "lesions"):
        ready.window.inspect.details.show_panel(panel)
        ready.wait_settled()
        look(ready)
    assert "units between" in said(ready, "UnitStrip")


@pytest.mark.parametrize("other", ["picture", "seed"])
def test_a_beside_b(ready, other):
    begin(ready, None if other == "picture" else Opponent(spec=random_spec(4)))
    assert isinstance(ready.state.activations, ActivationGrid)
    for side in ("A", "B", DIFFERENCE):
        ready.state.comparison.set_side(side)
        look(ready)
    assert said(ready, "PicturePair").startswith("Two pictures beside each other. A: ")
    channel = ready.window.inspect.details.channel
    ready.window.inspect.details.show_panel("channel")
    assert channel._layer.text() == f"A · {LAYER}"
    ready.state.comparison.end()
    ready.wait_settled()
    look(ready)
    assert said(ready, "PicturePair") == "One picture: a.png"
    assert channel._layer.text() == LAYER


def test_nothing_open_and_a_picture_that_cannot_be_read(launch, tmp_path):
    bench = launch()
    bench.window.activateWindow()
    bench.wait_idle()
    for panel in PANELS:
        bench.window.inspect.details.show_panel(panel)
        look(bench)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    bench.conductor.open_paths((broken,))
    bench.qtbot.waitUntil(lambda: bench.state.failure is not None and bench.conductor.idle, timeout=LONG)
    for panel in PANELS:
        bench.window.inspect.details.show_panel(panel)
        look(bench)
    assert "broken.png" in said(bench, "ImageView")
    assert said(bench, "PredictionView").startswith("No prediction: ")


@pytest.mark.parametrize("key", ["export", "compare_model", "compare_protocols", "settings", "shortcuts", "about"])
def test_dialogs(ready, key):
    ready.window.actions_by_key[key].trigger()
    dialog = next(one for one in ready.window.findChildren(QDialog) if one.isVisible())
    ready.wait_settled()
    ready.qtbot.waitUntil(dialog.isActiveWindow, timeout=LONG)
    look(ready, next(one for one in dialog.findChildren(QWidget) if one.nextInFocusChain() and one.focusPolicy()), dialog)
    dialog.reject()


def test_patches_of_the_samples(launch):
    bench = launch()
    bench.window.activateWindow()
    bench.conductor.open_paths(paths.sample_pictures())
    bench.wait_answer(paths.sample_pictures()[0])
    bench.window.inspect.details.show_panel("patches")
    bench.window.actions_by_key["find_patches"].trigger()
    bench.qtbot.waitUntil(lambda: bench.state.patches.answer is not None and bench.conductor.idle, timeout=LONG)
    look(bench)


def test_heads_of_attention_are_only_read(ready):
    state = ready.state
    state.choose_spec(random_spec(0, "swin_t"))
    ready.qtbot.waitUntil(lambda: state.model.spec.architecture == "swin_t" and ready.conductor.idle, timeout=LONG)
    layer = next(one.key for one in reversed(state.model.layers) if one.heads is not None)
    state.set_layer(layer)
    ready.wait_settled()
    assert state.activations.layer.key == layer
    for panel in PANELS:
        ready.window.inspect.details.show_panel(panel)
        ready.wait_settled()
        look(ready)
    lesions = ready.window.inspect.details.lesions
    assert not lesions.ranking.rank.isEnabled()
    assert lesions.editor._layer.text() == "Attention is only read"
    ready.window.actions_by_key["mute"].trigger()
    assert "only read" in ready.notices[-1]
    assert state.lesions.lesions == ()
    ready.window.actions_by_key["effective_field"].trigger()
    ready.wait_settled()
    assert "only read" in ready.notices[-1]
    assert "Choose" in ready.notices[-1]


def test_the_dialogs_of_a_weights_file(ready, tmp_path):
    state = backend.build("squeezenet1_1", options=BuildOptions(num_classes=5)).state_dict()
    path = tmp_path / "mine.pth"
    torch.save({f"module.{name}": value for name, value in state.items()}, path)
    commands.open_weights(ready.state, path)
    admission = ready.window.admission
    ready.qtbot.waitUntil(lambda: admission.doctor is not None and ready.conductor.idle, timeout=LONG)
    doctor = admission.doctor
    look(ready, doctor.load_button, doctor)
    doctor.keys_button.click()
    keys = doctor.findChild(KeysDialog)
    ready.qtbot.waitUntil(lambda: keys.table.rows.total > 0, timeout=LONG)
    look(ready, keys.field, keys)
    keys.reject()
    doctor.reject()
    admission.edit_preprocessing()
    look(ready, admission.editor.close_button, admission.editor)
    admission.editor.reject()
