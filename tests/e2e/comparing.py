"""What the tests of comparisons share."""

from __future__ import annotations

import torch

from core.insight.inspect import Inspector
from core.types import ModelSpec, WeightsSpec
from tests.e2e.conftest import LONG

LAYER = "features.8"


def random_spec(seed, architecture="compact_vgg"):
    return ModelSpec(architecture, WeightsSpec("random", seed=seed))


def wait_for_b(bench):
    facts = bench.state.comparison
    bench.qtbot.waitUntil(lambda: bench.conductor.idle and not facts.waiting, timeout=LONG)


def begin(bench, opponent=None):
    if opponent is None:
        bench.window.actions_by_key["compare"].trigger()
    else:
        bench.state.comparison.begin(opponent)
    wait_for_b(bench)
    return bench.state.comparison.answer


def plain_maps(session, image, layer=LAYER):
    kept = []
    handle = session.model.get_submodule(layer).register_forward_hook(lambda _m, _i, out: kept.append(out.clone()))
    with torch.inference_mode():
        session.model(Inspector(session).tensor(image))
    handle.remove()
    return kept[0][0].numpy()


def companion(bench):
    return bench.conductor.inference._inspector.companion


def hooks(bench):
    inspector = bench.conductor.inference._inspector
    sessions = [inspector.session] + ([companion(bench).inspector.session] if companion(bench) else [])
    return sum(len(module._forward_hooks) for session in sessions for module in session.model.modules())


def all_probabilities(session, image):
    with torch.inference_mode():
        return enumerate(session.model(Inspector(session).tensor(image))[0].softmax(0).tolist())
