"""What every test stands on: no display, no network of the person's settings, no thread left behind."""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# A busy machine fails no test, and neither does the draw of the day: `make test-slow` looks for new examples.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("search"), derandomize=True)
settings.load_profile("same")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep settings, caches and pasted pictures of a test in a folder of its own."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("LAYERSCOPE_HOME", str(folder))
    monkeypatch.setenv("TORCH_HOME", str(folder / "torch"))
    return folder


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """Fail the test that leaves a thread running, and name where it was started."""
    before = set(threading.enumerate())
    started: dict[object, str] = {}
    with pytest.MonkeyPatch.context() as patch:
        _record_qthreads(patch, started)
        yield
    running = [f"{thread.objectName()} started at\n{where}" for thread, where in started.items() if _runs(thread)]
    python = [thread for thread in threading.enumerate() if thread not in before and not thread.daemon]
    assert not running, f"QThreads left running: {running}"
    assert not python, f"threads left running: {python}"


def _record_qthreads(patch: pytest.MonkeyPatch, started: dict[object, str]) -> None:
    try:
        from PySide6.QtCore import QThread
    except ImportError:
        return  # the core tests run once without Qt
    original = QThread.start

    def start(self: QThread, *arguments: object) -> None:
        started[self] = "".join(traceback.format_stack(limit=6)[:-1])
        original(self, *arguments)

    patch.setattr(QThread, "start", start)


def _runs(thread: object) -> bool:
    try:
        return thread.isRunning()  # type: ignore[attr-defined, no-any-return]
    except RuntimeError:
        return False  # already deleted by Qt


@pytest.fixture(params=[False, True], ids=["socket", "loopback"])
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[object]:
    """The door of this process for later starts, open."""
    from gui.single_instance import Door  # with Qt, which the core tests do once without

    door = Door(tmp_path, "key", loopback=request.param)
    assert door.open()
    yield door
    door.close()
