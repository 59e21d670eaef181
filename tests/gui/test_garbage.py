"""Cyclic garbage is collected in the GUI thread, and nowhere else."""

from __future__ import annotations

import gc
import threading

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from gui.garbage import GarbageCollector


class Knot:
    """Garbage that only the cyclic collector finds; it notes the thread that ends it."""

    def __init__(self, ended: list[str]) -> None:
        self.me = self
        self.ended = ended

    def __del__(self) -> None:
        self.ended.append(threading.current_thread().name)


@pytest.fixture
def collector(styled_app: QApplication) -> GarbageCollector:
    made = GarbageCollector(QObject(styled_app))
    made.look()
    return made


def tie(ended: list[str], count: int = 5000) -> None:
    for _ in range(count):
        Knot(ended)


def test_a_busy_thread_collects_nothing(collector):
    ended: list[str] = []
    worker = threading.Thread(target=tie, args=(ended,), name="worker")
    worker.start()
    worker.join()
    assert ended == []
    collector.look()
    assert len(ended) == 5000
    assert set(ended) == {threading.current_thread().name}


def test_it_goes_by_the_clock(collector, qtbot):
    ended: list[str] = []
    tie(ended)
    qtbot.waitUntil(lambda: len(ended) == 5000, timeout=10_000)
    assert not gc.isenabled()
