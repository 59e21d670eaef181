"""From the choice of weights that are not here to a picture that they classify, with a real server on the loopback address."""

from __future__ import annotations

import hashlib
import io
import socket

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from core.settings import Settings
from core.types import BUILTIN_SPEC, ModelSpec, PublishedWeights, WeightsOption, WeightsSpec
from core.weights.published import hub_folder
from core.zoo import backend
from gui.conductor import Conductor
from tests.e2e.conftest import LONG
from tests.helpers import file_server as manners
from tests.helpers.file_server import file_server

HALF = 1_000_000
TEST = WeightsSpec("named", name="TEST_V1")
Key = Qt.Key


@pytest.fixture(scope="module")
def content():
    torch.manual_seed(5)
    buffer = io.BytesIO()
    torch.save(backend.build("squeezenet1_1", 5).state_dict(), buffer)
    return buffer.getvalue()


@pytest.fixture
def server(content, monkeypatch):
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with file_server(content) as server:
        monkeypatch.setenv("LAYERSCOPE_WEIGHTS_MIRROR", f"{server.address}/mirror")
        yield server


@pytest.fixture
def nobody():
    """An address at which nobody answers."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{closed.getsockname()[1]}"


@pytest.fixture
def published(content, nobody):
    """Weights that no entry of torchvision stands for: they are loaded as the file that they are."""
    prefix = hashlib.sha256(content).hexdigest()[:8]
    name = f"squeezenet_test-{prefix}.pth"
    return PublishedWeights("squeezenet1_1", "", "", f"{nobody}/{name}", name, prefix, len(content), 58.2)


@pytest.fixture
def offered(bench, published):
    """A window in which the test weights are listed, and have been chosen with the keyboard."""

    def offer():
        bench.state.set_weights((*bench.state.weights, WeightsOption(TEST, "TEST_V1", "not downloaded", False, published)))
        picker = bench.window.model_bar.weights_picker
        picker.setFocus()
        bench.qtbot.keyClick(picker, Key.Key_Down)
        view = picker.view()
        view.setCurrentIndex(picker.model().index(picker.find(TEST), 0))
        bench.qtbot.keyClick(view, Key.Key_Return)
        return bench.window.downloads

    return offer


def until(bench, state):
    bench.qtbot.waitUntil(lambda: bench.state.downloads.now.state == state, timeout=LONG)


def wait_loaded(bench, published):
    path = hub_folder() / published.filename
    spec = ModelSpec("squeezenet1_1", WeightsSpec("file", path=path))

    def loaded():
        found = bench.state.classification
        return bench.conductor.idle and bench.state.model.spec == spec and found is not None and found.model == spec

    bench.qtbot.waitUntil(loaded, timeout=LONG)
    assert [path.name for path in hub_folder().iterdir()] == [published.filename]


def test_choose_download_load_classify(bench, server, published, offered):
    server.manners = [manners.gated(HALF)]
    bar = offered()
    assert bench.state.model.spec == bench.state.spec == BUILTIN_SPEC
    assert bench.window.model_bar.weights_picker.currentData() == BUILTIN_SPEC.weights
    assert bar.isVisible()
    assert QApplication.focusWidget() is bar.first
    assert bar.first.text() == "Download (2.8 MB)"
    bench.qtbot.keyClick(bar.first, Key.Key_Return)
    bench.qtbot.waitUntil(lambda: bar.bar.value() > 200, timeout=LONG)
    assert bar.first.text() == "Pause"
    assert bench.state.model.spec == BUILTIN_SPEC
    server.gate.set()
    wait_loaded(bench, published)
    assert not bar.isVisible()
    assert server.requests[0][0] == f"/mirror/{published.filename}"
    assert len(bench.state.classification.predictions) == 5


def test_pause_and_resume(bench, server, published, offered):
    server.manners = [manners.gated(HALF)]
    bar = offered()
    bar.first.click()
    bench.qtbot.waitUntil(lambda: bar.bar.value() > 200, timeout=LONG)
    bench.qtbot.mouseClick(bar.first, Qt.MouseButton.LeftButton)
    assert (bar.first.text(), bench.state.downloads.now.state) == ("Resume", "paused")
    bar.first.click()
    wait_loaded(bench, published)
    assert int(server.requests[1][1]["Range"].removeprefix("bytes=").rstrip("-")) >= HALF * 0.5


def test_cancel_leaves_nothing(bench, server, published, offered):
    server.manners = [manners.gated(HALF)]
    bar = offered()
    bar.first.click()
    bench.qtbot.waitUntil(lambda: bar.bar.value() > 200, timeout=LONG)
    bar.second.click()
    assert not bar.isVisible()
    bench.qtbot.waitUntil(lambda: list(hub_folder().iterdir()) == [], timeout=LONG)
    assert bench.state.model.spec == BUILTIN_SPEC


@pytest.mark.slow
def test_the_long_work_key_pauses(bench, server, published, offered):
    server.manners = [manners.gated(HALF)]
    offered().first.click()
    bench.qtbot.waitUntil(lambda: bench.window.downloads.bar.value() > 200, timeout=LONG)
    bench.window.actions_by_key["cancel"].trigger()
    until(bench, "paused")


def test_no_network_keeps_the_last_good_model_and_retry_works(bench, server, published, offered, monkeypatch):
    address = server.address
    monkeypatch.setenv("LAYERSCOPE_WEIGHTS_MIRROR", "")
    bar = offered()
    bar.first.click()
    until(bench, "failed")
    assert bar.first.text() == "Retry"
    message = bench.state.downloads.now.failure.message
    assert "cannot be reached" in message
    assert "built-in model" in message
    assert bench.state.model.spec == bench.state.spec == BUILTIN_SPEC
    monkeypatch.setenv("LAYERSCOPE_WEIGHTS_MIRROR", address)
    bar.first.click()
    wait_loaded(bench, published)


@pytest.mark.slow
def test_a_wrong_file_is_said_and_not_kept(bench, server, published, offered):
    server.always = manners.sending(bytes(len(server.content)))
    bar = offered()
    bar.first.click()
    until(bench, "failed")
    assert "is not what was published" in bench.state.downloads.now.failure.message
    assert list(hub_folder().iterdir()) == []
    bar.second.click()
    assert not bar.isVisible()


@pytest.mark.slow
def test_another_model_chosen_meanwhile_is_kept(bench, server, published, offered):
    server.manners = [manners.gated(HALF)]
    offered().first.click()
    bench.qtbot.waitUntil(lambda: bench.window.downloads.bar.value() > 200, timeout=LONG)
    other = ModelSpec("compact_vgg", WeightsSpec("random", seed=3))
    bench.state.choose_spec(other)
    bench.wait_idle()
    server.gate.set()
    until(bench, "none")
    bench.wait_idle()
    assert bench.state.model.spec == other
    assert bench.window.status.currentMessage().endswith("choose it in the bar at the top")


def test_closing_the_window_in_the_middle_of_a_download(bench, server, published, offered):
    """The fixture waits for the threads; what was received stays for the next time."""
    server.manners = [manners.stalling_after(HALF)]
    offered().first.click()
    bench.qtbot.waitUntil(lambda: bench.window.downloads.bar.value() > 200, timeout=LONG)
    bench.window.close()
    assert bench.conductor.stop(LONG)
    assert [path.name for path in hub_folder().iterdir()] == [f"{published.filename}.part"]


@pytest.mark.slow
def test_a_second_choice_does_not_disturb_the_download(bench, server, published, offered):
    server.manners = [manners.gated(HALF)]
    offered().first.click()
    bench.qtbot.waitUntil(lambda: bench.window.downloads.bar.value() > 200, timeout=LONG)
    other = PublishedWeights("resnet18", "IMAGENET1K_V1", "", "", "resnet18.pth", "", 0)
    bench.state.set_weights((WeightsOption(TEST, "TEST_V1", "", False, other),))
    bench.window.model_bar.weights_picker.weights_chosen.emit(TEST)
    assert "is still being downloaded" in bench.notices[-1]
    assert bench.state.downloads.now.weights == published


def test_a_model_without_weights_offers_its_usual_ones(launch, picture):
    bench = launch()
    bench.wait_idle()
    bench.window.model_bar.model_picker.architecture_chosen.emit("squeezenet1_1")
    until(bench, "offered")
    bar = bench.window.downloads
    assert bench.state.model.spec == ModelSpec("squeezenet1_1", WeightsSpec("random"))
    assert bench.state.downloads.now.weights.label == "squeezenet1_1 IMAGENET1K_V1"
    assert bar.first.text() == "Download (4.7 MB)"
    assert QApplication.focusWidget() is not bar.first
    bench.wait_idle()
    bench.window.model_bar.model_picker.architecture_chosen.emit("compact_vgg")
    until(bench, "none")
    bench.wait_idle()


def test_the_thread_starts_with_the_first_download(bench):
    assert isinstance(bench.conductor, Conductor)
    assert not bench.conductor.fetch.isRunning()


def test_a_damaged_file_can_be_downloaded_again(launch):
    bench = launch(ModelSpec("squeezenet1_1", WeightsSpec("random")))
    bench.wait_idle()
    option = next(one for one in bench.state.weights if one.published is not None)
    hub_folder().mkdir(parents=True)
    (hub_folder() / option.published.filename).write_bytes(b"half of a file")
    bench.state.choose_spec(ModelSpec("squeezenet1_1", option.spec))
    until(bench, "offered")
    bench.wait_idle()
    assert bench.state.downloads.now.again
    assert bench.state.model.spec.weights.kind == "random"
    assert option.published.filename in bench.notices[-1]


def test_the_mirror_of_the_settings(launch, server, published, monkeypatch):
    monkeypatch.delenv("LAYERSCOPE_WEIGHTS_MIRROR")
    bench = launch(settings=Settings(weights_mirror=f"{server.address}/settings"))
    bench.wait_idle()
    bench.state.downloads.offer(published)
    bench.window.downloads.first.click()
    bench.qtbot.waitUntil(lambda: bench.state.model.spec.architecture == "squeezenet1_1", timeout=LONG)
    bench.wait_idle()
    assert server.requests[0][0] == f"/settings/{published.filename}"
