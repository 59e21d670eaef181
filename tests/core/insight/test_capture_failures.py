"""Whatever goes wrong, no hook stays on the network and no tensor stays in memory."""

import gc
import weakref

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from core.cancel import CancelToken
from core.errors import Cancelled, LayerError
from core.inference.measure import measure_layers
from core.inference.session import Session
from core.insight.activations import Capture
from core.insight.inspect import Inspector
from core.insight.layer_means import layer_means
from core.types import BUILTIN_SPEC, ImageRef, LayerInfo, LayerMeansRequest
from tests.core.insight.small_networks import small


class Fragile(nn.Module):
    """Raises what it is told to, after the layer before it has run."""

    def __init__(self):
        super().__init__()
        self.error = None

    def forward(self, x):
        if self.error is not None:
            raise self.error
        return x


def hooks(model):
    return [
        hook
        for module in model.modules()
        for hook in (*module._forward_hooks, *module._forward_pre_hooks, *module._backward_hooks)
    ]


ERRORS = [RuntimeError("broken"), ValueError("x"), KeyboardInterrupt(), Cancelled(), MemoryError(), LayerError("no")]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("stop", [True, False])
def test_errors_in_the_pass(error, stop):
    model = nn.Sequential(nn.Conv2d(3, 4, 3), Fragile(), nn.ReLU())
    layers, _ = measure_layers(model, torch.zeros(1, 3, 8, 8))
    model[1].error = error
    capture = Capture(layers[-1], stop=stop)
    with pytest.raises(type(error)):
        capture.run(model, torch.zeros(1, 3, 8, 8))
    assert not hooks(model)
    with pytest.raises(LayerError):
        capture.values()
    model[1].error = None
    capture.run(model, torch.zeros(1, 3, 8, 8))
    assert capture.values().shape == (1, 4, 6, 6)


@pytest.mark.parametrize("name", ["vit", "swin", "swin_v2", "maxvit"])
def test_errors_around_attention(name):
    model, batch = small(name)
    with torch.inference_mode():
        expected = model(batch)
        layers, _ = measure_layers(model, batch)
        for layer in [layer for layer in layers if layer.heads is not None]:
            broken = model.get_submodule(layer.module).register_forward_pre_hook(raises)
            with pytest.raises(Cancelled):
                Capture(layer).run(model, batch)
            broken.remove()
            gone = LayerInfo("gone#attention", "Attention", layer.output_shape, 0, heads=2)
            late = LayerInfo(layer.name, "Attention", layer.output_shape, 0, call=2, heads=2)
            for missing in (gone, late):
                with pytest.raises(LayerError):
                    Capture(missing).run(model, batch)
            assert not hooks(model)
            # No function mode is left behind either: softmax is not watched any more.
            assert torch.equal(model(batch), expected)
        assert not torch.overrides._get_current_function_mode_stack()


def raises(*_):
    raise Cancelled


def test_a_pass_that_is_cancelled_from_a_hook_of_somebody_else():
    token = CancelToken()
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3))
    layers, _ = measure_layers(model, torch.zeros(1, 3, 8, 8))
    other = model[1].register_forward_hook(lambda *_: token.check())
    token.cancel()
    with pytest.raises(Cancelled):
        Capture(layers[2]).run(model, torch.zeros(1, 3, 8, 8))
    assert hooks(model) == [other.id]


@pytest.fixture
def picture(tmp_path):
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)).save(tmp_path / "a.png")
    return ImageRef(tmp_path / "a.png")


def test_what_was_shown_is_not_kept(picture, monkeypatch):
    """Every copy that a capture made is gone once its answer is."""
    inspector = Inspector(Session.load(BUILTIN_SPEC, "cpu"))
    kept = []
    original = Capture._keep

    def spy(self, tensor):
        try:
            original(self, tensor)
        finally:
            kept.append(weakref.ref(self._outputs[-1]))

    monkeypatch.setattr(Capture, "_keep", spy)
    for layer in inspector.session.info.layers:
        inspector.activations(picture, layer.key)
        inspector.classify(picture, layer.key)
    gc.collect()
    assert len(kept) == 2 * len(inspector.session.info.layers)
    assert not [one for one in kept if one() is not None]


def test_a_closed_measurement_of_means_leaves_nothing(picture):
    session = Session.load(BUILTIN_SPEC, "cpu")
    inspector = Inspector(session)
    work = layer_means(inspector, LayerMeansRequest(1, picture))
    next(work)
    assert not hooks(session.model)
    work.close()
    inspector.hurry = lambda: True
    work = layer_means(inspector, LayerMeansRequest(2, picture))
    for _ in range(4):
        next(work)
        assert not hooks(session.model)
    work.close()
    assert not hooks(session.model)
