"""A window that shows the panel “Protocols”, and what the core says by itself."""

from __future__ import annotations

from core import paths
from core.inference.session import Session
from core.insight.inspect import Inspector
from core.protocols.apply import apply_protocol
from core.types import BUILTIN_SPEC, ModelSpec, Protocol, ProtocolAnswer, ProtocolRequest
from gui.facts import protocol_cost
from tests.e2e.conftest import LONG, Bench

ATTENDS = '''
import torch
from torch import nn

categories = ["cat", "dog", "bird"]
preprocessing = {"resize": 40, "crop": 32, "mean": (0.5, 0.5, 0.5), "std": (0.25, 0.25, 0.25)}


class Attends(nn.Module):
    """A tiny vision transformer."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 8, 8)
        self.places = nn.Parameter(torch.zeros(1, 16, 8))
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2) + self.places
        return self.head(self.attention(x, x, x)[0].mean(1))


def build_model():
    return Attends()
'''


def open_bench(launch, monkeypatch) -> Bench:
    """A window with two samples, the first one answered, its panel shown; only single views follow by themselves."""
    monkeypatch.setattr(protocol_cost, "SOON", 0.0)
    bench = launch()
    bench.window.activateWindow()
    bench.paths = paths.sample_pictures()[:2]
    bench.requests = []
    bench.conductor.answered.connect(lambda request, _: bench.requests.append(request))
    bench.conductor.open_paths(tuple(bench.paths))
    bench.wait_answer(bench.paths[0])
    bench.window.inspect.details.show_panel("protocols")
    answered(bench)
    return bench


def panel(bench: Bench):
    return bench.window.inspect.details.protocols


def answered(bench: Bench) -> ProtocolAnswer:
    """Wait for the answer of the chosen protocol for the current picture."""
    facts = bench.state.protocols

    def there() -> bool:
        found, name = facts.answer, facts.protocol.name
        if found is None or found.image != bench.state.image or found.protocol.name != name:
            return False
        return name == "single" or found.protocol.scales == facts.scales_of(name)

    bench.qtbot.waitUntil(lambda: there() and bench.conductor.idle, timeout=LONG)
    return facts.answer


def gone(bench: Bench) -> None:
    """Wait until there is no answer, and none is on its way."""
    bench.qtbot.waitUntil(lambda: bench.state.protocols.answer is None and bench.conductor.idle, timeout=LONG)


def run(bench: Bench, name: str, scales: tuple[int, ...] = ()) -> ProtocolAnswer:
    """Choose a protocol, and press Run."""
    bench.state.protocols.choose(name)
    if scales:
        bench.state.protocols.set_scales(scales)
    panel(bench).run.click()
    return answered(bench)


def by_core(bench: Bench, protocol: Protocol, spec: ModelSpec = BUILTIN_SPEC, **named: object) -> ProtocolAnswer:
    """What the core says without a window."""
    work = apply_protocol(Inspector(Session.load(spec, "cpu")), ProtocolRequest(1, bench.state.image, protocol, **named))
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value
