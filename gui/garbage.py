"""Python's cyclic garbage, collected in the GUI thread only.

WORKAROUND: Python collects in whatever thread happens to allocate. A QObject that dies in another thread than its own leaves
its timers behind in the event dispatcher, and the next tick is delivered to freed memory.
"""

from __future__ import annotations

import gc
import sys

from PySide6.QtCore import QObject, QTimer, Slot

INTERVAL = 1000
"""Milliseconds between two looks at how much has gathered."""


class GarbageCollector(QObject):
    """Turns automatic collection off, and collects from a timer by the thresholds that Python itself would use."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._modules = 0
        self._timer = QTimer(self, interval=INTERVAL)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    @Slot()
    def look(self) -> None:
        """Collect the generations that are full.

        What was imported stays: a walk through all of torch would take the window 0.2 s.
        """
        if len(sys.modules) != self._modules:
            self._modules = len(sys.modules)
            gc.freeze()
        for generation, (count, threshold) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)):
            if count <= threshold:
                return
            gc.collect(generation)
