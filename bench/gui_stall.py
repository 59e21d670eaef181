"""How long does the GUI thread stall while the strip of 500 pictures is classified, and when 5,000 files are dropped?

A 5 ms timer in the GUI thread notes the time between its ticks. The peer is the same window at rest in the same process, which
shows what the machine itself does to a timer. Prints one JSON object.

    python bench/gui_stall.py [--pictures 500] [--output FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
from PIL import Image
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Slot

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.settings import Settings  # noqa: E402
from gui import theme  # noqa: E402
from gui.app import make_application  # noqa: E402
from gui.conductor import Conductor  # noqa: E402
from gui.main_window import MainWindow  # noqa: E402
from gui.state import AppState  # noqa: E402

LIMIT_MS = 50.0


class Pulse(QObject):
    """Notes the milliseconds between the ticks of a 5 ms timer."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self, interval=5, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self.gaps: list[float] = []
        self._last = 0.0

    def start(self) -> None:
        self.gaps, self._last = [], time.perf_counter()
        self._timer.start()

    def stop(self) -> dict[str, float]:
        self._timer.stop()
        gaps = np.array(self.gaps)
        return {"ticks": len(gaps), "median_ms": float(np.median(gaps)), "p99_ms": float(np.percentile(gaps, 99)),
                "max_ms": float(gaps.max()), "over_limit": int((gaps > LIMIT_MS).sum())}

    @Slot()
    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append(1000 * (now - self._last))
        self._last = now


def draw_pictures(folder: Path, count: int) -> None:
    rng = np.random.default_rng(0)
    for number in range(count):
        coarse = rng.integers(0, 255, (12, 16, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((640, 480), Image.Resampling.BICUBIC).save(folder / f"{number:04}.jpg", quality=88)


def wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait_idle(conductor: Conductor) -> None:
    while not conductor.idle:
        loop = QEventLoop()
        conductor.idled.connect(loop.quit)
        loop.exec()


def link_many(folder: Path, many: Path, count: int) -> None:
    """A folder of many files without the disk space for them."""
    sources = sorted(folder.iterdir())
    for number in range(count):
        os.link(sources[number % len(sources)], many / f"many {number:05}.jpg")


def measure(folder: Path, many: Path, count: int) -> dict[str, object]:
    app = make_application()
    theme.choose(app, "light")
    state = AppState()
    conductor = Conductor(state)
    window = MainWindow(state, conductor, Settings())
    window.saves_session = False
    window.show()
    conductor.start()
    wait_idle(conductor)
    pulse = Pulse()
    pulse.start()
    wait(5000)
    rest = pulse.stop()
    began = time.perf_counter()
    pulse.start()
    conductor.open_paths((folder,))
    wait_idle(conductor)
    busy = pulse.stop()
    seconds = time.perf_counter() - began
    answered = sum(state.verdict(image) is not None for image in state.images)
    pulse.start()
    conductor.open_paths((many,))
    wait(4000)
    dropped = pulse.stop()
    in_strip = len(state.images)
    conductor.cancel_strip()
    wait_idle(conductor)
    window.close()
    conductor.stop(10_000)
    return {
        "benchmark": "gui_stall",
        "pictures": count,
        "answered": answered,
        "pictures_per_second": count / seconds,
        "rest": rest,
        "busy": busy,
        "dropped_5000": {"in_strip": in_strip - count, **dropped},
        "p99_ratio": busy["p99_ms"] / rest["p99_ms"],
        "limit_ms": LIMIT_MS,
        "within_limit": max(busy["max_ms"], dropped["max_ms"]) <= LIMIT_MS,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=500)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "pictures"
        folder.mkdir()
        os.environ["LAYERSCOPE_HOME"] = name
        draw_pictures(folder, options.pictures)
        many = Path(name) / "many"
        many.mkdir()
        link_many(folder, many, 5000)
        result = json.dumps(measure(folder, many, options.pictures), indent=1)
    print(result)
    if options.output is not None:
        options.output.write_text(result + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
