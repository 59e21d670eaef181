import tracemalloc

import numpy as np
import pytest
import torch
from PIL import Image

from core.errors import LayerError, UsageError
from core.inference.devices import free_bytes
from core.inference.session import Session
from core.insight.activations import Capture, present
from core.insight.budget import LARGEST, VARIABLE, budget, check_budget, predict, refusal
from core.insight.inspect import Inspector
from core.types import BUILTIN_SPEC, ImageRef, LayerInfo

CPU, GPU = torch.device("cpu"), torch.device("cuda:0")
MIB = 1 << 20


def layer(*shape, heads=None):
    return LayerInfo("a.conv", "Conv2d", shape, 0, activation_bytes=4 * int(np.prod(shape)), heads=heads)


@pytest.fixture
def picture(tmp_path):
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)).save(tmp_path / "a.png")
    return ImageRef(tmp_path / "a.png")


def test_the_budget(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert budget(400 * MIB) == 100 * MIB
    assert budget(1 << 40) == budget(None) == LARGEST == 1024 * MIB
    assert 0 < budget(free_bytes(CPU)) <= LARGEST
    monkeypatch.setenv(VARIABLE, " 64 ")
    assert budget(None) == budget(1) == 64 * MIB
    for words in ("many", "-3", "0", "1.5"):
        monkeypatch.setenv(VARIABLE, words)
        with pytest.raises(UsageError, match=VARIABLE):
            budget(None)


def test_what_a_capture_needs():
    one = layer(1, 64, 56, 56)
    size = one.activation_bytes
    assert predict(one, CPU, shown=False).total == size
    assert predict(one, GPU, shown=False) == predict(one, GPU, shown=False).__class__(size, size)
    assert predict(one, CPU).total == 3 * size
    assert predict(one, GPU).in_memory == 3 * size
    attention = layer(1, 12, 197, 197, heads=12)
    assert predict(attention, CPU).total == pytest.approx(attention.activation_bytes * (1 + 2 / 197), rel=1e-3)


@pytest.mark.parametrize("kind", ["Conv2d", "Linear"])
def test_the_window_takes_what_was_predicted(kind):
    """numpy's allocations, as tracemalloc counts them, against the prediction for what comes after the capture."""
    shape = (1, 256, 56, 56) if kind == "Conv2d" else (1, 56, 56, 256)
    one = LayerInfo("a", kind, shape, 0, activation_bytes=4 * int(np.prod(shape)))
    values = np.random.default_rng(0).random(shape, dtype=np.float32)
    tracemalloc.start()
    try:
        present(values, one, (one,))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    predicted = predict(one, CPU).in_memory
    # Maps that lie channel by channel already are not copied.
    assert (0.1 if kind == "Conv2d" else 0.5) * predicted <= peak <= predicted


def test_the_refusal_names_layer_need_budget_and_way_out(monkeypatch):
    monkeypatch.setenv(VARIABLE, "10")
    one = layer(1, 64, 224, 224)
    with pytest.raises(LayerError) as caught:
        check_budget(one, CPU)
    assert caught.value.message == (
        "The activations of “a.conv” need 37 MiB of memory, and the budget is 10 MiB. Choose a smaller layer, close other "
        "programs, or set LAYERSCOPE_ACTIVATION_BUDGET to more MiB."
    )
    assert refusal(layer(1, 8, 56, 56), CPU) == ""
    monkeypatch.setenv(VARIABLE, "13")
    check_budget(one, CPU, shown=False)


def test_a_capture_is_refused_before_the_pass(monkeypatch):
    ran = []
    model = torch.nn.Conv2d(3, 64, 1)
    model.register_forward_hook(lambda *_: ran.append(1))
    monkeypatch.setenv(VARIABLE, "1")
    with pytest.raises(LayerError, match="budget is 1 MiB"):
        Capture(LayerInfo("", "Conv2d", (1, 64, 99, 99), 0, activation_bytes=4 * 64 * 99 * 99)).run(
            model, torch.zeros(1, 3, 99, 99)
        )
    assert not ran
    assert len(model._forward_hooks) == 1


def test_predictions_come_even_where_the_maps_are_too_large(picture, monkeypatch):
    inspector = Inspector(Session.load(BUILTIN_SPEC, "cpu"))
    expected = inspector.classify(picture, "features.0")
    assert expected.activations is not None
    monkeypatch.setenv(VARIABLE, "1")
    inspection = inspector.classify(picture, "features.0")
    assert inspection.classification.predictions == expected.classification.predictions
    assert inspection.activations is None
    assert "features.0" in inspection.notices[0]
    assert "budget" in inspection.notices[0]
    for ask in (inspector.activations, inspector.capture):
        if ask == inspector.capture:
            monkeypatch.setattr("core.insight.budget._MIB", 1)
        with pytest.raises(LayerError, match="budget"):
            ask(picture, "features.0")
    monkeypatch.setattr("core.insight.budget._MIB", MIB)
    assert inspector.activations(picture, "features.24").layer.key == "features.24"
