from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QProgressBar
from pytestqt.qtbot import QtBot

from core.types import DownloadProgress, Failure, PublishedWeights, WeightsOption
from gui.facts.downloads import Download
from gui.state import AppState
from gui.widgets.download_bar import DownloadBar
from gui.widgets.model_bar import ModelBar
from tests.gui.samples import V1, V2, model

MB = 2**20
RESNET = PublishedWeights(
    "resnet50", "IMAGENET1K_V2", "ResNet50_Weights.IMAGENET1K_V2", "https://weights.invalid/r", "r.pth", "0" * 8, 98 * MB,
    80.9, 25_557_032, "ImageNet terms",
)  # fmt: skip
HALF = DownloadProgress("receiving", 49 * MB, 98 * MB, "From there", 7.0 * MB, 7.0)


@pytest.fixture
def bar(state: AppState, qtbot: QtBot) -> DownloadBar:
    widget = DownloadBar(state)
    qtbot.addWidget(widget)
    widget.resize(900, 48)
    return widget


def texts(bar: DownloadBar) -> str:
    return " | ".join(label.text() for label in bar.findChildren(QLabel) if not label.isHidden())


def test_nothing_is_shown_while_there_is_nothing(bar: DownloadBar) -> None:
    assert bar.isHidden()


def test_an_offer(state: AppState, bar: DownloadBar, qtbot: QtBot) -> None:
    state.downloads.offer(RESNET)
    assert not bar.isHidden()
    assert texts(bar) == "resnet50 IMAGENET1K_V2 is not on this computer (80.9 % top-1; ImageNet terms)."
    assert (bar.first.text(), bar.second.text()) == ("Download (98.0 MB)", "Not now")
    assert bar.bar.isHidden()
    with qtbot.waitSignal(state.downloads.wanted) as wanted:
        bar.first.click()
    assert wanted.args == [RESNET]
    assert state.downloads.now.state == "running"


def test_an_offer_is_declined(state: AppState, bar: DownloadBar) -> None:
    state.downloads.offer(RESNET)
    bar.second.click()
    assert bar.isHidden()
    assert state.downloads.now == Download()


def test_progress_in_words_and_as_a_bar(state: AppState, bar: DownloadBar) -> None:
    state.downloads.set_now(Download("running", RESNET))
    state.downloads.advance(HALF)
    assert texts(bar) == "Downloading resnet50 IMAGENET1K_V2 | 49.0 MB of 98.0 MB · 7.0 MB/s · 7 s left"
    assert bar.findChild(QProgressBar).value() == 500
    state.downloads.advance(DownloadProgress("waiting", 49 * MB, 98 * MB, "Trying again in 4 s (2 of 6): it broke."))
    assert texts(bar) == "resnet50 IMAGENET1K_V2: Trying again in 4 s (2 of 6): it broke."


def test_pause_resume_cancel(state: AppState, bar: DownloadBar, qtbot: QtBot) -> None:
    state.downloads.set_now(Download("running", RESNET, HALF))
    with qtbot.waitSignal(state.downloads.pause_wanted):
        bar.first.click()
    assert texts(bar) == "Paused: resnet50 IMAGENET1K_V2 | 49.0 MB of 98.0 MB"
    assert (bar.first.text(), bar.second.text()) == ("Resume", "Cancel")
    state.downloads.advance(HALF)  # one that was on its way
    assert state.downloads.now.state == "paused"
    with qtbot.waitSignal(state.downloads.wanted):
        bar.first.click()
    with qtbot.waitSignal(state.downloads.cancel_wanted) as cancelled:
        bar.second.click()
    assert cancelled.args == [RESNET]
    assert bar.isHidden()


def test_a_failure_stays_until_it_is_answered(state: AppState, bar: DownloadBar, qtbot: QtBot) -> None:
    state.downloads.set_now(Download("running", RESNET, HALF))
    state.downloads.fail(Failure("network", "There is no network. Nothing is lost."))
    assert texts(bar) == "There is no network. Nothing is lost."
    assert (bar.first.text(), bar.second.text()) == ("Retry", "Close")
    with qtbot.waitSignal(state.downloads.wanted):
        bar.first.click()
    assert state.downloads.now == Download("running", RESNET, HALF)


def test_what_runs_is_not_disturbed_by_an_offer(state: AppState, bar: DownloadBar) -> None:
    state.downloads.set_now(Download("running", RESNET, HALF))
    state.downloads.offer(PublishedWeights("vgg11", "IMAGENET1K_V1", "", "", "v.pth", "", 0))
    state.downloads.dismiss()
    assert state.downloads.now == Download("running", RESNET, HALF)


def test_names_and_tooltips(state: AppState, bar: DownloadBar) -> None:
    for name in ("offered", "running", "paused", "failed"):
        state.downloads.set_now(Download(name, RESNET, HALF, Failure("network", "No.")))
        for button in (bar.first, bar.second):
            assert "resnet50 IMAGENET1K_V2" in button.accessibleName()
            assert button.toolTip()
            assert button.focusPolicy() == Qt.FocusPolicy.StrongFocus
    assert bar.bar.accessibleName() == "Download of resnet50 IMAGENET1K_V2"


def test_choosing_what_is_not_here_offers_it_and_keeps_the_truth(state: AppState, bar: DownloadBar, qtbot: QtBot) -> None:
    state.set_weights(
        (WeightsOption(V1, "IMAGENET1K_V1", "", True), WeightsOption(V2, "IMAGENET1K_V2", "not downloaded", False, RESNET))
    )
    state.set_model(model())
    models = ModelBar(state)
    qtbot.addWidget(models)
    bar.show()
    bar.activateWindow()
    picker = models.weights_picker
    assert picker.entries.item(picker.find(V2)).isEnabled()
    with qtbot.assertNotEmitted(state.spec_chosen):
        picker.activated.emit(picker.find(V2))
    assert picker.currentData() == V1
    assert state.downloads.now == Download("offered", RESNET)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is bar.first)
