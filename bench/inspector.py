"""Is the activation inspector fast enough for a person? Three questions, each with a limit:

(a) from a click on a layer of 512 maps of 56x56 to the grid on the screen, against a plain forward that ends at that layer,
    interleaved in the same run: at most 1.1 x the forward, plus 30 ms;
(b) one move of the pointer over the maps, over the picture, and what is painted after it: at most 16 ms;
(c) scrolling through 2,048 maps: the GUI thread is never busy for more than 33 ms.

The window, its threads and its events are the real ones (on the offscreen platform, unless QT_QPA_PLATFORM says otherwise).
"busy" is the time from sending an event until everything it led to has been handled and painted. Prints one JSON object.

    python bench/inspector.py [--clicks 15] [--output FILE]
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core import paths  # noqa: E402
from core.settings import Settings  # noqa: E402
from core.types import ModelSpec, WeightsSpec  # noqa: E402
from gui import theme  # noqa: E402
from gui.app import make_application  # noqa: E402
from gui.conductor import Conductor  # noqa: E402
from gui.main_window import MainWindow  # noqa: E402
from gui.state import AppState  # noqa: E402

CLICK_FACTOR, CLICK_MS, HOVER_MS, SCROLL_MS = 1.1, 30.0, 16.0, 33.0
WIDE, WIDE_LAYER = "resnext101_32x8d", "layer2.0.bn1"
"""512 maps of 56x56."""
DEEP, DEEP_LAYER = "resnet50", "layer4.2"
"""2,048 maps of 7x7."""
BESIDE = "layer1.2"


class Painted(QObject):
    """Notes when a widget has been painted."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        self.at = 0.0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            # After the event: what is measured is a picture on the screen, not the wish for one.
            QTimer.singleShot(0, self._note)
        return False

    def _note(self) -> None:
        self.at = time.perf_counter()


class Bench:
    def __init__(self) -> None:
        theme.choose(make_application(), "light")
        self.state = AppState()
        self.conductor = Conductor(self.state)
        self.window = MainWindow(self.state, self.conductor, Settings())
        self.window.saves_session = False
        self.window.show()
        self.view = self.window.inspect.activations
        self.viewport = self.view.grid.viewport()
        self.painted = Painted(self.viewport)

    def start(self, architecture: str) -> None:
        """Load a model with random weights and show the first of the sample pictures."""
        spec = ModelSpec(architecture, WeightsSpec("random"))
        if self.state.model is None:
            self.state.spec = spec
            self.conductor.start()
            self.conductor.open_paths(paths.sample_pictures()[:1])
        else:
            self.state.choose_spec(spec)
        self.wait_idle()
        if self.state.model is None or self.state.model.spec != spec:
            raise SystemExit(f"{architecture} could not be loaded")

    def wait_idle(self) -> None:
        while not self.conductor.idle:
            loop = QEventLoop()
            self.conductor.idled.connect(loop.quit)
            loop.exec()
        QApplication.processEvents()

    def stop(self) -> None:
        self.window.close()
        self.conductor.stop(10_000)

    # --- (a)

    def place_in_tree(self, key: str) -> QPoint:
        tree = self.window.inspect.layers.view
        proxy = tree.model()
        index = proxy.mapFromSource(proxy.sourceModel().index_of(key))
        tree.scrollTo(index, tree.ScrollHint.PositionAtCenter)
        QApplication.processEvents()
        return tree.visualRect(index).center()

    def click(self, key: str) -> float:
        """Milliseconds from the press on a row of the tree to the maps of that layer on the screen."""
        tree, place = self.window.inspect.layers.view, self.place_in_tree(key)
        self.painted.at = 0.0
        began = time.perf_counter()
        QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
        while self.state.activations is None or self.state.activations.layer.key != key:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        arrived, self.painted.at = time.perf_counter(), 0.0
        while not self.painted.at:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        self.arrival_ms = 1000 * (arrived - began)
        return 1000 * (self.painted.at - began)

    def forward(self, key: str) -> float:
        """Milliseconds of a plain forward in another thread's stead that ends at the layer."""
        import torch

        inspector = self.conductor.inference._inspector
        layer = inspector.layer(key)
        batch, model = inspector.tensor(self.state.image), inspector.session.model

        class Reached(Exception):  # noqa: N818
            pass

        def hook(*_: object) -> None:
            raise Reached

        handle = model.get_submodule(layer.name).register_forward_hook(hook)
        began = time.perf_counter()
        try:
            with torch.inference_mode():
                model(batch)
        except Reached:
            return 1000 * (time.perf_counter() - began)
        finally:
            handle.remove()
        raise SystemExit(f"{key} was not reached")

    def clicks(self, count: int) -> dict[str, object]:
        self.start(WIDE)
        shape = next(layer.output_shape for layer in self.state.model.layers if layer.key == WIDE_LAYER)
        for _ in range(2):
            self.click(BESIDE), self.click(WIDE_LAYER), self.forward(WIDE_LAYER)
        clicked, plain, arrivals = [], [], []
        for _ in range(count):
            self.click(BESIDE)
            self.wait_idle()
            clicked.append(self.click(WIDE_LAYER))
            arrivals.append(self.arrival_ms)
            self.wait_idle()
            plain.append(self.forward(WIDE_LAYER))
        limit = CLICK_FACTOR * float(np.median(plain)) + CLICK_MS
        found = float(np.median(clicked))
        return {
            "model": WIDE, "layer": WIDE_LAYER, "shape": shape, "click_to_grid_ms": summary(clicked),
            "of_it_until_the_maps_arrive_ms": float(np.median(arrivals)), "plain_forward_ms": summary(plain),
            "ratio": found / float(np.median(plain)), "beyond_1.1_forwards_ms": found - CLICK_FACTOR * float(np.median(plain)),
            "limit_ms": limit, "within_limit": found <= limit,
        }  # fmt: skip

    # --- (b)

    def hovers(self, layers: Iterable[str]) -> dict[str, object]:
        """Over the maps and over the picture, by steps that reach another map pixel or other units nearly each time."""
        found, picture = {}, self.window.inspect.image_view
        for layer in layers:
            self.state.set_layer(layer)
            self.wait_idle()
            for where, widget in (("maps_of", self.viewport), ("picture_with", picture)):
                found[f"{where}_{layer}"] = busy(self.move(widget, at) for at in path(widget))
                self.leave(widget)
        longest = max(one["max_ms"] for one in found.values())
        return {
            **found,
            "viewport": (self.viewport.width(), self.viewport.height()),
            "longest_ms": longest,
            "longest_cpu_ms": max(one["cpu_max_ms"] for one in found.values()),
            "limit_ms": HOVER_MS,
            "within_limit": longest <= HOVER_MS,
        }

    def move(self, widget: QWidget, at: QPoint) -> Callable[[], None]:
        button = Qt.MouseButton.NoButton
        event = QMouseEvent(
            QEvent.Type.MouseMove, QPointF(at), widget.mapToGlobal(QPointF(at)), button, button, Qt.KeyboardModifier.NoModifier
        )
        return lambda: QApplication.sendEvent(widget, event)

    def leave(self, widget: QWidget) -> None:
        QApplication.sendEvent(widget, QEvent(QEvent.Type.Leave))
        QApplication.processEvents()

    # --- (c)

    def scrolls(self) -> dict[str, object]:
        self.start(DEEP)
        self.state.set_layer(DEEP_LAYER)
        self.wait_idle()
        found: dict[str, object] = {"model": DEEP, "layer": DEEP_LAYER, "maps": self.view.grid.channels[-1] + 1}
        kinds: dict[str, Callable[[], Iterator[Callable[[], None]]]] = {"wheel": self.wheel, "drag": self.drag}
        longest, worked = 0.0, 0.0
        for where, resize in (("default", (1280, 800)), ("large", (2400, 1400))):
            self.window.resize(*resize)
            if where == "large":
                self.view.window().inspect._layers_row.setSizes([300, 3000])
                self.view.window().inspect._centre.setSizes([200, 3000])
            for side in (64, 32):
                self.state.map_look.set_side(side)
                QApplication.processEvents()
                for kind, steps in kinds.items():
                    self.view.grid.verticalScrollBar().setValue(0)
                    self.view.grid._cut()  # nothing is coloured yet
                    QApplication.processEvents()
                    one = busy(steps())
                    one["frames_per_second"] = 1000 / one["mean_ms"]
                    found[f"{where}_window_tiles_of_{side}_{kind}"] = one
                    longest, worked = max(longest, one["max_ms"]), max(worked, one["cpu_max_ms"])
            found[f"{where}_viewport"] = (self.viewport.width(), self.viewport.height())
        return {**found, "longest_ms": longest, "longest_cpu_ms": worked, "limit_ms": SCROLL_MS,
                "within_limit": longest <= SCROLL_MS}  # fmt: skip

    def wheel(self) -> Iterator[Callable[[], None]]:
        """Turn the wheel until the end: three lines a notch."""
        bar, centre = self.view.grid.verticalScrollBar(), QPointF(self.viewport.rect().center())
        while bar.value() < bar.maximum():
            event = QWheelEvent(
                centre, self.viewport.mapToGlobal(centre), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
                Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
            )  # fmt: skip
            yield lambda event=event: QApplication.sendEvent(self.viewport, event)

    def drag(self) -> Iterator[Callable[[], None]]:
        """Pull the handle of the scroll bar down in 40 jerks: most are further than what is on the screen."""
        bar = self.view.grid.verticalScrollBar()
        for place in np.linspace(0, bar.maximum(), 40):
            yield lambda place=place: bar.setValue(int(place))


def path(widget: QWidget) -> Iterator[QPoint]:
    """Zigzag over a widget."""
    width, height = widget.width(), widget.height()
    for step in range(400):
        yield QPoint(10 + 7 * step % (width - 20), 10 + 3 * step % (height - 20))


def busy(steps: Iterator[Callable[[], None]]) -> dict[str, float]:
    """How long each step keeps the GUI thread busy, in milliseconds; ``cpu``: how long it works, whatever else is running."""
    times, worked = [], []
    gc.collect()
    for step in steps:
        began, cpu = time.perf_counter(), time.thread_time()
        step()
        QApplication.processEvents()
        times.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.thread_time() - cpu))
    return {
        "count": len(times),
        "mean_ms": float(np.mean(times)),
        "p99_ms": float(np.percentile(times, 99)),
        "max_ms": float(np.max(times)),
        "cpu_mean_ms": float(np.mean(worked)),
        "cpu_max_ms": float(np.max(worked)),
    }


def summary(times: list[float]) -> dict[str, float]:
    return {"median": float(np.median(times)), "min": min(times), "max": max(times)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clicks", type=int, default=15, help="how often a layer is clicked")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["LAYERSCOPE_HOME"] = name
        bench = Bench()
        parts = {"click": bench.clicks(options.clicks), "hover": bench.hovers((BESIDE, WIDE_LAYER)), "scroll": bench.scrolls(),
                 "hover_in_a_large_window": bench.hovers(("layer1.2", DEEP_LAYER))}  # fmt: skip
        bench.stop()
    found = {"benchmark": "inspector", **parts, "within_limits": all(part["within_limit"] for part in parts.values())}
    result = json.dumps(found, indent=1)
    print(result)
    if options.output is not None:
        options.output.write_text(result + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
